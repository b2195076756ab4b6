package dataplane

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"enterprise-openai/internal/azure/apim"
)

// reusedExpressions reuses the compiled expressions of the last configuration when the next has the same: most of what an update of a
// stack writes is in no document, and compiling expressions takes longer than everything else a new configuration costs.
type reusedExpressions struct {
	apim.Expressions

	mu      sync.Mutex
	key     string
	program *shared
}

// Compile returns the program of the last configuration when that had the same expressions.
func (l *reusedExpressions) Compile(ctx context.Context, list []apim.Expression) (apim.Program, error) {
	var key strings.Builder
	for _, e := range list {
		fmt.Fprintf(&key, "%s\x00%s\x00%s\x00%v\x00%v\x00%v\x00", e.Text, e.Element, e.Variable, e.Want, e.Secret, e.Pos)
		if e.Source != nil {
			key.WriteString(e.Source.File)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.program != nil && l.key == key.String() {
		return l.program.share(), nil
	}
	program, err := l.Expressions.Compile(ctx, list)
	if err != nil {
		return nil, err
	}
	problem := l.release()
	l.key, l.program = key.String(), &shared{Program: program, users: 1}
	return l.program.share(), problem
}

// Close releases the program of the last configuration.
func (l *reusedExpressions) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.release()
}

func (l *reusedExpressions) release() error {
	if l.program == nil {
		return nil
	}
	last := l.program
	l.program = nil
	return last.Close()
}

// shared is a program that ends when the last of its users has closed it.
type shared struct {
	apim.Program

	mu    sync.Mutex
	users int
}

func (s *shared) share() *shared {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users++
	return s
}

// Close ends the program when its last user has closed it.
func (s *shared) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	switch {
	case s.users > 0:
		return nil
	case s.users < 0:
		return errors.New("a program was closed once too often")
	}
	return s.Program.Close()
}
