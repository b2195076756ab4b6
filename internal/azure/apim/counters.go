package apim

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// tier says how the service counts: the classic tiers slide a window, the v2
// tiers fill a bucket (Microsoft Learn: rate-limit-policy, "Usage notes").
func (s *Service) tokenBucket() bool { return strings.HasSuffix(s.SKU, "V2") }

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
		// waited exactly as long as he was told.
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
// is told the time at which nothing is used.
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

// wholeSeconds rounds up, so that who waits that long is not turned away again.
func wholeSeconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// timeSpan writes a duration as .NET does: [d.]hh:mm:ss.
func timeSpan(d time.Duration) string {
	s := int(math.Ceil(d.Seconds()))
	days := ""
	if s >= 86400 {
		days = fmt.Sprintf("%02d.", s/86400)
	}
	return fmt.Sprintf("%s%02d:%02d:%02d", days, s/3600%24, s/60%60, s%60)
}

// inWords writes a duration as the token quota's message does.
func inWords(d time.Duration) string {
	s := wholeSeconds(d)
	var parts []string
	for _, u := range []struct {
		n    int
		name string
	}{{s / 86400, "day"}, {s / 3600 % 24, "hour"}, {s / 60 % 60, "minute"}, {s % 60, "second"}} {
		switch {
		case u.n == 1:
			parts = append(parts, "1 "+u.name)
		case u.n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", u.n, u.name))
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
