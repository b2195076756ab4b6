package policytest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"enterprise-openai/internal/problem"
	"enterprise-openai/internal/strict"
	"enterprise-openai/stacks"
)

// scriptName is the file of the archive that says what happens.
const scriptName = "case.yaml"

// Fixtures.
const (
	fixtureProject = "project"
	fixtureOwn     = "own"
)

// Read reads the case in a file.
func Read(file string) (*Case, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("policy case: %w", err)
	}
	return Parse(file, data)
}

// Parse reads a case; file names it in errors and is where own.documents starts from.
func Parse(file string, data []byte) (*Case, error) {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	archive := txtar.Parse(data)
	c := &Case{File: filepath.ToSlash(file), Promise: promise(archive.Comment), files: map[string]string{}}
	var text []byte
	var problems []error
	if c.Promise == "" {
		problems = append(problems, problem.Problem{
			Where: problem.Place{File: c.File, Line: 1}, Message: "the promise is missing", Hint: "begin with a sentence that says what the case shows",
		})
	}
	for _, f := range archive.Files {
		if _, twice := c.files[f.Name]; twice {
			problems = append(problems, fmt.Errorf("%s: the archive has two files %s", c.File, f.Name))
		}
		c.files[f.Name] = string(f.Data)
		if f.Name == scriptName {
			text = f.Data
		}
	}
	if text == nil {
		problems = append(problems, fmt.Errorf("%s: the archive has no %s; it begins with the line -- %s --", c.File, scriptName, scriptName))
		return nil, errors.Join(problems...)
	}
	offset := offsetOf(data)
	problems = append(problems, c.decode(text, offset)...)
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return c, errors.Join(c.verify()...)
}

// promise is the first paragraph of a comment, in one line.
func promise(comment []byte) string {
	first, _, _ := strings.Cut(strings.TrimSpace(string(comment)), "\n\n")
	return strings.Join(strings.Fields(first), " ")
}

// offsetOf is the number of lines before the first line of the script.
func offsetOf(data []byte) int {
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, "-- ") && strings.HasSuffix(line, " --") && strings.TrimSpace(line[3:len(line)-3]) == scriptName {
			return i + 1
		}
	}
	return 0
}

// decode reads the script strictly: a misspelt field is an error with its line.
func (c *Case) decode(text []byte, offset int) []error {
	if err := strict.YAML(text, &c.script); err != nil {
		var problems []error
		for _, m := range strict.Messages(err) {
			message, _, _ := strings.Cut(m.Text, " in type ") // which is a Go type
			problems = append(problems, problem.Problem{Where: problem.Place{File: c.File, Line: m.Line + offset}, Message: message})
		}
		if len(problems) == 0 {
			problems = append(problems, fmt.Errorf("%s: %s: %w", c.File, scriptName, err))
		}
		return problems
	}
	var err error
	if c.lines, err = strict.NewLines(text, offset); err != nil {
		return []error{fmt.Errorf("%s: %s: %w", c.File, scriptName, err)}
	}
	return c.olderKeys()
}

// olderKeys takes over what is written under a key that was renamed: cases of others are run as they are, with a note.
func (c *Case) olderKeys() []error {
	var problems []error
	for i := range c.script.Calls {
		call := &c.script.Calls[i]
		if call.Asked == nil {
			continue
		}
		where := c.place("calls", i, "asked")
		if call.Called != nil {
			problems = append(problems, problem.Problem{Where: where, Path: "asked", Message: "is the older name of called, and both are given", Hint: "remove it"})
			continue
		}
		c.Notes = append(c.Notes, problem.Problem{Where: where, Path: "asked", Message: "is the older name of this key", Hint: "write called"})
		call.Called, call.Asked = call.Asked, nil
	}
	return problems
}

// place is where a part of the script is written, or the nearest part around it.
func (c *Case) place(path ...any) problem.Place {
	return problem.Place{File: c.File, Line: c.lines.Of(path...)}
}

