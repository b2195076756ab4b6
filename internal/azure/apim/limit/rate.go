package limit

import (
	"math"
	"time"
)

// Rate is a limit on calls. The classic tiers slide a window over the period, the v2 tiers fill a bucket
// (Microsoft Learn: rate-limit-policy, "Usage notes").
type Rate struct {
	Key    string
	Calls  int
	Period time.Duration
	Bucket bool
}

// Call reports whether a call fits, and then counts it count times. left is how many more would fit, wait when the next one does.
func (c *Counters) Call(l Rate, now time.Time, count int) (ok bool, left int, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rates[l.Key]
	if r == nil {
		r = &rate{bucket: l.Bucket}
		c.rates[l.Key] = r
	}
	ok, left, wait = r.admit(now, l.Calls, l.Period)
	if ok && count > 0 {
		r.count(now, count)
		left = max(0, left-count)
	}
	return ok, left, wait
}

// CountCalls counts calls that were let in before.
func (c *Counters) CountCalls(key string, now time.Time, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rates[key].count(now, n)
}

// rate counts calls over a period.
type rate struct {
	bucket bool
	// The sliding window: what was counted, in order of time.
	counted []increase
	total   int
	// The bucket: how full it is, and when that was computed.
	level float64
	at    time.Time
}

// increase is what a counter grew by at once.
type increase struct {
	at time.Time
	n  int
}

// admit reports whether a call fits now, how many more would, and otherwise
// when to come back. It counts nothing.
//
// [M] A call is admitted while anything is left, even if it counts for more
// than that (increment-count): Microsoft Learn, rate-limit-by-key-policy, does
// not say whether the whole increment has to fit.
func (r *rate) admit(now time.Time, calls int, period time.Duration) (ok bool, left int, wait time.Duration) {
	if r.bucket {
		r.fill(now, calls, period)
		if r.level >= 1 {
			return true, int(r.level), 0
		}
		per := period.Seconds() / float64(calls)
		return false, 0, time.Duration((1 - r.level) * per * float64(time.Second))
	}
	r.slide(now.Add(-period))
	left = calls - r.total
	if left > 0 {
		return true, left, 0
	}
	for _, c := range r.counted {
		// The oldest that has to leave for one to fit.
		if left += c.n; left > 0 {
			return false, 0, c.at.Add(period).Sub(now)
		}
	}
	return false, 0, period
}

// slide drops what was counted at or before a time.
func (r *rate) slide(past time.Time) {
	for len(r.counted) > 0 && !r.counted[0].at.After(past) {
		r.total -= r.counted[0].n
		r.counted = r.counted[1:]
	}
}

func (r *rate) count(now time.Time, n int) {
	if r.bucket {
		r.level -= float64(n)
		return
	}
	if n > 0 {
		r.counted, r.total = append(r.counted, increase{now, n}), r.total+n
	}
}

func (r *rate) fill(now time.Time, calls int, period time.Duration) {
	if r.at.IsZero() {
		r.level = float64(calls)
	} else if passed := now.Sub(r.at); passed > 0 {
		r.level = math.Min(float64(calls), r.level+float64(calls)*passed.Seconds()/period.Seconds())
	}
	r.at = now
}
