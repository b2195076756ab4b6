package queries_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/queries"
	"enterprise-openai/rehearsal/logs"
)

var update = flag.Bool("update", false, "write the answers as they are now; read them before they are committed")

// lookups are the facts beside the traffic. Prices are round, so that sums can be checked by hand.
var lookups = queries.Lookups{
	Prices: []queries.Price{{Model: "gpt-4o", Prompt: 10, Completion: 100}},
	Teams:  []queries.Team{{SubscriptionID: "red-standard", Team: "Red", CostCentre: "CC-1"}, {SubscriptionID: "blue-standard", Team: `Blue "B"`, CostCentre: "CC-2"}},
	Quotas: []queries.Quota{{Product: "standard", Tokens: 2000}, {Product: "private", Tokens: 1000}},
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

func TestPricesCarryTheirDateAndSource(t *testing.T) {
	list, err := queries.Prices()
	require.NoError(t, err)
	assert.Regexp(t, `^\d{4}-\d{2}-\d{2}$`, list.Date)
	assert.Contains(t, list.Source, "https://")
	assert.NotEmpty(t, list.Models)
	for _, p := range list.Models {
		assert.Positive(t, p.Prompt, p.Model)
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
