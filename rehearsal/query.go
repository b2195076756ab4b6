package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/queries"
	"enterprise-openai/rehearsal/drills"
)

// logFolder is where a run's rows are, below a stack's work folder.
const logFolder = "logs"

// Query runs a query on the rows of a stack's last run, or those of another folder. Lookups of the project's queries are filled as
// the run's settings had them, and now() is the end of the run: its clock is a modelled one.
func Query(ctx context.Context, o Options, folder, text string) (logs.Result, error) {
	if folder == "" {
		dir, err := workDir(o.ProjectDir, o.Stack)
		if err != nil {
			return logs.Result{}, err
		}
		folder = filepath.Join(dir, logFolder)
	}
	tables, err := logs.Load(folder)
	if err != nil {
		return logs.Result{}, err
	}
	lookups, err := savedLookups(filepath.Join(folder, drills.LookupsFile))
	if err != nil {
		return logs.Result{}, err
	}
	now := lastRow(tables)
	engine := logs.NewEngine(func() time.Time { return now }, o.logWriter())
	result, err := engine.Run(ctx, queries.Fill(text, lookups), tables)
	return result, errors.Join(err, engine.Close())
}

// Questions are the project's queries, by name: those that are saved in the workspace, and then those of its alerts.
func Questions() []queries.Query {
	all := queries.All()
	for _, a := range queries.Alerts() {
		all = append(all, a.Query)
	}
	return all
}

// savedLookups are those of the run; rows from elsewhere come without.
func savedLookups(file string) (queries.Lookups, error) {
	var l queries.Lookups
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &l)
	}
	if err != nil {
		return l, fmt.Errorf("lookups of the run: %w", err)
	}
	return l, nil
}

// lastRow is a minute after the last call, or the present when there was none.
func lastRow(tables []kql.Table) time.Time {
	var last time.Time
	for _, table := range tables {
		for column, c := range table.Columns {
			if c.Name != "TimeGenerated" {
				continue
			}
			for _, row := range table.Rows {
				written, _ := row[column].(string)
				if t, err := time.Parse(time.RFC3339Nano, written); err == nil && t.After(last) {
					last = t
				}
			}
		}
	}
	if last.IsZero() {
		return time.Now()
	}
	return last.Add(time.Minute)
}
