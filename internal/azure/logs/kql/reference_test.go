package kql_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/logs/kql"
)

// engine is one child process for all tests of this package.
var engine *kql.Engine

func TestMain(m *testing.M) {
	engine = kql.New(kql.Options{
		Schema:   []kql.Schema{{Name: "T", Columns: []kql.Column{{Name: "A", Type: "string"}, {Name: "B", Type: "long"}, {Name: "D", Type: "dynamic"}, {Name: "When", Type: "datetime"}}}},
		Now:      func() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) },
		Progress: os.Stderr,
	})
	m.Run()
	engine.Close()
}

func run(t *testing.T, query string, tables ...kql.Table) (kql.Result, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return engine.Run(ctx, query, tables)
}

// rows are a result's rows as text.
func rows(r kql.Result) []string {
	lines := []string{}
	for _, row := range r.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = kql.Text(cell)
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return lines
}

// example is a query with the rows that Microsoft's reference shows for it.
type example struct {
	name, query string
	want        []string
}

// examples reads a file of "== name", query, "--", rows, and an empty line.
func examples(t *testing.T, file string) []example {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var out []example
	for _, block := range strings.Split("\n"+string(text), "\n== ")[1:] {
		name, rest, _ := strings.Cut(block, "\n")
		query, result, found := strings.Cut(rest, "\n--\n")
		require.True(t, found, "%s: %s has no result", file, name)
		out = append(out, example{name, query, strings.Split(strings.TrimSuffix(result, "\n"), "\n")})
	}
	return out
}

func TestTheEvaluatorAnswersAsMicrosoftsReferenceShows(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	n := 0
	for _, file := range files {
		for _, e := range examples(t, file) {
			n++
			t.Run(e.name, func(t *testing.T) {
				result, err := run(t, e.query)
				require.NoError(t, err)
				want := e.want
				// The empty line before the next example is no row.
				if len(want) > len(result.Rows) && want[len(want)-1] == "" {
					want = want[:len(want)-1]
				}
				assert.Equal(t, want, rows(result))
			})
		}
	}
	assert.GreaterOrEqual(t, n, 60, "examples")
}
