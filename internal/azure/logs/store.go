package logs

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs/kql"
)

// Options are what a workspace needs to know about the resources that write into it.
type Options struct {
	// Pipeline decides what is written at all.
	Pipeline Pipeline
	// ServiceID is the ARM id of the API Management service.
	ServiceID string
	// SubscriptionID is the Azure subscription of all resources.
	SubscriptionID string
	// WorkspaceID is the workspace's own id, a GUID.
	WorkspaceID string
	// ComponentID is the ARM id of the Application Insights component.
	ComponentID string
	// InstrumentationKey is the component's own.
	InstrumentationKey string
	// AccountID gives the ARM id of an account by its name; nil makes one from the subscription.
	AccountID func(account string) string
}

// Row is a row by column; a column that is not there is null.
type Row map[string]any

// Store is the workspace. It is safe for concurrent use.
type Store struct {
	options Options

	// number is the store's own; with the count of changes it makes a version that no other rows have.
	number int64

	mu      sync.Mutex
	changes int
	tables  map[string][]Row
	missing map[string]int
	dropped map[string]int
}

var stores atomic.Int64

// New makes an empty workspace.
func New(options Options) *Store {
	if options.Pipeline == nil {
		options.Pipeline = Deployed{}
	}
	return &Store{options: options, number: stores.Add(1), tables: map[string][]Row{}, missing: map[string]int{}, dropped: map[string]int{}}
}

// Record implements apim.Recorder: it writes what one call leaves in the logs.
func (s *Store) Record(r *apim.CallRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gatewayRow(r)
	s.llmRows(r)
	s.metrics(r)
}

// Missing names the resources for want of which rows were not written, each with the number of calls it cost.
func (s *Store) Missing() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return counted(s.missing)
}

// Dropped names the reasons for which Azure would have thrown something away, with their number.
func (s *Store) Dropped() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return counted(s.dropped)
}

func counted(reasons map[string]int) []string {
	var out []string
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		out = append(out, fmt.Sprintf("%s (%d calls)", reason, reasons[reason]))
	}
	return out
}

// Rows gives a copy of a table's rows, in the order in which they were written.
func (s *Store) Rows(table string) []Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tables[table])
}

// Tables gives all tables with their rows, for the KQL engine.
func (s *Store) Tables() []kql.Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]kql.Table, 0, len(tables))
	version := fmt.Sprintf("%d.%d", s.number, s.changes)
	for _, schema := range Schema() {
		table := tableOf(schema, s.tables[schema.Name])
		table.Version = version
		out = append(out, table)
	}
	return out
}

// tableOf puts rows into the order of a table's columns. Columns that no row has are left out: AzureDiagnostics has hundreds.
func tableOf(schema kql.Schema, rows []Row) kql.Table {
	has := map[string]bool{"TimeGenerated": true}
	for _, row := range rows {
		for name := range row {
			has[name] = true
		}
	}
	table := kql.Table{Schema: kql.Schema{Name: schema.Name}, Rows: make([][]any, len(rows))}
	for _, c := range schema.Columns {
		if has[c.Name] {
			table.Columns = append(table.Columns, c)
		}
	}
	for i, row := range rows {
		table.Rows[i] = make([]any, len(table.Columns))
		for n, c := range table.Columns {
			table.Rows[i][n] = row[c.Name]
		}
	}
	return table
}

// write adds a row with the columns that every row has.
func (s *Store) write(table, resource string, row Row) {
	row["Type"] = table
	row["TenantId"] = s.options.WorkspaceID
	row["SourceSystem"] = "Azure"
	row["_ResourceId"] = resource
	row["_SubscriptionId"] = s.options.SubscriptionID
	row["_IsBillable"] = "True"
	row["_BilledSize"] = float64(size(row))
	s.tables[table] = append(s.tables[table], row)
	s.changes++
}

// sampled says whether a diagnostic keeps a call: its share of all, and every error where it says so. The choice hangs on
// the correlation id alone, so that a rehearsal repeated is a rehearsal with the same rows.
func sampled(d *apim.Diagnostic, r *apim.CallRecord) bool {
	if !d.Sampled || d.AlwaysLogErrors && !r.IsSuccess {
		return true
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.CorrelationID)) // a hash takes everything
	return float64(h.Sum64()%10_000) < d.SamplingPercentage*100
}

var _ apim.Recorder = (*Store)(nil)
