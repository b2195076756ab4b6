package apim

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// pooledState draws a pool with its backends.
func pooledState(t *rapid.T) (*state, *Backend) {
	s := &state{backends: map[string]*Backend{}}
	p := &Backend{ID: "pool"}
	for i := range rapid.IntRange(1, 6).Draw(t, "members") {
		b := &Backend{ID: fmt.Sprint("b", i)}
		if rapid.Bool().Draw(t, "breaker") {
			b.Breaker = &BreakerRule{
				Count: rapid.IntRange(1, 4).Draw(t, "count"), Interval: time.Duration(rapid.IntRange(1, 120).Draw(t, "interval")) * time.Second,
				Trip: time.Duration(rapid.IntRange(1, 120).Draw(t, "trip")) * time.Second, AcceptRetryAfter: rapid.Bool().Draw(t, "accept"),
				StatusCodes: []StatusRange{{429, 429}, {500, 599}},
			}
		}
		s.backends[b.ID] = b
		p.Pool = append(p.Pool, PoolMember{ID: b.ID, Priority: rapid.IntRange(0, 3).Draw(t, "priority"), Weight: rapid.IntRange(0, 3).Draw(t, "weight")})
	}
	s.backends[p.ID] = p
	return s, p
}

func TestAPoolNeverBreaksItsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, p := pooledState(t)
		u := newUnit(0, newCounters())
		now := time.Unix(1_000_000, 0)
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "passes")) * time.Second)
			open := func(id string) bool {
				b := u.breakers[id]
				return b != nil && now.Before(b.openUntil)
			}
			chosen, ok := u.choose(p, s, now)
			var best *PoolMember
			for i, m := range p.Pool {
				if !open(m.ID) && (best == nil || m.Priority < best.Priority) {
					best = &p.Pool[i]
				}
			}
			if ok != (best != nil) {
				t.Fatalf("a member is available: %v, one was chosen: %v", best != nil, ok)
			}
			if !ok {
				continue
			}
			if open(chosen.ID) {
				t.Fatalf("%s was chosen while its breaker is open", chosen.ID)
			}
			i := slices.IndexFunc(p.Pool, func(m PoolMember) bool { return m.ID == chosen.ID })
			if p.Pool[i].Priority != best.Priority {
				t.Fatalf("%s of priority %d was chosen while priority %d is available", chosen.ID, p.Pool[i].Priority, best.Priority)
			}
			status := rapid.SampledFrom([]int{200, 400, 429, 500, 503}).Draw(t, "status")
			wait := time.Duration(rapid.IntRange(0, 300).Draw(t, "retry-after")) * time.Second
			before := 0
			if b := u.breakers[chosen.ID]; b != nil {
				before = b.trips
			}
			u.report(chosen, now, outcome{status: status, retryAfter: wait})
			b := u.breakers[chosen.ID]
			if chosen.Breaker == nil && b != nil && b.trips > 0 {
				t.Fatal("a backend without a rule tripped")
			}
			if b == nil || b.trips == before {
				continue
			}
			if status < 429 {
				t.Fatalf("status %d tripped a breaker for 429 and 5xx", status)
			}
			want := chosen.Breaker.Trip
			if chosen.Breaker.AcceptRetryAfter && wait > 0 {
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
		var members []PoolMember
		total := 0
		for i := range rapid.IntRange(1, 6).Draw(t, "members") {
			w := rapid.IntRange(0, 9).Draw(t, "weight")
			total += w
			members = append(members, PoolMember{ID: fmt.Sprint(i), Weight: w})
		}
		got := map[string]int{}
		p := &pool{}
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
	rule := &BreakerRule{Count: 3, Interval: 10 * time.Second, Trip: time.Minute, StatusCodes: []StatusRange{{500, 599}}}
	at := func(s int) time.Time { return time.Unix(int64(1000+s), 0) }
	b := &breaker{}
	for _, s := range []int{0, 4, 11} {
		assert.False(t, b.record(rule, at(s), outcome{status: 500}), "the failure at 0 is too old at 11")
	}
	assert.True(t, b.record(rule, at(12), outcome{status: 500}))
	assert.True(t, b.open(at(71)))
	assert.False(t, b.open(at(72)), "closed again by itself, without probing")
	short := &BreakerRule{Count: 2, Interval: time.Minute, Trip: time.Second, StatusCodes: rule.StatusCodes}
	b = &breaker{}
	b.record(short, at(0), outcome{status: 500})
	assert.True(t, b.record(short, at(0), outcome{status: 500}))
	assert.False(t, b.record(short, at(1), outcome{status: 500}), "and with a clean slate")
}

