package diff

import (
	"math"
	"strings"
	"time"

	"enterprise-openai/internal/azure/resourcetypes"
	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
	"enterprise-openai/plan/change"
)

// Azure is how long Azure would take for the change, on the modelled clock: what has to wait for something else waits.
type Azure struct {
	Minutes float64 `json:"minutes"`
	// Longest is the chain of resources that decides it, the first one first.
	Longest []string `json:"longest"`
}

// azure adds up the longest chain of what is created and changed, and then of what is deleted.
func (c *comparison) azure() Azure {
	var puts, deletes []timeline.Span
	for _, ch := range c.changes {
		now, old := c.after.symbols[ch.Type+" "+ch.Name], c.before.symbols[ch.Type+" "+ch.Name]
		switch ch.Kind {
		case change.Added, change.Changed:
			puts = append(puts, span(now, duration(now).Put))
		case change.Replaced:
			puts = append(puts, span(now, duration(now).Put))
			deletes = append(deletes, span(old, duration(old).Delete))
		case change.Removed:
			deletes = append(deletes, span(old, duration(old).Delete))
		case change.Forgotten:
		}
	}
	first, chain := timeline.Bound(puts, timeline.Creation(scheduled(c.after.resources)))
	second, last := timeline.Bound(deletes, timeline.Destruction(scheduled(c.before.resources)))
	a := Azure{Minutes: math.Round((first+second).Minutes()*10) / 10, Longest: []string{}} //nolint:mnd // a digit after the point
	took := map[string]bool{}
	for _, s := range append(puts, deletes...) {
		took[s.URN] = s.End.After(s.Start)
	}
	for _, urn := range append(chain, last...) {
		if took[urn] {
			kind, name := timeline.Title(urn)
			a.Longest = append(a.Longest, kind+" "+name)
		}
	}
	return a
}

func span(r plan.Resource, took time.Duration) timeline.Span {
	return timeline.Span{URN: r.URN, End: time.Time{}.Add(took)}
}

// duration is how long Azure takes for a resource. A type that no row knows is over at once.
func duration(r plan.Resource) resourcetypes.Duration {
	for _, row := range resourcetypes.All() {
		if row.Token != r.Type {
			continue
		}
		for tier, d := range row.Duration.Tiers {
			if strings.EqualFold(tier, jsonpath.Text(r.Inputs, "sku", "name")) {
				return d
			}
		}
		return row.Duration
	}
	return resourcetypes.Duration{}
}

// scheduled are resources as far as their order counts.
func scheduled(resources []plan.Resource) []timeline.Resource {
	out := make([]timeline.Resource, 0, len(resources))
	for _, r := range resources {
		out = append(out, timeline.Resource{
			URN: r.URN, Type: r.Type, Name: r.Name, Parent: r.Parent, DependsOn: r.DependsOn, Uses: r.Uses, DeletedWith: r.DeletedWith, Custom: r.Custom,
		})
	}
	return out
}
