package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"enterprise-openai/infra"
	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/stacks"
)

// form is how a known call is made.
type form struct {
	name string
	// padding is put behind the prompt.
	padding string
	// tokens is the length of the answer, least what it has in bytes at least.
	tokens, least int
	surface       surface
	stream        bool
	// marker steers the account's answer.
	marker string
	// fault strikes while the call is made: on the first account of the pool, or with everywhere on all.
	fault      int
	everywhere bool
	// thinks is how long the account takes to begin its answer.
	thinks time.Duration
	// status is what the caller gets.
	status int
}

// Sizes at which Azure treats logs differently: what it keeps of a body, and of messages in one row.
const (
	keptBody  = 8 << 10
	keptPiece = 32 << 10
)

// padding is long for few tokens: a prompt of this size has to pass the token limits of a small product.
var padding = strings.Repeat(" "+strings.Repeat("=", 64), keptPiece/64)

func chatForms() []form {
	return []form{
		{name: "plain", tokens: 24, surface: dated, status: 200},
		{name: "streamed", tokens: 24, surface: dated, stream: true, status: 200},
		{name: "plain, v1", tokens: 24, surface: v1, status: 200},
		{name: "streamed, v1", tokens: 24, surface: v1, stream: true, status: 200},
		{name: "slow to begin", tokens: 24, surface: dated, stream: true, thinks: 700 * time.Millisecond, status: 200},
		{name: "over 8 KB", tokens: 1500, least: keptBody, surface: dated, status: 200},
		{name: "over 32 KB, streamed", tokens: 5600, least: keptPiece, padding: padding, surface: dated, stream: true, status: 200},
		{name: "after a failover", tokens: 24, surface: dated, fault: 503, status: 200},
		{name: "refused by the filter", tokens: 24, surface: dated, marker: accounts.MarkFilter.With("hate"), status: 400},
		{name: "at the limit of every account", tokens: 24, surface: dated, fault: 429, everywhere: true, status: 429},
		{name: "refused by every account", tokens: 24, surface: dated, fault: 503, everywhere: true, status: 503},
	}
}

// visit is one call of the known traffic, with what came of it.
type visit struct {
	caller
	form
	// team and costCentre pay; a call with a token alone has no team.
	team, costCentre, subscription string
	address                        string

	answer
	at time.Time
	// id is the call's in the logs.
	id string
	// completion and model are the answer as its caller read it.
	completion, model string
	// attempts are the calls of accounts that it took, last is the account of the last one.
	attempts int
	last     string
	// account served it and counted these tokens.
	account     string
	provisioned bool
	// sku is the deployment's, as the account has it.
	sku                string
	prompted, answered int
}

// who names a visit in failures.
func (v *visit) who() string {
	team := v.team
	if team == "" {
		team = "nobody's"
	}
	return fmt.Sprintf("the call %q of team %s on product %s", v.form.name, team, v.product.Name)
}

// secretWord is a word for each privacy; answers echo words, so that it is in them as well.
func secretWord(p stacks.Product) string {
	if private(p) {
		return privateText
	}
	return loggedText
}

// loggedText is in every call of a product whose text is logged, as privateText is of those whose text is not.
const loggedText = "aslowwalrusrests"

// plan is the known traffic: every team on each of its products, in every form.
func (g *sandbox) plan() ([]*visit, error) {
	callers, err := g.callers()
	if err != nil {
		return nil, err
	}
	var all []*visit
	for _, c := range callers {
		payers, err := g.payers(c)
		if err != nil {
			return nil, err
		}
		for _, payer := range payers {
			payer.address = fmt.Sprintf("203.0.113.%d", 1+len(all)%250)
			for _, f := range chatForms() {
				if payer.embed || f.fault != 0 && !f.everywhere && len(poolOf(g.site.Settings, payer.deployment).Members) < 2 {
					continue
				}
				v := *payer
				v.form = f
				all = append(all, &v)
			}
			for _, deployment := range c.product.Deployments {
				if embeds(g.site.Settings, deployment) {
					v := *payer
					v.deployment, v.embed, v.form = deployment, true, form{name: "embedding", surface: dated, status: 200}
					all = append(all, &v)
				}
			}
		}
	}
	for i, v := range all {
		v.ask.from, v.ask.surface, v.ask.stream = v.address+":50000", v.form.surface, v.form.stream
		v.ask.prompt = fmt.Sprintf("Call %d: information, government, development, environment, %s", i, secretWord(v.product))
		if v.tokens > 0 {
			v.system = "Answer in one sentence, " + secretWord(v.product)
			v.ask.prompt += " " + accounts.MarkAnswer.With(fmt.Sprint(v.tokens))
		}
		v.ask.prompt += v.marker + v.padding
	}
	return all, nil
}