func TestABreakerCanCountAShareAndReasons(t *testing.T) {
	share := &BreakerRule{Percentage: 50, Interval: time.Minute, Trip: time.Minute, StatusCodes: []StatusRange{{500, 500}}}
	b, now := &breaker{}, time.Unix(0, 0)
	for _, status := range []int{200, 200, 500} {
		assert.False(t, b.record(share, now, outcome{status: status}))
	}
	assert.True(t, b.record(share, now, outcome{status: 500}), "two of four")

	reasons := &BreakerRule{Count: 1, Interval: time.Minute, Trip: time.Minute, ErrorReasons: []string{"timeout"}}
	assert.False(t, (&breaker{}).record(reasons, now, outcome{reason: reasonBackendFailure}))
	assert.True(t, (&breaker{}).record(reasons, now, outcome{reason: reasonTimeout}))
	codes := &BreakerRule{Count: 1, Interval: time.Minute, Trip: time.Minute, StatusCodes: []StatusRange{{500, 500}}}
	assert.True(t, (&breaker{}).record(codes, now, outcome{reason: reasonTimeout}), "no answer counts as a 500")
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0.5": 500 * time.Millisecond, "-1": 0, "soon": 0, "1e300": 0,
		"Thu, 15 Jan 2026 12:01:00 GMT": time.Minute, "Thu, 15 Jan 2026 11:00:00 GMT": 0,
	} {
		assert.Equal(t, want, retryAfter(http.Header{"Retry-After": {v}}, now), v)
	}
}

func TestAWindowNeverHoldsMoreThanItsCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		calls, period := rapid.IntRange(1, 5).Draw(t, "calls"), time.Duration(rapid.IntRange(1, 60).Draw(t, "period"))*time.Second
		r := &rate{}
		now := time.Unix(0, 0)
		var admitted []time.Time
		for range rapid.IntRange(1, 80).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20000).Draw(t, "passes")) * time.Millisecond)
			ok, _, wait := r.admit(now, calls, period)
			if ok {
				r.count(now, 1)
				admitted = append(admitted, now)
			} else if again, _, _ := r.admit(now.Add(wait), calls, period); !again {
				t.Fatalf("after waiting the %v it was told the call is refused again", wait)
			} else {
				now = now.Add(wait)
			}
			n := 0
			for _, at := range admitted {
				if at.After(now.Add(-period)) {
					n++
				}
			}
			if n > calls {
				t.Fatalf("%d calls within %v, %d allowed", n, period, calls)
			}
		}
	})
}

func TestWhoWaitsAsToldGetsHisTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := float64(rapid.IntRange(10, 1000).Draw(t, "limit"))
		r := &tokenRate{perMinute: limit, bucket: rapid.Bool().Draw(t, "bucket")}
		now := time.Unix(0, 0)
		for range rapid.IntRange(1, 20).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "passes")) * time.Second)
			want := float64(rapid.IntRange(0, int(limit)).Draw(t, "want"))
			r.roll(now)
			if r.used >= limit || r.used+want > limit {
				wait := time.Duration(wholeSeconds(r.wait(now, limit, want))) * time.Second
				now = now.Add(wait)
				r.roll(now)
				if r.used >= limit || r.used+want > limit {
					t.Fatalf("after %v: %v used of %v, %v wanted", wait, r.used, limit, want)
				}
			}
			r.used += float64(rapid.IntRange(0, 3*int(limit)).Draw(t, "consumed"))
		}
	})
}

func TestDurationsAreWordedAsAzureWordsThem(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		7*time.Hour + time.Minute + 20*time.Second:      {"07:01:20", "7 hours, 1 minute and 20 seconds"},
		489*time.Hour + 58*time.Minute + 55*time.Second: {"20.09:58:55", "20 days, 9 hours, 58 minutes and 55 seconds"},
		time.Second: {"00:00:01", "1 second"},
	} {
		assert.Equal(t, want, [2]string{timeSpan(d), inWords(d)})
	}
}
