// Microsoft Learn: api-management/api-management-policies#rate-limiting-and-quotas

package apim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/azure/apim/limit"
)

// maxRenewal is the longest renewal-period of a rate limit, minQuota the
// shortest of a quota by key, in seconds (Microsoft Learn: rate-limit-policy,
// quota-by-key-policy).
const (
	maxRenewal = 300
	minQuota   = 300
)

func rateLimiting() []statement {
	limitNames := []attribute{
		optL("retry-after-header-name"), optL("retry-after-variable-name"), optL("remaining-calls-header-name"),
		optL("remaining-calls-variable-name"), optL("total-calls-header-name"),
	}
	number := func(name string, required bool) attribute {
		return attribute{name: name, want: WantInt, required: required}
	}
	operation := child{name: "operation", repeat: true, shape: shape{attrs: []attribute{optL("name"), optL("id"), number("calls", true), number("renewal-period", true)}}}
	api := child{name: "api", repeat: true, shape: shape{
		attrs:    []attribute{optL("name"), optL("id"), number("calls", true), number("renewal-period", true)},
		children: []child{operation},
	}}
	return []statement{
		{name: "rate-limit", page: "rate-limit-policy", sections: inInbound, scopes: atProduct | atAPI | atOperation, support: Supported,
			shape:   shape{attrs: append([]attribute{number("calls", true), number("renewal-period", true)}, limitNames...), children: []child{api}},
			compile: compileRateLimit},
		{name: "rate-limit-by-key", page: "rate-limit-by-key-policy", sections: inInbound, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: append([]attribute{
				reqE("calls", WantInt), reqE("renewal-period", WantInt), reqE("counter-key", WantString),
				optE("increment-condition", WantBool), optE("increment-count", WantInt),
			}, limitNames...)}, compile: compileRateByKey},
		{name: "quota", page: "quota-policy", sections: inInbound, scopes: atProduct, support: Partly,
			note:    "the api and operation elements are refused",
			shape:   shape{attrs: []attribute{number("calls", false), number("bandwidth", false), number("renewal-period", true)}},
			compile: compileQuota},
		{name: "quota-by-key", page: "quota-by-key-policy", sections: inInbound, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{
				number("calls", false), number("bandwidth", false), number("renewal-period", true), reqE("counter-key", WantString),
				optE("increment-condition", WantBool), optE("increment-count", WantInt), optL("first-period-start"),
			}}, compile: compileQuotaByKey},
		{name: "limit-concurrency", page: "limit-concurrency-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{nested: anyPolicies, attrs: []attribute{reqE("key", WantString), number("max-count", true)}}, compile: compileConcurrency},
	}
}

// limitOutput are the names a limit reports itself under.
type limitOutput struct {
	retryHeader, retryVariable         string
	remainingHeader, remainingVariable string
	totalHeader                        string
}

func newLimitOutput(n *document.Node) limitOutput {
	return limitOutput{
		retryHeader: literal(n, "retry-after-header-name", "Retry-After"), retryVariable: literal(n, "retry-after-variable-name", ""),
		remainingHeader: literal(n, "remaining-calls-header-name", ""), remainingVariable: literal(n, "remaining-calls-variable-name", ""),
		totalHeader: literal(n, "total-calls-header-name", ""),
	}
}

// publish puts a number into the header and the variable that a policy names for it.
func (x *call) publish(header, variable string, n int) {
	if header != "" {
		x.headers[http.CanonicalHeaderKey(header)] = []string{strconv.Itoa(n)}
	}
	if variable != "" {
		x.setVariable(variable, int64(n))
	}
}

// takeRate checks a rate and, unless the counting is put off, counts the call.
func (x *call) takeRate(r limit.Rate, o limitOutput, count int) error {
	r.Bucket = x.Service.tokenBucket()
	ok, left, wait := x.gw.counters.Call(r, x.now(), count)
	x.publish(o.remainingHeader, o.remainingVariable, left)
	if o.totalHeader != "" {
		x.publish(o.totalHeader, "", r.Calls)
	}
	if ok {
		return nil
	}
	x.publish(o.retryHeader, o.retryVariable, limit.WholeSeconds(wait))
	f := refuse(http.StatusTooManyRequests, reasonRateLimit, "Rate limit is exceeded")
	f.message = fmt.Sprintf("Rate limit is exceeded. Try again in %d seconds.", limit.WholeSeconds(wait))
	return f
}

// rateLimit is one limit of a rate-limit policy, for all calls, an API or an operation.
type rateLimit struct {
	name   string
	calls  int
	period time.Duration
	// applies is nil for the limit of the whole policy.
	applies func(*call) bool
}

