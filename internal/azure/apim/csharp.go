package apim

import (
	"context"
	"errors"
	"strings"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/azure/apim/evaluation"
)

// CSharp runs the expressions as real C#. The options are those of csharp.Compile.
func CSharp(options ...csharp.Option) Expressions { return sharp{options: options} }

// PlainCSharp runs every expression at its turn, in an exchange of its own: what CSharp has to be indistinguishable from.
func PlainCSharp(options ...csharp.Option) Expressions { return sharp{options: options, plain: true} }

type sharp struct {
	options []csharp.Option
	plain   bool
}

var wants = map[Wanted]csharp.Want{WantAny: csharp.WantAny, WantString: csharp.WantString, WantBool: csharp.WantBool,
	WantInt: csharp.WantFloat, WantPortable: csharp.WantPortable}

// Compile compiles all expressions at once.
func (s sharp) Compile(ctx context.Context, list []Expression) (Program, error) {
	in := make([]csharp.Expression, len(list))
	readsBody := false
	for i, e := range list {
		kind, text, ok, err := csharp.Parse(e.Text)
		if err != nil || !ok {
			return nil, document.NewError(e.Source, e.Element, e.Pos, "", "The expression cannot be read")
		}
		readsBody = readsBody || strings.Contains(text, "Request.Body")
		in[i] = csharp.Expression{File: e.Source.File, Line: e.Pos.Line, Column: e.Pos.Column, Element: e.Element, Kind: kind, Text: text,
			Want: wants[e.Want], Sensitive: e.Secret}
	}
	p, err := csharp.Compile(ctx, in, s.options...)
	var bad *csharp.CompileError
	if errors.As(err, &bad) {
		var errs document.Errors
		for _, problem := range bad.Problems {
			errs = append(errs, document.NewError(list[problem.ID].Source, problem.Element, document.Pos{Line: problem.Line, Column: problem.Column},
				"", problem.Message))
		}
		return nil, errs.Err()
	}
	if err != nil {
		return nil, err
	}
	program := &sharpProgram{p: p, readsBody: readsBody, list: make([]evaluation.Expression, len(list))}
	for i, e := range list {
		program.list[i] = evaluation.Expression{Variable: e.Variable, Fickle: p.Fickle(i)}
	}
	if !s.plain {
		program.memory = evaluation.NewMemory(program.list)
	}
	return program, nil
}

type sharpProgram struct {
	p    *csharp.Program
	list []evaluation.Expression
	// readsBody is true when an expression mentions the request's body.
	readsBody bool
	// memory is nil where every expression is evaluated at its turn.
	memory *evaluation.Memory
}

// fetchedAhead is up to which size a request's body is taken in before an
// expression asks for it, which saves an exchange.
const fetchedAhead = 256 << 10

// Open starts a session.
func (p *sharpProgram) Open(_ context.Context, c *Context) Session {
	s := &sharpSession{program: p, c: c}
	if p.memory == nil {
		return s
	}
	return sharedSession{p.memory.Call(s), s}
}

// Close ends the processes.
func (p *sharpProgram) Close() error {
	p.p.Close()
	return nil
}

// sharedSession asks C# for what cannot be known without it.
type sharedSession struct {
	values *evaluation.Call
	host   *sharpSession
}

// Eval gives the value of an expression that is reached.
func (s sharedSession) Eval(ctx context.Context, id int) (any, error) { return s.values.Value(ctx, id) }

// Assigned notes that a variable was set to a literal.
func (s sharedSession) Assigned(variable, literal string) { s.values.Assigned(variable, literal) }

// Close lets go of the session.
func (s sharedSession) Close() {
	s.values.Close()
	s.host.Close()
}
