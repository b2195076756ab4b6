package drills

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

// loaded is a load on the pool of gpt-4o.
func loaded(t *testing.T, options ...deployed.Option) (*load, *Site) {
	t.Helper()
	site := siteOf(t, deployed.New(t, options...))
	l, err := newLoad(t.Context(), site, poolOf(site.Settings, "gpt-4o"))
	require.NoError(t, err)
	return l, site
}

func TestALoadIsTwiceWhatAllAccountsServe(t *testing.T) {
	l, _ := loaded(t)
	assert.Equal(t, 1, l.scale, "accounts as small as these are not made smaller")
	assert.Equal(t, 2*10_000*overloadMinutes, l.capacity)
	assert.Equal(t, 10_000/callsPerMinute, l.size)
	assert.Equal(t, 2*l.capacity, l.calls()*l.size)
	assert.Less(t, l.answer, l.size, "the prompt has a price too")
	assert.ElementsMatch(t, []int{1, 2}, []int{l.priorities["aoai-test-oai-sweden-site"], l.priorities["aoai-test-oai-france-site"]})
	perMinute := l.calls() / overloadMinutes
	assert.Greater(t, l.teams*20, 3*perMinute, "no team comes near its requests per minute")
	assert.Greater(t, l.teams*2000, 3*perMinute*l.size, "nor near its tokens per minute")
}

func TestLargeAccountsAreMadeSmallerInProportion(t *testing.T) {
	l, _ := loaded(t, deployed.With(func(s *stacks.Settings) {
		s.Accounts[0].Deployments[0].Capacity, s.Accounts[1].Deployments[0].Capacity = 100, 300
	}))
	assert.Equal(t, 10, l.scale)
	assert.Equal(t, (10_000+30_000)*overloadMinutes, l.capacity)
	g, err := l.sandbox(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	capacities := map[string]int{}
	for _, m := range l.pool.Members {
		served, err := g.accountOf(m)
		require.NoError(t, err)
		of, there := served.Deployment("gpt-4o")
		require.True(t, there)
		capacities[m.Account.Name] = of.Capacity
	}
	assert.Equal(t, map[string]int{"sweden": 10, "france": 30}, capacities)
	_, err = g.accountOf(stacks.PoolMember{Account: stacks.Account{Name: "norway", Location: "norwayeast"}})
	assert.EqualError(t, err, "account norway of the settings is not deployed")
}

func TestWhatProvisionedUnitsServeIsMeasured(t *testing.T) {
	l, _ := loaded(t, deployed.With(func(s *stacks.Settings) {
		s.Accounts[0].Deployments[0].SKU, s.Accounts[0].Deployments[0].Capacity = "ProvisionedManaged", 15
	}))
	ofTheOther := 10_000 * overloadMinutes / l.scale
	assert.Greater(t, l.capacity, ofTheOther, "the units serve something")
	assert.Zero(t, (l.capacity-ofTheOther)%l.size, "whole calls")
}

func TestAnAccountThatRefusesTheGatewayCannotBeLoaded(t *testing.T) {
	d := deployed.New(t)
	d.Delete(d.Role("sweden"))
	_, err := newLoad(t.Context(), siteOf(t, d), poolOf(d.Settings, "gpt-4o"))
	assert.EqualError(t, err, "account aoai-test-oai-sweden-site answered the gateway's identity with 401")
	d.Settings.Products = nil
	_, err = tryOverload(t.Context(), siteOf(t, d), &findings{})
	assert.EqualError(t, err, "no product has a chat deployment")
}

func TestARunIsMeasuredInSharesOfTheCapacity(t *testing.T) {
	l := &load{capacity: 1000, size: 50}
	o := outcome{answered: 15, served: 750, refused: 25, attempts: 100, byPriority: map[int]int{1: 500, 2: 250}, other: map[string]int{"503": 1}}
	assert.Equal(t, &ServedMeasured{
		Goodput: 0.75, Answered: 15, Refused429: 25, OtherErrors: map[string]int{"503": 1}, AttemptsPerCall: 2.5,
		Shares: map[string]float64{"priority 1": 0.667, "priority 2": 0.333},
	}, o.measured(l))
	none := outcome{byPriority: map[int]int{1: 0}}
	assert.Zero(t, none.measured(l).Shares["priority 1"], "nothing was served")
	assert.InDelta(t, 0.123, rounded(0.1234), 0)
	assert.InDelta(t, 0.124, rounded(0.1235), 0)
}

func TestComparisonsCallTheSameAccountsWithoutOurPolicy(t *testing.T) {
	pool := poolOf(deployed.New(t).Settings, "gpt-4o")
	one, again := oneAccount(pool), retryWithoutBreaker(pool)
	sweden, france := policies.BackendID("sweden", "gpt-4o"), policies.BackendID("france", "gpt-4o")
	assert.Contains(t, one, `backend-id="`+sweden+`"`)
	assert.NotContains(t, one, france)
	assert.NotContains(t, one, "<retry")
	assert.Contains(t, again, `"`+sweden+","+france+`".Split(',')`)
	assert.Contains(t, again, `count="2"`)
	for _, document := range []string{one, again} {
		assert.Equal(t, 1, strings.Count(document, "<forward-request"))
		assert.NotContains(t, document, "failover")
	}
	g := opened(t)
	err := g.replace(stacks.Pool{Deployment: "gpt-4o", Members: []stacks.PoolMember{{Account: stacks.Account{Name: "norway"}}}}, one)
	assert.EqualError(t, err, "backend of gpt-4o on account norway does not exist")
}

func TestARefusalUnderLoadIsToldWhenToComeBack(t *testing.T) {
	for after, untold := range map[string]int{"1": 0, "60": 0, "0": 1, "-1": 1, "soon": 1, "": 1} {
		o := outcome{other: map[string]int{}}
		o.count(answer{status: 429, header: http.Header{"Retry-After": {after}}}, 50)
		assert.Equal(t, untold, o.untold, "%q", after)
		assert.Equal(t, 1, o.refused)
		assert.Zero(t, o.served)
	}
}
