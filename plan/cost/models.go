package cost

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/policies"
	"enterprise-openai/queries"
)

const (
	deployments = "Microsoft.CognitiveServices/accounts/deployments"
	backends    = "Microsoft.ApiManagement/service/backends"
	million     = 1e6
)

// deployment charges provisioned units; tokens are charged by the calls of all accounts together.
func (s *sheet) deployment(r resource) {
	sku := jsonpath.Text(r.values, "sku", "name")
	kind, known := s.prices.Type(sku)
	switch {
	case !known:
		s.unknown(r.component, "deployment "+r.name, "queries/prices.json has no deployment type "+sku)
	case kind.Hourly && kind.PerUnitHour == nil:
		s.unknown(r.component, "provisioned unit, "+sku, "queries/prices.json has no price of its hour")
	case kind.Hourly:
		s.add(Line{
			Component: r.component, Meter: "provisioned unit, " + sku, Kind: Fixed, Per: "hour", Price: *kind.PerUnitHour, Source: kind.Source,
			Quantity: HoursPerMonth * number(r.values, "sku", "capacity"),
		})
	}
}

// member is a deployment of one account, with its place in the pool.
type member struct {
	resource
	sku, model       string
	priority, weight float64
}

// members are the deployments of a name on all accounts, in groups of the same priority, the first choice first.
func (d *declared) members(name string) [][]member {
	var all []member
	for _, r := range d.of(deployments) {
		if jsonpath.Text(r.values, "deploymentName") != name {
			continue
		}
		account := strings.TrimPrefix(referred(jsonpath.Text(r.values, "accountName")), "account-")
		m := member{resource: r, sku: jsonpath.Text(r.values, "sku", "name"), model: jsonpath.Text(r.values, "properties", "model", "name"), weight: 1}
		if service := d.service(policies.BackendID(account, name)); service != nil {
			m.priority, m.weight = number(service, "priority"), max(1, number(service, "weight"))
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b member) int { return cmp.Compare(a.priority, b.priority) })
	var groups [][]member
	for i, m := range all {
		if i == 0 || m.priority != all[i-1].priority {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], m)
	}
	return groups
}

// service is the entry of a backend in a pool; nil where it is in none.
func (d *declared) service(id string) map[string]any {
	for _, pool := range d.of(backends) {
		for _, entry := range jsonpath.List(pool.values, "pool", "services") {
			service, _ := entry.(map[string]any)
			if b, found := d.named(backends, referred(jsonpath.Text(service, "id"))); found && jsonpath.Text(b.values, "backendId") == id {
				return service
			}
		}
	}
	return nil
}

// tokens charges what the assumed calls cost: the first choice takes them, but for the overflow, which the second choice takes.
func (s *sheet) tokens() {
	for _, calls := range s.assumed.Calls {
		groups := s.declared.members(calls.Deployment)
		for i, group := range groups {
			part := 1 - calls.OverflowShare
			switch {
			case i == 1:
				part = calls.OverflowShare
			case i > 1:
				continue
			case len(groups) == 1:
				part = 1
			}
			weights := 0.0
			for _, m := range group {
				weights += m.weight
			}
			for _, m := range group {
				s.charged(m, calls, part*m.weight/weights*calls.month())
			}
		}
	}
}

// charged adds the tokens of a number of calls on one account.
func (s *sheet) charged(m member, calls Calls, number float64) {
	kind, known := s.prices.Type(m.sku)
	if !known || kind.Hourly || number == 0 {
		return
	}
	price, known := s.prices.Model(m.model)
	if !known {
		s.unknown(m.component, fmt.Sprintf("tokens of %s", m.model), "queries/prices.json has no price of this model")
		return
	}
	rates := price.Rates
	if price.Long != nil && calls.PromptTokens > queries.LongPrompt {
		rates = *price.Long
	}
	cached := rates.Prompt
	if rates.Cached != nil {
		cached = *rates.Cached
	}
	prompt := number * calls.PromptTokens
	for _, part := range []struct {
		what        string
		tokens, per float64
	}{
		{"input", prompt * (1 - calls.CachedShare), rates.Prompt},
		{"cached input", prompt * calls.CachedShare, cached},
		{"output", number * calls.AnswerTokens, rates.Completion},
	} {
		if part.tokens > 0 && part.per > 0 {
			s.add(Line{
				Component: m.component, Meter: fmt.Sprintf("%s %s, %s", m.model, part.what, m.sku), Kind: Use, Per: "million tokens",
				Quantity: part.tokens / million, Price: part.per * kind.Share, Source: price.Source,
			})
		}
	}
}
