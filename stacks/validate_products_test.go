package stacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/policies"
)

func TestProductsAreDistinctAndNamed(t *testing.T) {
	named := func(name string) func(*Settings) {
		return func(s *Settings) { s.Products[0].Name, s.Teams[0].Products[0] = name, name }
	}
	judge(t, []wrong{
		{"a name twice", named("confidential"), []string{
			`products[1].name: "confidential" is also at products[0].name; give each its own, or remove one`}},
		{"capitals", named("Standard"), []string{
			`products[0].name: "Standard" is not allowed; use lower-case letters, digits and dashes, at most 64, no dash at either end`}},
		{"too long", named(strings.Repeat("a", 65)), []string{
			`products[0].name: "` + strings.Repeat("a", 65) + `" is not allowed; use lower-case letters, digits and dashes, at most 64, no dash at either end`}},
		{"a sample's name", named("unlimited"), []string{
			`products[0].name: "unlimited" is a sample product of every new gateway; use another name`}},
		{"long texts", func(s *Settings) {
			s.Products[0].DisplayName, s.Products[0].Description = strings.Repeat("a", 301), strings.Repeat("a", 1001)
		}, []string{
			"products[0].description: has 1001 characters, at most 1000 are allowed; shorten it",
			"products[0].displayName: has 301 characters, at most 300 are allowed; shorten it"}},
	})
}

func TestEveryProductHasGroupsThatAreOneGroup(t *testing.T) {
	groups := func(groups ...Group) func(*Settings) {
		return func(s *Settings) { s.Products[1].Groups = groups }
	}
	judge(t, []wrong{
		{"none", groups(), []string{"products[1].groups: must not be empty; name the Entra groups whose members may use the product"}},
		{"not a GUID", groups(Group{"legal", "legal@example.com"}), []string{
			`products[1].groups[0].objectId: "legal@example.com" is not allowed; use the group's object id in Entra, a GUID (az ad group show --group NAME --query id)`}},
		{"a name with two ids", groups(Group{"AI-Users", anotherID}), []string{
			`products[1].groups[0].objectId: the group "AI-Users" has another id at products[0].groups[0].objectId: "` + groupID + `"; use the same in both places`}},
		{"an id with two names", groups(Group{"others", groupID}), []string{
			`products[1].groups[0].name: the group with this id has another name at products[0].groups[0].name: "ai-users"; use the same in both places`}},
		{"twice in one product", groups(Group{"ai-users", groupID}, Group{"ai-users", groupID}), []string{
			`products[1].groups[1].name: "ai-users" is also at products[1].groups[0].name; give each its own, or remove one`}},
		{"the gateway's own", groups(Group{"Developers", anotherID}), []string{
			`products[1].groups[0].name: "Developers" is a group of every gateway; use another name`}},
		{"a name with a space", groups(Group{"AI Users", anotherID}), []string{
			`products[1].groups[0].name: "AI Users" is not allowed; use letters, digits and dashes, at most 64, no dash at either end`}},
	})
}

func TestProductsOfferDeploymentsThatExist(t *testing.T) {
	deployments := func(names ...string) func(*Settings) {
		return func(s *Settings) { s.Products[0].Deployments = names }
	}
	judge(t, []wrong{
		{"none", deployments(), []string{"products[0].deployments: must not be empty; name the deployments its callers may use"}},
		{"misspelt", deployments("gpt4o"), []string{`products[0].deployments[0]: no account has a deployment "gpt4o"; did you mean "gpt-4o"?`}},
		{"unknown", deployments("whisper"), []string{`products[0].deployments[0]: no account has a deployment "whisper"; use one of gpt-4o`}},
		{"twice", deployments("gpt-4o", "gpt-4o"), []string{
			`products[0].deployments[1]: "gpt-4o" is also at products[0].deployments[0]; give each its own, or remove one`}},
	})
}

func TestLimitsAreAboveZeroAndInOrder(t *testing.T) {
	judge(t, []wrong{
		{"no tokens", func(s *Settings) { s.Products[0].TokensPerMinute = 0 }, []string{"products[0].tokensPerMinute: must be above 0, got 0"}},
		{"no requests", func(s *Settings) { s.Products[0].RequestsPerMinute = -1 }, []string{"products[0].requestsPerMinute: must be above 0, got -1"}},
		{"reservations below the limit", func(s *Settings) { reserves(s, 9900, 200) }, []string{
			"products[0].reservedTokensPerMinute: 9900 is below tokensPerMinute (10000), which no caller could use up then; raise it, to a few times tokensPerMinute, or leave it out"}},
		{"reservations in odd units", func(s *Settings) { reserves(s, 40001, 200) }, []string{
			"products[0].reservedTokensPerMinute: 40001 is no multiple of 100, in which calls reserve; round it"}},
		{"negative reservations", func(s *Settings) { reserves(s, -100, 200) }, []string{
			"products[0].reservedTokensPerMinute: must be above 0, got -100"}},
		{"open answers without size", func(s *Settings) { reserves(s, 40000, 0) }, []string{"products[0].openAnswerTokens: must be above 0, got 0"}},
		{"open answers above what may be reserved", func(s *Settings) { reserves(s, 10000, 10001) }, []string{"products[0].openAnswerTokens: 10001 is above reservedTokensPerMinute (10000): every call without a size of its answer would be refused; lower it, or raise reservedTokensPerMinute"}},
		{"no quota", func(s *Settings) { s.Products[0].TokenQuota.Tokens = 0 }, []string{"products[0].tokenQuota.tokens: must be above 0, got 0"}},
		{"quota spent in a minute", func(s *Settings) { s.Products[0].TokenQuota.Tokens = 9999 }, []string{
			"products[0].tokenQuota.tokens: 9999 is below tokensPerMinute (10000): the first minute could spend the monthly quota; raise the quota, or lower tokensPerMinute"}},
	})
}