func (c *compiler) rateLimit(n *document.Node, name string) rateLimit {
	calls, _ := parseNumber(literal(n, "calls", "0"))
	period, _ := parseNumber(literal(n, "renewal-period", "0"))
	if calls < 1 {
		c.fail(n.Errorf("1 or more", "The value of the attribute 'calls' is out of range"))
	}
	if period < 1 || period > maxRenewal {
		c.fail(n.Errorf("1 to 300 seconds", "The value of the attribute 'renewal-period' is out of range"))
	}
	return rateLimit{name: name, calls: int(calls), period: time.Duration(period) * time.Second}
}

// compileRateLimit counts per subscription; a call without one is not limited.
func compileRateLimit(c *compiler, n *document.Node) func(*call) error {
	c.serial++
	prefix := fmt.Sprintf("%s#%d", c.doc, c.serial)
	limits := []rateLimit{c.rateLimit(n, prefix)}
	for _, a := range n.All("api") {
		id, name := literal(a, "id", ""), literal(a, "name", "")
		l := c.rateLimit(a, prefix+"/"+id+name)
		// An id wins over a name (Microsoft Learn: rate-limit-policy).
		inAPI := func(x *call) bool { return id != "" && x.API.ID == id || id == "" && x.API.Name == name }
		l.applies = inAPI
		limits = append(limits, l)
		for _, o := range a.All("operation") {
			opID, opName := literal(o, "id", ""), literal(o, "name", "")
			l := c.rateLimit(o, prefix+"/"+id+name+"/"+opID+opName)
			l.applies = func(x *call) bool {
				return inAPI(x) && (opID != "" && x.Operation.ID == opID || opID == "" && x.Operation.Name == opName)
			}
			limits = append(limits, l)
		}
	}
	out := newLimitOutput(n)
	return func(x *call) error {
		if x.Subscription == nil {
			return nil
		}
		for _, l := range limits {
			if l.applies != nil && !l.applies(x) {
				continue
			}
			if err := x.takeRate(limit.Rate{Key: l.name + "|" + x.Subscription.ID, Calls: l.calls, Period: l.period}, out, 1); err != nil {
				return err
			}
		}
		return nil
	}
}

// increment is how a by-key policy counts a call: a literal at once. An
// expression postpones "evaluation and counter increment actions to end of
// outbound pipeline" (Microsoft Learn: rate-limit-by-key-policy, since
// January 2025), so that calls in parallel pass.
//
// [M] That a caller who hangs up is counted there, too.
type increment struct{ condition, count value }

func (c *compiler) increment(n *document.Node) increment {
	return increment{condition: c.attr(n, "increment-condition", WantBool), count: c.attr(n, "increment-count", WantInt)}
}

func (i increment) late() bool { return i.condition.set || i.count.set && i.count.expr != noExpression }

// amount is how much a call counts; an expression that fails counts one.
func (i increment) amount(x *call) int {
	yes, err := i.condition.truth(x, true)
	if err == nil && !yes {
		return 0
	}
	n, err := i.count.number(x, 1)
	if err != nil {
		return 1
	}
	return max(0, int(n))
}

func compileRateByKey(c *compiler, n *document.Node) func(*call) error {
	calls, period, key, inc, out := c.attr(n, "calls", WantInt), c.attr(n, "renewal-period", WantInt), c.attr(n, "counter-key", WantString),
		c.increment(n), newLimitOutput(n)
	if period.expr == noExpression {
		if p, err := parseNumber(period.literal); err == nil && (p < 1 || p > maxRenewal) {
			c.fail(n.Errorf("1 to 300 seconds", "The value of the attribute 'renewal-period' is out of range"))
		}
	}
	return func(x *call) error {
		k, err := key.text(x)
		if err != nil {
			return err
		}
		most, err := calls.number(x, 0)
		if err != nil {
			return err
		}
		every, err := period.seconds(x, 0)
		if err != nil {
			return err
		}
		// One counter per key value, whatever scope the policy is in.
		r := limit.Rate{Key: "key|" + every.String() + "|" + k, Calls: max(1, int(most)), Period: every}
		now := 0
		if !inc.late() {
			now = inc.amount(x)
		}
		if err := x.takeRate(r, out, now); err != nil || !inc.late() {
			return err
		}
		x.at(closing, func() {
			if n := inc.amount(x); n > 0 {
				x.gw.counters.CountCalls(r.Key, x.now(), n)
			}
		})
		return nil
	}
}

func compileConcurrency(c *compiler, n *document.Node) func(*call) error {
	key := c.attr(n, "key", WantString)
	most, _ := parseNumber(literal(n, "max-count", "1"))
	steps := c.policies(n)
	return func(x *call) error {
		k, err := key.text(x)
		if err != nil {
			return err
		}
		u := x.unit
		u.mu.Lock()
		full := u.running[k] >= int(most)
		if !full {
			u.running[k]++
		}
		u.mu.Unlock()
		if full {
			return refuse(http.StatusTooManyRequests, reasonConcurrency, "Too many concurrent requests")
		}
		defer func() {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.running[k]--
		}()
		return x.steps(steps)
	}
}
