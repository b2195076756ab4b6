package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/words"
	"enterprise-openai/stacks"
)

type (
	account    = stacks.Account
	deployment = stacks.Deployment
	product    = stacks.Product
)

// When a retirement is reported: as a warning within SoonDays, as advice within PlannedMonths. Microsoft gives at least 60 days'
// notice, and a move needs another month of tests; who deploys today what lives less than nine months moves before the year is out.
const (
	SoonDays      = 90
	PlannedMonths = 9
)

// Planned reports whether a model that ends on a day needs a plan for its move by now.
func Planned(today, end time.Time) bool {
	return end.Before(today.Truncate(24*time.Hour).AddDate(0, PlannedMonths, 0))
}

var modelChecks = []Check{
	{
		ID: "retirement", Settings: "accounts[].deployments[].version",
		Looks:  "Versions that are retired (error), retire within 90 days or take no new customers (warning), retire within nine months (advice)",
		Source: "models.yaml, from Microsoft's retirement schedule", Confidence: Documented,
		run: checkRetirement,
	},
	{
		ID: "region", Settings: "accounts[].deployments[].sku",
		Looks:  "Regions that did not offer the model as that deployment type (warning), models the tables do not know (advice)",
		Source: "models.yaml, from Microsoft's tables of region availability", Confidence: Documented,
		run: checkRegions,
	},
	{
		ID: "residency", Settings: "accounts[].deployments[].sku",
		Looks:  "Deployment types that process prompts anywhere in the world (warning in production, else advice)",
		Source: "Microsoft Learn: foundry/foundry-models/concepts/deployment-types", Confidence: Documented,
		run: checkResidency,
	},
	{
		ID: "unit-size", Settings: "accounts[].deployments[].capacity",
		Looks:  "Provisioned deployments below the model's smallest size, or between its steps (warning)",
		Source: "models.yaml, from Microsoft's parameters by model", Confidence: Documented,
		run: checkUnitSize,
	},
	{
		ID: "unit-worth", Settings: "accounts[].deployments[].tokensPerUnit",
		Looks:  "A unit set to serve more tokens than the model's does (warning), or fewer (advice)",
		Source: "models.yaml, from Microsoft's parameters by model", Confidence: Documented,
		run: checkUnitWorth,
	},
}

func checkRetirement(x *examination) {
	x.deployments(func(path string, a account, d deployment) {
		r, known := x.Knowledge.retirement(d.Model, d.Version)
		if !known {
			x.find(Advice, fmt.Sprintf("%s %s is not in the retirement schedule this doctor knows", d.Model, d.Version),
				"look its retirement date up: "+x.Knowledge.Sources[x.Knowledge.Retirements.Source].Page, path+".version")
			return
		}
		judgeRetirement(x, path+".version", a, d, r)
	})
}

func judgeRetirement(x *examination, path string, a account, d deployment, r Retirement) {
	name := d.Model + " " + d.Version
	left := int(day(r.Retires).Sub(x.Today.Truncate(24*time.Hour)).Hours() / 24)
	then := "every call to it fails from that day"
	if d.Upgrade.IsAutomatic() {
		then = "Azure upgrades it by itself, to a version that nobody here has tested"
	}
	instead := named(r.Replacement) + successors(x, a, d, r)
	switch {
	case left <= 0 && r.Earliest:
		x.find(Warning, fmt.Sprintf("%s was promised until %s: it may be retired by now", name, r.Retires), "look its retirement date up", path)
	case left <= 0:
		x.find(Error, fmt.Sprintf("%s was retired on %s: Azure makes no new deployment of it, and existing ones answer every call with an error", name, r.Retires),
			"deploy another model"+instead, path)
	case r.Earliest && left > SoonDays: // nothing is scheduled
	case r.Earliest:
		x.find(Advice, fmt.Sprintf("%s may retire from %s, in %s; no date is known", name, r.Retires, words.Count(left, "day")), "watch its retirement date", path)
	case left <= SoonDays:
		x.find(Warning, fmt.Sprintf("%s retires on %s, in %s: %s", name, r.Retires, words.Count(left, "day"), then), "move to a version that stays longer"+instead, path)
	case r.Stage == "Deprecated":
		x.find(Warning, fmt.Sprintf("%s is deprecated: a subscription that never deployed it cannot, and it retires on %s", name, r.Retires), "move to a version that stays longer"+instead, path)
	case Planned(x.Today, day(r.Retires)):
		x.find(Advice, fmt.Sprintf("%s retires on %s, in %s: %s", name, r.Retires, words.Count(left, "day"), then), "plan the move"+instead, path)
	}
}

func named(replacement string) string {
	if replacement == "" {
		return ""
	}
	return "; Microsoft names " + replacement
}

// mostNamed is how many models a remedy names.
const mostNamed = 3

