package stacks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"enterprise-openai/infra"
	"enterprise-openai/internal/words"
	"enterprise-openai/policies"
)

const (
	longestDisplayName      = 300
	longestDescription      = 1000
	longestSubscriptionName = 100
)

// builtInGroups exist in every service and cannot be replaced (Microsoft Learn: api-management/api-management-howto-create-groups).
var builtInGroups = []string{"administrators", "developers", "guests"}

// sampleProducts exist in a new service; creating them again is refused as existing (PSRule: Azure.APIM.SampleProducts).
var sampleProducts = []string{"starter", "unlimited"}

func checkProductNames(c *check) {
	if len(c.s.Products) == 0 {
		c.add("products", "must not be empty", "add a product: nobody could use the gateway")
	}
	seen := map[string]string{}
	for i, p := range c.s.Products {
		path := at("products", i, "name")
		c.matches(path, p.Name, identifierShape, identifierRule)
		c.unique(seen, path, p.Name)
		if slices.Contains(sampleProducts, p.Name) {
			c.add(path, show(path, p.Name)+" is a sample product of every new gateway", "use another name")
		}
		c.length(at("products", i, "displayName"), p.DisplayName, longestDisplayName)
		c.length(at("products", i, "description"), p.Description, longestDescription)
	}
}

// checkProductGroups also compares groups across products: a name becomes one group of the gateway.
func checkProductGroups(c *check) {
	ids := map[string]placed{}   // by name
	names := map[string]placed{} // by id
	for i, p := range c.s.Products {
		if len(p.Groups) == 0 {
			c.add(at("products", i, "groups"), "must not be empty", "name the Entra groups whose members may use the product")
		}
		seen := map[string]string{}
		for j, g := range p.Groups {
			path := at(at("products", i, "groups"), j)
			c.matches(path+".name", g.Name, groupShape, "letters, digits and dashes, at most 64, no dash at either end")
			c.matches(path+".objectId", g.ObjectID, guidShape, "the group's object id in Entra, a GUID (az ad group show --group NAME --query id)")
			c.unique(seen, path+".name", g.Name)
			if slices.Contains(builtInGroups, strings.ToLower(g.Name)) {
				c.add(path+".name", show(path, g.Name)+" is a group of every gateway", "use another name")
			}
			c.agree(ids, path+".objectId", g.Name, g.ObjectID, "the group "+show("", g.Name)+" has another id")
			c.agree(names, path+".name", g.ObjectID, g.Name, "the group with this id has another name")
		}
	}
}

// placed is a value and the path where it was first seen.
type placed struct{ value, path string }

// agree reports a key with two values.
func (c *check) agree(seen map[string]placed, path, key, value, problem string) {
	folded := strings.ToLower(key)
	first, known := seen[folded]
	if !known {
		seen[folded] = placed{value: value, path: path}
		return
	}
	if !strings.EqualFold(first.value, value) {
		c.add(path, problem+" at "+first.path+": "+show(path, first.value), "use the same in both places")
	}
}

func checkProductDeployments(c *check) {
	var names []string
	for _, pool := range c.s.Pools() {
		names = append(names, pool.Deployment)
	}
	for i, p := range c.s.Products {
		if len(p.Deployments) == 0 {
			c.add(at("products", i, "deployments"), "must not be empty", "name the deployments its callers may use")
		}
		seen := map[string]string{}
		for j, d := range p.Deployments {
			path := at(at("products", i, "deployments"), j)
			c.unique(seen, path, d)
			if !slices.Contains(names, d) {
				c.add(path, "no account has a deployment "+show(path, d), words.Suggest(d, names))
			}
		}
	}
}

func checkEndpoints(c *check) {
	for i, p := range c.s.Products {
		path := at("products", i, "endpoints")
		if len(p.Endpoints) == 0 {
			c.add(path, "must not be empty", "name the kinds of operations its callers may call, or leave it out")
		}
		seen := map[string]string{}
		for j, kind := range p.Endpoints {
			c.unique(seen, at(path, j), string(kind))
		}
	}
}

