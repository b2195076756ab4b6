package apim

import (
	"context"
	"errors"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/evaluation"
)

// sharpSession keeps the C# side of one call up to date.
type sharpSession struct {
	program *sharpProgram
	c       *Context
	// session is nil until the first evaluation: many a call only recalls.
	session *csharp.Session
	err     error
	seen    Changes
	sent    map[string]any
	bodies  map[*content]*csharp.Body
	// known numbers the objects of Go that looks tell apart.
	known map[any]int
}

// sharpObject is a value that stays in C#.
type sharpObject struct{ v csharp.Value }

// Text is the text the host made of it.
func (o sharpObject) Text() string { return o.v.String() }

// Constant is true for a number that is none of Go's.
func (o sharpObject) Constant() bool { return o.v.Kind == csharp.Long }

// Eval sends what changed and evaluates.
func (s *sharpSession) Eval(ctx context.Context, id int) (any, error) {
	out, err := s.Evaluate(ctx, id, evaluation.Ahead{})
	if err != nil {
		return nil, err
	}
	return out[0].Value, out[0].Err
}

// Broken is true when what changed could not be sent.
func (s *sharpSession) Broken() bool { return s.err != nil }

// Evaluate is Eval with what is likely to follow.
func (s *sharpSession) Evaluate(ctx context.Context, id int, ahead evaluation.Ahead) ([]evaluation.Result, error) {
	if s.err == nil && s.session == nil {
		s.err = s.begin()
	}
	if s.err == nil {
		s.err = s.update(false)
	}
	if s.err != nil {
		return nil, s.err
	}
	results, effects, err := s.session.Evaluate(ctx, s.step(id), s.ahead(ahead))
	for _, t := range effects.Traces {
		s.c.Trace(t)
	}
	if effects.RequestBodyConsumed {
		s.c.Request.body.bytes = nil
	}
	if effects.ResponseBodyConsumed && s.c.Response != nil {
		s.c.Response.body.bytes = nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]evaluation.Result, len(results))
	for i, r := range results {
		out[i] = evaluation.Result{Value: plain(r.Value), Err: thrown(r.Err), TooEarly: r.TooEarly, Looks: r.Looks, All: r.All}
		if i > 0 && r.Value.Kind == csharp.Object {
			out[i].TooEarly = true
		}
	}
	return out, nil
}

func (s *sharpSession) step(id int) csharp.Step {
	return csharp.Step{ID: id, Variable: s.program.list[id].Variable}
}

func (s *sharpSession) ahead(a evaluation.Ahead) csharp.Ahead {
	out := csharp.Ahead{Variables: make(map[string]any, len(a.Given)), Steps: make([]csharp.Step, len(a.Steps))}
	for name, v := range a.Given {
		out.Variables[name] = s.variable(v)
	}
	for i, id := range a.Steps {
		out.Steps[i] = s.step(id)
	}
	return out
}

// Has tells whether a variable is set.
func (s *sharpSession) Has(variable string) bool {
	_, ok := s.c.Variables[variable]
	return ok
}

// thrown is the message of what an expression threw.
func thrown(err error) error {
	var failed *csharp.ExpressionError
	if errors.As(err, &failed) {
		return errors.New(failed.Message)
	}
	return err
}

func plain(v csharp.Value) any {
	switch v.Kind {
	case csharp.Null:
		return nil
	case csharp.Bool:
		return v.Bool
	case csharp.Int:
		return v.Int
	case csharp.Double:
		return v.Float
	case csharp.String:
		return v.Text
	case csharp.Bytes:
		return v.Bytes
	default:
		return sharpObject{v}
	}
}

// Close lets go of the session.
func (s *sharpSession) Close() {
	if s.session != nil {
		s.session.Close()
	}
}

// begin tells the C# side of the call.
func (s *sharpSession) begin() error {
	if b := &s.c.Request.body; s.program.readsBody && b.stream != nil && b.size > 0 && b.size <= fetchedAhead {
		if err := b.buffer(); err != nil {
			return err
		}
	}
	session, err := s.program.p.NewSession(s.static())
	if err != nil {
		return err
	}
	s.session = session
	session.SetRequest(s.sharpRequest())
	return s.update(true)
}

// update sends what changed since the last evaluation.
func (s *sharpSession) update(first bool) error {
	now := s.c.Changes
	if !first && now == s.seen {
		return nil
	}
	if now.Request != s.seen.Request {
		s.session.SetRequest(s.sharpRequest())
	}
	if now.Response != s.seen.Response {
		s.session.SetResponse(s.sharpResponse(s.c.Response))
	}
	if now.LastError != s.seen.LastError && s.c.LastError != nil {
		e := s.c.LastError
		s.session.SetLastError(&csharp.LastError{Source: e.Source, Reason: e.Reason, Message: e.Message, Scope: e.Scope, Section: e.Section,
			Path: e.Path, PolicyID: e.PolicyID})
	}
	if now.Variables != s.seen.Variables {
		for name, v := range s.c.Variables {
			if old, ok := s.sent[name]; ok && same(old, v) {
				continue
			}
			if err := s.session.SetVariable(name, s.variable(v)); err != nil {
				return err
			}
			if s.sent == nil {
				s.sent = map[string]any{}
			}
			s.sent[name] = v
		}
	}
	s.seen = now
	return nil
}

// same is false when it does not know: bytes may have changed in place.
func same(a, b any) bool {
	switch a.(type) {
	case string, bool, int64, float64, nil, *Message, *Token:
		return a == b
	}
	return false
}

func (s *sharpSession) variable(v any) any {
	switch t := v.(type) {
	case *Message:
		return s.sharpResponse(t.Response)
	case *Token:
		return csharp.JWT(t.Raw)
	case sharpObject:
		return t.v
	case int64:
		// The numbers of .NET are Int32 unless they do not fit.
		return int(t)
	default:
		return v
	}
}

var (
	_ evaluation.Host = (*sharpSession)(nil)
	_ Assignee        = sharedSession{}
)
