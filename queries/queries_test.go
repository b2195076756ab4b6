package queries_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/queries"
)

// today is noon of the eleventh day of a month of 31.
var today = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)

var engine *kql.Engine

func TestMain(m *testing.M) {
	engine = logs.NewEngine(func() time.Time { return today }, os.Stderr)
	m.Run()
	engine.Close()
}

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestEveryQuerySaysWhatItAnswers(t *testing.T) {
	all := queries.All()
	require.GreaterOrEqual(t, len(all), 15)
	for _, q := range all {
		assert.NotEmpty(t, q.Title, q.Name)
		assert.NotEmpty(t, q.Answers, q.Name)
		assert.Contains(t, []queries.Flavour{queries.Bodies, queries.Messages, queries.Metrics, queries.Any}, q.Flavour, q.Name)
		for _, need := range q.Needs {
			assert.Contains(t, q.Text, "let "+need+" = datatable(", q.Name)
		}
	}
}

func TestEveryQueryBindsToTheWorkspacesTables(t *testing.T) {
	for _, q := range queries.All() {
		found, err := engine.Check(limited(t), q.Name+".kql", q.Text)
		require.NoError(t, err)
		assert.Empty(t, found, q.Name)
	}
}

func TestAMisspeltColumnFailsWithItsPosition(t *testing.T) {
	q, err := queries.Find("top-callers")
	require.NoError(t, err)
	text := strings.Replace(q.Text, "CallerIpAddress", "CallerIpAdress", 1)
	found, err := engine.Check(limited(t), "top-callers.kql", text)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, "top-callers.kql:11:122: KS142: The name 'CallerIpAdress' does not refer to any known column, table, variable or function.", found[0].Error())
}

func TestAnUnknownQueryIsToldTheKnownOnes(t *testing.T) {
	_, err := queries.Find("top-caller")
	assert.ErrorContains(t, err, "top-callers")
}
