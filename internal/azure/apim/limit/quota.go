package limit

import "time"

// Quota is a limit on calls, bytes or both; zero is no limit. A period of zero never ends.
type Quota struct {
	Key          string
	Calls, Bytes float64
	Period       time.Duration
	// First is when the first period began, or zero for the first call.
	First time.Time
}

// Exhausted says what of a quota is used up.
type Exhausted byte

// Calls are looked at before bytes.
const (
	Nothing Exhausted = iota
	Calls
	Bytes
)

// Spend reports what of a quota is used up, and how long it stays so; if nothing is, it counts the calls given.
func (c *Counters) Spend(q Quota, now time.Time, calls float64) (Exhausted, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := c.quotas[q.Key]
	if state == nil {
		state = &quota{}
		c.quotas[q.Key] = state
	}
	state.roll(now, q.First, q.Period)
	wait := state.start.Add(q.Period).Sub(now)
	switch {
	case q.Calls > 0 && state.calls >= q.Calls:
		return Calls, wait
	case q.Bytes > 0 && state.bytes >= q.Bytes:
		return Bytes, wait
	}
	state.calls += calls
	return Nothing, wait
}

// CountQuota counts calls and bytes of a call that was let in before.
func (c *Counters) CountQuota(key string, calls, bytes float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quotas[key].calls += calls
	c.quotas[key].bytes += bytes
}

// quota counts calls and bytes over a long period; period zero never renews.
type quota struct {
	start time.Time
	calls float64
	bytes float64
}

// roll starts a new period when the old one is over.
func (q *quota) roll(now, first time.Time, period time.Duration) {
	if q.start.IsZero() {
		q.start = now
		if !first.IsZero() && !first.After(now) && period > 0 {
			q.start = first.Add(now.Sub(first).Truncate(period))
		}
	}
	if period > 0 && now.Sub(q.start) >= period {
		q.start = q.start.Add(now.Sub(q.start).Truncate(period))
		q.calls, q.bytes = 0, 0
	}
}
