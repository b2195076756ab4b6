package diff

import (
	"fmt"
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
)

// region is how people call an account: by its region, and by its name too where the region has two.
func (c *comparison) region(name string) string {
	now, has := c.after.accounts[name]
	old := c.before.accounts[name]
	if !has {
		now = old
	}
	if now.shared || old.shared {
		return fmt.Sprintf("region %s (account %s)", now.region, name)
	}
	return "region " + now.region
}

// models says what changes for accounts, deployments and pools.
func (c *comparison) models() {
	for _, name := range sortedKeys(c.before.pools, c.after.pools) {
		old, had := c.before.pools[name]
		now, has := c.after.pools[name]
		switch {
		case !had:
			c.say(Gain, "deployment %s is new, in %s", name, c.regions(sortedKeys(now)))
		case !has:
			c.say(Loss, "deployment %s is removed", name)
		default:
			c.pool(name, old, now)
		}
		if has && len(now) == 1 && len(old) != 1 {
			c.warn(Redundancy, "deployment %s is in one region alone: nothing takes over from it", name)
		}
	}
	c.deployments()
}

// deployments says what changes of models, once for all regions in which the same changes.
func (c *comparison) deployments() {
	type key struct {
		name     string
		old, now deployment
	}
	var order []key
	accounts := map[key][]string{}
	for _, name := range sortedKeys(c.after.accounts) {
		old, now := c.before.accounts[name], c.after.accounts[name]
		for _, d := range sortedKeys(now.deployments) {
			was, had := old.deployments[d]
			is := now.deployments[d]
			if !had || was.model != is.model || was.version != is.version {
				c.retirement(d, is)
			}
			if k := (key{d, was, is}); had && was != is {
				if accounts[k] == nil {
					order = append(order, k)
				}
				accounts[k] = append(accounts[k], name)
			}
		}
	}
	for _, k := range order {
		c.deployment(k.name, c.regions(accounts[k]), k.old, k.now)
	}
}

// regions are the regions of accounts: region swedencentral, or regions francecentral, swedencentral.
func (c *comparison) regions(accounts []string) string {
	if len(accounts) == 1 {
		return c.region(accounts[0])
	}
	var all []string
	for _, name := range accounts {
		all = append(all, strings.TrimPrefix(c.region(name), "region "))
	}
	return "regions " + list(all)
}

func (c *comparison) pool(deployment string, old, now pool) {
	for _, name := range sortedKeys(old, now) {
		was, had := old[name]
		is, has := now[name]
		switch {
		case !had:
			c.say(Gain, "%s joins the pool of %s at priority %d", c.region(name), deployment, is.priority)
		case !has:
			c.say(Loss, "%s leaves the pool of %s", c.region(name), deployment)
		default:
			if was.priority != is.priority {
				c.say(Change, "%s has priority %d instead of %d in the pool of %s", c.region(name), is.priority, was.priority, deployment)
			}
			if was.weight != is.weight {
				c.say(Change, "%s has weight %d instead of %d in the pool of %s", c.region(name), is.weight, was.weight, deployment)
			}
		}
	}
}

// deployment says what changes of a model on an account.
func (c *comparison) deployment(name, region string, old, now deployment) {
	if old.model != now.model || old.version != now.version {
		c.say(Change, "deployment %s in %s is %s %s instead of %s %s", name, region, now.model, now.version, old.model, old.version)
	}
	if old.sku != now.sku {
		c.say(Change, "deployment %s in %s is of type %s instead of %s", name, region, now.sku, old.sku)
		if reach(now.sku) > reach(old.sku) {
			c.warn(Privacy, "prompts to %s in %s may be processed %s (%s)", name, region, places[reach(now.sku)], now.sku)
		}
	}
	unit := "of its tokens per minute"
	if now.provisioned() {
		unit = "of its provisioned units"
	}
	if old.provisioned() == now.provisioned() {
		factor := tokensOfCapacity
		if now.provisioned() {
			factor = 1
		}
		c.amount("deployment "+name+" in "+region, unit, old.capacity*factor, now.capacity*factor)
	}
	if old.filter != now.filter {
		c.say(Change, "deployment %s in %s has the content filter %s instead of %s", name, region, now.filter, old.filter)
		c.warn(Guard, "the content filter of %s in %s changes: %s instead of %s", name, region, now.filter, old.filter)
	}
	if old.upgrade != now.upgrade {
		c.say(Change, "deployment %s in %s is upgraded by Azure %s instead of %s", name, region, now.upgrade, old.upgrade)
	}
}

// places are where prompts are processed, by how far that is: Microsoft Learn, foundry/foundry-models/concepts/deployment-types.
var places = []string{"in the region alone", "anywhere in the data zone", "anywhere in the world"}

// reach is how far from its region a type of deployment processes prompts.
func reach(sku string) int {
	switch {
	case strings.HasPrefix(sku, "Global"):
		return 2
	case strings.HasPrefix(sku, "DataZone"):
		return 1
	}
	return 0
}

// soon is when a retirement is a risk (doctor.SoonDays).
const soon = 90

// retirement warns of a model that the change brings and that ends soon.
func (c *comparison) retirement(name string, d deployment) {
	if c.options.Retires == nil {
		return
	}
	end, known := c.options.Retires(d.model, d.version)
	if known && end.Before(c.options.Today.AddDate(0, 0, soon)) {
		c.warn(Retirement, "deployment %s is %s %s, which retires on %s", name, d.model, d.version, end.Format("2006-01-02"))
	}
}

// groupName is the name of a group that the gateway knows.
func (e *environment) groupName(objectID string) string {
	name := ""
	e.each("Group", func(r plan.Resource) {
		if strings.HasSuffix(strings.ToLower(jsonpath.Text(r.Inputs, "externalId")), strings.ToLower(objectID)) {
			name = jsonpath.Text(r.Inputs, "displayName")
		}
	})
	return name
}
