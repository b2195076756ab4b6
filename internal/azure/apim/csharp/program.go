package csharp

import (
	"context"
	"sync"
	"sync/atomic"
)

// Program is the compiled expressions of a stack and the processes that evaluate them. It
// is safe for concurrent use.
type Program struct {
	expressions []Expression
	options     options
	tools       toolchain
	host        string
	assembly    []byte
	wants       []byte
	fickle      []bool // expressions that may give another value for the same looks

	slots    []*slot
	sessions atomic.Int32
	closed   atomic.Bool
	warming  sync.WaitGroup
}

// slot is a place for one process. The holder of the token talks to the process.
type slot struct {
	token      chan struct{}
	process    *process
	generation int32   // counts the processes that lived here
	ended      []int32 // sessions the process may forget
	endedMu    sync.Mutex
}

// start starts the first process, checks the assembly with it if wanted, and lets the
// others start behind.
func (p *Program) start(check bool) ([]finding, error) {
	for _, e := range p.expressions {
		p.wants = append(p.wants, byte(e.Want))
	}
	for range p.options.workers {
		p.slots = append(p.slots, &slot{token: make(chan struct{}, 1)})
	}
	first := p.slots[0]
	findings, err := p.fill(first, check)
	if err != nil || len(findings) > 0 {
		return findings, err
	}
	for _, s := range p.slots[1:] {
		p.warming.Add(1)
		s.token <- struct{}{}
		go func() {
			defer p.warming.Done()
			defer s.release()
			if !p.closed.Load() {
				_, _ = p.fill(s, false) // the session that needs it tries again and gets the error
			}
		}()
	}
	return nil, nil
}

func (s *slot) release() { <-s.token }

// fill gives a slot a process. The caller holds the slot, or nobody knows of it yet.
func (p *Program) fill(s *slot, check bool) ([]finding, error) {
	child, err := startProcess(p.tools, p.host, p.options.limit)
	if err != nil {
		return nil, err
	}
	findings, err := child.load(p.wants, p.assembly, check)
	if err != nil {
		child.Kill()
		return nil, err
	}
	s.process = child
	s.generation++
	return findings, nil
}

// drop ends a slot's process after it failed.
func (s *slot) drop() {
	if s.process != nil {
		s.process.Kill()
		s.process = nil
	}
}

// Len is the number of expressions.
func (p *Program) Len() int { return len(p.expressions) }

// Expression returns expression id as it was compiled.
func (p *Program) Expression(id int) Expression { return p.expressions[id] }

// Eval evaluates one expression against a context of its own. A request with several
// expressions is faster in a Session.
func (p *Program) Eval(ctx context.Context, id int, c *Context) (Value, Effects, error) {
	s, err := p.NewSession(c)
	if err != nil {
		return Value{}, Effects{}, err
	}
	defer s.Close()
	return s.Eval(ctx, id)
}

// Close ends the processes. Evaluations under way fail with ErrClosed or finish.
func (p *Program) Close() {
	if p.closed.Swap(true) {
		return
	}
	p.warming.Wait()
	var all sync.WaitGroup
	for _, s := range p.slots {
		all.Add(1)
		go func() {
			defer all.Done()
			s.token <- struct{}{}
			defer s.release()
			if s.process != nil {
				s.process.Close()
				s.process = nil
			}
		}()
	}
	all.Wait()
}
