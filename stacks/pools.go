package stacks

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

// Pool is every account that serves one deployment name, in the order in which the gateway calls them.
type Pool struct {
	// Deployment is the name clients use.
	Deployment string
	// Members are sorted by priority, then as the accounts are listed.
	Members []PoolMember
}

// PoolMember is one deployment on one account.
type PoolMember struct {
	// Account and Deployment are the settings the member comes from.
	Account    Account
	Deployment Deployment
	// Priority and Weight are the deployment's own, or else the account's.
	Priority, Weight int

	path string // of the deployment
}

// Path is the path of the member's deployment, as in accounts[0].deployments[1].
func (m PoolMember) Path() string { return m.path }

// Pools gathers the deployments of all accounts by name, sorted by name.
func (s Settings) Pools() []Pool {
	byName := map[string]*Pool{}
	for i, a := range s.Accounts {
		for j, d := range a.Deployments {
			// Deployment names are ARM names: two spellings are one deployment.
			key := strings.ToLower(d.Name)
			if byName[key] == nil {
				byName[key] = &Pool{Deployment: d.Name}
			}
			byName[key].Members = append(byName[key].Members, PoolMember{
				Account: a, Deployment: d, Priority: cmp.Or(d.Priority, a.Priority), Weight: cmp.Or(d.Weight, a.Weight),
				path: at(at("accounts", i, "deployments"), j),
			})
		}
	}
	pools := make([]Pool, 0, len(byName))
	for _, key := range sortedKeys(byName) {
		pool := *byName[key]
		slices.SortStableFunc(pool.Members, func(a, b PoolMember) int { return cmp.Compare(a.Priority, b.Priority) })
		pools = append(pools, pool)
	}
	return pools
}

// TokensPerMinute is what the whole pool can serve.
func (p Pool) TokensPerMinute() int {
	total := 0
	for _, m := range p.Members {
		total = saturatingAdd(total, m.Deployment.TokensPerMinute())
	}
	return total
}

// LargestTokensPerMinute is what the largest member can serve, or 0 where a member is provisioned: its utilisation is measured
// while it serves, and no call is too large for it (Microsoft Learn: ai-services/openai/concepts/provisioned-throughput).
func (p Pool) LargestTokensPerMinute() int {
	largest := 0
	for _, m := range p.Members {
		if m.Deployment.Provisioned() {
			return 0
		}
		largest = max(largest, m.Deployment.TokensPerMinute())
	}
	return min(largest, math.MaxInt32)
}

// Provisioned reports whether the deployment is throughput that was bought in advance.
func (d Deployment) Provisioned() bool { return d.SKU.IsProvisioned() }

// TokensPerMinute is what the deployment can serve: a unit of capacity is 1,000 tokens per minute, or a provisioned
// unit, whose worth depends on the model (Microsoft Learn: ai-services/openai/how-to/quota).
func (d Deployment) TokensPerMinute() int {
	if d.Provisioned() {
		return saturatingMultiply(d.Capacity, d.TokensPerUnit)
	}
	const tokensPerUnit = 1000
	return saturatingMultiply(d.Capacity, tokensPerUnit)
}

// saturatingAdd and saturatingMultiply stop at the largest number: settings may hold anything.
func saturatingAdd(a, b int) int {
	if a > math.MaxInt-max(b, 0) {
		return math.MaxInt
	}
	return a + max(b, 0)
}

func saturatingMultiply(a, b int) int {
	a, b = max(a, 0), max(b, 0)
	if b != 0 && a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
