package apim

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/apim/document"
)

// An exchange with the evaluator costs more than most expressions, so
// expressions that follow each other are evaluated together where that cannot
// be told apart from one after the other: an expression is evaluated ahead of
// its turn only past policies that change nothing it looks at. What is never
// asked for is thrown away, its exception with it.

// Outcome is what came of one expression.
type Outcome struct {
	Value any
	Err   error
}

// Batch is a session that evaluates several expressions in one exchange. An
// error is for what is no expression's own fault.
type Batch interface {
	EvalAll(ctx context.Context, ids []int) ([]Outcome, error)
}

// maxAhead bounds an exchange, and with it what is evaluated in vain.
const maxAhead = 12

// touch is a part of the context that a policy changes or an expression reads:
// "Variables.name", "Request.Headers", "Response.StatusCode"; or the whole of
// one, "Variables", "Request", "Response".
type touch string

// meets tells whether two parts overlap.
func (t touch) meets(other touch) bool {
	return t == other || strings.HasPrefix(string(t), string(other)+".") || strings.HasPrefix(string(other), string(t)+".")
}

// quiet are the policies that change nothing an expression can see.
var quiet = []string{"trace", "emit-metric", "check-header", "ip-filter", "return-response", "mock-response", "log-to-eventhub",
	"llm-emit-token-metric", "azure-openai-emit-token-metric", "cache-store-value", "cache-remove-value"}

// counting are the policies that change nothing but the variables they name.
var counting = []string{"cache-lookup-value", "rate-limit", "rate-limit-by-key", "quota", "quota-by-key",
	"llm-token-limit", "azure-openai-token-limit", "validate-jwt", "validate-azure-ad-token"}

// shaping are the policies that change a part of the message of their section.
var shaping = map[string]string{"set-header": "Headers", "set-query-parameter": "Url", "set-method": "Method", "rewrite-uri": "Url",
	"set-backend-service": "Url", "authentication-basic": "Headers", "authentication-managed-identity": "Headers", "set-status": ""}

// effects says what a policy and those inside it change; stop is true for
// policies past which nothing is evaluated ahead.
func (c *compiler) effects(n *document.Node) (t []touch, stop bool) {
	part, shapes := shaping[n.Name]
	switch {
	case n.Name == "choose":
		for _, branch := range n.Children {
			for _, k := range branch.Children {
				inner, stops := c.effects(k)
				t, stop = append(t, inner...), stop || stops
			}
		}
		return t, stop
	case n.Name == "set-variable":
		return []touch{touch("Variables." + literal(n, "name", ""))}, false
	case slices.Contains(quiet, n.Name):
		return nil, false
	case slices.Contains(counting, n.Name):
	case n.Name == "set-status" || shapes && onResponse(c.section):
		t = append(t, "Response")
	case shapes:
		t = append(t, touch("Request."+part))
	default:
		return nil, true
	}
	for _, a := range n.Attrs {
		if strings.HasSuffix(a.Name, "variable-name") {
			t = append(t, touch("Variables."+a.Value))
		}
	}
	return t, false
}

// What an expression names: a variable, or a part of a message.
var (
	variableRead = regexp.MustCompile(`\bVariables(?:\.(?:GetValueOrDefault(?:<[^()"]*>)?|ContainsKey)\(|\[)"([^"\\]+)"`)
	messageRead  = regexp.MustCompile(`\b(Request|Response)\.(\w+)`)
	wholes       = regexp.MustCompile(`\b(?:Variables|Request|Response)\b`)
)

// reads says what an expression looks at; never is true for one that has to
// wait its turn, because it may consume a body or traces.
func reads(text string) (t []touch, never bool) {
	if strings.Contains(text, "Body") || strings.Contains(text, "Trace") {
		return nil, true
	}
	for _, m := range variableRead.FindAllStringSubmatch(text, -1) {
		t = append(t, touch("Variables."+m[1]))
	}
	for _, m := range messageRead.FindAllStringSubmatch(text, -1) {
		t = append(t, touch(m[1]+"."+m[2]))
	}
	if whole := wholes.FindAllString(text, -1); len(whole) != len(t) {
		// Something is looked at in a way that is not understood here.
		for _, w := range whole {
			t = append(t, touch(w))
		}
	}
	return t, false
}

