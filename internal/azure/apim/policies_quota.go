// Microsoft Learn: api-management/quota-policy, quota-by-key-policy

package apim

import (
	"net/http"
	"time"

	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/azure/apim/limit"
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
	counters, calls := x.gw.counters, 1.0
	if inc != nil {
		calls = 0
	}
	spent, wait := counters.Spend(limit.Quota{Key: key, Calls: q.calls, Bytes: q.kilobytes * 1024, Period: q.period, First: q.first}, x.now(), calls)
	if spent != limit.Nothing {
		return q.refuse(x, spent, wait)
	}
	if inc != nil {
		x.at(closing, func() { counters.CountQuota(key, float64(inc.amount(x)), 0) })
	}
	if q.kilobytes > 0 {
		x.at(ended, func() { counters.CountQuota(key, 0, float64(x.rec.RequestSize+x.rec.ResponseSize)) })
	}
	return nil
}

func (q quotaLimit) refuse(x *call, spent limit.Exhausted, wait time.Duration) error {
	message := "Out of call volume quota."
	if spent == limit.Bytes {
		message = "Out of bandwidth quota."
	}
	if q.period > 0 {
		message += " Quota will be replenished in " + limit.TimeSpan(wait) + "."
		x.publish("Retry-After", "", limit.WholeSeconds(wait))
	}
	return refuse(http.StatusForbidden, reasonQuota, message)
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
