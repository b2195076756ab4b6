package apim

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

// outcome is how an attempt ended, as a breaker sees it.
type outcome struct {
	status     int
	reason     string
	retryAfter time.Duration
}

func (r *BreakerRule) counts(o outcome) bool {
	status := o.status
	if o.reason != "" {
		for _, want := range r.ErrorReasons {
			if strings.EqualFold(want, o.reason) {
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
func (b *breaker) record(rule *BreakerRule, now time.Time, o outcome) bool {
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
	if rule.AcceptRetryAfter && o.retryAfter > 0 {
		trip = o.retryAfter
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

// retryAfter reads the header: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
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
