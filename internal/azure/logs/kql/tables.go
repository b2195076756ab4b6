package kql

import (
	"context"
	"fmt"
	"slices"
)

// Column is a column of a table. Type is a Kusto type: string, long, int, real, bool, datetime, timespan, guid, dynamic.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Schema is a table without rows: what a query may mention.
type Schema struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
}

// Table is a table with rows. A cell is nil, a bool, a number, a string (also for datetime, timespan and guid), or for
// dynamic columns anything that JSON can carry. A table with a Version that the engine has seen is not sent again.
type Table struct {
	Schema
	Version string
	Rows    [][]any
}

// sending is what the child has of a table.
type sending struct {
	version string
	columns []string
}

// send gives the child what a query needs of a table, unless it has it.
func (e *Engine) send(ctx context.Context, u use, tables []Table) error {
	table := Table{Schema: e.schemaOf(u.Name)}
	for _, t := range tables {
		if t.Name == u.Name {
			table = t
		}
	}
	before := e.sent[u.Name]
	if table.Version != "" && before.version == table.Version {
		// The next query may need other columns of the same rows; those of the last one stay.
		if !slices.ContainsFunc(u.Columns, func(c string) bool { return !slices.Contains(before.columns, c) }) {
			return nil
		}
		u.Columns = append(u.Columns, before.columns...)
	}
	columns, places := present(table, u.Columns)
	for from := 0; from == 0 || from < len(table.Rows); from += sentAtOnce {
		rows := table.Rows[from:min(from+sentAtOnce, len(table.Rows))]
		if _, err := e.ask(ctx, request{Op: "table", Name: u.Name, Columns: columns, Rows: wire(rows, places), More: from > 0}); err != nil {
			delete(e.sent, u.Name)
			return fmt.Errorf("table %s: %w", u.Name, err)
		}
	}
	e.sent[u.Name] = sending{version: table.Version, columns: u.Columns}
	return nil
}

// sentAtOnce is how many rows travel in one request, so that no request is as large as a table.
const sentAtOnce = 4096

// present are the needed columns that some row has a cell of, and their places in a row.
func present(table Table, needed []string) ([]Column, []int) {
	columns, places := []Column{}, []int{}
	for i, c := range table.Columns {
		if slices.Contains(needed, c.Name) && slices.ContainsFunc(table.Rows, func(row []any) bool { return row[i] != nil }) {
			columns, places = append(columns, c), append(places, i)
		}
	}
	return columns, places
}

func (e *Engine) schemaOf(name string) Schema {
	for _, s := range e.options.Schema {
		if s.Name == name {
			return s
		}
	}
	return Schema{Name: name, Columns: []Column{}}
}
