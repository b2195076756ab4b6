package doctor

import (
	"fmt"
	"slices"

	"enterprise-openai/internal/words"
	"enterprise-openai/stacks"
)

var poolChecks = []Check{
	{
		ID: "failover", Settings: "accounts[].deployments[]",
		Looks:  "Deployments on one account only, or in one region only: nowhere to fail over to (warning)",
		Source: "a pool fails over among its members", Confidence: Derived,
		run: checkFailover,
	},
	{
		ID: "attempts", Settings: "gateway.failover.maxAttempts",
		Looks:  "Fewer attempts than one call needs to reach a pool's last priority (warning)",
		Source: "policies/fragments/failover.xml", Confidence: Derived,
		run: checkAttempts,
	},
	{
		ID: "overflow", Settings: "accounts[].deployments[].sku",
		Looks:  "Pools of provisioned units alone: above their throughput there is only 429 (warning)",
		Source: "Microsoft Learn: foundry/openai/concepts/provisioned-throughput", Confidence: Documented,
		run: checkOverflow,
	},
	{
		ID: "idle-units", Settings: "accounts[].priority",
		Looks:  "Provisioned units that are called after, or beside, pay-as-you-go: paid whether used or not (warning)",
		Source: "Microsoft Learn: foundry/openai/how-to/provisioned-throughput-onboarding, billed on deployed capacity", Confidence: Documented,
		run: checkIdleUnits,
	},
	{
		ID: "weights", Settings: "accounts[].weight",
		Looks:  "Weights far from the members' capacities: the smaller member is throttled while the other idles (advice)",
		Source: "calls are shared by weight, throttling is by capacity", Confidence: Derived,
		run: checkWeights,
	},
	{
		ID: "unused", Settings: "accounts[].deployments[].name",
		Looks:  "Deployments that no product allows (warning when provisioned, else advice)",
		Source: "policies/fragments/deployment.xml", Confidence: Derived,
		run: checkUnused,
	},
}

func checkFailover(x *examination) {
	for _, pool := range x.Settings.Pools() {
		regions := perRegion(pool)
		switch {
		case len(pool.Members) == 1:
			x.find(Warning, fmt.Sprintf("only %s has %s: when it is throttled or down, every call fails", pool.Members[0].Account.Name, pool.Deployment),
				"add the deployment to an account in another region", pool.Members[0].Path()+".name")
		case len(regions) == 1:
			x.find(Warning, fmt.Sprintf("every account with %s is in %s: a failure of the region stops it", pool.Deployment, pool.Members[0].Account.Location),
				"add the deployment to an account in another region", members(pool, "name")...)
		}
	}
}

// checkAttempts counts what one call must try before it reaches the last priority: every member of the others, because a
// breaker opens on the first failure.
func checkAttempts(x *examination) {
	attempts := x.Settings.Gateway.Failover.MaxAttempts
	for _, pool := range x.Settings.Pools() {
		last := pool.Members[len(pool.Members)-1].Priority
		needed := 1
		for _, m := range pool.Members {
			if m.Priority < last {
				needed++
			}
		}
		if needed > attempts {
			x.find(Warning, fmt.Sprintf("one call makes at most %s, and %s has %s before its last priority: a call that meets them all down never reaches it",
				words.Count(attempts, "attempt"), pool.Deployment, words.Count(needed-1, "member")), fmt.Sprintf("use at least %d", needed), "gateway.failover.maxAttempts")
		}
	}
}

func checkOverflow(x *examination) {
	for _, pool := range x.Settings.Pools() {
		if !slices.ContainsFunc(pool.Members, func(m stacks.PoolMember) bool { return !m.Deployment.Provisioned() }) {
			x.find(Warning, fmt.Sprintf("%s has provisioned units alone: what they cannot serve is refused with 429", pool.Deployment),
				"add a pay-as-you-go member with a higher priority number as overflow", members(pool, "sku")...)
		}
	}
}

func checkIdleUnits(x *examination) {
	for _, pool := range x.Settings.Pools() {
		first := 0 // the priority of the pay-as-you-go member that is called first
		for _, m := range pool.Members {
			if !m.Deployment.Provisioned() && (first == 0 || m.Priority < first) {
				first = m.Priority
			}
		}
		for _, m := range pool.Members {
			if m.Deployment.Provisioned() && first != 0 && m.Priority >= first {
				x.find(Warning, fmt.Sprintf("the provisioned units of %s on %s are paid by the hour and not called before pay-as-you-go", pool.Deployment, m.Account.Name),
					fmt.Sprintf("give it a priority below %d, and the others a higher one", first), m.Path()+".sku")
			}
		}
	}
}

// enough is the part of a pool's capacity that its weights should be able to use.
const enough = 0.75

func checkWeights(x *examination) {
	for _, pool := range x.Settings.Pools() {
		steps := map[int][]stacks.PoolMember{}
		for _, m := range pool.Members {
			steps[m.Priority] = append(steps[m.Priority], m)
		}
		for _, step := range steps {
			weights, capacity := 0, 0
			for _, m := range step {
				weights += m.Weight
				capacity += m.Deployment.TokensPerMinute()
			}
			usable := float64(capacity)
			for _, m := range step {
				usable = min(usable, float64(m.Deployment.TokensPerMinute())*float64(weights)/float64(m.Weight))
			}
			if usable < enough*float64(capacity) {
				var settings []string
				for _, m := range step {
					settings = append(settings, m.Path()+".weight")
				}
				x.find(Advice, fmt.Sprintf("with these weights a member of %s is throttled at %s of the %s tokens per minute that its priority serves",
					pool.Deployment, words.Thousands(int(usable)), words.Thousands(capacity)), "weigh the members in proportion to their capacity", settings...)
			}
		}
	}
}

func checkUnused(x *examination) {
	for _, pool := range x.Settings.Pools() {
		if slices.ContainsFunc(x.Settings.Products, func(p stacks.Product) bool { return slices.Contains(p.Deployments, pool.Deployment) }) {
			continue
		}
		severity, cost := Advice, "it takes quota for nothing"
		if slices.ContainsFunc(pool.Members, func(m stacks.PoolMember) bool { return m.Deployment.Provisioned() }) {
			severity, cost = Warning, "its units are paid by the hour"
		}
		x.find(severity, fmt.Sprintf("no product allows %s: nobody can call it, and %s", pool.Deployment, cost),
			"add it to a product, or remove it", members(pool, "name")...)
	}
}
