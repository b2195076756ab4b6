package policytest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/entra"
	"enterprise-openai/internal/clock"
)

// Engine is what cases share because it is slow to make: compiled expressions and an issuer of tokens. Cases of one engine
// run one after the other.
type Engine struct {
	// Edit changes the project's documents before they are used; nil leaves them as they are.
	Edit Edit
	// BrokenStatus is the status of context.Response after a backend that gave no answer; 0 leaves it null (apim.Deps).
	BrokenStatus int

	mu        sync.Mutex
	now       *clock.Fake
	directory *entra.Directory
	programs  map[string]apim.Program
	order     []string
}

// keptPrograms bounds the processes of an engine.
const keptPrograms = 6

// NewEngine makes an engine; Close ends its processes.
func NewEngine() (*Engine, error) {
	e := &Engine{now: clock.NewFake(time.Time{}), programs: map[string]apim.Program{}}
	var err error
	if e.directory, err = entra.New(entra.Options{Clock: current{e}}); err != nil {
		return nil, fmt.Errorf("entra: %w", err)
	}
	if err := e.populate(); err != nil {
		return nil, fmt.Errorf("entra: %w", err)
	}
	return e, nil
}

// Close ends the processes that run expressions.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.programs {
		_ = p.Close() // it ends processes; there is nothing to tell
	}
	e.programs, e.order = map[string]apim.Program{}, nil
	return nil
}

// current is the clock of the case that runs.
type current struct{ e *Engine }

// Now is the case's time.
func (c current) Now() time.Time { return c.e.clock().Now() }

func (e *Engine) clock() *clock.Fake {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now
}

// Compile implements apim.Expressions: the same expressions are compiled once.
func (e *Engine) Compile(ctx context.Context, list []apim.Expression) (apim.Program, error) {
	var key strings.Builder
	for _, x := range list {
		fmt.Fprintf(&key, "%s|%s|%v|%s\x00", x.Text, x.Want, x.Secret, x.Source.File)
	}
	e.mu.Lock()
	known := e.programs[key.String()]
	e.mu.Unlock()
	if known != nil {
		return shared{known}, nil
	}
	made, err := apim.CSharp(csharp.WithClock(current{e}.Now), csharp.WithWorkers(1)).Compile(ctx, list)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.order) == keptPrograms {
		_ = e.programs[e.order[0]].Close() // it ends a process; there is nothing to tell
		delete(e.programs, e.order[0])
		e.order = e.order[1:]
	}
	e.programs[key.String()] = made
	e.order = append(e.order, key.String())
	return shared{made}, nil
}

// shared is a program that outlives the gateway that uses it.
type shared struct{ apim.Program }

// Close leaves the program to the engine.
func (shared) Close() error { return nil }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

var _ apim.Expressions = (*Engine)(nil)
