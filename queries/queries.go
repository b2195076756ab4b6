// Package queries holds what the logs answer: KQL files with a header each. Workbook, saved searches and alerts are built
// from these texts, and the rehearsal runs them.
//
// A header is the comment lines at the top of a file: Title, Answers (what the reader learns, and what the answer leaves
// out), Flavour, and Needs for the lookups that Fill puts in. Queries name no time range: whoever runs one chooses it.
package queries

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.kql
var files embed.FS

// Flavour says which part of the logs a query reads.
type Flavour string

// The flavours. The same question asked in bodies and in messages gives the same answer on the same traffic, as long as
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
	// Needs names the lookups that the query joins: Prices, Teams, Quotas.
	Needs []string
}

// All gives every query, in the order of their names.
func All() []Query {
	names, err := fs.Glob(files, "*.kql")
	if err != nil {
		return nil // the pattern is a constant
	}
	slices.Sort(names)
	out := make([]Query, 0, len(names))
	for _, name := range names {
		text, err := files.ReadFile(name)
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

// parse reads the header of a file.
func parse(name, text string) Query {
	q := Query{Name: name, Text: text}
	for line := range strings.Lines(text) {
		field, comment := strings.CutPrefix(strings.TrimSpace(line), "//")
		if !comment {
			break
		}
		key, value, _ := strings.Cut(field, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
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