func TestAProductPromisesNoMoreThanItsPoolsServe(t *testing.T) {
	judge(t, []wrong{
		{"one caller", func(s *Settings) { s.Products[0].TokensPerMinute = 20_001 }, []string{
			`products[0].tokensPerMinute: 20001 for 1 caller is 20001 in all, but the pool of "gpt-4o" serves 20000; use at most 20000, add capacity, or set overcommit: true`}},
		{"three teams", func(s *Settings) {
			for _, name := range []string{"a", "b"} {
				team := s.Teams[0]
				team.Name = name
				s.Teams = append(s.Teams, team)
			}
		}, []string{
			`products[0].tokensPerMinute: 10000 for 3 callers is 30000 in all, but the pool of "gpt-4o" serves 20000; use at most 6666, add capacity, or set overcommit: true`}},
		{"the smallest pool counts", func(s *Settings) {
			small := s.Accounts[0].Deployments[0]
			small.Name, small.Capacity = "small", 1
			s.Accounts[0].Deployments = append(s.Accounts[0].Deployments, small)
			s.Products[1].Deployments = append(s.Products[1].Deployments, "small")
		}, []string{
			`products[1].tokensPerMinute: 10000 for 1 caller is 10000 in all, but the pool of "small" serves 1000; use at most 1000, add capacity, or set overcommit: true`}},
	})
	for name, allowed := range map[string]func(*Settings){
		"exactly the capacity": func(s *Settings) { s.Products[0].TokensPerMinute = 20_000 },
		"overcommit":           func(s *Settings) { s.Products[0].TokensPerMinute, s.Products[0].Overcommit = 900_000, true },
		"provisioned units": func(s *Settings) {
			d := &s.Accounts[0].Deployments[0]
			d.SKU, d.Capacity, d.TokensPerUnit = "ProvisionedManaged", 50, 2500
			s.Products[0].TokensPerMinute = 50*2500 + 10_000
		},
		"nobody yet": func(s *Settings) { s.Teams = nil },
	} {
		assert.NoError(t, Validate(devSettings(allowed), "dev", nil), name)
	}
}

func TestTeamsAreDistinctAndReachable(t *testing.T) {
	team := func(change func(*Team)) func(*Settings) {
		return func(s *Settings) { change(&s.Teams[1]) }
	}
	judge(t, []wrong{
		{"a name twice", team(func(t *Team) { t.Name = "search" }), []string{
			`teams[1].name: "search" is also at teams[0].name; give each its own, or remove one`}},
		{"a name with a space", team(func(t *Team) { t.Name = "the law" }), []string{
			`teams[1].name: "the law" is not allowed; use lower-case letters, digits and dashes, at most 64, no dash at either end`}},
		{"too long a name to show", team(func(t *Team) { t.DisplayName = strings.Repeat("a", 101) }), []string{
			"teams[1].displayName: has 101 characters, at most 100 are allowed; shorten it"}},
		{"no mailbox", team(func(t *Team) { t.Contact = "legal" }), []string{
			`teams[1].contact: "legal" is not allowed; use an email address such as someone@example.com`}},
		{"nobody pays", team(func(t *Team) { t.CostCentre = " " }), []string{"teams[1].costCentre: must not be empty; say who pays"}},
		{"nothing to use", team(func(t *Team) { t.Products = nil }), []string{"teams[1].products: must not be empty; name a product, or remove the team"}},
		{"a subscription's id twice", func(s *Settings) {
			s.Products[0].Name, s.Products[1].Name = "b-c", "c"
			s.Teams[0].Name, s.Teams[0].Products = "a", []string{"b-c"}
			s.Teams[1].Name, s.Teams[1].Products = "a-b", []string{"c"}
		}, []string{`teams[1].products[0]: the subscription would be "a-b-c", as is that of teams[0].products[0]; rename the team or the product`}},
		{"unknown product", team(func(t *Team) { t.Products = []string{"standart"} }), []string{
			`teams[1].products[0]: unknown product "standart"; did you mean "standard"?`}},
		{"product twice", team(func(t *Team) { t.Products = []string{"confidential", "confidential"} }), []string{
			`teams[1].products[1]: "confidential" is also at teams[1].products[0]; give each its own, or remove one`}},
	})
}

