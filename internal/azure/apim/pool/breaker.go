package pool

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// transportFailureStatus is the status a failure without an answer counts as
// when a breaker's rule lists status codes. [M] unverified.
const transportFailureStatus = http.StatusInternalServerError

// breaker is the state of a circuit breaker in one unit. It opens, and after
// its time it is closed: there is no half-open probing
// (Microsoft Learn: api-management/backends, "Circuit breaker").
type breaker struct {
	failures  []time.Time
	calls     []time.Time
	openUntil time.Time
	trips     int
}

func (b *breaker) open(now time.Time) bool { return now.Before(b.openUntil) }

// Rule is the one rule a circuit breaker has.
type Rule struct {
	Name string
	// Count failures, or Percentage of calls failing, within Interval open it.
	Count      int
	Percentage int
	Interval   time.Duration
	// Trip is how long it stays open; AcceptRetryAfter lets the backend say.
	Trip             time.Duration
	AcceptRetryAfter bool
	StatusCodes      []StatusRange
	ErrorReasons     []string
}

// StatusRange is a range of status codes, both ends included.
type StatusRange struct {
	Min int
	Max int
}

// Outcome is how an attempt ended, as a breaker sees it.
type Outcome struct {
	Status int
	// Reason is set when there was no response.
	Reason string
	// RetryAfter is what the response asks for, or zero.
	RetryAfter time.Duration
}

func (r *Rule) counts(o Outcome) bool {
	status := o.Status
	if o.Reason != "" {
		for _, want := range r.ErrorReasons {
			if strings.EqualFold(want, o.Reason) {
				return true
			}
		}
		status = transportFailureStatus
	}
	for _, s := range r.StatusCodes {
		if status >= s.Min && status <= s.Max {
			return true
		}
	}
	return false
}

// record notes an attempt and reports whether it opened the breaker.
func (b *breaker) record(rule *Rule, now time.Time, o Outcome) bool {
	if rule == nil || b.open(now) {
		return false
	}
	from := now.Add(-rule.Interval)
	b.calls = append(since(b.calls, from), now)
	b.failures = since(b.failures, from)
	if !rule.counts(o) {
		return false
	}
	b.failures = append(b.failures, now)
	full := rule.Count > 0 && len(b.failures) >= rule.Count
	if rule.Percentage > 0 && len(b.failures)*100 >= rule.Percentage*len(b.calls) {
		full = true
	}
	if !full {
		return false
	}
	trip := rule.Trip
	if rule.AcceptRetryAfter && o.RetryAfter > 0 {
		trip = o.RetryAfter
	}
	b.openUntil = now.Add(trip)
	b.failures, b.calls = nil, nil
	b.trips++
	return true
}

// since drops the times at or before from; times are in order.
func since(times []time.Time, from time.Time) []time.Time {
	i := 0
	for i < len(times) && !times[i].After(from) {
		i++
	}
	return times[i:]
}

// RetryAfter reads the header: seconds or a date.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil && s >= 0 && s < 1e9 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
