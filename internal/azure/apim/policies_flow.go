// Microsoft Learn: api-management/api-management-policies#policy-control-and-flow

package apim

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"enterprise-openai/internal/azure/apim/document"
)

func controlFlow() []statement {
	return []statement{
		{
			name: "base", page: "set-edit-policies", sections: inAllSections, scopes: atAllScopes, support: Supported,
			compile: compileBase,
		},
		{
			name: "choose", page: "choose-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{children: []child{
				{name: "when", required: true, repeat: true, shape: shape{nested: anyPolicies, attrs: []attribute{reqE("condition", WantBool)}}},
				{name: "otherwise", shape: shape{nested: anyPolicies}},
			}},
			compile: compileChoose,
		},
		{
			name: "include-fragment", page: "include-fragment-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{reqL("fragment-id")}}, compile: compileFragment,
		},
		{
			name: "retry", page: "retry-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{nested: anyPolicies, attrs: []attribute{
				reqE("condition", WantBool), reqE("count", WantInt), reqE("interval", WantInt),
				optE("max-interval", WantInt), optE("delta", WantInt), optE("first-fast-retry", WantBool),
			}},
			compile: compileRetry,
		},
		{
			name: "wait", page: "wait-policy", sections: inInbound | inBackend | inOutbound, scopes: atAllScopes, support: Supported,
			shape: shape{nested: listedPolicies, listed: []string{"send-request", "cache-lookup-value", "choose"},
				attrs: []attribute{optE("for", WantString)}},
			compile: compileWait,
		},
	}
}

func compileBase(c *compiler, n *document.Node) func(*call) error {
	if c.scope == ScopeFragment || c.fragment != "" {
		c.fail(n.Errorf("put it into the document that includes the fragment", "A fragment cannot contain 'base'"))
		return nil
	}
	section, above := c.section, c.scope-1
	return func(x *call) error { return x.scoped(section, above) }
}

func compileChoose(c *compiler, n *document.Node) func(*call) error {
	type branch struct {
		when  value
		steps []step
	}
	var branches []branch
	c.counts = append(c.counts, map[string]int{})
	for _, k := range n.Children {
		c.enter(k.Name)
		b := branch{when: c.attr(k, "condition", WantBool), steps: c.policies(k)}
		c.leave()
		branches = append(branches, b)
	}
	c.counts = c.counts[:len(c.counts)-1]
	return func(x *call) error {
		for _, b := range branches {
			// <otherwise> has no condition and always holds.
			yes, err := b.when.truth(x, true)
			if err != nil {
				return err
			}
			if yes {
				return x.steps(b.steps)
			}
		}
		return nil
	}
}

// compileFragment puts the fragment's policies in place, compiled for the
// section and scope it is used in.
func compileFragment(c *compiler, n *document.Node) func(*call) error {
	id := literal(n, "fragment-id", "")
	if c.fragment != "" {
		c.fail(n.Errorf("include both from the document", "A fragment cannot include another fragment"))
		return nil
	}
	f := c.refs.fragments[id]
	if f == nil {
		c.fail(n.Errorf("create the fragment before the policy", "Policy fragment '%s' could not be found", id))
		return nil
	}
	root := c.parsed[f]
	if root == nil {
		root = c.read(&f.Policy, maxFragment)
		c.parsed[f] = root
	}
	if root == nil {
		return nil
	}
	if root.Name != "fragment" {
		c.fail(root.Errorf("the root of a fragment is <fragment>", "The root element is '%s'", root.Name))
		return nil
	}
	c.fragment = id
	steps := c.policies(root)
	c.fragment = ""
	return func(x *call) error { return x.steps(steps) }
}

// retries are the limits of a retry's count (Microsoft Learn: retry-policy).
const minRetries, maxRetries = 1, 50

type retry struct {
	condition, count, interval, maxInterval, delta, fast value
	steps                                                []step
}

func compileRetry(c *compiler, n *document.Node) func(*call) error {
	if a, ok := n.Attr("count"); ok && !document.IsExpression(a.Value) {
		if v, err := parseNumber(a.Value); err == nil && (v < minRetries || v > maxRetries) {
			c.fail(n.ErrorfAt(a.ValuePos, "1 to 50", "The value '%s' of the attribute 'count' is out of range", a.Value))
		}
	}
	r := retry{
		condition: c.attr(n, "condition", WantBool), count: c.attr(n, "count", WantInt), interval: c.attr(n, "interval", WantInt),
		maxInterval: c.attr(n, "max-interval", WantInt), delta: c.attr(n, "delta", WantInt), fast: c.attr(n, "first-fast-retry", WantBool),
		steps: c.policies(n),
	}
	return r.run
}

