package logs

import (
	"bufio"
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
		rows, err := loadTable(tableFile(dir, schema.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			found++
		}
		out = append(out, kql.Table{Schema: schema, Rows: cells(schema, rows)})
	}
	if found == 0 {
		return nil, fmt.Errorf("no logs in %s: a rehearsal has to run first", dir)
	}
	return out, nil
}

func loadTable(file string) ([]Row, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows []Row
	d := json.NewDecoder(bufio.NewReader(f))
	d.UseNumber()
	for n := 1; ; n++ {
		var row Row
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", file, n, err)
		}
		rows = append(rows, row)
	}
}
