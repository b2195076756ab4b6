package mutate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/document"
)

// Pool compiles the expressions of many documents at once, so that the next document that differs in one of them needs no
// compiler and no process of its own. It is an apim.Expressions for one engine.
type Pool struct {
	compiler apim.Expressions

	mu      sync.Mutex
	list    []apim.Expression
	ids     map[wanted]int
	refused map[wanted]error
	program apim.Program
	// noting is set while expressions are collected; noted are those of the last document.
	noting bool
	noted  string
	// err is why the pool could not compile, whatever the expressions are.
	err error
}

// wanted is what makes an expression another one to the compiler.
type wanted struct {
	text string
	want apim.Wanted
}

func wantedOf(x apim.Expression) wanted { return wanted{x.Text, x.Want} }

// ErrNoted is the error of every compilation while the pool only collects expressions.
var ErrNoted = errors.New("the expressions were noted")

// NewPool makes a pool that compiles with these options.
func NewPool(options ...csharp.Option) *Pool {
	return &Pool{compiler: apim.CSharp(append(options, csharp.WithWorkers(1))...), ids: map[wanted]int{}, refused: map[wanted]error{}}
}

// Note runs what makes documents ready and keeps their expressions for the next compilation. It returns a
// key of the documents: two with the same expressions have the same.
func (p *Pool) Note(run func() error) (string, error) {
	p.mu.Lock()
	p.noting, p.noted = true, ""
	p.mu.Unlock()
	err := run()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noting = false
	if errors.Is(err, ErrNoted) {
		err = nil
	}
	return p.noted, err
}

// Err is why the pool could not compile at all; an error in an expression is not one.
func (p *Pool) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Close ends the process.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
}

func (p *Pool) close() {
	if p.program != nil {
		_ = p.program.Close() // it only ends a process
		p.program = nil
	}
}

// Compile implements apim.Expressions.
func (p *Pool) Compile(ctx context.Context, list []apim.Expression) (apim.Program, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range list {
		if err := p.refused[wantedOf(x)]; err != nil {
			return nil, err
		}
		if _, known := p.ids[wantedOf(x)]; !known {
			p.ids[wantedOf(x)] = len(p.list)
			p.list = append(p.list, x)
			p.close()
		}
	}
	if p.noting {
		p.noted = fmt.Sprint(p.numbers(list))
		return nil, ErrNoted
	}
	if p.program == nil {
		if err := p.compile(ctx); err != nil {
			return nil, err
		}
	}
	for _, x := range list {
		if err := p.refused[wantedOf(x)]; err != nil {
			return nil, err
		}
	}
	return mapped{p, p.numbers(list)}, nil
}

// current is the program that has everything, compiled anew where something was added.
func (p *Pool) current(ctx context.Context) (apim.Program, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.program == nil {
		if err := p.compile(ctx); err != nil {
			return nil, err
		}
	}
	return p.program, nil
}

func (p *Pool) numbers(list []apim.Expression) []int {
	ids := make([]int, len(list))
	for i, x := range list {
		ids[i] = p.ids[wantedOf(x)]
	}
	return ids
}

// harmless stands in the place of an expression that the compiler refuses.
var harmless = apim.Expression{Text: `@("")`, Want: apim.WantAny}

// compile compiles everything. What is refused is refused from then on, alone.
func (p *Pool) compile(ctx context.Context) error {
	all := slices.Clone(p.list)
	for i, x := range p.list {
		if p.refused[wantedOf(x)] != nil {
			all[i] = harmless
		}
		// Problems name their source; here that is the number of the expression.
		all[i].Source = &document.Source{File: strconv.Itoa(i), Format: document.RawXML}
	}
	program, err := p.compiler.Compile(ctx, all)
	var problems document.Errors
	if !errors.As(err, &problems) {
		p.program, p.err = program, err
		return err
	}
	for _, problem := range problems {
		i, err := strconv.Atoi(problem.File)
		if err != nil || i >= len(all) || p.refused[wantedOf(p.list[i])] != nil {
			p.err = fmt.Errorf("a problem without its expression: %w", problem)
			return p.err
		}
	}
	for _, problem := range problems {
		i, _ := strconv.Atoi(problem.File)
		p.refused[wantedOf(p.list[i])] = problem
	}
	return p.compile(ctx)
}

// mapped is the pool's program with the numbers of one configuration. It outlives a compilation: numbers stay what they are.
type mapped struct {
	pool *Pool
	ids  []int
}

// Close leaves the program to the pool.
func (mapped) Close() error { return nil }

// Open implements apim.Program.
func (m mapped) Open(ctx context.Context, c *apim.Context) apim.Session {
	program, err := m.pool.current(ctx)
	if err != nil {
		return broken{err}
	}
	return numbered{program.Open(ctx, c), m.ids}
}

// broken is a session of a pool that cannot compile.
type broken struct{ err error }

// Eval implements apim.Session.
func (b broken) Eval(context.Context, int) (any, error) { return nil, b.err }

// Close implements apim.Session.
func (broken) Close() {}

type numbered struct {
	apim.Session
	ids []int
}

// Eval implements apim.Session.
func (n numbered) Eval(ctx context.Context, id int) (any, error) {
	return n.Session.Eval(ctx, n.ids[id])
}

var _ apim.Expressions = (*Pool)(nil)
