package drills

import (
	"context"
	"fmt"
	"slices"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

// overload asks a deployment's accounts for twice of what they can serve together, and looks how much of it they do serve. Two
// other policies get the same calls, for comparison: one that knows a single account, and one that tries again without breakers.
func overload() Drill {
	return Drill{
		Name:    "overload",
		Promise: "At twice the load that all accounts can serve together, the gateway still serves 95 % of their capacity; a refused caller gets 429 with a Retry-After, and no caller sees a failure.",
		When:    Standing,
		Work:    with(theSite, tryOverload),
	}
}

const (
	overloadMinutes = 10
	overloadFactor  = 2
	// leastServed is the share of the summed capacity that has to be served.
	leastServed = 0.95
	// callsPerMinute is what the smallest account can answer. The smaller the calls, the finer the measure and the longer the drill.
	callsPerMinute = 20
	// smallest is the smallest account's capacity, in thousands of tokens per minute, after scaling: large accounts are made
	// smaller in proportion, because only the proportions matter.
	smallest = 10
)

// OverloadMeasured is what was asked for and served.
type OverloadMeasured struct {
	Deployment     string `json:"deployment"`
	CapacityTokens int    `json:"capacityTokens"`
	OfferedTokens  int    `json:"offeredTokens"`
	// Scale is by how much accounts were made smaller, "1:10".
	Scale string `json:"scale"`
	// Ours is the deployed policy; the others get the same calls for comparison.
	Ours                *ServedMeasured `json:"ours,omitempty"`
	OneAccount          *ServedMeasured `json:"oneAccount,omitempty"`
	RetryWithoutBreaker *ServedMeasured `json:"retryWithoutBreaker,omitempty"`
}

// ServedMeasured is what one policy served.
type ServedMeasured struct {
	// Goodput is the share of the accounts' capacity that was served.
	Goodput    float64 `json:"goodput"`
	Answered   int     `json:"answered"`
	Refused429 int     `json:"refused429"`
	// OtherErrors are by status.
	OtherErrors     map[string]int `json:"otherErrors"`
	AttemptsPerCall float64        `json:"attemptsPerCall"`
	// Shares are the parts of what was served, by priority of the account.
	Shares map[string]float64 `json:"shares"`
	// Course is the same over time, minute by minute.
	Course *report.Course `json:"course,omitempty"`
}

func tryOverload(ctx context.Context, site *Site, f *findings) (*OverloadMeasured, error) {
	pool, ok := widestPool(site.Settings)
	if !ok {
		return nil, fmt.Errorf("no product has a chat deployment")
	}
	load, err := newLoad(ctx, site, pool)
	if err != nil {
		return nil, err
	}
	m := &OverloadMeasured{
		Deployment: pool.Deployment, CapacityTokens: load.capacity, OfferedTokens: load.calls() * load.size,
		Scale: fmt.Sprintf("1:%d", load.scale),
	}
	ours, err := load.run(ctx, nil)
	if err != nil {
		return m, err
	}
	m.Ours = ours.measured(load)
	load.judge(f, ours)
	for _, c := range []struct {
		name     string
		document string
		measured **ServedMeasured
	}{
		{"oneAccount", oneAccount(pool), &m.OneAccount},
		{"retryWithoutBreaker", retryWithoutBreaker(pool), &m.RetryWithoutBreaker},
	} {
		other, err := load.run(ctx, func(g *sandbox) error { return g.replace(pool, c.document) })
		if err != nil {
			return m, fmt.Errorf("comparison with %s: %w", c.name, err)
		}
		*c.measured = other.measured(load)
		if other.served > ours.served {
			f.add("%s served %d tokens, more than our %d", c.name, other.served, ours.served)
		}
	}
	return m, nil
}

// widestPool is the chat deployment with the most regions, and among those with the most accounts.
func widestPool(s stacks.Settings) (stacks.Pool, bool) {
	pools := slices.DeleteFunc(s.Pools(), func(p stacks.Pool) bool { return embeds(s, p.Deployment) || len(productsOf(s, p.Deployment)) == 0 })
	if len(pools) == 0 {
		return stacks.Pool{}, false
	}
	return slices.MaxFunc(pools, func(a, b stacks.Pool) int {
		return 1000*(len(poolRegions(a))-len(poolRegions(b))) + len(a.Members) - len(b.Members)
	}), true
}

// productsOf are the products that have a deployment and are called with a key.
func productsOf(s stacks.Settings, deployment string) []stacks.Product {
	return slices.DeleteFunc(slices.Clone(s.Products), func(p stacks.Product) bool {
		return !p.Authentication.TakesKeys() || !slices.Contains(p.Deployments, deployment)
	})
}

// load is what is asked for.
type load struct {
	site  *Site
	pool  stacks.Pool
	scale int
	// size is what a call costs an account, in tokens, as the account estimates it at admission; answer is max_tokens.
	size, answer int
	// capacity is what all accounts serve together during the drill.
	capacity int
	teams    int
	// priorities are the members' by account.
	priorities map[string]int
}

func (l *load) calls() int { return overloadFactor * l.capacity / l.size }

func newLoad(ctx context.Context, site *Site, pool stacks.Pool) (*load, error) {
	least := slices.MinFunc(pool.Members, func(a, b stacks.PoolMember) int {
		return a.Deployment.TokensPerMinute() - b.Deployment.TokensPerMinute()
	}).Deployment.TokensPerMinute()
	l := &load{site: site, pool: pool, scale: max(1, least/(smallest*1000)), priorities: map[string]int{}}
	g, err := l.sandbox(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = g.Close() }()
	l.size = max(least/l.scale/callsPerMinute, 50)
	token, err := g.GatewayToken("https://cognitiveservices.azure.com")
	if err != nil {
		return nil, err
	}
	direct := &direct{sandbox: g, load: l, token: token}
	if l.answer, err = direct.answerTokens(ctx); err != nil {
		return nil, err
	}
	for _, m := range pool.Members {
		account, err := g.accountOf(m)
		if err != nil {
			return nil, err
		}
		l.priorities[account.Name] = m.Priority
		if m.Deployment.Provisioned() {
			// How many tokens a provisioned unit serves depends on the calls, so it is measured: the account alone, asked for
			// more than it can.
			served, err := direct.saturate(ctx, account)
			if err != nil {
				return nil, err
			}
			l.capacity += served
			continue
		}
		l.capacity += overloadMinutes * m.Deployment.TokensPerMinute() / l.scale
	}
	l.teams = l.teamsNeeded()
	return l, nil
}

// teamsNeeded is so many that no team comes near its own limits: the accounts' are the ones that are tried.
func (l *load) teamsNeeded() int {
	product := productsOf(l.site.Settings, l.pool.Deployment)[0]
	perMinute := l.calls() / overloadMinutes
	return 1 + max(3*perMinute*l.size/product.TokensPerMinute, 3*perMinute/product.RequestsPerMinute)
}

// sandbox is a data plane with the accounts scaled down.
func (l *load) sandbox(ctx context.Context, prepare func(*sandbox) error) (*sandbox, error) {
	g, err := l.site.open(ctx, func(g *sandbox) error {
		if prepare == nil {
			return nil
		}
		return prepare(g)
	})
	if err != nil {
		return nil, err
	}
	for _, account := range g.arm.Resources(accountType) {
		served, ok := g.Models.Account(account.Name)
		if !ok {
			continue
		}
		for i := range served.Deployments {
			served.Deployments[i].Capacity = max(1, served.Deployments[i].Capacity/l.scale)
		}
		if err := g.Models.Put(served); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// accountOf is the account of a pool's member: backends lead to accounts by their address.
func (g *sandbox) accountOf(m stacks.PoolMember) (accounts.Account, error) {
	for _, account := range g.arm.Resources(accountType) {
		served, ok := g.Models.Account(account.Name)
		if ok && served.Region == m.Account.Location && slices.Contains(splitName(account.Name), m.Account.Name) {
			return served, nil
		}
	}
	return accounts.Account{}, fmt.Errorf("account %s of the settings is not deployed", m.Account.Name)
}

// run offers the load to a gateway.
func (l *load) run(ctx context.Context, prepare func(*sandbox) error) (outcome, error) {
	keys := make([]string, l.teams)
	g, err := l.sandbox(ctx, func(g *sandbox) error {
		product := productsOf(l.site.Settings, l.pool.Deployment)[0]
		for i := range keys {
			var err error
			if keys[i], err = g.subscribe(fmt.Sprintf("overload-drill-%d", i), "/products/"+product.Name); err != nil {
				return err
			}
		}
		if prepare != nil {
			return prepare(g)
		}
		return nil
	})
	if err != nil {
		return outcome{}, err
	}
	defer func() { _ = g.Close() }()
	c, err := g.callerOf(l.pool.Deployment)
	if err != nil {
		return outcome{}, err
	}
	c.prompt, c.maxTokens = accounts.MarkAnswer.With("max"), l.answer
	o := outcome{
		other: map[string]int{}, byPriority: map[int]int{}, course: report.NewCourse(overloadMinutes, time.Minute, poolRegions(l.pool)),
	}
	every, regions := overloadMinutes*time.Minute/time.Duration(l.calls()), g.regionsByHost()
	for i := range l.calls() {
		if err := ctx.Err(); err != nil {
			return o, err
		}
		c.key = keys[i%len(keys)]
		minute := i * overloadMinutes / l.calls()
		got := g.ask(ctx, c.ask)
		o.count(got, l.size)
		countCall(o.course, minute, got)
		o.attempts += g.countAttempts(o.course, minute, regions)
		g.clock.Advance(every)
	}
	for _, count := range g.Models.Served() {
		o.byPriority[l.priorities[count.Account]] += count.Answered * l.size
	}
	return o, nil
}
