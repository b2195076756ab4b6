package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"enterprise-openai/internal/problem"
)

// Error is one thing wrong with a document, at one place.
type Error struct {
	File    string
	Pos     Pos
	Element string
	Message string
	// Hint says what would be right; it may be empty.
	Hint string
	// Line is the source line, for the caret.
	Line string
}

func newError(src *Source, element string, at Pos, hint, format string, args ...any) *Error {
	e := &Error{Element: element, Pos: at, Hint: hint, Message: fmt.Sprintf(format, args...)}
	if src != nil {
		e.File, e.Line = src.File, lineOf(src.Text, at.Line)
	}
	return e
}

// NewError makes an error at a place of a source.
func NewError(src *Source, element string, at Pos, hint, message string) *Error {
	return newError(src, element, at, hint, "%s", message)
}

// Error is `file:line:column: message; hint`, and the line with a caret.
func (e *Error) Error() string {
	text := problem.Problem{Where: e.place(), Message: e.Detail(), Hint: e.Hint}.Error()
	if strings.TrimSpace(e.Line) != "" {
		line, caret := snippet(e.Line, e.Pos.Column)
		text += "\n  | " + line + "\n  | " + caret + "^"
	}
	return text
}

func (e *Error) place() problem.Place {
	return problem.Place{File: cmp.Or(e.File, "policy"), Line: e.Pos.Line, Column: e.Pos.Column}
}

// Detail is the message as API Management words it in a ValidationError.
func (e *Error) Detail() string {
	if e.Element == "" {
		return fmt.Sprintf("Error on line %d, column %d: %s", e.Pos.Line, e.Pos.Column, e.Message)
	}
	return fmt.Sprintf("Error in element '%s' on line %d, column %d: %s", e.Element, e.Pos.Line, e.Pos.Column, e.Message)
}

// Errors are several, in the order of their places.
type Errors []*Error

// Error lists them all.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find the first.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// Err is nil when there are none; otherwise the errors, sorted by place.
func (es Errors) Err() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b *Error) int { return a.place().Compare(b.place()) })
	return es
}

// maxSnippet keeps a caret in sight on the long lines of generated documents.
const maxSnippet = 120

func snippet(line string, column int) (text, caret string) {
	runes := []rune(strings.TrimRight(line, "\r\n"))
	at := min(max(column-1, 0), len(runes))
	from := 0
	if at > maxSnippet-20 {
		from = at - (maxSnippet - 20)
	}
	to := min(len(runes), from+maxSnippet)
	var pad strings.Builder
	for _, r := range runes[from:at] {
		if r == '\t' {
			pad.WriteRune('\t')
		} else {
			pad.WriteRune(' ')
		}
	}
	return string(runes[from:to]), pad.String()
}

func lineOf(text string, line int) string {
	for i := 1; i < line; i++ {
		nl := strings.IndexByte(text, '\n')
		if nl < 0 {
			return ""
		}
		text = text[nl+1:]
	}
	if nl := strings.IndexByte(text, '\n'); nl >= 0 {
		text = text[:nl]
	}
	if !utf8.ValidString(text) {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	return text
}
