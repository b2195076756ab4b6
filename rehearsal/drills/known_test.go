package drills

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/dataplane"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/queries"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

func TestATimeIsInThePeriodOfAQuota(t *testing.T) {
	end := time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		period stacks.QuotaPeriod
		at     time.Time
		want   bool
	}{
		{stacks.PeriodHourly, end.Add(-30 * time.Minute), true}, {stacks.PeriodHourly, end.Add(-31 * time.Minute), false},
		{stacks.PeriodDaily, end.Add(-10 * time.Hour), true}, {stacks.PeriodDaily, end.Add(-11 * time.Hour), false},
		{"Monthly", end.Add(-23 * time.Hour), true},
	} {
		assert.Equal(t, c.want, sinceStart(c.at, end, c.period), "%s: %s", c.period, c.at)
	}
}

func TestAPersonIsKnownAsTheSettingsLetThemBeLogged(t *testing.T) {
	s := &Site{TenantID: "tenant", Settings: deployed.New(t).Settings}
	v := &visit{}
	v.product, v.token = s.Settings.Products[2], "t"
	id := dataplane.Person{Product: v.product.Name}.ID()
	hashed := func(tenant string) string {
		sum := sha256.Sum256([]byte(tenant + "/" + id))
		return hex.EncodeToString(sum[:16])
	}
	for _, c := range []struct{ name, person, tenant, want string }{
		{"not at all", "none", "", ""}, {"by the id", "id", "", id},
		{"by its hash, in the tenant of the subscription", "hash", "", hashed("tenant")},
		{"by its hash, in the tenant of the settings", "hash", "other", hashed("other")},
	} {
		s.Settings.Logging.Person, s.Settings.Gateway.Entra.TenantID = stacks.PersonLog(c.person), c.tenant
		assert.Equal(t, c.want, s.personOf(v), c.name)
	}
	v.token = ""
	assert.Empty(t, s.personOf(v), "a key shows nobody")
}

func TestACallIsLoggedUnderItsKeyOrUnderNobody(t *testing.T) {
	v := &visit{team: "search", subscription: "search-standard"}
	v.product.Name = "standard"
	assert.Equal(t, []string{"(token)", "(token)", ""}, []string{v.payer(), v.logged(), v.loggedProduct()})
	assert.Equal(t, `the call "" of team search on product standard`, v.who())
	v.key = "k"
	assert.Equal(t, []string{"search", "search-standard", "standard"}, []string{v.payer(), v.logged(), v.loggedProduct()})
	v.team, v.form.name = "", "plain"
	assert.Equal(t, `the call "plain" of team nobody's on product standard`, v.who())
}

func TestABodyIsReadFromTheLogWhereItIsKeptWhole(t *testing.T) {
	s := &Site{Settings: deployed.New(t, deployed.With(func(s *stacks.Settings) { s.Logging.Bodies = "all" })).Settings}
	call := func(change func(*visit)) *visit {
		v := &visit{form: form{status: 200}, answer: answer{body: strings.Repeat("a", keptBody)}}
		v.product = s.Settings.Products[0]
		change(v)
		return v
	}
	assert.True(t, s.wholeBody(call(func(*visit) {})))
	for name, change := range map[string]func(*visit){
		"a byte too long":      func(v *visit) { v.body += "a" },
		"a stream":             func(v *visit) { v.form.stream = true },
		"a refusal":            func(v *visit) { v.form.status = 429 },
		"of a private product": func(v *visit) { v.product = s.Settings.Products[1] },
	} {
		assert.False(t, s.wholeBody(call(change)), name)
	}
}

func TestNumbersAboutTheSameAreAddedUp(t *testing.T) {
	s, other := sums{}, sums{}
	s.add([]string{"search", ""}, []int{1, 2})
	s.add([]string{"search", ""}, []int{3, 4})
	assert.Equal(t, sums{`search, ""`: {4, 6}}, s)
	assert.Equal(t, "4 6", s.show(`search, ""`))
	assert.Equal(t, "nowhere", s.show("support"))
	other.add([]string{"nobody"}, []int{0, 0})
	assert.True(t, s.same(other, "nobody"), "all zero is as good as nowhere")
	assert.False(t, s.same(other, `search, ""`))
	assert.Nil(t, about(false, "a"))
	assert.Equal(t, []string{"a", "b"}, about(true, "a", "b"))
	assert.Equal(t, []int{1, 0}, []int{one(true), one(false)})
}

