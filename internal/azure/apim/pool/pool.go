// Package pool chooses the backends of pools and opens and closes their circuit breakers, for one gateway unit: Azure does not synchronise
// either between units (Microsoft Learn: api-management/backends, "Limitations").
//
//	pool.go     which member a request goes to
//	breaker.go  when a backend is left alone
package pool

import (
	"sync"
	"time"
)

// Member is a backend in a pool.
type Member struct {
	// ID is the backend's id; an ARM id or /backends/{id} works too.
	ID       string
	Priority int
	Weight   int
}

// Unit is what a unit remembers of its backends. It is safe for concurrent use.
type Unit struct {
	mu       sync.Mutex
	breakers map[string]*breaker
	shares   map[string]*share
}

// NewUnit makes a unit that has seen no backend.
func NewUnit() *Unit { return &Unit{breakers: map[string]*breaker{}, shares: map[string]*share{}} }

// Choose picks the backend that a request goes to: the backend itself, or a member of the pool. rule gives a backend's rule or nil. ok is
// false when every breaker is open.
func (u *Unit) Choose(id string, members []Member, rule func(id string) *Rule, now time.Time) (chosen string, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	isOpen := func(id string) bool { return rule(id) != nil && u.breaker(id).open(now) }
	if len(members) == 0 {
		return id, !isOpen(id)
	}
	p := u.shares[id]
	if p == nil {
		p = &share{}
		u.shares[id] = p
	}
	return p.pick(members, isOpen)
}

// Record notes how an attempt ended.
func (u *Unit) Record(id string, rule *Rule, now time.Time, o Outcome) {
	if rule == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.breaker(id).record(rule, now, o)
}

// State is what a breaker looks like from outside.
type State struct {
	Backend   string
	Open      bool
	OpenUntil time.Time
	Trips     int
}

// States lists the breakers that have seen a request.
func (u *Unit) States(now time.Time) []State {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []State
	for id, b := range u.breakers {
		out = append(out, State{Backend: id, Open: b.open(now), OpenUntil: b.openUntil, Trips: b.trips})
	}
	return out
}

func (u *Unit) breaker(id string) *breaker {
	b := u.breakers[id]
	if b == nil {
		b = &breaker{}
		u.breakers[id] = b
	}
	return b
}

// share is how a unit shares a pool out among its members.
type share struct {
	// credit is each member's standing in the smooth weighted round robin.
	credit map[string]int
}

// pick chooses a member: of the lowest priority number that has a member
// whose breaker is closed, by weight. A group of a higher number is used only
// when every member before it is out (Microsoft Learn: api-management/backends,
// "Load-balanced pool").
func (p *share) pick(members []Member, open func(id string) bool) (string, bool) {
	best, found := 0, false
	for _, m := range members {
		if !open(m.ID) && (!found || m.Priority < best) {
			best, found = m.Priority, true
		}
	}
	if !found {
		return "", false
	}
	var group []Member
	weights := 0
	for _, m := range members {
		if m.Priority == best && !open(m.ID) {
			group = append(group, m)
			weights += m.Weight
		}
	}
	return p.next(group, weights), true
}

// next gives every member its share, spread out and not in runs. Members
// without any weight share alike.
func (p *share) next(group []Member, weights int) string {
	if p.credit == nil {
		p.credit = map[string]int{}
	}
	total, chosen := 0, -1
	for i, m := range group {
		w := m.Weight
		if weights == 0 {
			w = 1
		}
		total += w
		p.credit[m.ID] += w
		if w > 0 && (chosen < 0 || p.credit[m.ID] > p.credit[group[chosen].ID]) {
			chosen = i
		}
	}
	p.credit[group[chosen].ID] -= total
	return group[chosen].ID
}
