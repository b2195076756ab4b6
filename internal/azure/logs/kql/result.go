package kql

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// JSON is an array or a property bag of a dynamic column, as text: its keys have an order, and 1.0 is not 1.
type JSON string

// MarshalJSON implements json.Marshaler.
func (j JSON) MarshalJSON() ([]byte, error) { return []byte(j), nil }

// Result is what a query answers.
type Result struct {
	Columns []Column
	Rows    [][]any
}

// WriteTable writes the result for people: aligned columns, a line per row.
func (r Result) WriteTable(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	names := make([]string, len(r.Columns))
	lines := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		names[i], lines[i] = c.Name, strings.Repeat("-", len(c.Name))
	}
	rows := [][]string{names, lines}
	for _, row := range r.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = oneLine(Text(cell))
		}
		rows = append(rows, cells)
	}
	for _, cells := range rows {
		if _, err := fmt.Fprintln(t, strings.Join(cells, "\t")); err != nil {
			return fmt.Errorf("result: %w", err)
		}
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	// Cells at the end of a line that are empty leave blanks behind.
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return fmt.Errorf("result: %w", err)
		}
	}
	_, err := fmt.Fprintf(w, "(%s)\n", counted(len(r.Rows)))
	return err
}

func counted(n int) string {
	if n == 1 {
		return "1 row"
	}
	return strconv.Itoa(n) + " rows"
}

// oneLine keeps a cell on its line.
func oneLine(s string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(s)
}

// WriteJSON writes an array of objects, the columns in their order.
func (r Result) WriteJSON(w io.Writer) error {
	var b strings.Builder
	b.WriteByte('[')
	for n, row := range r.Rows {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  {")
		for i, cell := range row {
			if i > 0 {
				b.WriteString(", ")
			}
			name, err := marshal(r.Columns[i].Name)
			if err != nil {
				return err
			}
			value, err := marshal(cell)
			if err != nil {
				return err
			}
			b.WriteString(name + ": " + value)
		}
		b.WriteByte('}')
	}
	if len(r.Rows) > 0 {
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Text is a cell as text: nothing for nil, JSON for dynamic values.
func Text(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(cell)
}

func marshal(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("result: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
