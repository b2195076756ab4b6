package drills

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"enterprise-openai/queries"
)

// chargeback compares what teams would be charged for with what the accounts counted.
func chargeback() Drill {
	return Drill{
		Name:    "chargeback",
		Promise: "The tokens that a query charges to each team, by product and account, are those that the accounts counted, to the token; no token is left over.",
		When:    Standing,
		Run:     judged(tryChargeback),
	}
}

// share is what one team used on one account.
type share struct{ team, costCentre, product, account string }

// tokens are those of prompts and of answers.
type tokens struct{ prompt, completion int }

func (t tokens) plus(prompt, completion int) tokens {
	return tokens{t.prompt + prompt, t.completion + completion}
}

func (t tokens) String() string {
	return fmt.Sprintf("%d prompt and %d completion tokens", t.prompt, t.completion)
}

func tryChargeback(ctx context.Context, site *Site, a *asking, f *findings) (map[string]any, error) {
	l, err := site.Settings.Lookups()
	if err != nil {
		return nil, err
	}
	rows, err := a.query(ctx, "usage-and-cost", "", l)
	if err != nil {
		return nil, err
	}
	charged, counted := map[share]tokens{}, map[share]tokens{}
	cost, unpriced := 0.0, 0
	for _, row := range rows {
		cost, unpriced = cost+fraction(row, "Cost"), unpriced+whole(row, "Unpriced")
		s := share{text(row, "Team"), text(row, "CostCentre"), text(row, "Product"), text(row, "Account")}
		charged[s] = charged[s].plus(whole(row, "PromptTokens"), whole(row, "CompletionTokens"))
	}
	for _, v := range a.visits {
		if !v.served() {
			continue
		}
		s := share{v.team, v.costCentre, v.product.Name, v.account}
		if v.key == "" {
			s = share{"(token)", "", "", v.account} // the log knows neither team nor product of a token
		}
		counted[s] = counted[s].plus(v.prompted, v.answered)
	}
	total := tokens{}
	all := maps.Clone(counted)
	maps.Copy(all, charged)
	for s := range all {
		total = total.plus(counted[s].prompt, counted[s].completion)
		if charged[s] != counted[s] {
			f.add("team %s on product %s: %s charged for, %s counted by account %s", s.team, s.product, charged[s], counted[s], s.account)
		}
	}
	slices.Sort(f.list)
	if due, left := site.bill(a.visits, l.Prices); math.Abs(cost-due) > roundings*float64(len(rows)) || unpriced != left {
		f.add("the query charges %.6f and leaves %d tokens unpriced, where queries/prices.json makes it %.6f and %d", cost, unpriced, due, left)
	}
	reconciled, err := reconcile(ctx, a, f)
	if err != nil {
		return nil, err
	}
	return map[string]any{"shares": len(counted), "promptTokens": total.prompt, "completionTokens": total.completion, "cost": cost, "daysReconciled": reconciled}, nil
}

// roundings is how far off a rounded row may be.
const roundings = 1e-6

// bill is what the traffic costs by a list of prices, and the tokens of models that have none.
func (s *Site) bill(visits []*visit, prices []queries.Price) (cost float64, unpriced int) {
	for _, v := range visits {
		model := deployedModel(s.Settings, v.deployment)
		i := slices.IndexFunc(prices, func(p queries.Price) bool { return p.Model == model })
		if i < 0 {
			unpriced += v.prompted + v.answered
			continue
		}
		cost += (float64(v.prompted)*prices[i].Prompt + float64(v.answered)*prices[i].Completion) / 1e6
	}
	return cost, unpriced
}

// reconcile asks the query that an operator would ask of the accounts' metrics.
func reconcile(ctx context.Context, a *asking, f *findings) (days int, err error) {
	rows, err := a.query(ctx, "reconciliation", "", queries.Lookups{})
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		switch missing := whole(row, "Missing"); {
		case missing > 0:
			f.add("on %s account %s counted %d tokens that the log does not have", text(row, "Day"), text(row, "Account"), missing)
		case missing < 0:
			f.add("on %s the log has %d tokens that account %s did not count", text(row, "Day"), -missing, text(row, "Account"))
		}
	}
	if len(rows) == 0 {
		f.add("the accounts' metrics are not in the workspace")
	}
	return len(rows), nil
}
