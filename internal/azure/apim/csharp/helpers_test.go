package csharp

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testTime is the gateway's clock in these tests.
var testTime = time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC)

// expression makes an expression of a document's text, as the gateway's reader does.
func expression(t testing.TB, source string, want Want) Expression {
	t.Helper()
	kind, text, ok, err := Parse(source)
	require.NoError(t, err, source)
	require.True(t, ok, "%s is an expression", source)
	return Expression{File: "policy.xml", Line: 1, Column: 1, Element: "set-variable", Kind: kind, Text: text, Want: want}
}

// program compiles and closes by itself.
func program(t testing.TB, expressions []Expression, opts ...Option) *Program {
	t.Helper()
	opts = append([]Option{WithClock(func() time.Time { return testTime }), WithWorkers(1), WithLimit(20 * time.Second)}, opts...)
	p, err := Compile(context.Background(), expressions, opts...)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

// session opens a session that closes by itself.
func session(t testing.TB, p *Program, c *Context) *Session {
	t.Helper()
	s, err := p.NewSession(c)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// compileError compiles what must not compile.
func compileError(t *testing.T, expressions ...Expression) *CompileError {
	t.Helper()
	p, err := Compile(context.Background(), expressions, WithWorkers(1))
	if p != nil {
		t.Cleanup(p.Close)
	}
	var refused *CompileError
	require.ErrorAs(t, err, &refused)
	return refused
}

// evalCase is an expression, the text of its value, and the context it needs.
type evalCase struct{ source, want string }

// evalAll compiles all cases at once and evaluates each in a session of its own.
func evalAll(t *testing.T, c *Context, cases []evalCase) {
	t.Helper()
	expressions := make([]Expression, len(cases))
	for i, test := range cases {
		expressions[i] = expression(t, test.source, WantString)
	}
	p := program(t, expressions)
	for i, test := range cases {
		v, _, err := p.Eval(context.Background(), i, c)
		if name, throws := strings.CutPrefix(test.want, "throws "); throws {
			var failure *ExpressionError
			require.ErrorAs(t, err, &failure, test.source)
			require.Equal(t, name, failure.Type, test.source)
			continue
		}
		require.NoError(t, err, test.source)
		if test.want == "null" {
			require.True(t, v.IsNull(), "%s is %q", test.source, v)
			continue
		}
		require.Equal(t, test.want, v.String(), test.source)
	}
}
