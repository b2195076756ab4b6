package drills

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

func named(badges []badge) []string {
	var names []string
	for _, b := range badges {
		names = append(names, b.name)
	}
	return names
}

func TestEveryKindOfKeyIsTried(t *testing.T) {
	g := opened(t)
	badges, err := keyBadges(g)
	require.NoError(t, err)
	names := named(badges)
	for _, want := range []string{"no key", "an invented key", "the all-access key", "a key of the API openai", "a key of the API openai-v1", "a key of standard", "a key of confidential", "a key of assistants"} {
		assert.Contains(t, names, want)
	}
	values := map[string]bool{}
	for _, b := range badges {
		assert.Equal(t, b.product != "", b.valid, "%s: only the key of a product proves something", b.name)
		assert.False(t, values[b.value], "%s has another one's value", b.name)
		values[b.value] = true
	}
}

func TestEveryKindOfTokenIsTried(t *testing.T) {
	g := opened(t, twoPrivacies)
	badges, err := tokenBadges(g)
	require.NoError(t, err)
	valid := map[string]bool{}
	for _, b := range badges {
		valid[b.name] = b.valid
		assert.Equal(t, b.name == "no token", b.value == "", b.name)
	}
	assert.Equal(t, map[string]bool{
		"no token": false, "the token of somebody in no group": true, "the token of a member of standard": true, "the token of a member of confidential": true,
		"the token of a member of assistants": true, "the token of a member of confidential and assistants": true,
		"the token of somebody in more groups than it can name": true, "an expired token": false, "a token signed by somebody else": false,
		"an unsigned token": false, "a token for another audience": false, "a token of another tenant": false,
	}, valid)
	g.site.Settings.Gateway.Entra.Audiences = nil
	badges, err = tokenBadges(g)
	require.NoError(t, err)
	assert.Equal(t, []string{"no token"}, named(badges), "where the gateway takes none, none is tried")
}

func TestAMemberReachesEveryProductOfAGroup(t *testing.T) {
	s := deployed.New(t).Settings
	shared := s.Products[0]
	shared.Name, shared.Groups = "shared", []stacks.Group{{Name: "x", ObjectID: "00000000-0000-4000-8000-00000000000A"}, {Name: "y", ObjectID: "00000000-0000-4000-8000-000000000001"}}
	s.Products = append(s.Products, shared)
	s.Products[1].Groups = []stacks.Group{{Name: "x", ObjectID: "00000000-0000-4000-8000-00000000000a"}}
	for _, c := range []struct {
		b    badge
		of   string
		want bool
	}{
		{badge{product: "standard"}, "standard", true}, {badge{product: "standard"}, "shared", true}, {badge{product: "standard"}, "confidential", false},
		{badge{product: "confidential"}, "shared", true}, {badge{product: "assistants"}, "shared", false},
		{badge{product: "assistants", second: "standard"}, "shared", true}, {badge{}, "standard", false}, {badge{product: "nowhere"}, "standard", false},
	} {
		for _, p := range s.Products {
			if p.Name == c.of {
				assert.Equal(t, c.want, c.b.reaches(s, p), "%+v reaches %s", c.b, c.of)
			}
		}
	}
}

func TestAProductThatTakesBothWantsBoth(t *testing.T) {
	s := deployed.New(t).Settings
	confidential, standard := s.Products[1], s.Products[0]
	key := badge{value: "k", product: "confidential", valid: true}
	member, other := badge{value: "t", product: "confidential", valid: true}, badge{value: "t", product: "standard", valid: true}
	call := ask{base: s.BasePath(confidential), deployment: "gpt-4o"}
	for name, c := range map[string]struct {
		a          ask
		key, token badge
		want       int
	}{
		"key and token":                 {call, key, member, 200},
		"the key alone":                 {call, key, badge{}, 401},
		"a token that proves nothing":   {call, key, badge{value: "t"}, 401},
		"a member of another product":   {call, key, other, 403},
		"the token alone":               {call, badge{}, member, 401},
		"on the path of another one":    {ask{base: s.BasePath(standard), deployment: "gpt-4o"}, key, member, 401},
		"a deployment it does not have": {ask{base: s.BasePath(confidential), deployment: "embed"}, key, member, 403},
		"no deployment at all":          {ask{base: s.BasePath(confidential), deployment: "nowhere"}, key, member, 404},
	} {
		assert.Equal(t, c.want, expected(s, c.a, c.key, c.token), name)
	}
}

// Every kind of refusal is on a path of its own, so that this drill is tried on one of them.
func TestARefusalNeedsACodeAndAMessage(t *testing.T) {
	d := deployed.New(t, replaced("deployment", `{"error":{"code":"DeploymentNotFound",`, `{"error":{`))
	failures := failuresOf(t, "access", &Env{Site: siteOf(t, d)})
	assert.Contains(t, joined(failures), "/openai/deployments/no-such-deployment/chat/completions with a key of standard and no token: the refusal 404 has no code and message that a client shows")
	assert.NotContains(t, joined(failures), "was promised", "the status is as promised")
}

func TestPathsAndNamesOfACombination(t *testing.T) {
	s := deployed.New(t).Settings
	assert.Equal(t, []string{"", "metadata"}, basePaths(s), "each of them once")
	assert.Equal(t, " (gpt)", modelOf(ask{surface: v1, deployment: "gpt"}))
	assert.Empty(t, modelOf(ask{surface: dated, deployment: "gpt"}), "its path names it")
	alone := keyless(s.Products)
	require.Len(t, alone, 1)
	assert.Equal(t, "assistants", alone[0].Name)
}
