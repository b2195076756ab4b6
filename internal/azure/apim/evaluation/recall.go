package evaluation

import (
	"sync"

	"enterprise-openai/internal/azure/apim/csharp"
)

// Most expressions of a call come to the same as in the call before: the same deployment, the same team, the same status. The host
// notes what an evaluation looked at; an expression is a function of that. What looks at the time or at a body, or gives an object, is
// always evaluated, and so is what threw.

// Bounds of what is remembered of one expression, so that callers who send something new each time cost no memory.
const (
	maxRecollections = 2000
	maxShown         = 512
)

// Expression is what a memory has to know of an expression.
type Expression struct {
	// Variable is the variable that its value is put into, or empty.
	Variable string
	// Fickle expressions may come to something else although they look at the same.
	Fickle bool
}

// Memory is what a program remembers from one call to the next. It is safe for concurrent use.
type Memory struct {
	expressions []Expression
	recalled    []recollections
	foresight   foresight
	variables   variables
}

// NewMemory makes a memory for the expressions of a program, which are known by their index.
func NewMemory(list []Expression) *Memory {
	return &Memory{expressions: list, recalled: make([]recollections, len(list)), foresight: newForesight(), variables: newVariables()}
}

// recollections are what one expression came to, as a tree: the first look is the same in every evaluation, the next depends on
// what the ones before it showed.
type recollections struct {
	mu   sync.RWMutex
	size int
	root *recollection
}

// recollection is a look with what followed, or the value.
type recollection struct {
	look  csharp.Look
	then  map[string]*recollection
	value any
	done  bool
}

// shows appends what a look shows; false means that it cannot be compared with another call.
type shows func(b []byte, l csharp.Look) ([]byte, bool)

func (m *Memory) recall(id int, buffer []byte, see shows) (any, bool) {
	return m.recalled[id].recall(buffer, see)
}

// learn remembers a value, if it is one that cannot be changed in place and follows from what was looked at. It returns true for an
// expression whose value is not likely to be recalled next time.
func (m *Memory) learn(id int, r Result, see shows) bool {
	m.looked(id, r.Looks)
	if !r.All || m.expressions[id].Fickle || !constant(r.Value) {
		return true
	}
	return m.recalled[id].learn(r.Looks, r.Value, see)
}

// constant is true for a value that cannot be changed in place.
func constant(v any) bool {
	switch t := v.(type) {
	case nil, bool, int64, float64, string:
		return true
	case interface{ Constant() bool }:
		return t.Constant()
	default:
		return false
	}
}

// recall follows the looks of earlier evaluations as long as they show the same. What they show is put into the buffer.
func (m *recollections) recall(buffer []byte, see shows) (any, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for n := m.root; n != nil; {
		if n.done {
			return n.value, true
		}
		shown, ok := see(buffer[:0], n.look)
		if !ok {
			return nil, false
		}
		n = n.then[string(shown)]
	}
	return nil, false
}

// learn keeps a value under what was looked at, and returns true when there were others before it.
func (m *recollections) learn(looks []csharp.Look, value any, see shows) (others bool) {
	shown := make([]string, len(looks))
	for i, l := range looks {
		b, ok := see(nil, l)
		if !ok || len(b) > maxShown {
			return true
		}
		shown[i] = string(b)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	others = m.root != nil
	if m.size > maxRecollections {
		m.root, m.size = nil, 0
	}
	if m.root == nil {
		m.root = m.grow(looks, 0, value)
	}
	n := m.root
	for i, l := range looks {
		if n.done || n.look != l {
			// Not a function of what it looked at, or learnt by another call meanwhile.
			return others
		}
		next := n.then[shown[i]]
		if next == nil {
			next = m.grow(looks, i+1, value)
			n.then[shown[i]] = next
		}
		n = next
	}
	return others
}

func (m *recollections) grow(looks []csharp.Look, depth int, value any) *recollection {
	m.size++
	if depth == len(looks) {
		return &recollection{value: value, done: true}
	}
	return &recollection{look: looks[depth], then: map[string]*recollection{}}
}
