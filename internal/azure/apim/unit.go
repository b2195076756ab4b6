package apim

import (
	"sync"
	"time"

	"enterprise-openai/internal/azure/apim/pool"
)

// unit is what one gateway unit remembers. Azure does not synchronise breakers
// and pools between units (Microsoft Learn: api-management/backends,
// "Limitations"), but it does what limits count.
type unit struct {
	index    int
	backends *pool.Unit

	mu sync.Mutex
	// running is for limit-concurrency. [M] unverified: it counts per unit, because
	// Microsoft documents no synchronisation.
	running map[string]int
	// identities are the tokens of managed identities, kept until shortly
	// before they expire.
	identities map[string]identityToken
}

type identityToken struct {
	token   string
	expires time.Time
}

func newUnit(index int) *unit {
	return &unit{
		index: index, backends: pool.NewUnit(), running: map[string]int{}, identities: map[string]identityToken{},
	}
}

// choose picks the single backend a request goes to: the backend itself, or a
// member of the pool. ok is false when every breaker is open.
func (u *unit) choose(b *Backend, s *state, now time.Time) (chosen *Backend, ok bool) {
	id, ok := u.backends.Choose(b.ID, b.Pool, func(id string) *pool.Rule { return s.backends[id].Breaker }, now)
	return s.backends[id], ok
}

// BreakerState is what a breaker looks like from outside.
type BreakerState struct {
	Unit      int
	Backend   string
	Open      bool
	OpenUntil time.Time
	Trips     int
}

// Breakers lists the breakers that have seen a request, for tests and drills.
func (g *Gateway) Breakers() []BreakerState {
	now := g.deps.Clock.Now()
	var out []BreakerState
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, u := range g.units {
		for _, b := range u.backends.States(now) {
			out = append(out, BreakerState{Unit: u.index, Backend: b.Backend, Open: b.Open, OpenUntil: b.OpenUntil, Trips: b.Trips})
		}
	}
	return out
}

// TokensUsed is what a counter key of a token limit holds: the tokens of the
// current minute.
func (g *Gateway) TokensUsed(key string) int {
	return g.counters.Used(key, g.deps.Clock.Now())
}
