package csharp

import (
	"errors"
	"fmt"
	"strings"

	"enterprise-openai/internal/problem"
)

// Problem is one reason why a policy document cannot be saved.
type Problem struct {
	ID           int // the index of the expression
	File         string
	Line, Column int
	Element      string
	Message      string
}

// Detail is the text API Management gives in the details of its ValidationError.
func (p Problem) Detail() string {
	return fmt.Sprintf("Error in element '%s' on line %d, column %d: %s", p.Element, p.Line, p.Column, p.Message)
}

// CompileError lists everything that is wrong with the expressions of a stack.
type CompileError struct{ Problems []Problem }

// Error implements error.
func (e *CompileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = problem.Problem{Where: problem.Place{File: p.File, Line: p.Line, Column: p.Column}, Message: p.Detail()}.Error()
	}
	return strings.Join(lines, "\n")
}

// What else can happen to an expression than an exception of its own; see ExpressionError.
var (
	ErrTimeout = errors.New("the expression was stopped at its time limit")
	ErrCrashed = errors.New("the expression ended its process")
	ErrLost    = errors.New("values of this request were lost with a process that another request ended")
	ErrClosed  = errors.New("the program is closed")
)

// ExpressionError is an evaluation that failed: ExpressionValueEvaluationFailure in
// context.LastError.
type ExpressionError struct {
	File         string
	Line, Column int
	Type         string // the .NET exception's type
	Message      string // the exception's message
	Cause        error  // ErrTimeout, ErrCrashed or ErrLost, where it was not an exception
}

// Error implements error.
func (e *ExpressionError) Error() string {
	return problem.Problem{Where: problem.Place{File: e.File, Line: e.Line, Column: e.Column}, Path: e.Type, Message: e.Message}.Error()
}

// Unwrap gives access to Cause.
func (e *ExpressionError) Unwrap() error { return e.Cause }

// failed is an ExpressionError of an expression that did not end by itself.
func failed(e Expression, kind string, cause error) *ExpressionError {
	return &ExpressionError{File: e.File, Line: e.Line, Column: e.Column, Type: kind, Message: cause.Error(), Cause: cause}
}
