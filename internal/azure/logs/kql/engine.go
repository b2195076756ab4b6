package kql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"enterprise-openai/internal/problem"
)

// Diagnostic is a complaint of Microsoft's parser or binder, such as KS142 for a name that does not exist.
type Diagnostic struct { //nolint:errname // listed more often than returned
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	// Name is the query's, as given to Check.
	Name string `json:"name,omitempty"`
}

// Error gives the place first, as compilers do.
func (d Diagnostic) Error() string {
	return problem.Problem{Where: problem.Place{File: d.Name, Line: d.Line, Column: d.Col}, Path: d.Code, Message: d.Message}.Error()
}

// QueryError is an error of a query that binds and still cannot run, such as an operator this evaluator lacks.
type QueryError struct {
	Message string
	// Line and Col are 0 where the place is not known.
	Line, Col int
}

// Error implements error.
func (f *QueryError) Error() string {
	return problem.Problem{Where: problem.Place{File: "query", Line: f.Line, Column: f.Col}, Message: f.Message}.Error()
}

// Options are what an engine needs.
type Options struct {
	// Schema are the tables that queries may mention.
	Schema []Schema
	// Now is what now() and ago() go by; nil is the real clock.
	Now func() time.Time
	// Progress gets a line about an installation; nil discards it.
	Progress io.Writer
	// Memory is how many megabytes the child may take; 0 is DefaultMemory.
	Memory int
	// Cache is the folder for Microsoft's package; empty is the user's cache.
	Cache string
}

// Engine checks and runs queries in one child process. It is safe for concurrent use, one query at a time.
type Engine struct {
	options Options
	mu      sync.Mutex
	process *process
	sent    map[string]sending
	closed  bool
}

// New makes an engine. The child process is started, and Microsoft's package installed, when the first query comes.
func New(options Options) *Engine {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Progress == nil {
		options.Progress = io.Discard
	}
	return &Engine{options: options}
}

// Close ends the child process.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.process != nil {
		e.process.Close()
		e.process = nil
	}
	return nil
}

// PID is the child's process id, 0 while there is none; benchmarks measure it.
func (e *Engine) PID() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.process == nil {
		return 0
	}
	return e.process.PID()
}

// Check gives what the binder says about a query; name is put into the diagnostics. An error means that nothing could be
// checked, not that the query is wrong.
func (e *Engine) Check(ctx context.Context, name, text string) ([]Diagnostic, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, err := e.ask(ctx, request{Op: "check", Text: text})
	if err != nil {
		return nil, err
	}
	return named(a.Diagnostics, name), nil
}

// Run evaluates a query over tables. Tables of the schema that are not given are empty. A query that does not bind gives
// its diagnostics as one joined error.
func (e *Engine) Run(ctx context.Context, text string, tables []Table) (Result, error) {
	return e.RunAt(ctx, e.options.Now(), text, tables)
}

// RunAt is Run at another time than the engine's.
func (e *Engine) RunAt(ctx context.Context, now time.Time, text string, tables []Table) (Result, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	uses, err := e.ask(ctx, request{Op: "uses", Text: text})
	if err != nil {
		return Result{}, err
	}
	if err := Errors(named(uses.Diagnostics, "query")); err != nil {
		return Result{}, err
	}
	for _, u := range uses.Tables {
		if err := e.send(ctx, u, tables); err != nil {
			return Result{}, err
		}
	}
	a, err := e.ask(ctx, request{Op: "run", Text: text, Now: now.UTC().Format(time.RFC3339Nano)})
	if err != nil {
		return Result{}, err
	}
	return a.result()
}

// Support is what the evaluator does, by name; Partly says where it is less exact than Azure. Everything else that binds is an
// error that names it.
type Support struct {
	// Operators are the binder's names of tabular operators, such as SummarizeOperator.
	Operators  []string `json:"operators"`
	Functions  []string `json:"functions"`
	Aggregates []string `json:"aggregates"`
	Partly     []string `json:"-"`
}

// partly is what a reader of results has to know.
var partly = []string{
	"decimal has the 15 digits of a real, not 34",
	"numbers beyond 2^53 in JSON text lose digits; the functions of series give whole numbers where Azure writes 1.0",
	"dcount and percentiles are exact where Azure estimates",
	"take, take_any, sample-distinct and innerunique choose the first row, where Azure chooses any; rand, sample and new_guid are the same in each run",
	"top-hitters is exact where Azure estimates; bag_unpack puts its columns behind the others (unverified)",
	"join leaves rows with a null key unmatched; whole numbers divided by zero give null (both unverified)",
	"regular expressions are JavaScript's with RE2's flags i, m, s and U in front",
	"count(column) leaves nulls out, make_list and make_set take arrays apart (the first unverified)",
}

// Support asks the evaluator what it does.
func (e *Engine) Support(ctx context.Context) (Support, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, err := e.ask(ctx, request{Op: "support"})
	if err != nil {
		return Support{}, err
	}
	a.Support.Partly = partly
	return a.Support, nil
}

// Errors joins those diagnostics that are errors.
func Errors(diagnostics []Diagnostic) error {
	var found []error
	for _, d := range diagnostics {
		if d.Severity == "Error" {
			found = append(found, d)
		}
	}
	return errors.Join(found...)
}

// ask starts the child when there is none. A child that died is replaced by the next request.
func (e *Engine) ask(ctx context.Context, r request) (*answer, error) {
	if e.closed {
		return nil, errors.New("KQL engine: closed")
	}
	if e.process == nil {
		if err := e.start(ctx); err != nil {
			return nil, err
		}
	}
	return e.exchange(ctx, r)
}

func (e *Engine) start(ctx context.Context) error {
	cache := e.options.Cache
	if cache == "" {
		var err error
		if cache, err = cacheFolder(); err != nil {
			return err
		}
	}
	main, err := install(ctx, cache, e.options.Progress)
	if err != nil {
		return fmt.Errorf("KQL: %w", err)
	}
	if e.process, err = startProcess(main, cmp.Or(e.options.Memory, DefaultMemory)); err != nil {
		return err
	}
	e.sent = map[string]sending{}
	schema := e.options.Schema
	if schema == nil {
		schema = []Schema{}
	}
	_, err = e.exchange(ctx, request{Op: "schema", Tables: schema})
	return err
}

func (e *Engine) exchange(ctx context.Context, r request) (*answer, error) {
	var a answer
	if err := e.process.ask(ctx, r, &a); err != nil {
		e.process.Kill()
		e.process = nil
		return nil, err
	}
	if a.Error != nil {
		return nil, a.Error.failure()
	}
	return &a, nil
}

func named(diagnostics []Diagnostic, name string) []Diagnostic {
	for i := range diagnostics {
		diagnostics[i].Name = name
	}
	return diagnostics
}
