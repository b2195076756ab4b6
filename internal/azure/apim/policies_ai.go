// Microsoft Learn: api-management/api-management-policies#ai-gateway

package apim

import (
	"fmt"
	"net/http"
	"time"

	"enterprise-openai/internal/azure/apim/document"
)

// refundFailed says whether tokens that were estimated for a call come back when
// the backend refuses it. [M] unverified; not giving them back is the
// stricter reading.
const refundFailed = false

func aiGateway() []statement {
	limit := shape{attrs: []attribute{
		reqE("counter-key", WantString), reqE("estimate-prompt-tokens", WantBool), optE("tokens-per-minute", WantInt),
		optE("token-quota", WantInt),
		optL("token-quota-period", "Hourly", "Daily", "Weekly", "Monthly", "Yearly"),
		optL("retry-after-header-name"), optL("retry-after-variable-name"),
		optL("remaining-tokens-header-name"), optL("remaining-tokens-variable-name"),
		optL("remaining-quota-tokens-header-name"), optL("remaining-quota-tokens-variable-name"),
		optL("tokens-consumed-header-name"), optL("tokens-consumed-variable-name"),
	}}
	metric := shape{attrs: []attribute{optL("namespace")},
		children: []child{{name: "dimension", required: true, repeat: true, shape: dimensionShape}}}
	row := func(name string, s shape, compile func(*compiler, *document.Node) func(*call) error) statement {
		return statement{name: name, page: name + "-policy", sections: inInbound, scopes: atAllScopes, support: Supported, shape: s,
			compile: compile}
	}
	return []statement{
		row("llm-token-limit", limit, func(c *compiler, n *document.Node) func(*call) error { return compileTokenLimit(c, n, false) }),
		row("azure-openai-token-limit", limit, func(c *compiler, n *document.Node) func(*call) error { return compileTokenLimit(c, n, true) }),
		row("llm-emit-token-metric", metric, compileTokenMetric),
		row("azure-openai-emit-token-metric", metric, compileTokenMetric),
		{name: "llm-content-safety", page: "llm-content-safety-policy", sections: inInbound, scopes: atAllScopes, support: Partly,
			note: "prompts only; completions are not checked", shape: safetyShape, compile: compileContentSafety},
	}
}

// tokenLimit is one llm-token-limit.
type tokenLimit struct {
	key, estimate, perMinute, quota value
	period                          string
	azure                           bool
	retryHeader, retryVariable      string
	leftHeader, leftVariable        string
	quotaHeader, quotaVariable      string
	usedHeader, usedVariable        string
}

func compileTokenLimit(c *compiler, n *document.Node, azure bool) func(*call) error {
	l := &tokenLimit{
		azure: azure, key: c.attr(n, "counter-key", WantString), estimate: c.attr(n, "estimate-prompt-tokens", WantBool),
		perMinute: c.attr(n, "tokens-per-minute", WantInt), quota: c.attr(n, "token-quota", WantInt),
		period:      literal(n, "token-quota-period", ""),
		retryHeader: literal(n, "retry-after-header-name", "Retry-After"), retryVariable: literal(n, "retry-after-variable-name", ""),
		leftHeader: literal(n, "remaining-tokens-header-name", ""), leftVariable: literal(n, "remaining-tokens-variable-name", ""),
		quotaHeader: literal(n, "remaining-quota-tokens-header-name", ""), quotaVariable: literal(n, "remaining-quota-tokens-variable-name", ""),
		usedHeader: literal(n, "tokens-consumed-header-name", ""), usedVariable: literal(n, "tokens-consumed-variable-name", ""),
	}
	if !l.perMinute.set && !l.quota.set {
		c.fail(n.Errorf("set tokens-per-minute, token-quota, or both", "One of the attributes 'tokens-per-minute' and 'token-quota' is required"))
	}
	if l.quota.set != (l.period != "") {
		c.fail(n.Errorf("set both", "The attributes 'token-quota' and 'token-quota-period' go together"))
	}
	return l.run
}

// tokenHold is a counter with its limit, for one call.
type tokenHold struct {
	rate  *tokenRate
	limit float64
}

func (l *tokenLimit) run(x *call) error {
	key, err := l.key.text(x)
	if err != nil {
		return err
	}
	estimate, err := l.estimate.truth(x, false)
	if err != nil {
		return err
	}
	p, err := x.readPrompt()
	if err != nil {
		return err
	}
	want := 0.0
	if estimate || p.Stream {
		// The prompt of a streamed call is always estimated (Microsoft Learn:
		// llm-token-limit-policy, "Usage notes").
		want = float64(x.promptTokens())
	}
	holds, err := l.holds(x, key)
	if err != nil {
		return err
	}
	x.wantsUsage = true
	x.needsUsage = x.needsUsage || l.usedHeader != "" || l.usedVariable != ""
	if err := l.admit(x, holds, want); err != nil {
		return err
	}
	x.answered = append(x.answered, func(u *usage) { l.settle(x, holds, want, u) })
	return nil
}

