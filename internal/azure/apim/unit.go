package apim

import (
	"sync"
	"time"
)

// unit is what one gateway unit remembers. Azure does not synchronise breakers
// and pools between units (Microsoft Learn: api-management/backends,
// "Limitations"), but it does what limits count.
type unit struct {
	index  int
	counts *counters

	mu       sync.Mutex
	breakers map[string]*breaker
	pools    map[string]*pool
	// running is for limit-concurrency. [M] unverified: per unit, because
	// nothing is said of a synchronisation.
	running map[string]int
	// identities are the tokens of managed identities, kept until shortly
	// before they expire.
	identities map[string]identityToken
}

type identityToken struct {
	token   string
	expires time.Time
}

func newUnit(index int, counts *counters) *unit {
	return &unit{
		index: index, counts: counts, breakers: map[string]*breaker{}, pools: map[string]*pool{}, running: map[string]int{},
		identities: map[string]identityToken{},
	}
}

// counters are what the units of a gateway count together: limits hold for a
// gateway, which is all units of a region, and not for a unit (Microsoft Learn:
// rate-limit-by-key-policy, "Usage notes"); its machines synchronise them
// (virtual-network-reference, UDP 4290). How late one unit learns of another's
// calls is documented nowhere; here it knows at once.
type counters struct {
	mu     sync.Mutex
	rates  map[string]*rate
	quotas map[string]*quota
	tokens map[string]*tokenRate
}

func newCounters() *counters {
	return &counters{rates: map[string]*rate{}, quotas: map[string]*quota{}, tokens: map[string]*tokenRate{}}
}

func (u *unit) breaker(id string) *breaker {
	b := u.breakers[id]
	if b == nil {
		b = &breaker{}
		u.breakers[id] = b
	}
	return b
}

// choose picks the single backend a request goes to: the backend itself, or a
// member of the pool. ok is false when every breaker is open.
func (u *unit) choose(b *Backend, s *state, now time.Time) (chosen *Backend, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	isOpen := func(id string) bool {
		m := s.backends[id]
		return m.Breaker != nil && u.breaker(id).open(now)
	}
	if len(b.Pool) == 0 {
		return b, !isOpen(b.ID)
	}
	p := u.pools[b.ID]
	if p == nil {
		p = &pool{}
		u.pools[b.ID] = p
	}
	id, ok := p.pick(b.Pool, isOpen)
	return s.backends[id], ok
}

// report tells the backend's breaker how an attempt ended.
func (u *unit) report(b *Backend, now time.Time, o outcome) {
	if b.Breaker == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.breaker(b.ID).record(b.Breaker, now, o)
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
	g.eachUnit(func(u *unit) {
		for id, b := range u.breakers {
			out = append(out, BreakerState{Unit: u.index, Backend: id, Open: b.open(now), OpenUntil: b.openUntil, Trips: b.trips})
		}
	})
	return out
}

// TokensUsed is what a counter key of a token limit holds: the tokens of the
// current minute.
func (g *Gateway) TokensUsed(key string) int {
	now, total := g.deps.Clock.Now(), 0.0
	g.counts.mu.Lock()
	defer g.counts.mu.Unlock()
	for _, t := range g.counts.tokens {
		if t.key == key && t.perMinute > 0 {
			t.roll(now)
			total += t.used
		}
	}
	return int(total)
}

func (g *Gateway) eachUnit(do func(*unit)) {
	g.mu.Lock()
	units := append([]*unit(nil), g.units...)
	g.mu.Unlock()
	for _, u := range units {
		u.mu.Lock()
		do(u)
		u.mu.Unlock()
	}
}
