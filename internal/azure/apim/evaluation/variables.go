package evaluation

import (
	"sync"

	"enterprise-openai/internal/azure/apim/csharp"
)

// variables is what is known of the variables of a program.
type variables struct {
	mu sync.RWMutex
	// writers are the policies that set a variable last, by its name.
	writers map[string]writer
	// looked are the variables that an expression looked at last.
	looked map[int][]string
}

// writer sets a variable, to a literal or to what an expression comes to.
type writer struct {
	id        int
	literal   string
	isLiteral bool
}

func newVariables() variables {
	return variables{writers: map[string]writer{}, looked: map[int][]string{}}
}

// writes notes that a variable was set.
func (m *Memory) writes(name string, w writer) {
	if name == "" {
		return
	}
	v := &m.variables
	v.mu.RLock()
	known := v.writers[name] == w
	v.mu.RUnlock()
	if !known {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.writers[name] = w
	}
}

func (m *Memory) writer(name string) (writer, bool) {
	m.variables.mu.RLock()
	defer m.variables.mu.RUnlock()
	w, ok := m.variables.writers[name]
	return w, ok
}

// looked notes what an evaluation looked at.
func (m *Memory) looked(id int, looks []csharp.Look) {
	var names []string
	for _, l := range looks {
		if l.Kind == csharp.LookVariable {
			names = append(names, l.Name)
		}
	}
	m.variables.mu.Lock()
	defer m.variables.mu.Unlock()
	m.variables.looked[id] = names
}

// reads are the variables that an expression looked at last time. The caller does not change them.
func (m *Memory) reads(id int) []string {
	m.variables.mu.RLock()
	defer m.variables.mu.RUnlock()
	return m.variables.looked[id]
}
