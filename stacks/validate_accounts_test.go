package stacks

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAccountsAreDistinctAndNamed(t *testing.T) {
	judge(t, []wrong{
		{"none", func(s *Settings) { s.Accounts, s.Products, s.Teams = nil, s.Products[:0], nil }, []string{
			"accounts: must not be empty; add an account: the gateway would have nothing to offer",
			"products: must not be empty; add a product: nobody could use the gateway"}},
		{"a name twice", func(s *Settings) { s.Accounts[1].Name = "sweden" }, []string{
			`accounts[1].name: "sweden" is also at accounts[0].name; give each its own, or remove one`}},
		{"a dash", func(s *Settings) { s.Accounts[0].Name = "sweden-1" }, []string{
			`accounts[0].name: "sweden-1" is not allowed; use 2 to 16 lower-case letters and digits`}},
		{"too long", func(s *Settings) { s.Accounts[0].Name = strings.Repeat("a", 17) }, []string{
			`accounts[0].name: "aaaaaaaaaaaaaaaaa" is not allowed; use 2 to 16 lower-case letters and digits`}},
		{"a pool's", func(s *Settings) { s.Accounts[0].Name = "pool" }, []string{
			`accounts[0].name: "pool" is how the ids of pools begin: its backends would have theirs; use another name`}},
		{"no deployment", func(s *Settings) { s.Accounts[1].Deployments = nil }, []string{
			"accounts[1].deployments: must not be empty; add a deployment, or remove the account"}},
		{"priority and weight", func(s *Settings) {
			s.Accounts[0].Priority, s.Accounts[0].Weight = 0, 101
			s.Accounts[0].Deployments[0].Priority, s.Accounts[0].Deployments[0].Weight = 101, -1
		}, []string{
			"accounts[0].deployments[0].priority: 101 is outside 1 to 100",
			"accounts[0].deployments[0].weight: -1 is outside 1 to 100",
			"accounts[0].priority: 0 is outside 1 to 100",
			"accounts[0].weight: 101 is outside 1 to 100"}},
	})
}

func TestARegionHasAtMostThirtyAccountsAndAPoolThirtyMembers(t *testing.T) {
	err := Validate(devSettings(func(s *Settings) {
		account := s.Accounts[0]
		s.Accounts = nil
		for i := range 31 {
			account.Name = fmt.Sprint("a", i)
			s.Accounts = append(s.Accounts, account)
		}
	}), "dev", nil)
	assert.Equal(t, []string{
		"accounts: 31 accounts in swedencentral, Azure allows 30 per region and subscription; spread them over regions",
		`accounts: 31 accounts have a deployment "gpt-4o", a pool takes 30; remove some, or use a second name`,
	}, messages(err))
}

func TestDeploymentsAreWellFormed(t *testing.T) {
	one := func(change func(*Deployment)) func(*Settings) {
		return func(s *Settings) {
			other := s.Accounts[0].Deployments[0]
			other.Name = "other"
			change(&other)
			s.Accounts[0].Deployments = append(s.Accounts[0].Deployments, other)
		}
	}
	judge(t, []wrong{
		{"a name twice on one account", one(func(d *Deployment) { d.Name = "GPT-4o" }), []string{
			`accounts[0].deployments[1].name: "GPT-4o" is also at accounts[0].deployments[0].name; give each its own, or remove one`}},
		{"a name with a space", one(func(d *Deployment) { d.Name = "gpt 4o" }), []string{
			`accounts[0].deployments[1].name: "gpt 4o" is not allowed; use 2 to 64 letters, digits, dots, dashes and underscores, starting with a letter or digit`}},
		{"too long a name", one(func(d *Deployment) { d.Name = strings.Repeat("a", 65) }), []string{
			`accounts[0].deployments[1].name: "` + strings.Repeat("a", 65) + `" is not allowed; use 2 to 64 letters, digits, dots, dashes and underscores, starting with a letter or digit`}},
		{"no version", one(func(d *Deployment) { d.Version = "" }), []string{
			`accounts[0].deployments[1].version: "" is not a version; use what Azure lists (az cognitiveservices model list)`}},
		{"no capacity", one(func(d *Deployment) { d.Capacity = 0 }), []string{"accounts[0].deployments[1].capacity: must be above 0, got 0"}},
		{"provisioned without its worth", one(func(d *Deployment) { d.SKU = "DataZoneProvisionedManaged" }), []string{
			"accounts[0].deployments[1].tokensPerUnit: required for DataZoneProvisionedManaged: limits cannot be compared with what the units serve; take the model's input tokens per minute per unit from Azure's provisioned throughput table"}},
		{"worth without provisioned", one(func(d *Deployment) { d.TokensPerUnit = 2500 }), []string{
			"accounts[0].deployments[1].tokensPerUnit: Standard is measured in thousands of tokens; remove it, or use a provisioned SKU"}},
	})
}

