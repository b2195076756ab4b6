package evaluation

import (
	"slices"
	"sync"
)

// Which expressions are reached after which is learnt from the calls. A guess that is wrong costs an evaluation in vain and nothing
// else, so that it takes no knowledge of the documents.

const (
	// maxAhead bounds an exchange, and with it what is evaluated in vain.
	maxAhead = 12
	// A guess that is used less than once in four calls is given up.
	creditOfUse, maxCredit, minCredit = 3, 12, -8
	// maxExchanged is how many exchanges of a call learn what followed them.
	maxExchanged = 8
)

// foresight is what is reached after each expression that took an exchange.
type foresight struct {
	mu    sync.Mutex
	after map[int][]*guess
	// givenUp are guesses that were wrong too often, by expression and guess.
	givenUp map[[2]int]bool
}

// guess is an expression that is likely to be reached.
type guess struct {
	id     int
	credit int
}

func newForesight() foresight {
	return foresight{after: map[int][]*guess{}, givenUp: map[[2]int]bool{}}
}

// likely are the expressions that are likely to follow one that takes an exchange, in their order.
func (m *Memory) likely(id int) []int {
	f := &m.foresight
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := make([]int, len(f.after[id]))
	for i, g := range f.after[id] {
		ids[i] = g.id
	}
	return ids
}

// follow notes that an expression took an exchange after others of its call did. reached are the expressions of the call so far, in
// their order.
func (m *Memory) follow(exchanged, reached []int, id int) {
	if m.expressions[id].Fickle {
		return
	}
	f := &m.foresight
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, before := range exchanged[:min(len(exchanged), maxExchanged)] {
		f.learn(before, reached, id)
	}
}

// learn puts an expression behind the last one that this call had reached before it.
func (f *foresight) learn(before int, reached []int, id int) {
	list := f.after[before]
	known := slices.ContainsFunc(list, func(g *guess) bool { return g.id == id })
	if known || before == id || len(list) == maxAhead || f.givenUp[[2]int{before, id}] {
		return
	}
	at := len(list)
	for at > 0 && !slices.Contains(reached, list[at-1].id) {
		at--
	}
	f.after[before] = slices.Insert(list, at, &guess{id: id})
}

// judge notes whether what was evaluated ahead was of use.
func (m *Memory) judge(before, id int, used bool) {
	f := &m.foresight
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.after[before]
	i := slices.IndexFunc(list, func(g *guess) bool { return g.id == id })
	if i < 0 {
		return
	}
	if used {
		list[i].credit = min(list[i].credit+creditOfUse, maxCredit)
		return
	}
	if list[i].credit--; list[i].credit < minCredit {
		f.givenUp[[2]int{before, id}] = true
		f.after[before] = slices.Delete(slices.Clone(list), i, i+1)
	}
}