func TestEveryQuestionAsksAQueryThatThereIs(t *testing.T) {
	names := func(change func(*stacks.Settings)) []string {
		s := &Site{Settings: deployed.New(t, deployed.With(change)).Settings}
		var all []string
		for _, q := range s.questions(time.Now()) {
			_, err := queries.Find(q.query)
			require.NoError(t, err)
			adds := 0
			if of, n := q.of(&visit{form: form{status: 200}}); of != nil {
				assert.Len(t, of, len(q.by), q.query)
				adds = len(n)
				assert.Len(t, n, len(q.counts), q.query)
			}
			assert.LessOrEqual(t, adds, len(q.counts), q.query)
			all = append(all, q.query)
		}
		return all
	}
	without := names(func(*stacks.Settings) {})
	with := names(func(s *stacks.Settings) { s.Logging.Bodies = "all" })
	assert.NotContains(t, without, "usage-and-cost-bodies", "no body is kept")
	assert.Equal(t, slices.Concat(without, []string{"tokens-by-ip-and-model-bodies", "prompts-and-completions-bodies", "usage-and-cost-bodies"}), with)
}

func TestAReportShowsTheFirstRowsOfAQueryAndNoLongTexts(t *testing.T) {
	result := kql.Result{Columns: []kql.Column{{Name: "Team"}, {Name: "Calls"}}}
	for i := range shownRows + 3 {
		result.Rows = append(result.Rows, []any{strings.Repeat("ä", shownText+1), float64(i)})
	}
	q := answerOf(queries.Query{Name: "calls", Title: "Calls by team"}, result)
	assert.Equal(t, report.Query{Name: "calls", Title: "Calls by team", Columns: []string{"Team", "Calls"}, Rows: q.Rows, Total: shownRows + 3}, q)
	require.Len(t, q.Rows, shownRows)
	assert.Equal(t, []string{strings.Repeat("ä", shownText-1) + "…", "7"}, q.Rows[7])
	assert.Equal(t, strings.Repeat("ä", shownText), shortened(strings.Repeat("ä", shownText)), "letters count, not bytes")
	none := answerOf(queries.Query{}, kql.Result{})
	assert.Equal(t, report.Query{Columns: []string{}, Rows: [][]string{}}, none, "the report has no null")
	assert.Equal(t, []map[string]any{{"Team": "a", "Calls": 2.0}}, byColumn(kql.Result{Columns: result.Columns, Rows: [][]any{{"a", 2.0}}}))
}

func TestRowsThatCannotBeKeptEndTheTraffic(t *testing.T) {
	d := deployed.New(t)
	site := siteOf(t, d)
	site.LogDir = filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(site.LogDir, nil, 0o600))
	g, err := site.open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	store, err := g.oneCall(t.Context())
	require.NoError(t, err)
	assert.Error(t, (&evidence{store: store}).save(site), "a folder for rows that is a file")
	site.LogDir = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(site.LogDir, LookupsFile), 0o700))
	assert.ErrorContains(t, (&evidence{store: store}).save(site), "lookups: ")
}

func TestAQueryThatFailsIsNamed(t *testing.T) {
	a := &asking{evidence: &evidence{end: time.Now()}, engine: kusto}
	_, err := a.query(t.Context(), "nothing-like-it", "", queries.Lookups{})
	assert.ErrorContains(t, err, "nothing-like-it")
	_, err = a.query(t.Context(), "latency", "| where", queries.Lookups{})
	assert.ErrorContains(t, err, "query latency: ")
}

// Every query that fails is a failure of its own.
func TestTheQuestionsDrillSaysWhichQueryFails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := &findings{}
	m, err := tryQuestions(ctx, &asking{evidence: &evidence{end: time.Now()}, site: &Site{Settings: deployed.New(t).Settings}, engine: kusto}, f)
	assert.EqualError(t, err, "the traffic has no calls")
	assert.Nil(t, m)
	for _, q := range queries.All()[:mostFailures] {
		assert.Contains(t, joined(f.all()), "query "+q.Name+": ")
	}
}
