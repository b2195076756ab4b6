package diff

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"enterprise-openai/stacks"
)

// product is one product's rules.
type product struct {
	// rules are in the facts that expressions read.
	Authentication   stacks.Authentication `json:"authentication"`
	Groups           []string              `json:"groups"`
	Deployments      []string              `json:"deployments"`
	Endpoints        []string              `json:"endpoints"`
	Paths            []string              `json:"paths"`
	Tools            []string              `json:"tools"`
	Hosts            []string              `json:"hosts"`
	KeepsText        bool                  `json:"keepsText"`
	LimitsPerPerson  bool                  `json:"limitsPerPerson"`
	ReservedUnits    int                   `json:"reservedUnits"`
	OpenAnswerTokens int                   `json:"openAnswerTokens"`

	// limits are attributes of policies.
	tokens, quota, requests int
	period                  string
}

// facts are what the policies' expressions know beside products and pools.
type facts struct {
	audiences []string
	// persons is how logs keep who is behind a token: id, hash or none.
	person string
}

// readProducts reads rules and limits from the documents that enforce them.
func (e *environment) readProducts() {
	for _, d := range e.documents {
		for _, literal := range d.literals {
			var all map[string]product
			if json.Unmarshal([]byte(literal), &all) != nil {
				continue
			}
			for name, p := range all {
				if p.Authentication != "" {
					e.products[name] = p
				}
			}
		}
	}
	for _, d := range e.documents {
		for name, limits := range d.limits {
			p, known := e.products[name]
			if !known {
				continue
			}
			for _, l := range limits {
				l.on(&p)
			}
			e.products[name] = p
		}
		e.facts.audiences = append(e.facts.audiences, d.audiences...)
		if d.person != "" {
			e.facts.person = d.person
		}
	}
}

// limit is what one policy limits for a product.
type limit struct{ element, tokens, quota, period, calls string }

func (l limit) on(p *product) {
	number := func(text string, to *int) {
		if n, err := strconv.Atoi(text); err == nil {
			*to = n
		}
	}
	number(l.tokens, &p.tokens)
	number(l.quota, &p.quota)
	number(l.calls, &p.requests)
	if l.period != "" {
		p.period = l.period
	}
}

// ofProduct is a condition that holds for one product alone.
var ofProduct = regexp.MustCompile(`^@\(\(string\)context\.Variables\["product"\]=="([^"]+)"\)$`)

// limitsIn collects, for each product, the limits in the branches that are its alone.
func limitsIn(n *node, product string, found map[string][]limit) {
	if n.name == "when" {
		if m := ofProduct.FindStringSubmatch(n.attributes["condition"]); m != nil {
			product = m[1]
		}
	}
	if product != "" {
		switch n.name {
		case "llm-token-limit", "azure-openai-token-limit":
			found[product] = append(found[product], limit{
				element: n.name, tokens: n.attributes["tokens-per-minute"], quota: n.attributes["token-quota"], period: n.attributes["token-quota-period"]})
		case "rate-limit-by-key":
			found[product] = append(found[product], limit{element: n.name, calls: n.attributes["calls"]})
		}
	}
	for _, child := range n.children {
		limitsIn(child, product, found)
	}
}

// audiencesIn collects the audiences that tokens may be for.
func audiencesIn(n *node) []string {
	var all []string
	if n.name == "audience" {
		all = append(all, strings.TrimSpace(n.text))
	}
	for _, child := range n.children {
		all = append(all, audiencesIn(child)...)
	}
	return all
}
