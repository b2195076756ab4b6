package logs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"enterprise-openai/internal/azure/logs/kql"
)

// Save writes every table into a folder, a file of JSON lines each. Prompts are in them: only the owner may read.
func (s *Store) Save(dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("log folder: %w", err)
	}
	for _, schema := range Schema() {
		if err := saveTable(dir, schema.Name, s.tables[schema.Name]); err != nil {
			return fmt.Errorf("table %s: %w", schema.Name, err)
		}
	}
	return nil
}

// saveTable puts the finished file in place of the old one, so that a query never reads half a table.
func saveTable(dir, name string, rows []Row) error {
	f, err := os.CreateTemp(dir, name+".new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	b := bufio.NewWriter(f)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	for _, row := range rows {
		if err := e.Encode(row); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := errors.Join(b.Flush(), f.Chmod(0o600), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), tableFile(dir, name))
}

func tableFile(dir, name string) string { return filepath.Join(dir, name+".jsonl") }

// Load reads a folder that Save wrote. A table without a file is empty; a folder without any table is an error.
func Load(dir string) ([]kql.Table, error) {
	var out []kql.Table
	found := 0
	for _, schema := range Schema() {
		rows, err := loadTable(tableFile(dir, schema.Name), schema)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			found++
		}
		out = append(out, tableOf(schema, rows))
	}
	if found == 0 {
		return nil, fmt.Errorf("no logs in %s: a rehearsal has to run first", dir)
	}
	return out, nil
}

// loadTable reads rows; dynamic cells stay the JSON they are, because their keys have an order.
func loadTable(file string, schema kql.Schema) ([]Row, error) {
	dynamic := map[string]bool{}
	for _, c := range schema.Columns {
		dynamic[c.Name] = c.Type == "dynamic"
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows []Row
	d := json.NewDecoder(bufio.NewReader(f))
	for n := 1; ; n++ {
		var cells map[string]json.RawMessage
		err := d.Decode(&cells)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		row := Row{}
		for name, text := range cells {
			if err != nil {
				break
			}
			row[name], err = loadCell(text, dynamic[name])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", file, n, err)
		}
		rows = append(rows, row)
	}
}

func loadCell(text json.RawMessage, dynamic bool) (any, error) {
	if dynamic && len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		return text, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var cell any
	err := d.Decode(&cell)
	return cell, err
}
