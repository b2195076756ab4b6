// Microsoft Learn: api-management/api-management-policies#ai-gateway

package apim

import (
	"fmt"
	"net/http"

	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/azure/apim/limit"
)

// refundFailed says whether tokens that were estimated for a call come back when
// the backend refuses it. [M] unverified; not giving them back is the
// stricter reading.
const refundFailed = false

func aiGateway() []statement {
	tokenLimits := shape{attrs: []attribute{
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
		row("llm-token-limit", tokenLimits, func(c *compiler, n *document.Node) func(*call) error { return compileTokenLimit(c, n, false) }),
		row("azure-openai-token-limit", tokenLimits, func(c *compiler, n *document.Node) func(*call) error { return compileTokenLimit(c, n, true) }),
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
	limits, err := l.limits(x, key)
	if err != nil {
		return err
	}
	x.wantsUsage = true
	x.needsUsage = x.needsUsage || l.usedHeader != "" || l.usedVariable != ""
	if err := l.admit(x, limits, want); err != nil {
		return err
	}
	x.at(counted, func() { l.settle(x, limits, want) })
	return nil
}

// limits are those of a key: one per minute, one per period.
func (l *tokenLimit) limits(x *call, key string) ([]limit.Tokens, error) {
	perMinute, err := l.perMinute.number(x, 0)
	if err != nil {
		return nil, err
	}
	quota, err := l.quota.number(x, 0)
	if err != nil {
		return nil, err
	}
	var out []limit.Tokens
	if l.perMinute.set {
		out = append(out, limit.Tokens{Key: key, Limit: perMinute, Bucket: x.Service.tokenBucket()})
	}
	if l.quota.set {
		out = append(out, limit.Tokens{Key: key, Limit: quota, Period: l.period})
	}
	return out, nil
}

// admit takes the estimate off every limit, or off none.
func (l *tokenLimit) admit(x *call, limits []limit.Tokens, want float64) error {
	left, full, wait := x.gw.counters.Reserve(limits, x.now(), want)
	for i, t := range limits {
		if t.Period == "" {
			x.publish(l.leftHeader, l.leftVariable, left[i])
		} else {
			x.publish(l.quotaHeader, l.quotaVariable, left[i])
		}
	}
	if full < 0 {
		return nil
	}
	x.publish(l.retryHeader, l.retryVariable, limit.WholeSeconds(wait))
	if limits[full].Period != "" {
		f := refuse(http.StatusForbidden, reasonTokenQuota, "Token quota is exceeded")
		f.message = "Token quota is exceeded. Try again in " + limit.InWords(wait) + "."
		return f
	}
	f := refuse(http.StatusTooManyRequests, reasonTokenLimit, "Token limit is exceeded")
	f.message = fmt.Sprintf("Token limit is exceeded. Try again in %d seconds.", limit.WholeSeconds(wait))
	return f
}

// settle replaces the estimate by what the call consumed.
func (l *tokenLimit) settle(x *call, limits []limit.Tokens, reserved float64) {
	u, actual := x.usage, reserved
	switch {
	case u != nil && u.OK():
		actual = float64(u.Total)
		if u.Stream && l.azure {
			// This variant estimates both halves of a stream.
			actual = float64(x.promptTokens() + x.gw.deps.Tokens.Count(u.Model, u.Text()))
		}
		x.publish(l.usedHeader, l.usedVariable, int(actual))
	case refundFailed:
		actual = 0
	}
	x.gw.counters.Settle(limits, x.now(), reserved, actual)
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
		x.at(counted, func() {
			u := x.usage
			if u == nil || !u.OK() {
				return
			}
			x.emit(namespace, "Total Tokens", float64(u.Total), d())
			x.emit(namespace, "Prompt Tokens", float64(u.Prompt), d())
			x.emit(namespace, "Completion Tokens", float64(u.Completion), d())
		})
		return nil
	}
}
