package queries_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/queries"
)

var update = flag.Bool("update", false, "write the answers as they are now; read them before they are committed")

// lookups are the facts beside the traffic. Prices are round, so that sums can be checked by hand.
var lookups = queries.Lookups{
	Prices: []queries.Price{{Model: "gpt-4o", Rates: queries.Rates{Prompt: 10, Completion: 100}}},
	Deployments: []queries.Deployment{
		{BackendID: "north-gpt-4o", Type: "GlobalStandard", Share: 1}, {BackendID: "west-gpt-4o", Type: "GlobalStandard", Share: 1},
		{BackendID: "west-gpt-4o-mini", Type: "GlobalStandard", Share: 1},
	},
	Teams:   []queries.Team{{SubscriptionID: "red-standard", Team: "Red", CostCentre: "CC-1"}, {SubscriptionID: "blue-standard", Team: `Blue "B"`, CostCentre: "CC-2"}},
	Quotas:  []queries.Quota{{Product: "standard", Tokens: 2000, Period: "Monthly"}, {Product: "private", Tokens: 1000, Period: "Monthly"}},
	Audited: []string{"openai"},
}

func answer(t *testing.T, s *logs.Store, q queries.Query) logs.Result {
	t.Helper()
	result, err := engine.Run(limited(t), queries.Fill(q.Text, lookups), s.Tables())
	require.NoError(t, err, q.Name)
	return result
}

func TestEveryQueryGivesTheNumbersOfTheTraffic(t *testing.T) {
	s := logged(traffic)
	for _, q := range queries.All() {
		t.Run(q.Name, func(t *testing.T) {
			var table strings.Builder
			require.NoError(t, answer(t, s, q).WriteTable(&table))
			file := filepath.Join("testdata", q.Name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(table.String()), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), table.String())
		})
	}
}

func TestAQuotaIsBurntDownOverItsOwnPeriod(t *testing.T) {
	s := logged(append(slices.Clone(traffic),
		visit{"q1", "11", "12:10", "blue-standard", "standard", "203.0.113.8", "gpt-4o", []string{"north"}, []int{200}, 200, 60, 40, nil},
		visit{"q2", "01", "00:00", "blue-standard", "standard", "203.0.113.8", "gpt-4o", []string{"north"}, []int{200}, 200, 600, 400,
			func(r *apim.CallRecord) { r.Time = r.Time.AddDate(0, 0, -10) }}))
	// Half past twelve of a Wednesday: 0.5 h into its hour, 12.5 h into its day, 84.5 h into its week, 252.5 h into its month
	// of 744 h, 1,668.5 h into its year of 8,760 h.
	clock := logs.NewEngine(func() time.Time { return today.Add(30 * time.Minute) }, os.Stderr)
	defer clock.Close()
	q, err := queries.Find("quota-burn-down")
	require.NoError(t, err)
	for period, c := range map[string]struct {
		quota int64
		want  []any
	}{
		"Hourly":  {150, []any{int64(100), 66.7, int64(200), "2026-03-11T12:45:00Z", "will not last"}},
		"Daily":   {1000, []any{int64(500), 50.0, int64(960), nil, "enough"}},
		"Weekly":  {2000, []any{int64(2000), 100.0, int64(3976), "2026-03-11T12:30:00Z", "gone"}},
		"Monthly": {5893, []any{int64(2000), 33.9, int64(5893), nil, "enough"}},
		"Yearly":  {15751, []any{int64(3000), 19.0, int64(15751), nil, "enough"}},
	} {
		t.Run(period, func(t *testing.T) {
			text := queries.Fill(q.Text, queries.Lookups{Quotas: []queries.Quota{{Product: "standard", Tokens: c.quota, Period: period}}})
			result, err := clock.Run(limited(t), text+`| where Caller == "blue-standard" | project Used, UsedPercent, Forecast, GoneAt, State`, s.Tables())
			require.NoError(t, err)
			assert.Equal(t, [][]any{c.want}, result.Rows)
		})
	}
}

func TestBothFlavoursAgreeToTheTokenWhereBodiesAreWhole(t *testing.T) {
	var whole []visit
	for _, v := range traffic {
		if v.change == nil {
			whole = append(whole, v)
		}
	}
	s := logged(whole)
	for _, name := range []string{"tokens-by-ip-and-model", "usage-and-cost"} {
		messages, err := queries.Find(name)
		require.NoError(t, err)
		bodies, err := queries.Find(name + "-bodies")
		require.NoError(t, err)
		m, b := answer(t, s, messages), answer(t, s, bodies)
		require.NotEmpty(t, m.Rows)
		assert.Equal(t, m, b, name)
	}
}

func TestEveryQueryRunsOnAnEmptyWorkspace(t *testing.T) {
	s := logs.New(logs.Options{})
	for _, q := range queries.All() {
		assert.Empty(t, answer(t, s, q).Rows, q.Name)
	}
}

func TestALookupCannotBecomePartOfAQuery(t *testing.T) {
	q, err := queries.Find("usage-and-cost")
	require.NoError(t, err)
	text := queries.Fill(q.Text, queries.Lookups{Teams: []queries.Team{{SubscriptionID: "red-standard", Team: "x\"]; print 1 //\n\\", CostCentre: "\t"}}})
	found, err := engine.Check(limited(t), q.Name, text)
	require.NoError(t, err)
	assert.Empty(t, found)
	result, err := engine.Run(limited(t), text, logged(traffic[:1]).Tables())
	require.NoError(t, err)
	require.Len(t, result.Rows, 1)
	assert.Equal(t, "x\"]; print 1 //\n\\", result.Rows[0][1])
}
