package drills

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/dataplane"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/queries"
)

// some is a part of the known traffic with the rows that it left: drills on logs are tried on a few calls where one shows what is broken.
func some(t *testing.T, site *Site, which func(*visit) bool) *asking {
	t.Helper()
	g, err := site.open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	require.NoError(t, g.plenty())
	visits, err := g.plan()
	require.NoError(t, err)
	e := &evidence{store: logs.New(dataplane.LogOptions(g.arm, site.SubscriptionID)), gaps: dataplane.LogGaps(g.arm)}
	e.visits = slices.DeleteFunc(visits, func(v *visit) bool { return !which(v) })
	require.NotEmpty(t, e.visits)
	for _, v := range e.visits {
		require.NoError(t, g.visit(t.Context(), v, e.store))
	}
	e.end = g.clock.Now().Add(time.Minute)
	return &asking{e, site, kusto, e.store.Tables()}
}

func plain(v *visit) bool { return v.form.name == "plain" }

// emptied are tables of which some have no rows.
func emptied(tables []kql.Table, names ...string) []kql.Table {
	all := slices.Clone(tables)
	for i := range all {
		if slices.Contains(names, all[i].Name) {
			all[i].Rows, all[i].Version = nil, all[i].Version+" emptied"
		}
	}
	return all
}

func TestTokensOfTheLogAreReconciledWithThoseOfTheAccounts(t *testing.T) {
	a := some(t, siteOf(t, deployed.New(t)), plain)
	tokens := 0
	for _, v := range a.visits {
		tokens += v.prompted + v.answered
	}
	require.Positive(t, tokens)
	all := a.tables
	for name, c := range map[string]struct {
		without []string
		days    int
		says    string
	}{
		"both": {nil, 1, ""},
		"no log": {[]string{logs.LLMLog}, 1,
			fmt.Sprintf("on 2026-01-15T00:00:00Z account aoai-test-oai-sweden-site counted %d tokens that the log does not have", tokens)},
		"nothing from the accounts": {[]string{logs.Metrics}, 1,
			fmt.Sprintf("on 2026-01-15T00:00:00Z the log has %d tokens that account aoai-test-oai-sweden-site did not count", tokens)},
		"neither": {[]string{logs.LLMLog, logs.Metrics}, 0, "neither the log nor the accounts' metrics have tokens"},
	} {
		f := &findings{}
		a.tables = emptied(all, c.without...)
		days, err := reconcile(t.Context(), a, f)
		require.NoError(t, err, name)
		assert.Equal(t, c.days, days, name)
		if c.says == "" {
			assert.Empty(t, f.all(), name)
			continue
		}
		assert.Contains(t, joined(f.all()), c.says, name)
	}
}

func TestTheDrillsOnLogsSayWhichCallIsMissing(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	a := some(t, site, plain)
	all := a.tables

	f := &findings{}
	a.tables = emptied(all, logs.LLMLog)
	_, err := tryLogging(t.Context(), a, f)
	require.NoError(t, err)
	assert.Contains(t, f.all(), `the call "plain" of team search on product standard is in no log`)
	assert.Len(t, f.all(), len(a.visits))

	f = &findings{}
	_, err = tryChargeback(t.Context(), a, f)
	require.NoError(t, err)
	assert.Contains(t, joined(f.all()), "team search on product standard: 0 prompt and 0 completion tokens charged for, ")
}

func TestTheQuestionsDrillComparesWithTheTraffic(t *testing.T) {
	a := some(t, siteOf(t, deployed.New(t)), plain)
	f := &findings{}
	m, err := tryQuestions(t.Context(), a, f)
	require.NoError(t, err)
	assert.Empty(t, f.all())
	assert.Len(t, m.Answers, len(queries.All()))
	for _, v := range a.visits {
		v.prompted++
	}
	_, err = tryQuestions(t.Context(), a, f)
	require.NoError(t, err)
	assert.Contains(t, joined(f.all()), "prompts-and-completions: PromptTokens, CompletionTokens of ")
	assert.Contains(t, joined(f.all()), "quota-burn-down: Used of search-standard, standard are ")
}

func TestThePrivacyDrillSaysWhatIsBrokenForACall(t *testing.T) {
	confidential := func(v *visit) bool { return plain(v) && private(v.product) }
	for name, c := range map[string]struct {
		then  func(*deployed.Site)
		which func(*visit) bool
		says  string
	}{
		"nothing": {nil, plain, ""},
		"calls that are not counted": {func(s *deployed.Site) { rewritten(s, func(p map[string]any) { delete(p, "largeLanguageModel") }) }, confidential,
			`the call "plain" of team legal on product confidential is not counted: it cannot be charged`},
		"responses that nobody can make": {func(s *deployed.Site) {
			for _, r := range s.Resources("Microsoft.ApiManagement/service/apis/operations") {
				if r.Name == "createResponse" {
					s.Delete(r.ID)
				}
			}
		}, confidential, "a response for product confidential was answered 404"},
	} {
		d := deployed.New(t)
		if c.then != nil {
			c.then(d)
		}
		f := &findings{}
		m, err := tryPrivacy(t.Context(), some(t, siteOf(t, d), c.which), f)
		require.NoError(t, err, name)
		if c.says == "" {
			assert.Empty(t, f.all(), name)
			assert.Equal(t, 1, m.Calls, name)
			assert.Positive(t, m.RowsWithOtherText, name)
			assert.Positive(t, m.ResponsesStored, name)
			continue
		}
		assert.Contains(t, joined(f.all()), c.says, name)
	}
}