// successors names the models that could take a deployment's place today: of the same kind, offered by the region as the same
// type, and there for longer than it and SoonDays; those that stay longest first.
func successors(x *examination, a account, d deployment, own Retirement) string {
	var rows []Retirement
	for _, r := range x.Knowledge.Retirements.Rows {
		left := day(r.Retires).Sub(x.Today).Hours() / 24
		if r.Stage == "GA" && r.Retires > own.Retires && left > SoonDays && embeds(r.Model) == embeds(d.Model) && x.Knowledge.offers(a.Location, r.Model, r.Version, d.SKU).offered {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b Retirement) int { return strings.Compare(b.Retires, a.Retires) })
	var names []string
	for _, r := range rows[:min(len(rows), mostNamed)] {
		names = append(names, fmt.Sprintf("%s %s (until %s)", r.Model, r.Version, r.Retires))
	}
	if len(names) == 0 {
		return fmt.Sprintf("; no model that stays is known to be in %s as %s", a.Location, d.SKU)
	}
	return fmt.Sprintf("; %s has as %s: %s", a.Location, d.SKU, strings.Join(names, ", "))
}

func embeds(model string) bool { return strings.HasPrefix(model, "text-embedding") }

func checkRegions(x *examination) {
	x.deployments(func(path string, a account, d deployment) {
		if r, known := x.Knowledge.retirement(d.Model, d.Version); known && !r.Earliest && !day(r.Retires).After(x.Today) {
			return // nowhere, and reported as such
		}
		got := x.Knowledge.offers(a.Location, d.Model, d.Version, d.SKU)
		if got.offered {
			return
		}
		if !got.known {
			x.find(Advice, fmt.Sprintf("whether %s offers %s %s as %s is not in the tables this doctor knows", a.Location, d.Model, d.Version, d.SKU),
				"ask the region: rehearse doctor --azure", path+".sku")
			return
		}
		remedy := "choose another model or region"
		if len(got.types) > 0 {
			remedy = fmt.Sprintf("%s had it as %s", a.Location, strings.Join(got.types, ", "))
		}
		if len(got.regions) > 0 {
			remedy += fmt.Sprintf("; %s was in %s", d.SKU, strings.Join(got.regions, ", "))
		}
		x.find(Warning, fmt.Sprintf("%s did not offer %s %s as %s on %s: Azure would refuse the deployment", a.Location, d.Model, d.Version, d.SKU, got.date),
			remedy, path+".sku")
	})
}

func checkResidency(x *examination) {
	x.deployments(func(path string, _ account, d deployment) {
		if d.SKU.IsGlobal() {
			x.find(x.orAdvice(), string(d.SKU)+" may process a prompt in any region of the world, whatever the account's region is",
				"where data must stay in its zone, use a DataZone or regional type", path+".sku")
		}
	})
}

// sizes are those of a deployment type.
func sizes(u Units, sku stacks.DeploymentSKU) Sizes {
	if sku == stacks.DeploymentProvisioned {
		return u.Region
	}
	return u.Zone
}

func checkUnitSize(x *examination) {
	x.deployments(func(path string, _ account, d deployment) {
		u, known := x.Knowledge.units(d.Model)
		if !known || !d.Provisioned() {
			return
		}
		s := sizes(u, d.SKU)
		switch {
		case d.Capacity < s.Least:
			x.find(Warning, fmt.Sprintf("%s are fewer than %s takes as %s: %d", words.Count(d.Capacity, "unit"), d.Model, d.SKU, s.Least),
				fmt.Sprintf("use at least %d", s.Least), path+".capacity")
		case (d.Capacity-s.Least)%s.Step != 0:
			below := d.Capacity - (d.Capacity-s.Least)%s.Step
			x.find(Warning, fmt.Sprintf("%s as %s comes in steps of %d from %d, %d is between them", d.Model, d.SKU, s.Step, s.Least, d.Capacity),
				fmt.Sprintf("use %d or %d", below, below+s.Step), path+".capacity")
		}
	})
}

func checkUnitWorth(x *examination) {
	x.deployments(func(path string, _ account, d deployment) {
		u, known := x.Knowledge.units(d.Model)
		if !known || !d.Provisioned() || d.TokensPerUnit == u.Tokens {
			return
		}
		severity, effect := Advice, "the pool is thought smaller than it is"
		if d.TokensPerUnit > u.Tokens {
			severity, effect = Warning, "products are promised tokens that do not exist"
		}
		x.find(severity, fmt.Sprintf("a unit of %s serves %s input tokens per minute, not %s: %s", d.Model, words.Thousands(u.Tokens), words.Thousands(d.TokensPerUnit), effect),
			fmt.Sprintf("use %d", u.Tokens), path+".tokensPerUnit")
	})
}
