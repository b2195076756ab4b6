package apimtest

import (
	"context"
	"fmt"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/document"
)

// Expressions are expressions by their text, written in Go: for tests of the
// gateway itself, which need no C#.
type Expressions map[string]func(c *apim.Context) (any, error)

// Compile knows the expressions of the map and no others.
func (e Expressions) Compile(_ context.Context, list []apim.Expression) (apim.Program, error) {
	p := &program{}
	var errs document.Errors
	for _, x := range list {
		f := e[x.Text]
		if f == nil {
			errs = append(errs, document.NewError(x.Source, x.Element, x.Pos, "", "The test knows no expression "+x.Text))
		}
		p.list = append(p.list, f)
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

type program struct {
	list []func(*apim.Context) (any, error)
}

// Open starts a session.
func (p *program) Open(_ context.Context, c *apim.Context) apim.Session {
	return &session{p: p, c: c}
}

// Close does nothing.
func (p *program) Close() error { return nil }

type session struct {
	p *program
	c *apim.Context
}

// Eval calls the function; what panics there is an expression that threw.
func (s *session) Eval(_ context.Context, id int) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return s.p.list[id](s.c)
}

// Close does nothing.
func (s *session) Close() {}
