package diff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"enterprise-openai/stacks"
)

// callers says what changes for products and teams.
func (c *comparison) callers() {
	for _, name := range sortedKeys(c.before.products, c.after.products) {
		old, had := c.before.products[name]
		now, has := c.after.products[name]
		switch {
		case !had:
			c.say(Gain, "product *%s* is new: %s, with %s tokens per minute", name, list(now.Deployments), grouped(now.tokens))
		case !has:
			c.say(Loss, "product *%s* is removed", name)
		default:
			c.limits(name, old, now)
			c.access(name, old, now)
			c.reach(name, old, now)
		}
	}
	c.teams()
	c.deploymentsOfTeams()
	c.tokens()
}

// limits says what a product's callers may use.
func (c *comparison) limits(name string, old, now product) {
	c.amount("product *"+name+"*", "of its tokens per minute", old.tokens, now.tokens)
	c.amount("product *"+name+"*", "of its requests per minute", old.requests, now.requests)
	c.amount("product *"+name+"*", "of the tokens that its calls may reserve per minute", reserved(old), reserved(now))
	if old.period == now.period {
		c.amount("product *"+name+"*", "of its "+strings.ToLower(now.period)+" token quota", old.quota, now.quota)
	} else {
		effect := Change
		c.say(effect, "product *%s* has a quota of %s tokens %s instead of %s %s", name, grouped(now.quota), strings.ToLower(now.period),
			grouped(old.quota), strings.ToLower(old.period))
	}
	if old.OpenAnswerTokens != now.OpenAnswerTokens {
		c.say(Change, "product *%s* reserves %s tokens instead of %s for an answer whose size a call leaves open", name,
			grouped(now.OpenAnswerTokens), grouped(old.OpenAnswerTokens))
	}
	switch {
	case now.LimitsPerPerson && !old.LimitsPerPerson:
		c.say(Gain, "product *%s* counts its limits for each person, no longer for each team", name)
	case old.LimitsPerPerson && !now.LimitsPerPerson:
		c.say(Loss, "product *%s* counts its limits for each team, no longer for each person", name)
	}
	if now.tokens > old.tokens {
		c.overcommitted(name, now)
	}
}

// unitOfReservation is how many tokens a unit of a reservation stands for (policies.ReservedUnit).
const unitOfReservation = 100

func reserved(p product) int { return p.ReservedUnits * unitOfReservation }

// amount says that a number rose or fell. 0 is no limit.
func (c *comparison) amount(who, what string, old, now int) {
	switch {
	case old == now:
	case now == 0:
		c.say(Change, "%s has no limit any more %s (it was %s)", who, what, grouped(old))
		c.warn(Guard, "%s has no limit %s", who, what)
	case old == 0:
		c.say(Loss, "%s is limited to %s %s", who, grouped(now), what)
	case now < old:
		c.say(Loss, "%s loses %s %s (%s → %s)", who, percent(old-now, old), what, grouped(old), grouped(now))
	default:
		c.say(Gain, "%s gains %s %s (%s → %s)", who, percent(now-old, old), what, grouped(old), grouped(now))
	}
}

// access says who may call a product, and how.
func (c *comparison) access(name string, old, now product) {
	if old.Authentication != now.Authentication {
		words := map[stacks.Authentication]string{
			stacks.AuthenticationKey: "a key alone", stacks.AuthenticationEntra: "an Entra token alone", stacks.AuthenticationBoth: "a key and an Entra token",
		}
		c.say(Loss, "product *%s* takes %s instead of %s: who calls it otherwise is refused", name,
			words[now.Authentication], words[old.Authentication])
		if old.Authentication == stacks.AuthenticationBoth || now.Authentication == stacks.AuthenticationKey {
			c.warn(Guard, "product *%s* asks its callers for less: %s", name, words[now.Authentication])
		}
	}
	lost, gained := apart(old.Groups, now.Groups)
	for _, id := range lost {
		c.say(Loss, "members of group %s can no longer use product *%s*", c.group(id), name)
	}
	for _, id := range gained {
		c.say(Gain, "members of group %s can use product *%s*", c.group(id), name)
	}
	lost, gained = apart(old.Endpoints, now.Endpoints)
	if len(lost) > 0 {
		c.say(Loss, "product *%s* no longer has the endpoints for %s", name, list(lost))
	}
	if len(gained) > 0 {
		c.say(Gain, "product *%s* has the endpoints for %s", name, list(gained))
	}
	lost, gained = apart(old.Paths, now.Paths)
	switch {
	case len(lost) > 0 && len(gained) > 0:
		c.say(Loss, "product *%s* is called at /%s, no longer at /%s: clients have to change their address", name,
			strings.Join(gained, ", /"), strings.Join(lost, ", /"))
	case len(lost) > 0:
		c.say(Loss, "product *%s* is no longer called at /%s", name, strings.Join(lost, ", /"))
	case len(gained) > 0:
		c.say(Gain, "product *%s* can also be called at /%s", name, strings.Join(gained, ", /"))
	}
}

// reach says what calls of a product may reach beside the model.
func (c *comparison) reach(name string, old, now product) {
	lost, gained := apart(old.Tools, now.Tools)
	if len(lost) > 0 {
		c.say(Loss, "calls of product *%s* can no longer use %s", name, list(lost))
	}
	if len(gained) > 0 {
		c.say(Gain, "calls of product *%s* can use %s", name, list(gained))
		c.warn(Privacy, "prompts of product *%s* may leave through %s", name, list(gained))
	}
	lost, gained = apart(old.Hosts, now.Hosts)
	if len(lost) > 0 {
		c.say(Loss, "calls of product *%s* can no longer name the hosts %s", name, list(lost))
	}
	if len(gained) > 0 {
		c.say(Gain, "calls of product *%s* can name the hosts %s", name, list(gained))
		c.warn(Privacy, "prompts of product *%s* may leave to %s", name, list(gained))
	}
}