func TestAProductAllowsKindsOfEndpointsThatThereAre(t *testing.T) {
	kinds := func(kinds ...EndpointKind) func(*Settings) {
		return func(s *Settings) { s.Products[0].Endpoints = kinds }
	}
	judge(t, []wrong{
		{"none", kinds(), []string{"products[0].endpoints: must not be empty; name the kinds of operations its callers may call, or leave it out"}},
		{"a kind twice", kinds(EndpointChat, EndpointModels, EndpointChat), []string{
			`products[0].endpoints[2]: "chat" is also at products[0].endpoints[0]; give each its own, or remove one`}},
	})
	var known []string
	for _, surface := range []policies.Surface{policies.Deployments, policies.V1} {
		for _, o := range surface.Operations() {
			known = append(known, string(o.Endpoint))
		}
	}
	slices.Sort(known)
	assert.ElementsMatch(t, EndpointKind("").Values(), slices.Compact(known), "a kind without an operation, or an operation that no product can allow")
}

func TestToolsNameKindsAndHostsThatPoliciesCanHold(t *testing.T) {
	tools := func(tools Tools) func(*Settings) {
		return func(s *Settings) { s.Products[0].Tools = tools }
	}
	const kind = "use the type of a tool, such as web_search: lower-case letters, digits and underscores"
	const host = "use a host name in lower case without scheme, port or path, or *. and a domain"
	judge(t, []wrong{
		{"a function", tools(Tools{Allow: []string{"web_search", "function"}}), []string{
			`products[0].tools.allow[1]: "function" is always allowed, because the caller runs it; leave it out`}},
		{"no kind", tools(Tools{Allow: []string{"Web|Search"}}), []string{`products[0].tools.allow[0]: "Web|Search" is not allowed; ` + kind}},
		{"a server nowhere", tools(Tools{Allow: []string{"mcp"}}), []string{
			`products[0].tools.allow[0]: "mcp" reaches nothing while tools.hosts is empty; name the hosts it may reach`}},
		{"a kind twice", tools(Tools{Allow: []string{"web_search", "web_search"}}), []string{
			`products[0].tools.allow[1]: "web_search" is also at products[0].tools.allow[0]; give each its own, or remove one`}},
		{"no hosts", tools(Tools{Hosts: []string{"tools.example.com", "*.example.com", "https://x.example", "*", "a.example:443"}}), []string{
			`products[0].tools.hosts[2]: "https://x.example" is not allowed; ` + host,
			`products[0].tools.hosts[3]: "*" is not allowed; ` + host,
			`products[0].tools.hosts[4]: "a.example:443" is not allowed; ` + host}},
	})
}

func TestAPersonIsCountedOnlyWhereATokenSaysWhoItIs(t *testing.T) {
	judge(t, []wrong{
		{"a key alone", func(s *Settings) { s.Products[0].LimitsPer = "person" }, []string{
			"products[0].limitsPer: person needs a token, and the product takes a key alone; set authentication: both, or leave limitsPer out"}},
	})
}

// reserves lets the calls of one minute on the first product reserve so much.
func reserves(s *Settings, tokens, open int) {
	s.Products[0].ReservedTokensPerMinute, s.Products[0].OpenAnswerTokens = tokens, open
}

func TestLimitsOfImagesAndAudioAreThoseOfWhatAProductAllows(t *testing.T) {
	units := func(images, characters, megabytes int) func(*Settings) {
		return func(s *Settings) {
			p := &s.Products[0]
			p.Endpoints = []EndpointKind{EndpointImages, EndpointAudio}
			p.ImagesPerMinute, p.SpeechCharactersPerMinute, p.AudioMegabytesPerMinute = images, characters, megabytes
		}
	}
	judge(t, []wrong{
		{"negative", units(-1, -100, -1), []string{
			"products[0].audioMegabytesPerMinute: must be above 0, got -1", "products[0].imagesPerMinute: must be above 0, got -1",
			"products[0].speechCharactersPerMinute: must be above 0, got -100"}},
		{"characters in odd units", units(0, 950, 0), []string{
			"products[0].speechCharactersPerMinute: 950 is no multiple of 100, in which calls count; round it"}},
		{"kinds that are not allowed", func(s *Settings) {
			units(5, 1000, 25)(s)
			s.Products[0].Endpoints = []EndpointKind{EndpointChat}
		}, []string{
			"products[0].audioMegabytesPerMinute: limits what endpoints does not allow (audio); add audio to endpoints, or leave it out",
			"products[0].imagesPerMinute: limits what endpoints does not allow (images); add images to endpoints, or leave it out",
			"products[0].speechCharactersPerMinute: limits what endpoints does not allow (audio); add audio to endpoints, or leave it out"}},
		{"images that a tool makes", func(s *Settings) {
			units(5, 0, 0)(s)
			s.Products[0].Tools.Allow = []string{"image_generation"}
		}, []string{
			"products[0].imagesPerMinute: does not count the images of the tool image_generation, which tools.allow has; leave one of them out"}},
	})
	assert.NoError(t, Validate(devSettings(units(5, 1000, 25)), "dev", nil))
}
