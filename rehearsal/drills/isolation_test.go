package drills

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/dataplane"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
)

// sides are the places that calls come from.
func sides(t *testing.T, g *sandbox) map[dataplane.Place]*dataplane.Listener {
	t.Helper()
	all := map[dataplane.Place]*dataplane.Listener{}
	for _, place := range []dataplane.Place{dataplane.Outside, dataplane.Inside} {
		listener, err := g.Open(t.Context(), place, "127.0.0.1:0", g.site.CA)
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		all[place] = listener
	}
	return all
}

func TestTheGatewayAnswersWhereTheSettingsSayAndWhomTheyName(t *testing.T) {
	for name, c := range map[string]struct {
		options []deployed.Option
		then    func(*deployed.Site)
		says    string
	}{
		"as deployed": {nil, nil, ""},
		"a gateway that was to be internal": {nil, func(s *deployed.Site) { s.Settings.Gateway.Mode = "internal" },
			"the gateway answers from outside although it is internal"},
		"a gateway that strangers may call": {[]deployed.Option{replaced("caller", `context.Subscription != null && context.Product == null`, `true`)}, nil,
			"the gateway answered somebody who is known of product standard from inside with 401, not 200"},
		"a gateway whose requests are used up": {[]deployed.Option{replaced("requests", `calls="20"`, `calls="1"`)}, nil,
			"the gateway answered somebody who is known of product standard from "},
	} {
		d := deployed.New(t, c.options...)
		if c.then != nil {
			c.then(d)
		}
		g, err := siteOf(t, d).open(t.Context())
		require.NoError(t, err, name)
		f := &findings{}
		require.NoError(t, gateways(t.Context(), g, f, sides(t, g)), name)
		require.NoError(t, g.Close(), name)
		if c.says == "" {
			assert.Empty(t, f.all(), name)
			continue
		}
		assert.Contains(t, joined(f.all()), c.says, name)
	}
}

func TestEveryCredentialThatCouldLeakIsTriedOnAccounts(t *testing.T) {
	g := opened(t)
	account := g.arm.Resources(accountType)[0]
	all, err := lootOf(g, account)
	require.NoError(t, err)
	tried := map[string]bool{}
	for _, l := range all {
		tried[l.name] = true
		assert.Equal(t, l.name == "the gateway's own token", l.outsideOnly, "%s: inside it is the gateway", l.name)
		assert.Equal(t, l.name == "no credential", l.key == "" && l.token == "", l.name)
	}
	assert.Equal(t, map[string]bool{
		"no credential": true, "the account's own key": true, "an employee's Entra token": true, "an invented token": true, "the gateway's own token": true,
		"a key of product standard": true, "a key of product confidential": true, "a key of product assistants": true,
	}, tried)
}

func TestAnAccountIsCalledUnderItsOwnName(t *testing.T) {
	g := opened(t)
	listeners := sides(t, g)
	account := g.arm.Resources(accountType)[0].Name
	for name, c := range map[string]struct {
		account string
		from    dataplane.Place
		status  int
		text    string
	}{
		"from the internet":            {account, dataplane.Outside, 403, "403"},
		"from inside":                  {account, dataplane.Inside, 401, "401"},
		"an account that is not there": {"nowhere", dataplane.Inside, 0, "not served"},
	} {
		status, text := tryAccount(t.Context(), listeners[c.from], g, c.account, loot{})
		assert.Equal(t, c.status, status, name)
		assert.Contains(t, text, c.text, name)
	}
}

func TestOnlyTheGatewayMayHoldARole(t *testing.T) {
	g := opened(t)
	f := &findings{}
	holders(g, f)
	assert.Empty(t, f.all())
	name := g.arm.Resources(accountType)[0].Name
	served, ok := g.Models.Account(name)
	require.True(t, ok)
	served.Roles = append(served.Roles, "somebody")
	require.NoError(t, g.Models.Put(served))
	holders(g, f)
	assert.Equal(t, []string{"principal somebody holds a role on account " + name + ", which only the gateway may"}, f.all())
}
