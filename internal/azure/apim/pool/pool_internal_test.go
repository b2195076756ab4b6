package pool

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// drawn is a pool with the rules of its members.
type drawn struct {
	members []Member
	rules   map[string]*Rule
}

func draw(t *rapid.T) drawn {
	d := drawn{rules: map[string]*Rule{}}
	for i := range rapid.IntRange(1, 6).Draw(t, "members") {
		id := fmt.Sprint("b", i)
		if rapid.Bool().Draw(t, "breaker") {
			d.rules[id] = &Rule{
				Count: rapid.IntRange(1, 4).Draw(t, "count"), Interval: time.Duration(rapid.IntRange(1, 120).Draw(t, "interval")) * time.Second,
				Trip: time.Duration(rapid.IntRange(1, 120).Draw(t, "trip")) * time.Second, AcceptRetryAfter: rapid.Bool().Draw(t, "accept"),
				StatusCodes: []StatusRange{{429, 429}, {500, 599}},
			}
		}
		d.members = append(d.members, Member{ID: id, Priority: rapid.IntRange(0, 3).Draw(t, "priority"), Weight: rapid.IntRange(0, 3).Draw(t, "weight")})
	}
	return d
}

func TestAPoolNeverBreaksItsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, u := draw(t), NewUnit()
		now := time.Unix(1_000_000, 0)
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "passes")) * time.Second)
			open := func(id string) bool {
				b := u.breakers[id]
				return b != nil && now.Before(b.openUntil)
			}
			chosen, ok := u.Choose("pool", p.members, func(id string) *Rule { return p.rules[id] }, now)
			var best *Member
			for i, m := range p.members {
				if !open(m.ID) && (best == nil || m.Priority < best.Priority) {
					best = &p.members[i]
				}
			}
			if ok != (best != nil) {
				t.Fatalf("a member is available: %v, one was chosen: %v", best != nil, ok)
			}
			if !ok {
				continue
			}
			if open(chosen) {
				t.Fatalf("%s was chosen while its breaker is open", chosen)
			}
			i := slices.IndexFunc(p.members, func(m Member) bool { return m.ID == chosen })
			if p.members[i].Priority != best.Priority {
				t.Fatalf("%s of priority %d was chosen while priority %d is available", chosen, p.members[i].Priority, best.Priority)
			}
			status := rapid.SampledFrom([]int{200, 400, 429, 500, 503}).Draw(t, "status")
			wait := time.Duration(rapid.IntRange(0, 300).Draw(t, "retry-after")) * time.Second
			before := 0
			if b := u.breakers[chosen]; b != nil {
				before = b.trips
			}
			rule := p.rules[chosen]
			u.Record(chosen, rule, now, Outcome{Status: status, RetryAfter: wait})
			b := u.breakers[chosen]
			if rule == nil && b != nil && b.trips > 0 {
				t.Fatal("a backend without a rule tripped")
			}
			if b == nil || b.trips == before {
				continue
			}
			if status < 429 {
				t.Fatalf("status %d tripped a breaker for 429 and 5xx", status)
			}
			want := rule.Trip
			if rule.AcceptRetryAfter && wait > 0 {
				want = wait
			}
			if !b.openUntil.Equal(now.Add(want)) {
				t.Fatalf("open until %v, want %v", b.openUntil, now.Add(want))
			}
		}
	})
}

func TestWeightsAreMetExactlyOverARound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var members []Member
		total := 0
		for i := range rapid.IntRange(1, 6).Draw(t, "members") {
			w := rapid.IntRange(0, 9).Draw(t, "weight")
			total += w
			members = append(members, Member{ID: fmt.Sprint(i), Weight: w})
		}
		got := map[string]int{}
		p := &share{}
		rounds := total
		if total == 0 {
			rounds = len(members)
		}
		for range rounds {
			id, ok := p.pick(members, func(string) bool { return false })
			if !ok {
				t.Fatal("no member was chosen")
			}
			got[id]++
		}
		for _, m := range members {
			want := m.Weight
			if total == 0 {
				want = 1
			}
			if got[m.ID] != want {
				t.Fatalf("member %s with weight %d was chosen %d times of %d", m.ID, m.Weight, got[m.ID], rounds)
			}
		}
	})
}

func TestABreakerCountsWithinItsInterval(t *testing.T) {
	rule := &Rule{Count: 3, Interval: 10 * time.Second, Trip: time.Minute, StatusCodes: []StatusRange{{500, 599}}}
	at := func(s int) time.Time { return time.Unix(int64(1000+s), 0) }
	b := &breaker{}
	for _, s := range []int{0, 4, 11} {
		assert.False(t, b.record(rule, at(s), Outcome{Status: 500}), "the failure at 0 is too old at 11")
	}
	assert.True(t, b.record(rule, at(12), Outcome{Status: 500}))
	assert.True(t, b.open(at(71)))
	assert.False(t, b.open(at(72)), "closed again by itself, without probing")
	short := &Rule{Count: 2, Interval: time.Minute, Trip: time.Second, StatusCodes: rule.StatusCodes}
	b = &breaker{}
	b.record(short, at(0), Outcome{Status: 500})
	assert.True(t, b.record(short, at(0), Outcome{Status: 500}))
	assert.False(t, b.record(short, at(1), Outcome{Status: 500}), "and with a clean slate")
}

func TestABreakerCanCountAShareAndReasons(t *testing.T) {
	share := &Rule{Percentage: 50, Interval: time.Minute, Trip: time.Minute, StatusCodes: []StatusRange{{500, 500}}}
	b, now := &breaker{}, time.Unix(0, 0)
	for _, status := range []int{200, 200, 500} {
		assert.False(t, b.record(share, now, Outcome{Status: status}))
	}
	assert.True(t, b.record(share, now, Outcome{Status: 500}), "two of four")

	reasons := &Rule{Count: 1, Interval: time.Minute, Trip: time.Minute, ErrorReasons: []string{"timeout"}}
	assert.False(t, (&breaker{}).record(reasons, now, Outcome{Reason: "BackendConnectionFailure"}))
	assert.True(t, (&breaker{}).record(reasons, now, Outcome{Reason: "Timeout"}))
	codes := &Rule{Count: 1, Interval: time.Minute, Trip: time.Minute, StatusCodes: []StatusRange{{500, 500}}}
	assert.True(t, (&breaker{}).record(codes, now, Outcome{Reason: "Timeout"}), "no answer counts as a 500")
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0.5": 500 * time.Millisecond, "-1": 0, "soon": 0, "1e300": 0,
		"Thu, 15 Jan 2026 12:01:00 GMT": time.Minute, "Thu, 15 Jan 2026 11:00:00 GMT": 0,
	} {
		assert.Equal(t, want, RetryAfter(http.Header{"Retry-After": {v}}, now), v)
	}
}
