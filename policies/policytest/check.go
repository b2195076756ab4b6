package policytest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"enterprise-openai/internal/strict"
)

// Failure is one expectation that was not met.
type Failure struct {
	// Line is where it stands in the file.
	Line int `json:"line"`
	// Text says what was wanted and what came.
	Text string `json:"text"`
}

// checker compares one outcome with what a call expects.
type checker struct {
	lines    *strict.Lines
	at       []any
	failures []Failure
}

func (k *checker) fail(path []any, format string, args ...any) {
	line := k.lines.Of(append(slices.Clone(k.at), path...)...)
	k.failures = append(k.failures, Failure{Line: line, Text: name(path) + ": " + fmt.Sprintf(format, args...)})
}

// name writes a path as it stands in a case: expect.headers.Retry-After, seen[1].path.
func name(path []any) string {
	var b strings.Builder
	for i, step := range path {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		case string:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

func (k *checker) call(c Call, o Outcome) {
	e := c.Expect
	at := func(rest ...any) []any { return append([]any{"expect"}, rest...) }
	if e.Status != 0 && e.Status != o.Status {
		k.fail(at("status"), "want %d, got %d%s", e.Status, o.Status, excerpt(o.Body))
	}
	k.headers(at(), e.Headers, e.Absent, o.Header)
	if media := o.Header.Get("Content-Type"); e.JSON != nil && e.Headers["Content-Type"] == "" && media != "application/json" && json.Valid([]byte(o.Body)) {
		k.fail(at("json"), "the answer's media type is %q", media)
	}
	if e.HeaderNames != nil {
		k.names(at("header-names"), e.HeaderNames, o.Header)
	}
	k.body(at(), e.Body, e.JSON, e.Contains, e.Lacks, o.Body)
	if e.Cut != nil && *e.Cut != o.Cut {
		k.fail(at("cut"), "want %v, got %v", *e.Cut, o.Cut)
	}
	if e.Cut == nil && o.Cut {
		k.fail(at(), "the response was cut off%s", excerpt(o.Body))
	}
	if e.HeldBack != nil && *e.HeldBack != o.HeldBack {
		k.fail(at("held-back"), "want %v, got %v", *e.HeldBack, o.HeldBack)
	}
	if e.Took != nil && *e.Took != o.Took {
		k.fail(at("took"), "want %s, got %s", *e.Took, o.Took)
	}
	k.backends(c, o)
	if c.Log != nil {
		k.log(*c.Log, o.Record)
	}
}

func (k *checker) headers(at []any, want map[string]string, absent []string, got http.Header) {
	for _, n := range sortedKeys(want) {
		value := strings.Join(got.Values(n), ", ")
		if _, there := got[http.CanonicalHeaderKey(n)]; !there {
			k.fail(append(slices.Clone(at), "headers", n), "want %q, the header is not there", want[n])
		} else if want[n] != "*" && want[n] != value {
			k.fail(append(slices.Clone(at), "headers", n), "want %q, got %q", want[n], value)
		}
	}
	for i, n := range absent {
		if v, there := got[http.CanonicalHeaderKey(n)]; there {
			k.fail(append(slices.Clone(at), "absent", i), "header %s has to be absent, got %q", n, strings.Join(v, ", "))
		}
	}
}

// names wants exactly these headers, and Content-Length where the answer is no stream.
func (k *checker) names(at []any, want []string, got http.Header) {
	wanted := http.Header{}
	if _, there := got["Content-Length"]; there {
		wanted.Set("Content-Length", "")
	}
	for _, n := range want {
		wanted.Set(n, "")
	}
	if a, b := sortedKeys(wanted), sortedKeys(got); !slices.Equal(a, b) {
		k.fail(at, "want [%s], got [%s]", strings.Join(a, ", "), strings.Join(b, ", "))
	}
}

func (k *checker) body(at []any, exact *string, part any, contains, lacks []string, got string) {
	if exact != nil && strings.TrimSuffix(*exact, "\n") != strings.TrimSuffix(got, "\n") {
		k.fail(append(slices.Clone(at), "body"), "want %q, got %q", *exact, got)
	}
	if part != nil {
		var v any
		if err := json.Unmarshal([]byte(got), &v); err != nil {
			k.fail(append(slices.Clone(at), "json"), "the body is no JSON%s", excerpt(got))
		} else {
			k.subset(append(slices.Clone(at), "json"), part, v)
		}
	}
	for i, text := range contains {
		if !strings.Contains(got, text) {
			k.fail(append(slices.Clone(at), "contains", i), "%q is not in the body%s", text, excerpt(got))
		}
	}
	for i, text := range lacks {
		if strings.Contains(got, text) {
			k.fail(append(slices.Clone(at), "lacks", i), "%q is in the body%s", text, excerpt(got))
		}
	}
}

// subset wants every field of want in got. Lists are compared whole, their entries as subsets; null stands for a field that
// is not there, or is null.
func (k *checker) subset(at []any, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			k.fail(at, "want an object, got %s", text(got))
			return
		}
		for _, n := range sortedKeys(w) {
			k.subset(append(slices.Clone(at), n), w[n], g[n])
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			k.fail(at, "want a list of %d, got %s", len(w), text(got))
			return
		}
		for i := range w {
			k.subset(append(slices.Clone(at), i), w[i], g[i])
		}
	default:
		if text(want) != text(got) {
			k.fail(at, "want %s, got %s", text(want), text(got))
		}
	}
}

// text is a value as JSON, in which numbers of YAML and JSON look alike.
func text(v any) string { return string(encode(v)) }

func (k *checker) backends(c Call, o Outcome) {
	called := make([]string, len(o.Seen))
	for i, s := range o.Seen {
		called[i] = s.Account
	}
	if c.Called != nil && !slices.Equal(*c.Called, called) {
		k.fail([]any{"called"}, "want [%s], got [%s]", strings.Join(*c.Called, ", "), strings.Join(called, ", "))
	}
	for i, want := range c.Seen {
		at := []any{"seen", i}
		if i >= len(o.Seen) {
			k.fail(at, "no backend saw a request number %d", i+1)
			return
		}
		got := o.Seen[i]
		for _, f := range []struct{ name, want, got string }{
			{"method", want.Method, got.Method}, {"path", want.Path, got.Path}, {"query", want.Query, got.Query},
		} {
			if f.want != "" && f.want != f.got {
				k.fail(append(slices.Clone(at), f.name), "want %q, got %q", f.want, f.got)
			}
		}
		k.headers(at, want.Headers, want.Absent, got.Header)
		k.body(at, want.Body, want.JSON, want.Contains, want.Lacks, got.Body)
	}
}

// excerpt is the beginning of a body, for a failure.
func excerpt(body string) string {
	const enough = 300
	body = strings.TrimSpace(body)
	if body == "" {
		return ""
	}
	if len(body) > enough {
		body = strings.ToValidUTF8(body[:enough], "") + "…"
	}
	return ": " + body
}
