package dataplane

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"enterprise-openai/internal/azure/apim"
)

// lasting keeps the expressions of a gateway from one configuration to the next as long as they are the same: most of what an update
// of a stack writes is in no document, and starting expressions takes longer than everything else a new configuration costs.
type lasting struct {
	apim.Expressions

	mu      sync.Mutex
	key     string
	program *shared
}

// Compile gives out the program of the last configuration again where that had the same expressions.
func (l *lasting) Compile(ctx context.Context, list []apim.Expression) (apim.Program, error) {
	var key strings.Builder
	for _, e := range list {
		fmt.Fprintf(&key, "%s\x00%s\x00%v\x00%v\x00%v\x00", e.Text, e.Element, e.Want, e.Secret, e.Pos)
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
	problem := l.forget()
	l.key, l.program = key.String(), &shared{Program: program, users: 1}
	return l.program.share(), problem
}

// Close lets go of the program that is kept.
func (l *lasting) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.forget()
}

func (l *lasting) forget() error {
	if l.program == nil {
		return nil
	}
	kept := l.program
	l.program = nil
	return kept.Close()
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

// Close ends the program when nobody uses it any more.
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