// payers are the visits' beginnings of everybody who can make a product's calls.
func (g *sandbox) payers(c caller) ([]*visit, error) {
	if c.key == "" {
		return []*visit{{caller: c}}, nil
	}
	var all []*visit
	for _, team := range g.site.Settings.Teams {
		if !slices.Contains(team.Products, c.product.Name) {
			continue
		}
		v := &visit{caller: c, team: team.Name, costCentre: team.CostCentre, subscription: infra.SubscriptionID(team.Name, c.product.Name)}
		var err error
		if v.key, err = g.key(v.subscription); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func poolOf(s stacks.Settings, deployment string) stacks.Pool {
	for _, pool := range s.Pools() {
		if pool.Deployment == deployment {
			return pool
		}
	}
	return stacks.Pool{}
}

// betweenCalls is longer than the minute of every limit and than every breaker stays open.
const betweenCalls = 5 * time.Minute

// visit makes a call, and books it as its caller, the accounts and the workspace do.
func (g *sandbox) visit(ctx context.Context, v *visit, store *logs.Store) error {
	g.clock.Advance(betweenCalls)
	g.Models.ForgetRequests()
	g.records.take()
	if err := g.steer(v); err != nil {
		return err
	}
	v.at = g.clock.Now()
	v.answer = g.ask(ctx, v.ask)
	for _, record := range g.records.take() {
		v.id = record.CorrelationID
		store.Record(record)
	}
	for _, call := range g.AccountCalls() {
		store.Account(call)
		v.attempts, v.last = v.attempts+1, call.Account
		v.prompted, v.answered = v.prompted+call.PromptTokens, v.answered+call.CompletionTokens
		if call.Status == 200 {
			d := g.deployment(call)
			v.account, v.provisioned, v.sku = call.Account, d.Provisioned(), d.SKU
		}
	}
	v.completion, v.model = v.read()
	switch {
	case v.status() != v.form.status:
		return fmt.Errorf("%s was answered %s, where %d was to be expected: %.300s", v.who(), v.answer, v.form.status, v.body)
	case len(v.completion) < v.least:
		return fmt.Errorf("%s was to be answered with %d bytes, and got %d", v.who(), v.least, len(v.completion))
	}
	return nil
}

// steer lets the accounts do what a visit's form asks for.
func (g *sandbox) steer(v *visit) error {
	g.Models.Heal("")
	if v.fault != 0 {
		fault := accounts.Fault{Kind: accounts.FaultStatus, Status: v.fault}
		if !v.everywhere {
			fault.Count = 1
		}
		return g.Models.Script(fault)
	}
	if v.thinks > 0 {
		g.clock.AutoAdvance(true)
		return g.Models.Script(accounts.Fault{Kind: accounts.FaultSlowHeaders, Delay: v.thinks})
	}
	return nil
}

// deployment is what served a call.
func (g *sandbox) deployment(call logs.AccountCall) accounts.Deployment {
	account, _ := g.Models.Account(call.Account)
	d, _ := account.Deployment(call.Deployment)
	return d
}

func (v *visit) status() int { return v.answer.status }

// served says whether a model answered.
func (v *visit) served() bool { return v.form.status == 200 }

// read takes text and model out of an answer, streamed or not.
func (a answer) read() (completion, model string) {
	var body struct {
		Model   string
		Choices []struct{ Message, Delta struct{ Content string } }
	}
	take := func(data string) {
		body.Choices = nil
		if json.Unmarshal([]byte(data), &body) != nil {
			return // [DONE], or no JSON at all
		}
		if body.Model != "" {
			model = body.Model
		}
		for _, c := range body.Choices {
			completion += c.Message.Content + c.Delta.Content
		}
	}
	if !strings.HasPrefix(a.body, "data:") {
		take(a.body)
		return completion, model
	}
	for line := range strings.Lines(a.body) {
		if data, ok := strings.CutPrefix(line, "data:"); ok {
			take(data)
		}
	}
	return completion, model
}

// oneCall makes a call of the first caller whose text is logged, on a sandbox of its own, and gives the workspace after it.
func (g *sandbox) oneCall(ctx context.Context) (*logs.Store, error) {
	visits, err := g.plan()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(visits, func(v *visit) bool { return v.served() && !v.embed && !private(v.product) })
	if i < 0 {
		return nil, nil
	}
	store := logs.New(dataplane.LogOptions(g.arm, g.site.SubscriptionID))
	return store, g.visit(ctx, visits[i], store)
}
