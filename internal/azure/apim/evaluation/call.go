package evaluation

import (
	"context"

	"enterprise-openai/internal/azure/apim/csharp"
)

// Host evaluates the expressions of one call. One goroutine uses it at a time.
type Host interface {
	// Evaluate evaluates an expression and, in the same exchange, what is likely to follow; results are in this order. An error is
	// for what is no expression's fault.
	Evaluate(ctx context.Context, id int, ahead Ahead) ([]Result, error)
	// Has tells whether a variable is set.
	Has(variable string) bool
	// See appends what a look shows now, where the variables that are supposed stand before the call's own.
	See(b []byte, l csharp.Look, supposed map[string]any) ([]byte, Scope)
	// Broken is true when nothing can be evaluated any more.
	Broken() bool
}

// Scope is where what a look shows can be compared.
type Scope byte

// A look at the time can be compared nowhere, one at an object in its call, one at a text in any call.
const (
	Nowhere Scope = iota
	ThisCall
	AnyCall
)

// Result is what came of an expression.
type Result struct {
	Value any
	// Err is what the expression threw.
	Err error
	// TooEarly is true for an expression that was evaluated ahead and cannot have a value before its turn.
	TooEarly bool
	// Looks are what the evaluation looked at; with All the value follows from them in any call.
	Looks []csharp.Look
	All   bool
}

// Call gives the values of one call. One goroutine uses it at a time.
type Call struct {
	memory *Memory
	host   Host
	// early holds what was evaluated ahead in the last exchange and not reached yet.
	early map[int]early
	// exchanged are the expressions that took an exchange, reached those and the ones that were evaluated ahead, in order.
	exchanged, reached []int
	// buffer is where what a look shows is put to be compared.
	buffer []byte
	// see is what looks show now.
	see shows
}

// early is a value that was evaluated ahead, and what it looked at.
type early struct {
	value any
	looks []csharp.Look
	shown [][]byte
}

// Call begins a call.
func (m *Memory) Call(host Host) *Call {
	return &Call{memory: m, host: host, buffer: make([]byte, maxShown), see: inAnyCall(host, nil)}
}

// inAnyCall shows what can be compared with any call.
func inAnyCall(host Host, supposed map[string]any) shows {
	return func(b []byte, l csharp.Look) ([]byte, bool) {
		shown, scope := host.See(b, l, supposed)
		return shown, scope == AnyCall
	}
}

// Value is the value of an expression that is reached now.
func (c *Call) Value(ctx context.Context, id int) (any, error) {
	c.memory.writes(c.memory.expressions[id].Variable, writer{id: id})
	if !c.host.Broken() {
		if v, ok := c.memory.recall(id, c.buffer, c.see); ok {
			return v, nil
		}
	}
	if e, ok := c.early[id]; ok {
		delete(c.early, id)
		holds := c.holds(e)
		c.memory.judge(c.last(), id, holds)
		if holds {
			c.reached = append(c.reached, id)
			return e.value, nil
		}
	}
	return c.exchange(ctx, id)
}

// Assigned notes that a policy put a literal into a variable.
func (c *Call) Assigned(variable, literal string) {
	c.memory.writes(variable, writer{literal: literal, isLiteral: true})
}

// Close ends the call.
func (c *Call) Close() { c.drop() }

func (c *Call) last() int { return c.exchanged[len(c.exchanged)-1] }

// drop forgets what was not reached before the next exchange, which may change an object that it looked at.
func (c *Call) drop() {
	for id := range c.early {
		c.memory.judge(c.last(), id, false)
	}
	clear(c.early)
}

// holds tells whether everything that an early value looked at shows the same now.
func (c *Call) holds(e early) bool {
	for i, l := range e.looks {
		shown, scope := c.host.See(c.buffer[:0], l, nil)
		if scope == Nowhere || string(shown) != string(e.shown[i]) {
			return false
		}
	}
	return true
}

func (c *Call) exchange(ctx context.Context, id int) (any, error) {
	c.drop()
	likely := c.memory.likely(id)
	p := c.plan(id, likely)
	before := c.exchanged
	c.exchanged, c.reached = append(c.exchanged, id), append(c.reached, id)
	results, err := c.host.Evaluate(ctx, id, p.Ahead)
	if err != nil {
		return nil, err
	}
	first := results[0]
	if first.Err != nil {
		return nil, first.Err
	}
	if c.memory.learn(id, first, c.see) {
		c.memory.follow(before, c.reached, id)
	}
	c.suppose(p.supposed, id, first.Value)
	for i, next := range p.Steps {
		c.keep(next, results[1+i], p.supposed)
	}
	return first.Value, nil
}

// keep holds a value that was evaluated ahead, with what it looked at.
func (c *Call) keep(id int, r Result, supposed map[string]any) {
	e := early{value: r.Value, looks: r.Looks, shown: make([][]byte, len(r.Looks))}
	usable := !r.TooEarly && r.Err == nil
	for i := 0; usable && i < len(r.Looks); i++ {
		var scope Scope
		e.shown[i], scope = c.host.See(nil, r.Looks[i], supposed)
		usable = scope != Nowhere
	}
	if !r.TooEarly {
		defer c.suppose(supposed, id, r.Value)
	}
	if !usable {
		c.memory.judge(c.last(), id, false)
		return
	}
	if c.early == nil {
		c.early = map[int]early{}
	}
	c.early[id] = e
	c.memory.learn(id, r, inAnyCall(c.host, supposed))
}

// suppose sets the variable that a value is going to be put into.
func (c *Call) suppose(supposed map[string]any, id int, value any) {
	if name := c.memory.expressions[id].Variable; name != "" {
		supposed[name] = value
	}
}
