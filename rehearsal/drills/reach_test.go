package drills

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

// One deployment whose policy has forgotten several ways out shows each of them, on every product, and no other.
func TestEveryWayOutThatIsOpenIsReported(t *testing.T) {
	forgetful := deployed.Policy("reach", strings.NewReplacer(
		`new [] { "conversation", "prompt" }`, `new string[0]`,
		`if (called == "mcp" && tool["server_url"] == null) { called = "connector"; }`, `if (called == "mcp" && tool["server_url"] == null) { continue; }`,
		`foreach (var name in new [] { "messages", "input" })`, `foreach (var name in new [] { "messages" })`,
	).Replace)
	g := opened(t, forgetful)
	f := &findings{}
	m, err := tryReach(t.Context(), g, f)
	require.NoError(t, err)
	open := []string{"a connector", "a conversation", "a stored prompt", "a picture of a response by its address"}
	require.Len(t, m.Matrix, len(g.site.Settings.Products))
	for product, ends := range m.Matrix {
		require.Len(t, ends, len(reachings()), product)
		for name, end := range ends {
			want := report.ReachRefused
			for _, o := range open {
				if o == name {
					want = report.ReachPassed
					assert.Contains(t, joined(f.all()), name+" on product "+product+": ")
				}
			}
			assert.Equal(t, want, end, "%s: %s", product, name)
		}
	}
	assert.Contains(t, joined(f.all()), "after 1 attempts, where 403 and none were promised")
	assert.Equal(t, len(reachings())*len(m.Matrix), m.Calls)
}

func TestWhatAProductAllowsIsNotTried(t *testing.T) {
	var p stacks.Product
	p.Tools.Allow = []string{"web_search", "mcp", "prompt", "data_sources"}
	allowed := map[string]bool{}
	for _, r := range reachings() {
		if allowsReaching(p, r) {
			allowed[r.name] = true
		}
	}
	assert.Equal(t, map[string]bool{"a web search": true, "a web search in a chat": true, "a stored prompt": true}, allowed, "a server and a data source need their host as well")

	g := opened(t, deployed.With(func(s *stacks.Settings) { s.Products[0].Tools.Allow = p.Tools.Allow }))
	f := &findings{}
	m, err := tryReach(t.Context(), g, f)
	require.NoError(t, err)
	assert.Empty(t, f.all())
	assert.Equal(t, report.ReachAllowed, m.Matrix["standard"]["a web search"])
	assert.Equal(t, report.ReachRefused, m.Matrix["standard"]["an MCP server"])
	assert.Equal(t, report.ReachRefused, m.Matrix["confidential"]["a web search"])
	assert.Equal(t, len(reachings())*len(m.Matrix)-len(allowed), m.Calls)
}

// A neighbour's next call has to be answered by the first account: one that is passed on to another account waits for both.
func TestACallThatIsOfferedToSeveralAccountsIsANeighboursFault(t *testing.T) {
	d := deployed.New(t)
	d.Delete(d.Role("sweden"))
	g, err := siteOf(t, d).open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	trial := &neighbourTrial{sandbox: g, findings: &findings{}}
	require.NoError(t, trial.try(t.Context(), poolOf(d.Settings, "embed"), d.Settings.Products[0]))
	assert.Contains(t, joined(trial.all()), "after a batch of a million tokens on embed by one team, another team's call was offered to 2 accounts")
	assert.Equal(t, len(embeddingDisturbances()), trial.Deeds)
	assert.Equal(t, trial.Deeds, trial.CallsOfTheOther)
	assert.Less(t, trial.Answered, trial.Deeds)
}

func TestADeploymentWithoutKeysHasNoNeighbours(t *testing.T) {
	g := opened(t)
	g.site.Settings.Products = g.site.Settings.Products[2:]
	f := &findings{}
	m, err := tryNeighbours(t.Context(), g, f)
	require.NoError(t, err)
	assert.Equal(t, &NeighboursMeasured{}, m)
	assert.Empty(t, f.all())
}