func TestPoolMembersAreInterchangeable(t *testing.T) {
	member := func(change func(*Deployment)) func(*Settings) {
		return func(s *Settings) { change(&s.Accounts[1].Deployments[0]) }
	}
	differs := func(name, value, want string) []string {
		return []string{fmt.Sprintf("accounts[1].deployments[0].%s: %q, but accounts[0].deployments[0].%s has %q: one deployment name is one pool, "+
			"and callers do not see which member answers; use the same %s, or another deployment name", name, value, name, want, name)}
	}
	judge(t, []wrong{
		{"model", member(func(d *Deployment) { d.Model = "gpt-4o-mini" }), differs("model", "gpt-4o-mini", "gpt-4o")},
		{"version", member(func(d *Deployment) { d.Version = "2024-08-06" }), differs("version", "2024-08-06", "2024-11-20")},
		{"content filter", member(func(d *Deployment) { d.ContentFilter = "Microsoft.Default" }), differs("contentFilter", "Microsoft.Default", "Microsoft.DefaultV2")},
		{"upgrade", member(func(d *Deployment) { d.Upgrade = "OnceCurrentVersionExpired" }), differs("upgrade", "OnceCurrentVersionExpired", "NoAutoUpgrade")},
		{"spelling", member(func(d *Deployment) { d.Name = "GPT-4o" }), differs("name", "GPT-4o", "gpt-4o")},
	})
	assert.NoError(t, Validate(devSettings(member(func(d *Deployment) { d.SKU, d.Capacity = "GlobalStandard", 50 })), "dev", nil),
		"how a member is paid for may differ")
}

func TestPoolsGatherDeploymentsByName(t *testing.T) {
	pools := devSettings(func(s *Settings) {
		s.Accounts[0].Deployments[0].Priority = 5 // behind the other account's 2
		only := s.Accounts[1].Deployments[0]
		only.Name, only.SKU, only.Capacity, only.TokensPerUnit, only.Weight = "embeddings", "ProvisionedManaged", 4, 2500, 7
		s.Accounts[1].Deployments = append(s.Accounts[1].Deployments, only)
	}).Pools()
	assert.Len(t, pools, 2)
	assert.Equal(t, "embeddings", pools[0].Deployment)
	assert.Equal(t, 10_000, pools[0].TokensPerMinute())
	assert.Equal(t, 7, pools[0].Members[0].Weight)
	assert.Equal(t, "gpt-4o", pools[1].Deployment)
	assert.Equal(t, 20_000, pools[1].TokensPerMinute())
	assert.Equal(t, []string{"france", "sweden"}, []string{pools[1].Members[0].Account.Name, pools[1].Members[1].Account.Name})
	assert.Equal(t, []int{2, 5}, []int{pools[1].Members[0].Priority, pools[1].Members[1].Priority})
}

func TestCapacityNeverOverflows(t *testing.T) {
	assert.Equal(t, math.MaxInt, Deployment{Capacity: math.MaxInt}.TokensPerMinute())
	assert.Equal(t, 0, Deployment{Capacity: -5}.TokensPerMinute())
	assert.Equal(t, math.MaxInt, saturatingAdd(math.MaxInt, 1))
	assert.Equal(t, 3, saturatingAdd(3, -1))
	assert.Equal(t, 0, saturatingMultiply(math.MaxInt, 0))
}
