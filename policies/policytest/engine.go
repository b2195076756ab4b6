package policytest

import (
	"cmp"
	"context"
	"encoding/json"
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

// Engine has what cases share because it is slow to make: compiled expressions and an issuer of tokens. Cases of one engine
// run one after the other.
type Engine struct {
	// Edit changes the project's documents before they are used; nil leaves them as they are.
	Edit Edit
	// BrokenStatus is the status of context.Response after a backend that gave no answer; 0 leaves it null (apim.Deps).
	BrokenStatus int
	// Expressions compiles in the place of the engine; nil is the engine itself.
	Expressions apim.Expressions
	// Keep is how many gateways are cached, so that the next case of the same configuration compiles nothing. Expressions has to
	// outlive them.
	Keep int
	// Recorded sees what the gateway logs of every call, unless it is nil.
	Recorded func(*apim.CallRecord)

	mu        sync.Mutex
	now       *clock.Fake
	directory *entra.Directory
	programs  map[string]apim.Program
	order     []string
	gateways  []cached
}

// keptPrograms bounds the processes of an engine.
const keptPrograms = 8

// NewEngine makes an engine; Close ends its processes.
func NewEngine() (*Engine, error) {
	e := &Engine{now: clock.NewFake(time.Time{}), programs: map[string]apim.Program{}}
	var err error
	if e.directory, err = entra.New(entra.Options{Clock: e}); err != nil {
		return nil, fmt.Errorf("entra: %w", err)
	}
	if err := e.populate(); err != nil {
		return nil, fmt.Errorf("entra: %w", err)
	}
	return e, nil
}

// cached is a gateway from which others are made; it serves no call itself.
type cached struct {
	key     string
	gateway *apim.Gateway
}

// gateway makes a gateway that has served no call.
func (e *Engine) gateway(ctx context.Context, cfg apim.Configuration, deps apim.Deps) (*apim.Gateway, error) {
	if e.Keep == 0 {
		return apim.New(ctx, cfg, deps)
	}
	text, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	key := string(text)
	for _, k := range e.gateways {
		if k.key == key {
			return k.gateway.Again(deps)
		}
	}
	made, err := apim.New(ctx, cfg, deps)
	if err != nil {
		return nil, err
	}
	if len(e.gateways) == e.Keep {
		_ = e.gateways[0].gateway.Close() // it has served no call, and its error says nothing about the case
		e.gateways = e.gateways[1:]
	}
	e.gateways = append(e.gateways, cached{key, made})
	return made.Again(deps)
}

// Close ends the processes that run expressions.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.programs {
		_ = p.Close() // it only ends processes
	}
	e.programs, e.order = map[string]apim.Program{}, nil
	return nil
}

// Now is the time of the case that runs.
func (e *Engine) Now() time.Time { return e.clock().Now() }

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
	made, err := apim.CSharp(csharp.WithClock(e.Now), csharp.WithWorkers(1)).Compile(ctx, list)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.order) == keptPrograms {
		_ = e.programs[e.order[0]].Close() // it only ends a process
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

// expressions is who compiles.
func (e *Engine) expressions() apim.Expressions {
	if e.Expressions != nil {
		return e.Expressions
	}
	return e
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

var _ apim.Expressions = (*Engine)(nil)
