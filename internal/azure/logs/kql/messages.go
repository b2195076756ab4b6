package kql

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// request is one line to the child; main.mjs says which operation needs what.
type request struct {
	Op      string   `json:"op"`
	Text    string   `json:"text,omitempty"`
	Now     string   `json:"now,omitempty"`
	Name    string   `json:"name,omitempty"`
	Tables  []Schema `json:"tables,omitzero"`
	Columns []Column `json:"columns,omitzero"`
	Rows    [][]any  `json:"rows,omitzero"`
	// More is set for rows behind those that were sent before.
	More bool `json:"more,omitempty"`
}

// maxExact is the largest whole number that JavaScript's JSON reads exactly.
const maxExact = 1<<53 - 1

// wire makes rows for the child: the cells in these places, and larger longs as text.
func wire(rows [][]any, places []int) [][]any {
	out := make([][]any, len(rows))
	for i, row := range rows {
		out[i] = make([]any, len(places))
		for n, place := range places {
			out[i][n] = exact(row[place])
		}
	}
	return out
}

// exact is a cell that JavaScript's JSON does not blur.
func exact(cell any) any {
	var long int64
	switch v := cell.(type) {
	case int64:
		long = v
	case int:
		long = int64(v)
	case json.Number:
		whole, err := v.Int64()
		if err != nil {
			return cell
		}
		long = whole
	default:
		return cell
	}
	if long > maxExact || long < -maxExact {
		return strconv.FormatInt(long, 10)
	}
	return cell
}

// answer is one line from the child.
type answer struct {
	Error       *failed      `json:"error"`
	Diagnostics []Diagnostic `json:"diagnostics"`
	Tables      []use        `json:"tables"`
	Columns     []Column     `json:"columns"`
	Rows        [][]any      `json:"rows"`
	Support     Support      `json:"support"`
}

// use is a table that a query mentions, and the columns it needs of it.
type use struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// failed is an error inside the child. Internal is set for a fault of the evaluator itself.
type failed struct {
	Message  string `json:"message"`
	Internal string `json:"internal"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
}

func (f *failed) failure() error {
	if f.Internal != "" {
		return fmt.Errorf("KQL evaluator: %w\n%s", &QueryError{Message: f.Message}, f.Internal)
	}
	return &QueryError{Message: f.Message, Line: f.Line, Col: f.Col}
}

// result makes Go values of the cells: int64, float64, string, bool, nil, and JSON for arrays and bags.
func (a *answer) result() (Result, error) {
	r := Result{Columns: a.Columns, Rows: a.Rows}
	for _, row := range r.Rows {
		for i, cell := range row {
			v, err := value(cell, a.Columns[i].Type)
			if err != nil {
				return Result{}, fmt.Errorf("column %s: %w", a.Columns[i].Name, err)
			}
			row[i] = v
		}
	}
	return r, nil
}

func value(cell any, kind string) (any, error) {
	switch v := cell.(type) {
	case json.Number:
		if kind == "real" {
			return v.Float64()
		}
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return v.Float64()
	case map[string]any:
		// A long beyond 2^53, which JSON's numbers would blur, and what is nested in a dynamic column.
		if long, ok := v["long"].(string); ok {
			return strconv.ParseInt(long, 10, 64)
		}
		text, _ := v["json"].(string)
		return JSON(text), nil
	}
	return cell, nil
}
