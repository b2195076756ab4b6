package stacks

import (
	"fmt"
	"strings"

	"enterprise-openai/policies"
)

const (
	// mostMembers is the limit of a backend pool (Microsoft Learn: api-management/backends).
	mostMembers = 30
	// mostAccounts is the limit per region and subscription (Microsoft Learn: ai-services/openai/quotas-limits).
	mostAccounts = 30
	// mostWeight bounds priorities and weights; the ARM type takes 0 to 100, and 0 would switch a member off in silence.
	mostWeight = 100
)

func checkAccountNames(c *check) {
	if len(c.s.Accounts) == 0 {
		c.add("accounts", "must not be empty", "add an account: the gateway would have nothing to offer")
	}
	seen := map[string]string{}
	regions := map[string]int{}
	for i, a := range c.s.Accounts {
		path := at("accounts", i, "name")
		c.matches(path, a.Name, accountShape, fmt.Sprintf("2 to %d lower-case letters and digits", longestAccount))
		c.unique(seen, path, a.Name)
		if policies.BackendID(a.Name, "x") == policies.PoolID("x") {
			c.add(path, show(path, a.Name)+" is how the ids of pools begin: its backends would have theirs", "use another name")
		}
		regions[a.Location]++
	}
	for _, region := range sortedKeys(regions) {
		if n := regions[region]; n > mostAccounts {
			c.add("accounts", fmt.Sprintf("%d accounts in %s, Azure allows %d per region and subscription", n, region, mostAccounts), "spread them over regions")
		}
	}
}

func checkAccountOrder(c *check) {
	for i, a := range c.s.Accounts {
		c.between(at("accounts", i, "priority"), a.Priority, 1, mostWeight)
		c.between(at("accounts", i, "weight"), a.Weight, 1, mostWeight)
		for j, d := range a.Deployments {
			path := at(at("accounts", i, "deployments"), j)
			// 0 is left out: the account's applies.
			if d.Priority != 0 {
				c.between(path+".priority", d.Priority, 1, mostWeight)
			}
			if d.Weight != 0 {
				c.between(path+".weight", d.Weight, 1, mostWeight)
			}
		}
	}
}

func checkDeployments(c *check) {
	for i, a := range c.s.Accounts {
		if len(a.Deployments) == 0 {
			c.add(at("accounts", i, "deployments"), "must not be empty", "add a deployment, or remove the account")
		}
		seen := map[string]string{}
		for j, d := range a.Deployments {
			path := at(at("accounts", i, "deployments"), j)
			c.matches(path+".name", d.Name, deploymentShape, "2 to 64 letters, digits, dots, dashes and underscores, starting with a letter or digit")
			c.unique(seen, path+".name", d.Name)
			for _, text := range []struct{ name, value string }{{"model", d.Model}, {"version", d.Version}} {
				if strings.TrimSpace(text.value) == "" || strings.TrimSpace(text.value) != text.value {
					c.add(path+"."+text.name, show(path, text.value)+" is not a "+text.name, "use what Azure lists (az cognitiveservices model list)")
				}
			}
		}
	}
}

func checkCapacity(c *check) {
	for i, a := range c.s.Accounts {
		for j, d := range a.Deployments {
			path := at(at("accounts", i, "deployments"), j)
			c.positive(path+".capacity", d.Capacity)
			c.between(path+".tokensPerUnit", d.TokensPerUnit, 0, mostCounted)
			switch {
			case d.Provisioned() && d.TokensPerUnit == 0:
				c.add(path+".tokensPerUnit", "required for "+string(d.SKU)+": limits cannot be compared with what the units serve",
					"take the model's input tokens per minute per unit from Azure's provisioned throughput table")
			case !d.Provisioned() && d.TokensPerUnit != 0:
				c.add(path+".tokensPerUnit", string(d.SKU)+" is measured in thousands of tokens", "remove it, or use a provisioned SKU")
			}
		}
	}
}

// checkPools makes sure that it does not matter which member answers: same model, same filter, same future.
func checkPools(c *check) {
	for _, pool := range c.s.Pools() {
		if len(pool.Members) > mostMembers {
			c.add("accounts",
				fmt.Sprintf("%d accounts have a deployment %s, a pool takes %d", len(pool.Members), show("", pool.Deployment), mostMembers),
				"remove some, or use a second name")
		}
		first := pool.Members[0]
		for _, m := range pool.Members[1:] {
			for _, same := range []struct{ name, value, want string }{
				{"name", m.Deployment.Name, first.Deployment.Name},
				{"model", m.Deployment.Model, first.Deployment.Model},
				{"version", m.Deployment.Version, first.Deployment.Version},
				{"contentFilter", string(m.Deployment.ContentFilter), string(first.Deployment.ContentFilter)},
				{"upgrade", string(m.Deployment.Upgrade), string(first.Deployment.Upgrade)},
			} {
				// Twice on one account is reported as such.
				if same.value != same.want && m.Account.Name != first.Account.Name {
					path := m.path + "." + same.name
					c.add(path, fmt.Sprintf("%s, but %s has %s: one deployment name is one pool, and callers do not see which member answers",
						show(path, same.value), first.path+"."+same.name, show(path, same.want)), "use the same "+same.name+", or another deployment name")
				}
			}
		}
	}
}