// toolShape and hostShape keep to what policies can hold, too.
var (
	toolShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	hostShape = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// needHosts are the kinds of tools that reach nothing without a host.
var needHosts = []string{"mcp", "data_sources"}

func checkTools(c *check) {
	for i, p := range c.s.Products {
		seen := map[string]string{}
		for j, kind := range p.Tools.Allow {
			path := at(at("products", i, "tools.allow"), j)
			c.matches(path, kind, toolShape, "the type of a tool, such as web_search: lower-case letters, digits and underscores")
			c.unique(seen, path, kind)
			if kind == "function" || kind == "custom" {
				c.add(path, show(path, kind)+" is always allowed, because the caller runs it", "leave it out")
			}
			if slices.Contains(needHosts, kind) && len(p.Tools.Hosts) == 0 {
				c.add(path, show(path, kind)+" reaches nothing while tools.hosts is empty", "name the hosts it may reach")
			}
		}
		seen = map[string]string{}
		for j, host := range p.Tools.Hosts {
			path := at(at("products", i, "tools.hosts"), j)
			c.matches(path, host, hostShape, "a host name in lower case without scheme, port or path, or *. and a domain")
			c.unique(seen, path, host)
		}
	}
}

func checkLimits(c *check) {
	for i, p := range c.s.Products {
		if p.LimitsPer.CountsPeople() && !p.Authentication.TakesTokens() {
			c.add(at("products", i, "limitsPer"), "person needs a token, and the product takes a key alone", "set authentication: both, or leave limitsPer out")
		}
		c.positive(at("products", i, "tokensPerMinute"), p.TokensPerMinute)
		c.positive(at("products", i, "requestsPerMinute"), p.RequestsPerMinute)
		checkReservation(c, i, p)
		checkMedia(c, i, p)
		path := at("products", i, "tokenQuota.tokens")
		c.positive(path, p.TokenQuota.Tokens)
		if p.TokenQuota.Tokens > 0 && p.TokenQuota.Tokens < p.TokensPerMinute {
			c.add(path, fmt.Sprintf("%d is below tokensPerMinute (%d): the first minute could spend the %s quota",
				p.TokenQuota.Tokens, p.TokensPerMinute, strings.ToLower(string(p.TokenQuota.Period))), "raise the quota, or lower tokensPerMinute")
		}
	}
}

// checkReservation checks what the calls of one minute may reserve.
func checkReservation(c *check, i int, p Product) {
	if p.ReservedTokensPerMinute == 0 {
		return
	}
	path := at("products", i, "openAnswerTokens")
	c.positive(path, p.OpenAnswerTokens)
	if p.ReservedTokensPerMinute > 0 && p.OpenAnswerTokens > p.ReservedTokensPerMinute {
		c.add(path, fmt.Sprintf("%d is above reservedTokensPerMinute (%d): every call without a size of its answer would be refused",
			p.OpenAnswerTokens, p.ReservedTokensPerMinute), "lower it, or raise reservedTokensPerMinute")
	}
	path = at("products", i, "reservedTokensPerMinute")
	c.positive(path, p.ReservedTokensPerMinute)
	if p.ReservedTokensPerMinute%policies.ReservedUnit != 0 {
		c.add(path, fmt.Sprintf("%d is no multiple of %d, in which calls reserve", p.ReservedTokensPerMinute, policies.ReservedUnit), "round it")
	}
	if p.ReservedTokensPerMinute > 0 && p.ReservedTokensPerMinute < p.TokensPerMinute {
		c.add(path, fmt.Sprintf("%d is below tokensPerMinute (%d), which no caller could use up then", p.ReservedTokensPerMinute, p.TokensPerMinute),
			"raise it, to a few times tokensPerMinute, or leave it out")
	}
}

// checkMedia checks the limits of what is not counted in tokens.
func checkMedia(c *check, i int, p Product) {
	for _, limit := range []struct {
		setting string
		value   int
		kind    EndpointKind
	}{
		{"imagesPerMinute", p.ImagesPerMinute, EndpointImages},
		{"speechCharactersPerMinute", p.SpeechCharactersPerMinute, EndpointAudio},
		{"audioMegabytesPerMinute", p.AudioMegabytesPerMinute, EndpointAudio},
	} {
		if limit.value == 0 {
			continue
		}
		path := at("products", i, limit.setting)
		c.positive(path, limit.value)
		if !slices.Contains(p.Endpoints, limit.kind) {
			c.add(path, fmt.Sprintf("limits what endpoints does not allow (%s)", limit.kind), "add "+string(limit.kind)+" to endpoints, or leave it out")
		}
	}
	path := at("products", i, "speechCharactersPerMinute")
	if p.SpeechCharactersPerMinute%policies.SpeechUnit != 0 {
		c.add(path, fmt.Sprintf("%d is no multiple of %d, in which calls count", p.SpeechCharactersPerMinute, policies.SpeechUnit), "round it")
	}
	if p.ImagesPerMinute > 0 && slices.Contains(p.Tools.Allow, "image_generation") {
		c.add(at("products", i, "imagesPerMinute"), "does not count the images of the tool image_generation, which tools.allow has", "leave one of them out")
	}
}

// checkPromises compares what a product promises all its callers with what each of its deployments can serve.
func checkPromises(c *check) {
	capacity := map[string]int{}
	for _, pool := range c.s.Pools() {
		capacity[pool.Deployment] = pool.TokensPerMinute()
	}
	for i, p := range c.s.Products {
		if p.Overcommit {
			continue
		}
		teams := c.teamsOn(p.Name)
		promised := saturatingMultiply(p.TokensPerMinute, max(1, teams))
		for _, d := range p.Deployments {
			serves, known := capacity[d]
			if !known || promised <= serves {
				continue
			}
			c.add(at("products", i, "tokensPerMinute"),
				fmt.Sprintf("%d for %s is %d in all, but the pool of %s serves %d", p.TokensPerMinute, words.Count(max(1, teams), "caller"), promised, show("", d), serves),
				fmt.Sprintf("use at most %d, add capacity, or set overcommit: true", serves/max(1, teams)))
		}
	}
}

// teamsOn counts the teams that have a subscription on a product.
func (c *check) teamsOn(product string) int {
	n := 0
	for _, team := range c.s.Teams {
		if slices.Contains(team.Products, product) {
			n++
		}
	}
	return n
}

// checkPrivacy refuses an environment that logs no text although a product has privacy full, and bodies of one with privacy metadata.
func checkPrivacy(c *check) {
	for i, p := range c.s.Products {
		if !p.Privacy.KeepsText() && p.Bodies.LogsRequests() {
			c.add(at("products", i, "bodies"), string(p.Bodies)+", but privacy metadata keeps no text anywhere", "remove it, or set privacy: full")
		}
		if p.Privacy.KeepsText() && !c.s.Logging.Messages && !c.s.BodiesOf(p).LogsRequests() {
			c.add(at("products", i, "privacy"), "full, but logging keeps neither messages nor bodies", "set logging.messages: true, or privacy: metadata")
		}
	}
}

// checkKeylessPrivacy refuses a product whose privacy would never apply. A caller who reaches a deployment by a token alone through
// two products gets the first, on its path only: otherwise the caller would choose by the path what is logged
// (docs/decisions/0008-groups-decide-what-is-logged.md). That is meant where some are in one group and some in the other; where
// all are in both, the second is a mistake.
func checkKeylessPrivacy(c *check) {
	for i, p := range c.s.Products {
		for j, first := range c.s.Products[:i] {
			if p.Authentication.TakesKeys() || first.Authentication.TakesKeys() || c.s.logClass(first) == c.s.logClass(p) || !includes(first.Groups, p.Groups) {
				continue
			}
			for k, d := range p.Deployments {
				if slices.Contains(first.Deployments, d) {
					c.add(at(at("products", i, "deployments"), k),
						show("", d)+" is never used with "+c.s.logs(p)+": all its groups get it from "+at("products", j)+" first, with "+c.s.logs(first),
						"put the narrower product first, or give it groups of its own; a caller with two products must not choose by the path what is logged")
				}
			}
		}
	}
}

// logs describes what the logs keep of a product's calls.
func (s Settings) logs(p Product) string {
	if !p.Privacy.KeepsText() {
		return "privacy " + string(p.Privacy)
	}
	return "privacy " + string(p.Privacy) + " and bodies " + string(s.BodiesOf(p))
}

// includes reports whether all of some groups are among others.
func includes(groups, some []Group) bool {
	for _, g := range some {
		if !slices.ContainsFunc(groups, func(o Group) bool { return strings.EqualFold(o.ObjectID, g.ObjectID) }) {
			return false
		}
	}
	return len(some) > 0
}

func checkTeams(c *check) {
	var products []string
	for _, p := range c.s.Products {
		products = append(products, p.Name)
	}
	names, subscriptions := map[string]string{}, map[string]string{}
	for i, t := range c.s.Teams {
		path := at("teams", i)
		c.matches(path+".name", t.Name, identifierShape, identifierRule)
		c.unique(names, path+".name", t.Name)
		c.length(path+".displayName", t.DisplayName, longestSubscriptionName)
		c.email(path+".contact", t.Contact)
		if strings.TrimSpace(t.CostCentre) == "" {
			c.add(path+".costCentre", "must not be empty", "say who pays")
		}
		if len(t.Products) == 0 {
			c.add(path+".products", "must not be empty", "name a product, or remove the team")
		}
		seen := map[string]string{}
		for j, p := range t.Products {
			entry := at(path+".products", j)
			c.unique(seen, entry, p)
			if !slices.Contains(products, p) {
				c.add(entry, "unknown product "+show(entry, p), words.Suggest(p, products))
			}
			// Team and product make one id: a-b on c, and a on b-c.
			id := infra.SubscriptionID(t.Name, p)
			first, taken := subscriptions[id]
			if taken && !strings.HasPrefix(first, path+".") {
				c.add(entry, fmt.Sprintf("the subscription would be %s, as is that of %s", show("", id), first), "rename the team or the product")
			}
			if !taken {
				subscriptions[id] = entry
			}
		}
	}
}