// group is a group by its name where the gateway knows it, else by its object id.
func (c *comparison) group(id string) string {
	for _, e := range []*environment{c.after, c.before} {
		if name := e.groupName(id); name != "" {
			return "*" + name + "*"
		}
	}
	return id
}

// teams says who gets and loses keys.
func (c *comparison) teams() {
	for _, name := range sortedKeys(c.before.teams, c.after.teams) {
		old, had := c.before.teams[name]
		now, has := c.after.teams[name]
		switch {
		case !had:
			c.say(Gain, "team *%s* is new, with a key for %s", name, starred(sortedKeys(now.products)))
		case !has:
			c.say(Loss, "team *%s* is removed: its key for %s stops working", name, starred(sortedKeys(old.products)))
		default:
			lost, gained := apart(sortedKeys(old.products), sortedKeys(now.products))
			if len(lost) > 0 {
				c.say(Loss, "team *%s* loses its key for %s", name, starred(lost))
			}
			if len(gained) > 0 {
				c.say(Gain, "team *%s* gets a key for %s", name, starred(gained))
			}
		}
	}
}

// deploymentsOfTeams says who can no longer use a deployment, and who newly can. Products without teams have callers of their own.
func (c *comparison) deploymentsOfTeams() {
	lost, gained := map[string][]string{}, map[string][]string{} // by deployment
	for _, name := range sortedKeys(c.before.teams) {
		if _, has := c.after.teams[name]; !has {
			continue
		}
		gone, come := apart(c.before.usable(name), c.after.usable(name))
		for _, d := range gone {
			lost[d] = append(lost[d], name)
		}
		for _, d := range come {
			gained[d] = append(gained[d], name)
		}
	}
	for _, d := range sortedKeys(lost) {
		c.say(Loss, "%s can no longer use %s", named("team", lost[d]), d)
	}
	for _, d := range sortedKeys(gained) {
		c.say(Gain, "%s can use %s", named("team", gained[d]), d)
	}
	for _, name := range sortedKeys(c.before.products) {
		now, has := c.after.products[name]
		if !has {
			continue
		}
		gone, come := apart(c.before.products[name].Deployments, now.Deployments)
		for _, d := range gone {
			if teams := c.after.teamsOf(name); len(teams) == 0 {
				c.say(Loss, "callers of product *%s* can no longer use %s", name, d)
			} else if len(lost[d]) == 0 {
				c.say(Note, "product *%s* no longer has %s, which its teams keep through other products", name, d)
			}
		}
		for _, d := range come {
			if len(c.after.teamsOf(name)) == 0 {
				c.say(Gain, "callers of product *%s* can use %s", name, d)
			}
		}
	}
}

// usable are the deployments of a team over all its products.
func (e *environment) usable(team string) []string {
	all := map[string]bool{}
	for product := range e.teams[team].products {
		for _, d := range e.products[product].Deployments {
			all[d] = true
		}
	}
	return sortedKeys(all)
}

// teamsOf are the teams of a product.
func (e *environment) teamsOf(product string) []string {
	var names []string
	for _, name := range sortedKeys(e.teams) {
		if e.teams[name].products[product] {
			names = append(names, name)
		}
	}
	return names
}

// tokens says which Entra tokens are taken.
func (c *comparison) tokens() {
	lost, gained := apart(c.before.facts.audiences, c.after.facts.audiences)
	for _, a := range lost {
		c.say(Loss, "Entra tokens for %s are no longer taken", a)
	}
	for _, a := range gained {
		c.say(Gain, "Entra tokens for %s are taken", a)
		c.warn(Exposure, "Entra tokens for another audience are taken: %s", a)
	}
}

// overcommitted warns of a product whose limit is above what one of its deployments serves over all accounts.
func (c *comparison) overcommitted(name string, p product) {
	for _, d := range p.Deployments {
		served, known := c.after.serves(d)
		if known && p.tokens > served {
			c.warn(Overcommit, "product *%s* promises each caller %s tokens per minute, deployment %s serves %s", name, grouped(p.tokens), d, grouped(served))
		}
	}
}

// tokensOfCapacity is what one unit of a standard deployment's capacity serves per minute.
const tokensOfCapacity = 1000

// serves is how many tokens per minute all accounts serve of a deployment; unknown with provisioned units, whose worth the plan lacks.
func (e *environment) serves(name string) (tokens int, known bool) {
	for _, a := range e.accounts {
		d, has := a.deployments[name]
		if has && d.provisioned() {
			return 0, false
		}
		if has {
			tokens, known = tokens+d.capacity*tokensOfCapacity, true
		}
	}
	return tokens, known
}

// apart are what one list has alone, and what the other has alone.
func apart(old, now []string) (lost, gained []string) {
	for _, v := range old {
		if !slices.Contains(now, v) && !slices.Contains(lost, v) {
			lost = append(lost, v)
		}
	}
	for _, v := range now {
		if !slices.Contains(old, v) && !slices.Contains(gained, v) {
			gained = append(gained, v)
		}
	}
	return lost, gained
}

func list(all []string) string { return strings.Join(all, ", ") }

func starred(all []string) string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = "*" + v + "*"
	}
	return strings.Join(out, ", ")
}

func named(noun string, all []string) string {
	if len(all) > 1 {
		noun += "s"
	}
	return noun + " " + starred(all)
}

// grouped is a number with commas between its thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func percent(part, whole int) string {
	if p := float64(part) * 100 / float64(whole); p < 1 {
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", float64(part)*100/float64(whole))
}
