package policytest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// Extension is what the files of cases end with.
const Extension = ".txtar"

// Result is what came of one case.
type Result struct {
	File    string `json:"file"`
	Promise string `json:"promise"`
	Pass    bool   `json:"pass"`
	// Failures are the expectations that were not met.
	Failures []Failure `json:"failures"`
	// Notes are what should be changed in the file, each with its place.
	Notes []string `json:"notes,omitempty"`
	// Seconds is how long it took.
	Seconds float64 `json:"seconds"`
}

// Find lists the case files at the paths: a file stands for itself, a folder for all below it.
func Find(paths ...string) ([]string, error) {
	var files []string
	for _, path := range paths {
		before := len(files)
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && (filepath.Ext(file) == Extension || file == path) {
				files = append(files, file)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("policy cases: %w", err)
		}
		if len(files) == before {
			return nil, fmt.Errorf("policy cases: there is no %s file in %s", Extension, path)
		}
	}
	return files, nil
}

// Run runs the cases at the paths one after the other. An error means that a case could not be read or run at all; the others
// have their results. That one did not hold is in its result.
func Run(ctx context.Context, paths ...string) ([]Result, error) {
	e, err := NewEngine()
	if err != nil {
		return nil, err
	}
	defer func() { _ = e.Close() }()
	return e.Run(ctx, paths...)
}

// Run is [Run] with an engine of one's own.
func (e *Engine) Run(ctx context.Context, paths ...string) ([]Result, error) {
	files, err := Find(paths...)
	if err != nil {
		return nil, err
	}
	var list []*Case
	var problems []error
	for _, file := range files {
		c, err := Read(file)
		list, problems = append(list, c), append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	results := make([]Result, 0, len(list))
	for _, c := range list {
		r, err := e.RunCase(ctx, c)
		if ctx.Err() != nil {
			return results, err
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		results = append(results, r)
	}
	return results, errors.Join(problems...)
}

// RunCase runs a case, and once more with streams if the case says so.
func (e *Engine) RunCase(ctx context.Context, c *Case) (Result, error) {
	begun := time.Now()
	r := Result{File: c.File, Promise: c.Promise, Failures: []Failure{}}
	for _, note := range c.Notes {
		r.Notes = append(r.Notes, note.Error())
	}
	runs := []bool{false}
	if c.script.Streamed {
		runs = append(runs, true)
	}
	for _, streamed := range runs {
		failures, err := e.play(ctx, c, streamed)
		if err != nil {
			return Result{}, err
		}
		r.Failures = append(r.Failures, failures...)
	}
	r.Pass, r.Seconds = len(r.Failures) == 0, time.Since(begun).Seconds()
	return r, nil
}

// play sends the calls of a case to a gateway of its own.
func (e *Engine) play(ctx context.Context, c *Case, streamed bool) ([]Failure, error) {
	s, err := e.openCase(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	defer func() { _ = s.Close() }()
	for name, answers := range c.script.Backends {
		s.Script(name, answers...)
	}
	var failures []Failure
	values := kept{}
	for i, call := range c.script.Calls {
		call = values.in(call)
		s.Clock.Advance(call.Wait)
		stream := false
		if streamed {
			call, stream = call.streamed()
		}
		for range max(call.Times, 1) {
			o, err := s.Call(ctx, call)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.place("calls", i), err)
			}
			values.keep(call, o)
			k := &checker{lines: c.lines, at: []any{"calls", i}}
			k.call(call, o)
			if stream && o.Status == http.StatusOK && !strings.HasPrefix(o.Header.Get("Content-Type"), "text/event-stream") {
				k.fail([]any{"expect"}, "the answer is no event stream")
			}
			for _, f := range k.failures {
				if streamed {
					f.Text = "as a stream: " + f.Text
				}
				failures = append(failures, f)
			}
			if ctx.Err() != nil {
				return nil, fmt.Errorf("%s: %w", c.File, context.Cause(ctx))
			}
		}
	}
	return failures, nil
}

func (e *Engine) openCase(ctx context.Context, c *Case) (*Gateway, error) {
	if c.script.Fixture != fixtureOwn {
		return e.Project(ctx, c.script.Facts)
	}
	documents, err := c.documents()
	if err != nil {
		return nil, err
	}
	return e.Own(ctx, c.script.Own, documents)
}
