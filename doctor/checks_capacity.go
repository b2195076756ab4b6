package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/words"
	"enterprise-openai/stacks"
)

// Need is quota that the environment takes from its subscription: of one model and deployment type in one region, or, for
// provisioned types, of all models together.
type Need struct {
	Region string `json:"region"`
	// Model is empty for provisioned types, whose quota is for any model.
	Model string               `json:"model,omitempty"`
	Type  stacks.DeploymentSKU `json:"type"`
	// Capacity is thousands of tokens per minute, or provisioned units.
	Capacity int `json:"capacity"`
	// Quota is the name the portal shows.
	Quota string `json:"quota"`
	// Shared is what other environments of the checkout need of the same quota, if they live in the same subscription.
	Shared int `json:"shared,omitempty"`
	// Settings are the capacities that add up.
	Settings []Place `json:"settings"`
	// Used and Limit are the subscription's; absent when it was not queried or does not report them.
	Used  *int `json:"used,omitempty"`
	Limit *int `json:"limit,omitempty"`
}

// Provisioned reports whether the need is counted in units.
func (n Need) Provisioned() bool { return n.Type.IsProvisioned() }

// quotaName is the quota's name in the portal. Provisioned quota is for every model
// (Microsoft Learn: foundry/openai/how-to/provisioned-throughput-onboarding); the form of the others is seen in
// InsufficientQuota errors of public issues.
func quotaName(model string, kind stacks.DeploymentSKU) string {
	switch kind {
	case stacks.DeploymentProvisioned:
		return "Regional Provisioned Throughput Unit"
	case stacks.DeploymentProvisionedGlobal:
		return "Global Provisioned Throughput Unit"
	case stacks.DeploymentProvisionedDataZone:
		return "Data Zone Provisioned Throughput Unit"
	case stacks.DeploymentStandard:
		return "Tokens Per Minute (thousands) - " + model
	default:
		return "Tokens Per Minute (thousands) - " + model + " - " + string(kind)
	}
}

// Needs adds the capacities up, sorted by region, type and model.
func Needs(e *Environment) []Need {
	needs := needsOf(e)
	for _, other := range e.Others {
		for _, theirs := range needsOf(&other) {
			for i := range needs {
				if sameQuota(needs[i], theirs) {
					needs[i].Shared += theirs.Capacity
				}
			}
		}
	}
	return needs
}

func needsOf(e *Environment) []Need {
	needs := []Need{}
	e.deployments(func(path string, a account, d deployment) {
		n := Need{Region: a.Location, Type: d.SKU, Quota: quotaName(d.Model, d.SKU)}
		if !d.Provisioned() {
			n.Model = d.Model
		}
		i := slices.IndexFunc(needs, func(o Need) bool { return sameQuota(o, n) })
		if i < 0 {
			i, needs = len(needs), append(needs, n)
		}
		needs[i].Capacity += d.Capacity
		needs[i].Settings = append(needs[i].Settings, e.Places(path+".capacity")...)
	})
	slices.SortStableFunc(needs, func(a, b Need) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Model, b.Model))
	})
	return needs
}

func sameQuota(a, b Need) bool {
	return a.Region == b.Region && a.Type == b.Type && strings.EqualFold(a.Model, b.Model)
}

var capacityChecks = []Check{
	{
		ID: "quota-shared", Settings: "accounts[].deployments[].capacity",
		Looks:  "Quota that another environment of the checkout needs too (advice)",
		Source: "Microsoft Learn: foundry/openai/how-to/quota, quota is per subscription, region, model and deployment type", Confidence: Documented,
		run: checkSharedQuota,
	},
	{
		ID: "promises", Settings: "products[].tokensPerMinute",
		Looks:  "Products that together promise more than a pool serves (warning); stacks.Validate looks at each product alone",
		Source: "the sum over teams and products", Confidence: Derived,
		run: checkPromisesTogether,
	},
	{
		ID: "region-lost", Settings: "accounts[].deployments[].capacity",
		Looks:  "Pools that no longer serve what is promised once their largest region is out (warning in production, else advice)",
		Source: "the sum over the other regions", Confidence: Derived,
		run: checkRegionLost,
	},
	{
		ID: "people", Settings: "products[].tokensPerMinute",
		Looks:  "Products for people with a token alone, whose number bounds nothing (advice)",
		Source: "limits count per person where no key is needed", Confidence: Derived,
		run: checkPeople,
	},
}