// run executes the policies once, and again while the condition holds. A
// backend that gave no answer leaves context.Response null and is judged by
// the condition like an answer (Azure-Samples/Apim-Samples, inference-failover).
func (r retry) run(x *call) error {
	count, err := r.count.number(x, 0)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		failure := x.steps(r.steps)
		if failure != nil {
			if f := asFault(failure); errors.Is(failure, errStop) || !f.transport {
				return failure
			}
		}
		if n >= int(count) {
			return failure
		}
		again, err := r.condition.truth(x, false)
		if err != nil {
			return err
		}
		if !again {
			return failure
		}
		if err := r.pause(x, n+1); err != nil {
			return err
		}
	}
}

// pause waits before the n-th retry: fixed, linear or exponential, depending on
// which attributes are there (Microsoft Learn: retry-policy, "Attributes").
func (r retry) pause(x *call, n int) error {
	fast, err := r.fast.truth(x, false)
	if err != nil || fast && n == 1 {
		return err
	}
	interval, err := r.interval.seconds(x, 0)
	if err != nil {
		return err
	}
	delta, err := r.delta.seconds(x, 0)
	if err != nil {
		return err
	}
	ceiling, err := r.maxInterval.seconds(x, 0)
	if err != nil {
		return err
	}
	d := backoff(interval, delta, ceiling, n, rand.Float64()) //nolint:gosec // spreads retries, hides nothing
	if d <= 0 {
		return nil
	}
	if x.gw.deps.Clock.Sleep(x.ctx, d) != nil {
		return x.clientGone()
	}
	return nil
}

func backoff(interval, delta, ceiling time.Duration, n int, chance float64) time.Duration {
	switch {
	case delta > 0 && ceiling > 0:
		grown := float64(interval) + (math.Pow(2, float64(n))-1)*(0.8+0.4*chance)*float64(delta)
		return time.Duration(math.Min(grown, float64(ceiling)))
	case delta > 0:
		return interval + time.Duration(n-1)*delta
	default:
		return interval
	}
}

func compileWait(c *compiler, n *document.Node) func(*call) error {
	for _, k := range n.Children {
		if k.Name != "send-request" && k.Name != "cache-lookup-value" && k.Name != "choose" {
			c.fail(k.Errorf("allowed: send-request, cache-lookup-value, choose", "The element 'wait' has an invalid child element '%s'", k.Name))
		}
	}
	if len(n.Children) == 0 {
		c.fail(n.Errorf("put a policy into it", "The element 'wait' has incomplete content"))
	}
	mode := c.attr(n, "for", WantString)
	if mode.set && mode.expr == noExpression && mode.literal != "all" && mode.literal != "any" {
		c.fail(n.Errorf("all or any", "The value '%s' of the attribute 'for' is not valid", mode.literal))
	}
	steps := c.policies(n)
	return func(x *call) error {
		kind, err := mode.text(x)
		if err != nil {
			return err
		}
		return x.together(steps, kind == "any")
	}
}

// together runs policies side by side: while one waits for the network the
// others go on. With first, the rest is cut short when one is done.
func (x *call) together(steps []step, first bool) error {
	parent, outer := x.ctx, x.running
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	x.ctx, x.running = ctx, &sync.Mutex{}
	errs := make(chan error, len(steps))
	for i := range steps {
		go func() {
			x.running.Lock()
			defer x.running.Unlock()
			if first && ctx.Err() != nil {
				errs <- nil
				return
			}
			err := steps[i].do(x)
			if err != nil && !errors.Is(err, errStop) {
				err = x.locate(err, &steps[i])
			}
			if first && err == nil {
				cancel()
			}
			errs <- err
		}()
	}
	var failure error
	succeeded := false
	for range steps {
		err := <-errs
		switch {
		case err == nil:
			succeeded = true
		case failure == nil:
			failure = err
		}
	}
	x.ctx, x.running = parent, outer
	if first && succeeded {
		return nil
	}
	return failure
}
