package apim

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/document"
)

// CSharp runs the expressions as real C#. The options are those of csharp.Compile.
func CSharp(options ...csharp.Option) Expressions { return sharp{options: options} }

type sharp struct{ options []csharp.Option }

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
	return sharpProgram{p: p, readsBody: readsBody, memories: make([]memory, len(list))}, nil
}

type sharpProgram struct {
	p *csharp.Program
	// readsBody is true when an expression mentions the request's body.
	readsBody bool
	// memories are what the expressions came to in earlier calls.
	memories []memory
}

// fetchedAhead is up to which size a request's body is taken in before an
// expression asks for it, which saves an exchange.
const fetchedAhead = 256 << 10

// Open starts a session.
func (p sharpProgram) Open(_ context.Context, c *Context) Session {
	return &sharpSession{program: p, c: c}
}

// Close ends the processes.
func (p sharpProgram) Close() error {
	p.p.Close()
	return nil
}

// sharpSession keeps the C# side of one call up to date.
type sharpSession struct {
	program sharpProgram
	c       *Context
	// session is nil until the first evaluation: many a call only recalls.
	session *csharp.Session
	err     error
	seen    Changes
	sent    map[string]any
	bodies  map[*content]*csharp.Body
}

// sharpObject is a value that stays in C#.
type sharpObject struct{ v csharp.Value }

// Text is the text the host made of it.
func (o sharpObject) Text() string { return o.v.String() }

// Eval sends what changed and evaluates.
func (s *sharpSession) Eval(ctx context.Context, id int) (any, error) {
	out, err := s.EvalAll(ctx, []int{id})
	if err != nil {
		return nil, err
	}
	return out[0].Value, out[0].Err
}

// EvalAll is Eval for several.
func (s *sharpSession) EvalAll(ctx context.Context, ids []int) ([]Outcome, error) {
	if s.err == nil && s.session == nil {
		s.err = s.begin()
	}
	if s.err == nil {
		s.err = s.update(false)
	}
	if s.err != nil {
		return nil, s.err
	}
	results, effects, err := s.session.EvalAll(ctx, ids...)
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
	out := make([]Outcome, len(results))
	for i, id := range ids[:len(results)] {
		r := results[i]
		var failed *csharp.ExpressionError
		if out[i].Value = plain(r.Value); errors.As(r.Err, &failed) {
			out[i] = Outcome{Err: errors.New(failed.Message)}
		} else if r.Err != nil {
			out[i] = Outcome{Err: r.Err}
		}
		s.learn(id, r, out[i].Value)
	}
	return out, nil
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
	session.SetRequest(s.request())
	return s.update(true)
}

// update sends what changed since the last evaluation.
func (s *sharpSession) update(first bool) error {
	now := s.c.Changes
	if !first && now == s.seen {
		return nil
	}
	if now.Request != s.seen.Request {
		s.session.SetRequest(s.request())
	}
	if now.Response != s.seen.Response {
		s.session.SetResponse(s.response(s.c.Response))
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
		return s.response(t.Response)
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

// body gives the same body for the same content, as long as that is not replaced.
func (s *sharpSession) body(b *content) *csharp.Body {
	if !b.present {
		return nil
	}
	if s.bodies == nil {
		s.bodies = map[*content]*csharp.Body{}
	}
	if have := s.bodies[b]; have != nil && !b.replaced {
		return have
	}
	b.replaced = false
	fresh := &csharp.Body{Load: func(context.Context) ([]byte, error) { return b.Read(true) }}
	if b.stream == nil {
		fresh = &csharp.Body{Bytes: append([]byte{}, b.bytes...)}
	}
	s.bodies[b] = fresh
	return fresh
}

func (s *sharpSession) request() *csharp.Request {
	r := s.c.Request
	return &csharp.Request{
		Method: r.Method, IPAddress: r.IP, Headers: r.Header, MatchedParameters: r.Matched,
		URL: *sharpURL(r.URL), OriginalURL: *sharpURL(r.OriginalURL), Body: s.body(&r.body),
	}
}

func (s *sharpSession) response(r *Response) *csharp.Response {
	if r == nil {
		return nil
	}
	return &csharp.Response{StatusCode: r.Status, StatusReason: r.Reason, Headers: r.Header, Body: s.body(&r.body)}
}

func sharpURL(u *url.URL) *csharp.URL {
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		port = map[string]int{"https": 443, "http": 80}[u.Scheme]
	}
	out := &csharp.URL{Scheme: u.Scheme, Host: u.Hostname(), Port: port, Path: u.Path, Query: u.Query()}
	if u.RawQuery != "" {
		out.QueryString = "?" + u.RawQuery
	}
	return out
}

var _ Batch = (*sharpSession)(nil)