// holds finds the counters of a key: one per minute, one per period.
func (l *tokenLimit) holds(x *call, key string) ([]tokenHold, error) {
	perMinute, err := l.perMinute.number(x, 0)
	if err != nil {
		return nil, err
	}
	quota, err := l.quota.number(x, 0)
	if err != nil {
		return nil, err
	}
	var out []tokenHold
	counts := x.unit.counts
	counts.mu.Lock()
	defer counts.mu.Unlock()
	hold := func(name string, limit float64, fresh tokenRate) {
		t := counts.tokens[name]
		if t == nil {
			t = &fresh
			counts.tokens[name] = t
		}
		out = append(out, tokenHold{t, limit})
	}
	if l.perMinute.set {
		// One counter per key value, whatever scope the policy is in; another
		// limit on the same key fills at another pace and is kept apart.
		hold(fmt.Sprintf("minute|%g|%s", perMinute, key), perMinute, tokenRate{key: key, perMinute: perMinute, bucket: x.Service.tokenBucket()})
	}
	if l.quota.set {
		hold("quota|"+l.period+"|"+key, quota, tokenRate{key: key, period: l.period})
	}
	return out, nil
}

// admit takes the estimate off every counter, or off none.
func (l *tokenLimit) admit(x *call, holds []tokenHold, want float64) error {
	counts, now := x.unit.counts, x.now()
	counts.mu.Lock()
	full := -1
	for i, h := range holds {
		h.rate.roll(now)
		if full < 0 && (h.rate.used >= h.limit || h.rate.used+want > h.limit) {
			full = i
		}
	}
	var wait time.Duration
	if full >= 0 {
		wait = holds[full].rate.wait(now, holds[full].limit, want)
	}
	left := make([]int, len(holds))
	for i, h := range holds {
		if full < 0 {
			h.rate.used += want
		}
		left[i] = int(max(0, h.limit-h.rate.used))
	}
	counts.mu.Unlock()
	for i, h := range holds {
		if h.rate.period == "" {
			x.report(l.leftHeader, l.leftVariable, left[i])
		} else {
			x.report(l.quotaHeader, l.quotaVariable, left[i])
		}
	}
	if full < 0 {
		return nil
	}
	x.report(l.retryHeader, l.retryVariable, wholeSeconds(wait))
	if holds[full].rate.period != "" {
		f := refuse(http.StatusForbidden, reasonTokenQuota, "Token quota is exceeded")
		f.message = "Token quota is exceeded. Try again in " + inWords(wait) + "."
		return f
	}
	f := refuse(http.StatusTooManyRequests, reasonTokenLimit, "Token limit is exceeded")
	f.message = fmt.Sprintf("Token limit is exceeded. Try again in %d seconds.", wholeSeconds(wait))
	return f
}

// settle replaces the estimate by what the call consumed.
func (l *tokenLimit) settle(x *call, holds []tokenHold, reserved float64, u *usage) {
	actual := reserved
	switch {
	case u != nil && u.status >= 200 && u.status <= 299:
		actual = float64(u.total)
		if u.stream && l.azure {
			// This variant estimates both halves of a stream.
			actual = float64(x.promptTokens() + x.gw.deps.Tokens.Count(u.model, u.text.String()))
		}
		x.report(l.usedHeader, l.usedVariable, int(actual))
	case refundFailed:
		actual = 0
	}
	now := x.now()
	x.unit.counts.mu.Lock()
	defer x.unit.counts.mu.Unlock()
	for _, h := range holds {
		h.rate.roll(now)
		h.rate.used = max(0, h.rate.used+actual-reserved)
	}
}

// compileTokenMetric emits three metrics once the tokens are known.
func compileTokenMetric(c *compiler, n *document.Node) func(*call) error {
	namespace, dims := literal(n, "namespace", ""), c.dimensions(n)
	return func(x *call) error {
		d, err := dims.resolve(x)
		if err != nil {
			return err
		}
		if _, err := x.readPrompt(); err != nil {
			return err
		}
		x.wantsUsage = true
		x.answered = append(x.answered, func(u *usage) {
			if u == nil || u.status < 200 || u.status > 299 {
				return
			}
			x.emit(namespace, "Total Tokens", float64(u.total), d())
			x.emit(namespace, "Prompt Tokens", float64(u.prompt), d())
			x.emit(namespace, "Completion Tokens", float64(u.completion), d())
		})
		return nil
	}
}
