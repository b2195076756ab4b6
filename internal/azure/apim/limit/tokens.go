package limit

import (
	"fmt"
	"math"
	"time"
)

// Tokens is a limit on tokens, per minute or, with a period (Hourly, Daily, Weekly, Monthly, Yearly), per period of the calendar.
type Tokens struct {
	Key    string
	Limit  float64
	Period string
	Bucket bool
}

// name is one counter per key value, whatever scope the policy is in; another limit per minute on the same key fills at another pace
// and is kept apart.
func (l Tokens) name() string {
	if l.Period != "" {
		return "quota|" + l.Period + "|" + l.Key
	}
	return fmt.Sprintf("minute|%g|%s", l.Limit, l.Key)
}

// Reserve takes an estimate off every limit, or off none. left is what each of them has left; full is the first that has no room, or -1,
// and wait is when it has.
func (c *Counters) Reserve(limits []Tokens, now time.Time, estimate float64) (left []int, full int, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	full = -1
	for i, l := range limits {
		r := c.tokenRate(l)
		r.roll(now)
		if full < 0 && (r.used >= l.Limit || r.used+estimate > l.Limit) {
			full, wait = i, r.wait(now, l.Limit, estimate)
		}
	}
	for _, l := range limits {
		r := c.tokenRate(l)
		if full < 0 {
			r.used += estimate
		}
		left = append(left, int(max(0, l.Limit-r.used)))
	}
	return left, full, wait
}

// Settle replaces an estimate by what a call consumed.
func (c *Counters) Settle(limits []Tokens, now time.Time, estimate, consumed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range limits {
		r := c.tokenRate(l)
		r.roll(now)
		r.used = max(0, r.used+consumed-estimate)
	}
}

// Used is what the limits per minute of a key hold.
func (c *Counters) Used(key string, now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	total := 0.0
	for _, t := range c.tokens {
		if t.key == key && t.perMinute > 0 {
			t.roll(now)
			total += t.used
		}
	}
	return int(total)
}

func (c *Counters) tokenRate(l Tokens) *tokenRate {
	name := l.name()
	r := c.tokens[name]
	if r == nil {
		r = &tokenRate{key: l.Key, period: l.Period, bucket: l.Bucket}
		if l.Period == "" {
			r.perMinute = l.Limit
		}
		c.tokens[name] = r
	}
	return r
}

// tokenRate counts tokens: per minute when perMinute is set, otherwise over a
// period of the calendar. Use beyond the limit is a debt that the next minutes
// pay, which is why Azure's Retry-After can exceed 60.
type tokenRate struct {
	key       string
	perMinute float64
	period    string
	bucket    bool
	start     time.Time
	used      float64
}

// roll lets time pass.
func (t *tokenRate) roll(now time.Time) {
	switch {
	case t.period != "":
		if s := periodStart(now, t.period); !s.Equal(t.start) {
			t.start, t.used = s, 0
		}
	case t.start.IsZero():
		t.start = now
	case t.bucket:
		// Cut to a millionth, or the noise of the division keeps out a caller who
		// waited exactly as long as Retry-After says.
		t.used = math.Floor(math.Max(0, t.used-t.perMinute*now.Sub(t.start).Minutes())*1e6) / 1e6
		t.start = now
	default:
		if whole := now.Sub(t.start).Truncate(time.Minute); whole > 0 {
			t.used = math.Max(0, t.used-whole.Minutes()*t.perMinute)
			t.start = t.start.Add(whole)
		}
	}
}

// wait is how long until want more tokens fit under the limit. What never fits
// gets the time at which nothing is used.
func (t *tokenRate) wait(now time.Time, limit, want float64) time.Duration {
	if t.period != "" {
		return periodEnd(t.start, t.period).Sub(now)
	}
	over := t.used - math.Max(0, limit-math.Max(want, 1))
	if over <= 0 {
		over = 1
	}
	if t.bucket {
		return time.Duration(over / limit * float64(time.Minute))
	}
	return t.start.Add(time.Duration(math.Ceil(over/limit)) * time.Minute).Sub(now)
}

// periodStart cuts a time down to the period's start, in UTC
// (Microsoft Learn: llm-token-limit-policy, token-quota-period).
func periodStart(now time.Time, period string) time.Time {
	now = now.UTC()
	y, m, d := now.Date()
	switch period {
	case "Hourly":
		return now.Truncate(time.Hour)
	case "Weekly":
		// [M] unverified: which day a week begins with.
		return time.Date(y, m, d-int(now.Weekday()), 0, 0, 0, 0, time.UTC)
	case "Monthly":
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case "Yearly":
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	default:
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
}

func periodEnd(start time.Time, period string) time.Time {
	switch period {
	case "Hourly":
		return start.Add(time.Hour)
	case "Weekly":
		return start.AddDate(0, 0, 7)
	case "Monthly":
		return start.AddDate(0, 1, 0)
	case "Yearly":
		return start.AddDate(1, 0, 0)
	default:
		return start.AddDate(0, 0, 1)
	}
}