// looks are what reads says of an expression.
type looks struct {
	touches []touch
	never   bool
}

// reads is what expression id looks at. Every API has the same fragments, and with them the same expressions.
func (c *compiler) reads(id int) looks {
	text := c.exprs[id].Text
	known, ok := c.looks[text]
	if !ok {
		known.touches, known.never = reads(text)
		c.looks[text] = known
	}
	return known
}

// planned is a step as the plan sees it.
type planned struct {
	// heads are the expressions that run when the step begins.
	heads   []int
	touches []touch
	stop    bool
}

// plans describes a step whose expressions are numbered from first on.
func (c *compiler) plans(n *document.Node, first int) planned {
	p := planned{}
	p.touches, p.stop = c.effects(n)
	switch n.Name {
	case "retry", "limit-concurrency", "wait", "include-fragment", "cors":
		return p
	case "choose":
		if a, ok := n.Children[0].Attr("condition"); ok && document.IsExpression(a.Value) {
			p.heads = []int{first}
		}
		return p
	}
	for id := first; id < len(c.exprs); id++ {
		if !c.late[id] {
			p.heads = append(p.heads, id)
		}
	}
	return p
}

// plan notes for every expression of a list of steps which later ones may be
// evaluated with it.
func (c *compiler) plan(list []planned) {
	for i, p := range list {
		for at, id := range p.heads {
			if c.reads(id).never {
				// Fetching a body is an exchange of its own within the exchange.
				continue
			}
			var with []int
			with = append(with, c.independent(p.heads[at+1:], nil)...)
			changed := slices.Clone(p.touches)
			for j := i + 1; j < len(list) && !list[j-1].stop; j++ {
				with = append(with, c.independent(list[j].heads, changed)...)
				changed = append(changed, list[j].touches...)
			}
			if len(with) > 0 {
				c.ahead[id] = with[:min(len(with), maxAhead)]
			}
		}
	}
}

func (c *compiler) independent(ids []int, changed []touch) []int {
	var out []int
	for _, id := range ids {
		read := c.reads(id)
		met := slices.ContainsFunc(read.touches, func(r touch) bool { return slices.ContainsFunc(changed, r.meets) })
		if !read.never && !met {
			out = append(out, id)
		}
	}
	return out
}

// eval evaluates an expression, or takes what was evaluated ahead.
func (x *call) eval(id int) (any, error) {
	if r, ok := x.early[id]; ok {
		delete(x.early, id)
		return x.outcome(r)
	}
	if x.session == nil {
		x.session = x.state.program.Open(x.ctx, &x.Context)
	}
	recalls, _ := x.session.(recaller)
	if recalls != nil {
		if v, ok := recalls.Recall(id); ok {
			return v, nil
		}
	}
	batch, can := x.session.(Batch)
	with := x.state.ahead[id]
	if !can || len(with) == 0 || x.turn != nil {
		v, err := x.session.Eval(x.ctx, id)
		return x.outcome(Outcome{v, err})
	}
	ids := []int{id}
	for _, other := range with {
		if _, have := x.early[other]; have {
			continue
		}
		if recalls != nil {
			if _, known := recalls.Recall(other); known {
				continue
			}
		}
		ids = append(ids, other)
	}
	out, err := batch.EvalAll(x.ctx, ids)
	if err == nil && len(out) != len(ids) {
		err = fmt.Errorf("%d expressions were evaluated and %d answered", len(ids), len(out))
	}
	if err != nil {
		return x.outcome(Outcome{Err: err})
	}
	if x.early == nil {
		x.early = map[int]Outcome{}
	}
	for i, other := range ids[1:] {
		x.early[other] = out[i+1]
	}
	return x.outcome(out[0])
}

func (x *call) outcome(o Outcome) (any, error) {
	if o.Err != nil {
		return nil, x.expressionFailed(o.Err)
	}
	return o.Value, nil
}
