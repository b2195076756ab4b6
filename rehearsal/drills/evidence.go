package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/queries"
	"enterprise-openai/rehearsal/report"
)

// evidence is a traffic of which everything is known, and the rows that it left in the workspace.
type evidence struct {
	store  *logs.Store
	visits []*visit
	// events are what the Event Hub got, where there is one.
	events []dataplane.HubEvent
	// gaps name what is missing for rows to be written.
	gaps []string
	// end is the time of the last call; queries run at that time.
	end time.Time
}

// sharedEvidence is made by the first drill that asks for it: all that look at logs look at the same ones.
type sharedEvidence struct {
	sync.Mutex
	made *evidence
}

// known makes the known traffic, once, and keeps its rows where queries after the run find them.
func (s *Site) known(ctx context.Context) (*evidence, error) {
	s.evidence.Lock()
	defer s.evidence.Unlock()
	if s.evidence.made != nil {
		return s.evidence.made, nil
	}
	g, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = g.Close() }()
	if err := g.plenty(); err != nil {
		return nil, err
	}
	e := &evidence{gaps: dataplane.LogGaps(g.arm), store: logs.New(dataplane.LogOptions(g.arm, s.SubscriptionID))}
	if e.visits, err = g.plan(); err != nil {
		return nil, err
	}
	for _, v := range e.visits {
		if err := g.visit(ctx, v, e.store); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	e.events = g.HubEvents()
	e.end = g.clock.Now().Add(time.Minute)
	if s.LogDir != "" {
		if err := e.save(s); err != nil {
			return nil, err
		}
	}
	s.evidence.made = e
	return e, nil
}

// LookupsFile is beside a run's rows: the facts of its settings that queries join.
const LookupsFile = "lookups.json"

func (e *evidence) save(s *Site) error {
	if err := e.store.Save(s.LogDir); err != nil {
		return err
	}
	l, err := s.Settings.Lookups()
	if err != nil {
		return err
	}
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("lookups: %w", err)
	}
	if err := os.WriteFile(filepath.Join(s.LogDir, LookupsFile), data, 0o600); err != nil {
		return fmt.Errorf("lookups: %w", err)
	}
	return nil
}

// asking is a KQL engine with the rows of the known traffic.
type asking struct {
	*evidence
	site   *Site
	engine *kql.Engine
	tables []kql.Table
}

// rows runs a query and gives its rows by column.
func (a *asking) rows(ctx context.Context, text string) ([]map[string]any, error) {
	result, err := a.engine.RunAt(ctx, a.end, text, a.tables)
	if err != nil {
		return nil, err
	}
	return byColumn(result), nil
}

func byColumn(result kql.Result) []map[string]any {
	rows := make([]map[string]any, len(result.Rows))
	for i, cells := range result.Rows {
		rows[i] = map[string]any{}
		for n, c := range result.Columns {
			rows[i][c.Name] = cells[n]
		}
	}
	return rows
}

// answerOf is the answer of one of the project's queries as a person reads it, with the first of its rows.
func answerOf(q queries.Query, result kql.Result) report.Query {
	out := report.Query{Name: q.Name, Title: q.Title, Columns: []string{}, Rows: [][]string{}, Total: len(result.Rows)}
	for _, c := range result.Columns {
		out.Columns = append(out.Columns, c.Name)
	}
	for _, cells := range result.Rows[:min(shownRows, len(result.Rows))] {
		row := make([]string, len(cells))
		for i, cell := range cells {
			row[i] = shortened(kql.Text(cell))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// How many rows of a query a report shows, and how much of a text.
const (
	shownRows = 8
	shownText = 100
)

func shortened(text string) string {
	if runes := []rune(text); len(runes) > shownText {
		return string(runes[:shownText-1]) + "…"
	}
	return text
}

// query runs one of the project's queries, with what may stand behind it.
func (a *asking) query(ctx context.Context, name, more string, l queries.Lookups) ([]map[string]any, error) {
	q, err := queries.Find(name)
	if err != nil {
		return nil, err
	}
	rows, err := a.rows(ctx, queries.Fill(q.Text, l)+more)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	return rows, nil
}

// text and whole read cells: KQL gives numbers as float64, or as text where they are too large for it.
func text(row map[string]any, column string) string { return kql.Text(row[column]) }

func whole(row map[string]any, column string) int {
	n := 0
	_, _ = fmt.Sscan(text(row, column), &n) // an empty cell is 0
	return n
}

func fraction(row map[string]any, column string) float64 {
	f := 0.0
	_, _ = fmt.Sscan(text(row, column), &f) // an empty cell is 0
	return f
}