// verify reports what can be read but makes no sense.
func (c *Case) verify() []error {
	var problems []error
	bad := func(path []any, format string, args ...any) {
		problems = append(problems, problem.Problem{Where: c.place(path...), Message: fmt.Sprintf(format, args...)})
	}
	switch c.script.Fixture {
	case "", fixtureProject:
		if c.lines.Has("own") {
			bad([]any{"own"}, "own belongs to fixture: own")
		}
	case fixtureOwn:
		if c.lines.Has("facts") {
			bad([]any{"facts"}, "facts belongs to fixture: project")
		}
	default:
		bad([]any{"fixture"}, "fixture %q is unknown; there are project and own", c.script.Fixture)
	}
	if len(c.script.Calls) == 0 {
		bad([]any{"calls"}, "a case has at least one call")
	}
	for i, call := range c.script.Calls {
		at := []any{"calls", i}
		if call.Expect.Status == 0 && (call.Expect.Cut == nil || !*call.Expect.Cut) {
			bad(at, "expect.status is missing: every call says what comes back")
		}
		if call.Request != "" && len(strings.Fields(call.Request)) != 2 {
			bad(append(at, "request"), "request %q is not a method and a path", call.Request)
		}
		if call.Body != nil && call.JSON != nil {
			bad(append(at, "json"), "body and json are both given")
		}
		if call.Repeat != nil && !call.Repeat.stands(call.Body) {
			bad(append(at, "repeat"), "repeat has a text and a number of bytes, and stands in body as %s", repeatMark)
		}
		if call.Token != nil && call.Token.Wrong != "" && spoils[call.Token.Wrong] == nil {
			bad(append(at, "token", "wrong"), "token.wrong %q is unknown; there are %s", call.Token.Wrong, strings.Join(sortedKeys(spoils), ", "))
		}
	}
	c.verifyFacts(bad)
	known := c.backendNames()
	for _, name := range sortedKeys(c.script.Backends) {
		if account, _, _ := strings.Cut(name, "/"); known != nil && !known[account] {
			bad([]any{"backends", name}, "backend %q is unknown; there are %s", account, strings.Join(sortedKeys(known), ", "))
		}
		for i, a := range c.script.Backends[name] {
			if a.Fault != "" && faults[a.Fault] == nil {
				bad([]any{"backends", name, i, "fault"}, "fault %q is unknown; there are %s", a.Fault, strings.Join(sortedKeys(faults), ", "))
			}
			if a.Repeat != nil && !a.Repeat.stands(append([]*string{a.Body}, pointers(a.Events)...)...) {
				bad([]any{"backends", name, i, "repeat"}, "repeat has a text and a number of bytes, and stands in body or events as %s", repeatMark)
			}
		}
	}
	return problems
}

// stands reports whether the text is one and has a place in a body or an event.
func (r *Repeat) stands(texts ...*string) bool {
	return r.Text != "" && r.Bytes > 0 && slices.ContainsFunc(texts, func(s *string) bool { return s != nil && strings.Contains(*s, repeatMark) })
}

func pointers(texts []string) []*string {
	all := make([]*string, len(texts))
	for i := range texts {
		all[i] = &texts[i]
	}
	return all
}

// verifyFacts looks at words that stand for something.
func (c *Case) verifyFacts(bad func(path []any, format string, args ...any)) {
	for i, p := range c.script.Facts.Products {
		at := []any{"facts", "products", i}
		for _, w := range []struct {
			field, value string
			enum         stacks.Enum
		}{
			{"authentication", string(p.Authentication), p.Authentication},
			{"privacy", string(p.Privacy), p.Privacy},
			{"token-quota-period", string(p.TokenQuotaPeriod), p.TokenQuotaPeriod},
			{"limits-per", string(p.LimitsPer), p.LimitsPer},
		} {
			if w.value != "" && !slices.Contains(w.enum.Values(), w.value) {
				bad(append(at, w.field), "%s %q is unknown; there are %s", w.field, w.value, strings.Join(w.enum.Values(), ", "))
			}
		}
	}
	settings, err := c.script.Facts.settings()
	if err != nil {
		bad([]any{"facts"}, "%v", err)
		return
	}
	for _, team := range sortedKeys(c.script.Facts.Teams) {
		if name := c.script.Facts.Teams[team]; !slices.ContainsFunc(settings.Products, func(p stacks.Product) bool { return p.Name == name }) {
			bad([]any{"facts", "teams", team}, "team %s has the product %q, which is not among the products", team, name)
		}
	}
}

// backendNames are the accounts of the project's pools, or one's own backends; nil where any host may be called.
func (c *Case) backendNames() map[string]bool {
	names := map[string]bool{}
	if c.script.Fixture == fixtureOwn {
		if len(c.script.Own.Backends) == 0 {
			return nil
		}
		for name := range c.script.Own.Backends {
			names[name] = true
		}
		return names
	}
	settings, err := c.script.Facts.settings()
	if err != nil {
		return nil // verifyFacts reports it
	}
	for _, account := range settings.Accounts {
		names[account.Name] = true
	}
	return names
}
