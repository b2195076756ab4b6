// Microsoft Learn: api-management/quota-policy, quota-by-key-policy

package apim

import (
	"net/http"
	"time"

	"enterprise-openai/internal/azure/apim/document"
)

// quotaLimit is what a quota allows in a period.
type quotaLimit struct {
	calls, kilobytes float64
	period           time.Duration
	first            time.Time
}

func (c *compiler) quotaLimit(n *document.Node, shortest float64) quotaLimit {
	var q quotaLimit
	_, hasCalls := n.Attr("calls")
	_, hasBytes := n.Attr("bandwidth")
	if !hasCalls && !hasBytes {
		c.fail(n.Errorf("set calls, bandwidth, or both", "One of the attributes 'calls' and 'bandwidth' is required"))
	}
	q.calls, _ = parseNumber(literal(n, "calls", "0"))
	q.kilobytes, _ = parseNumber(literal(n, "bandwidth", "0"))
	period, _ := parseNumber(literal(n, "renewal-period", "0"))
	if period != 0 && period < shortest {
		c.fail(n.Errorf("0 for never, or at least 300 seconds", "The value of the attribute 'renewal-period' is out of range"))
	}
	q.period = time.Duration(period) * time.Second
	if s := literal(n, "first-period-start", ""); s != "" {
		at, err := time.Parse("2006-01-02T15:04:05Z", s)
		if err != nil {
			c.fail(n.Errorf("yyyy-MM-ddTHH:mm:ssZ", "The value of the attribute 'first-period-start' is not a date"))
		}
		q.first = at
	}
	return q
}

// take checks a quota and counts the call: its number now or later, its bytes
// when they are known.
func (q quotaLimit) take(x *call, key string, inc *increment) error {
	counts, now := x.unit.counts, x.now()
	counts.mu.Lock()
	state := counts.quotas[key]
	if state == nil {
		state = &quota{}
		counts.quotas[key] = state
	}
	state.roll(now, q.first, q.period)
	outOfCalls := q.calls > 0 && state.calls >= q.calls
	outOfBytes := q.kilobytes > 0 && state.bytes >= q.kilobytes*1024
	wait := state.start.Add(q.period).Sub(now)
	if !outOfCalls && !outOfBytes && inc == nil {
		state.calls++
	}
	counts.mu.Unlock()
	if outOfCalls || outOfBytes {
		kind := "call volume"
		if !outOfCalls {
			kind = "bandwidth"
		}
		message := "Out of " + kind + " quota."
		if q.period > 0 {
			message += " Quota will be replenished in " + timeSpan(wait) + "."
			x.report("Retry-After", "", wholeSeconds(wait))
		}
		return refuse(http.StatusForbidden, reasonQuota, message)
	}
	add := func(calls, bytes float64) {
		counts.mu.Lock()
		defer counts.mu.Unlock()
		state.calls += calls
		state.bytes += bytes
	}
	if inc != nil {
		x.closing = append(x.closing, func() { add(float64(inc.amount(x)), 0) })
	}
	if q.kilobytes > 0 {
		x.ended = append(x.ended, func() { add(0, float64(x.rec.RequestSize+x.rec.ResponseSize)) })
	}
	return nil
}

// compileQuota counts per subscription; a call without one is not limited.
func compileQuota(c *compiler, n *document.Node) func(*call) error {
	q := c.quotaLimit(n, 0)
	doc := c.doc
	return func(x *call) error {
		if x.Subscription == nil {
			return nil
		}
		return q.take(x, doc+"|"+x.Subscription.ID, nil)
	}
}

func compileQuotaByKey(c *compiler, n *document.Node) func(*call) error {
	q, key, inc := c.quotaLimit(n, minQuota), c.attr(n, "counter-key", WantString), c.increment(n)
	return func(x *call) error {
		k, err := key.text(x)
		if err != nil {
			return err
		}
		late := &inc
		if !inc.condition.set && !inc.count.set {
			late = nil
		}
		return q.take(x, "key|"+q.period.String()+"|"+k, late)
	}
}
