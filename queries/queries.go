// Package queries has the questions that the logs answer: KQL files with a header each. Workbook, saved searches and alerts are built
// from these texts, and the rehearsal runs them.
//
// A header is the comment lines at the top of a file: Title, Answers (what the reader learns, and what the answer leaves
// out), Flavour, and Needs for the lookups that Fill puts in. Queries name no time range: it is chosen when one is run.
package queries

import (
	"embed"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
)

//go:embed *.kql
var files embed.FS

// Flavour is which part of the logs a query reads.
type Flavour string

// The flavours. The same query on bodies and in messages gives the same answer on the same traffic, as long as
// bodies are whole.
const (
	// Bodies needs RequestBody and BackendResponseBody in ApiManagementGatewayLogs.
	Bodies Flavour = "bodies"
	// Messages needs ApiManagementGatewayLlmLog.
	Messages Flavour = "messages"
	// Metrics needs custom metrics in AppMetrics.
	Metrics Flavour = "metrics"
	// Any works whatever else is logged.
	Any Flavour = "any"
)

// Query is one question.
type Query struct {
	// Name is the file's, without its ending.
	Name    string
	Title   string
	Answers string
	// Text is the whole file.
	Text    string
	Flavour Flavour
	// Needs names the lookups that the query joins: Prices, Deployments, UnitPrices, Teams, Quotas, Audited.
	Needs []string
}

// All gives every query, in the order of their names.
func All() []Query { return read(files, "*.kql") }

func read(from embed.FS, pattern string) []Query {
	names, err := fs.Glob(from, pattern)
	if err != nil {
		return nil // the pattern is a constant
	}
	slices.Sort(names)
	out := make([]Query, 0, len(names))
	for _, name := range names {
		text, err := from.ReadFile(name)
		if err != nil {
			continue // embedded files can be read
		}
		out = append(out, parse(strings.TrimSuffix(name, ".kql"), string(text)))
	}
	return out
}

// Find gives the query of a name.
func Find(name string) (Query, error) {
	var known []string
	for _, q := range All() {
		if q.Name == name {
			return q, nil
		}
		known = append(known, q.Name)
	}
	return Query{}, fmt.Errorf("no query %q; there are %s", name, strings.Join(known, ", "))
}

// parse reads a file.
func parse(name, text string) Query {
	q := Query{Name: name, Text: text}
	for key, value := range header(text) {
		switch key {
		case "Title":
			q.Title = value
		case "Answers":
			q.Answers = value
		case "Flavour":
			q.Flavour = Flavour(value)
		case "Needs":
			q.Needs = strings.Split(value, ", ")
		}
	}
	return q
}

// header gives the fields of the comment lines at the top of a file.
func header(text string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for line := range strings.Lines(text) {
			field, comment := strings.CutPrefix(strings.TrimSpace(line), "//")
			if !comment {
				return
			}
			key, value, _ := strings.Cut(field, ":")
			if !yield(strings.TrimSpace(key), strings.TrimSpace(value)) {
				return
			}
		}
	}
}
