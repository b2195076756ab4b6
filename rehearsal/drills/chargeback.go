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
		Promise: "The tokens that a query charges to each team, by product and account, are those that the accounts counted, to the token, each at the price of its model and deployment type; no token is left over.",
		When:    Standing,
		Work:    with(knownTraffic, tryChargeback),
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

// ChargebackMeasured is what the known traffic costs.
type ChargebackMeasured struct {
	// Shares counts the combinations of team, product and account.
	Shares           int `json:"shares"`
	PromptTokens     int `json:"promptTokens"`
	CompletionTokens int `json:"completionTokens"`
	// Cost is in the currency of queries/prices.json; provisioned units are paid by the hour, not by the token.
	Cost             float64 `json:"cost"`
	TokensPaidByHour int     `json:"tokensPaidByHour"`
	// DaysReconciled counts the days and accounts that were compared with the accounts' metrics.
	DaysReconciled int `json:"daysReconciled"`
}

func tryChargeback(ctx context.Context, a *asking, f *findings) (*ChargebackMeasured, error) {
	l, err := a.site.Settings.Lookups()
	if err != nil {
		return nil, err
	}
	rows, err := a.query(ctx, "usage-and-cost", "", l)
	if err != nil {
		return nil, err
	}
	charged, queried := chargedBy(rows)
	counted := countedBy(a.visits)
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
	due, err := a.site.bill(a.visits)
	if err != nil {
		return nil, err
	}
	if math.Abs(queried.cost-due.cost) > roundings*float64(len(rows)) || queried.unpriced != due.unpriced || queried.byHour != due.byHour {
		f.add("the query charges %s, where queries/prices.json makes it %s", queried, due)
	}
	reconciled, err := reconcile(ctx, a, f)
	if err != nil {
		return nil, err
	}
	return &ChargebackMeasured{
		Shares: len(counted), PromptTokens: total.prompt, CompletionTokens: total.completion,
		Cost: queried.cost, TokensPaidByHour: queried.byHour, DaysReconciled: reconciled,
	}, nil
}

// chargedBy are the shares and the sum of a query's rows.
func chargedBy(rows []map[string]any) (map[share]tokens, bill) {
	charged, queried := map[share]tokens{}, bill{}
	for _, row := range rows {
		queried.cost += fraction(row, "Cost")
		queried.unpriced += whole(row, "Unpriced")
		queried.byHour += whole(row, "PaidByHour")
		s := share{text(row, "Team"), text(row, "CostCentre"), text(row, "Product"), text(row, "Account")}
		charged[s] = charged[s].plus(whole(row, "PromptTokens"), whole(row, "CompletionTokens"))
	}
	return charged, queried
}

// countedBy are the shares that the accounts counted.
func countedBy(visits []*visit) map[share]tokens {
	counted := map[share]tokens{}
	for _, v := range visits {
		if !v.served() {
			continue
		}
		s := share{v.team, v.costCentre, v.product.Name, v.account}
		if v.key == "" {
			s = share{"(token)", "", "", v.account} // the log knows neither team nor product of a token
		}
		counted[s] = counted[s].plus(v.prompted, v.answered)
	}
	return counted
}

// roundings is how far off a rounded row may be.
const roundings = 1e-6

// bill is what traffic costs: in money, in tokens without a price, and in tokens of provisioned units, which cost by the hour.
type bill struct {
	cost             float64
	unpriced, byHour int
}

func (b bill) String() string {
	return fmt.Sprintf("%.6f, %d tokens unpriced and %d paid by the hour", b.cost, b.unpriced, b.byHour)
}

// bill charges what the accounts counted. They cache nothing, and no prompt of the traffic is a long one.
func (s *Site) bill(visits []*visit) (bill, error) {
	list, err := queries.Prices()
	if err != nil {
		return bill{}, err
	}
	total := bill{}
	for _, v := range visits {
		if !v.served() {
			continue
		}
		model := deployedModel(s.Settings, v.deployment)
		kind, known := list.Type(v.sku)
		i := slices.IndexFunc(list.Models, func(p queries.Price) bool { return p.Model == model })
		switch {
		case kind.Hourly:
			total.byHour += v.prompted + v.answered
		case !known || i < 0:
			total.unpriced += v.prompted + v.answered
		default:
			rates := list.Models[i].Rates
			total.cost += kind.Share * (float64(v.prompted)*rates.Prompt + float64(v.answered)*rates.Completion) / 1e6
		}
	}
	return total, nil
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
		f.add("neither the log nor the accounts' metrics have tokens")
	}
	return len(rows), nil
}