func checkSharedQuota(x *examination) {
	for _, n := range Needs(x.Environment) {
		if n.Shared > 0 {
			x.find(Advice, fmt.Sprintf("%s in %s is needed by other environments of this checkout too: %s here, %s in all",
				n.Quota, n.Region, words.Thousands(n.Capacity), words.Thousands(n.Capacity+n.Shared)),
				"if they live in one subscription, it must have both", paths(n.Settings)...)
		}
	}
}

func paths(places []Place) []string {
	var all []string
	for _, p := range places {
		all = append(all, p.Path)
	}
	return all
}

// promised is what all products together promise of a pool, and the settings that say so. Overcommitted products promise
// nothing, and products for people cannot be added up.
func (e *Environment) promised(pool string) (tokens int, settings []string) {
	for i, p := range e.Settings.Products {
		if p.Overcommit || !p.Authentication.TakesKeys() || !slices.Contains(p.Deployments, pool) {
			continue
		}
		teams := e.teams(p.Name)
		if teams == 0 {
			continue
		}
		tokens += teams * p.TokensPerMinute
		settings = append(settings, fmt.Sprintf("products[%d].tokensPerMinute", i))
	}
	return tokens, settings
}

func (e *Environment) teams(product string) int {
	n := 0
	for _, t := range e.Settings.Teams {
		if slices.Contains(t.Products, product) {
			n++
		}
	}
	return n
}

func checkPromisesTogether(x *examination) {
	for _, pool := range x.Settings.Pools() {
		promised, settings := x.promised(pool.Deployment)
		if serves := pool.TokensPerMinute(); promised > serves && len(settings) > 1 {
			x.find(Warning, fmt.Sprintf("together the products promise %s tokens per minute of %s, its pool serves %s: the last callers of a minute get 429",
				words.Thousands(promised), pool.Deployment, words.Thousands(serves)), "lower the limits, add capacity, or accept it with overcommit: true on one of them", settings...)
		}
	}
}

func checkRegionLost(x *examination) {
	for _, pool := range x.Settings.Pools() {
		promised, _ := x.promised(pool.Deployment)
		regions := perRegion(pool)
		if len(regions) < 2 || promised > pool.TokensPerMinute() {
			continue // reported as such
		}
		largest := ""
		for region, serves := range regions {
			if serves > regions[largest] || serves == regions[largest] && region < largest {
				largest = region
			}
		}
		if left := pool.TokensPerMinute() - regions[largest]; left < promised {
			x.find(x.orAdvice(), fmt.Sprintf("without %s the pool of %s serves %s of the %s tokens per minute that are promised",
				largest, pool.Deployment, words.Thousands(left), words.Thousands(promised)), "add capacity elsewhere, or accept a slower day", members(pool, "capacity")...)
		}
	}
}

func perRegion(pool stacks.Pool) map[string]int {
	regions := map[string]int{}
	for _, m := range pool.Members {
		regions[m.Account.Location] += m.Deployment.TokensPerMinute()
	}
	return regions
}

// members are the paths of a setting of every member.
func members(pool stacks.Pool, setting string) []string {
	var all []string
	for _, m := range pool.Members {
		all = append(all, m.Path()+"."+setting)
	}
	return all
}

func checkPeople(x *examination) {
	serves := map[string]int{}
	for _, pool := range x.Settings.Pools() {
		serves[pool.Deployment] = pool.TokensPerMinute()
	}
	for i, p := range x.Settings.Products {
		if p.Authentication.TakesKeys() || p.TokensPerMinute <= 0 {
			continue
		}
		for _, d := range p.Deployments {
			x.find(Advice, fmt.Sprintf("%s people at their limit of %s tokens per minute use up the whole pool of %s, which other products share",
				words.Thousands(serves[d]/p.TokensPerMinute), words.Thousands(p.TokensPerMinute), d),
				"keep the groups small enough, or give these people a deployment of their own", fmt.Sprintf("products[%d].tokensPerMinute", i))
		}
	}
}
