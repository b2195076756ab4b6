package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/rehearsal"
)

// queried is what a command line had queried.
type queried struct {
	stack, folder, text string
}

func answered(err error, got *queried) func(*work) {
	return func(w *work) {
		w.query = func(_ context.Context, o rehearsal.Options, folder, text string) (logs.Result, error) {
			*got = queried{o.Stack, folder, text}
			return logs.Result{Columns: []kql.Column{{Name: "Team", Type: "string"}, {Name: "Tokens", Type: "long"}}, Rows: [][]any{{"search", 12.0}}}, err
		}
	}
}

func TestQueryPrintsATableAndAsksTheStacksLastRun(t *testing.T) {
	var a queried
	got := rehearse(t, []string{"query", "--stack", "prod", "AppMetrics | count"}, answered(nil, &a))
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Equal(t, queried{"prod", "", "AppMetrics | count"}, a)
	assert.Regexp(t, `^Team +Tokens\n-+ +-+\nsearch +12\n`, got.stdout)
	assert.Empty(t, got.stderr)
}

func TestQueryReadsAFileAndAnotherFolderAndPrintsJSON(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.kql")
	require.NoError(t, os.WriteFile(file, []byte("AppMetrics\n| count\n"), 0o600))
	var a queried
	got := rehearse(t, []string{"query", "--json", "--logs", "elsewhere", file}, answered(nil, &a))
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Equal(t, queried{"dev", "elsewhere", "AppMetrics\n| count\n"}, a)
	assert.JSONEq(t, `[{"Team": "search", "Tokens": 12}]`, got.stdout)
}

func TestQueryKnowsTheProjectsQueriesByName(t *testing.T) {
	got := rehearse(t, []string{"query"})
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Regexp(t, `(?m)^tokens-by-ip-and-model +Tokens by address and model$`, got.stdout)
	var a queried
	got = rehearse(t, []string{"query", "latency"}, answered(nil, &a))
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Contains(t, a.text, "// Title: Latency")
}

func TestQueryKnowsTheAlertsByName(t *testing.T) {
	assert.Regexp(t, `(?m)^audit-gap +Calls without messages$`, rehearse(t, []string{"query"}).stdout)
	for _, name := range []string{"audit-gap", "new-network", "quota", "regional-failover", "throttling"} {
		var a queried
		got := rehearse(t, []string{"query", name}, answered(nil, &a))
		assert.Equal(t, exitOK, got.code, got.stderr)
		assert.Contains(t, a.text, "// Severity: ", name)
	}
	got := rehearse(t, []string{"query", "audit-gaps"})
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.stderr, "no query is called audit-gaps; there are ")
	assert.Contains(t, got.stderr, "latency, ")
	assert.Contains(t, got.stderr, "audit-gap, ")
}

func TestAMistakeInAQueryIsToldWithItsPlaceAndAMistakenCommandWithWhatWouldBeRight(t *testing.T) {
	var a queried
	got := rehearse(t, []string{"query", "X"}, answered(&kql.QueryError{Message: "no such table: X", Line: 1, Col: 1}, &a))
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, "rehearse: query:1:1: no such table: X\n", got.stderr)
	assert.Empty(t, got.stdout)
	for args, says := range map[string]string{"": "such as queries/tokens-by-ip-and-model.kql", "none.kql": "there is no file none.kql"} {
		got := rehearse(t, []string{"query", args}, answered(errors.New("was not expected"), &a))
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.stderr, says)
	}
	assert.Equal(t, exitUsage, rehearse(t, []string{"query", "a", "b"}).code)
}

func TestQueryTeachesItself(t *testing.T) {
	got := rehearse(t, []string{"query", "--help"})
	assert.Equal(t, exitOK, got.code)
	for _, want := range []string{"rehearse query tokens-by-ip-and-model", "rehearse query queries/usage-and-cost.kql", "ApiManagementGatewayLlmLog", "now() is the end of the run", "--logs folder", "--json"} {
		assert.Contains(t, got.stdout, want)
	}
}
