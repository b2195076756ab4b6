package csharp

import (
	"fmt"
	"regexp"
	"strings"
)

// newerFeature is C# that was added after version 7, as it looks where strings are quotes and comments are spaces. A compiler
// that does not know it says something else is wrong.
type newerFeature struct {
	looks   *regexp.Regexp
	name    string
	version string
}

// Names and versions are those of Roslyn's later releases (dotnet/roslyn, CSharpResources.resx and MessageID.cs); the order
// matters where one feature contains another.
var newerFeatures = []newerFeature{
	{regexp.MustCompile(`\bswitch\s*\{`), "switch expression", "8.0"},
	{regexp.MustCompile(`\b(?:is|case)\s+not\b`), "not pattern", "9.0"},
	{regexp.MustCompile(`\b(?:is|case)\s*[<>]`), "relational pattern", "9.0"},
	{regexp.MustCompile(`\b(?:is|case)\b[^;:?&|{}]*[\s")]or\b`), "or pattern", "9.0"},
	{regexp.MustCompile(`\b(?:is|case)\b[^;:?&|{}]*[\s")]and\b`), "and pattern", "9.0"},
	{regexp.MustCompile(`\b(?:is|case)\s+(?:[\w.]+\s*)?\{`), "recursive patterns", "8.0"},
	{regexp.MustCompile(`\?\?=`), "coalescing assignment", "8.0"},
	{regexp.MustCompile(`\busing\s+[\w.<>,\[\]]+\s+\w+\s*=`), "using declarations", "8.0"},
	{regexp.MustCompile(`\bstatic\s+[\w.<>,\[\]?]+\s+\w+\s*[(<]`), "static local functions", "8.0"},
	{regexp.MustCompile(`\bstatic\s*(?:\w+\s*=>|\()`), "static anonymous function", "9.0"},
	{regexp.MustCompile(`\.\.`), "range operator", "8.0"},
	{regexp.MustCompile(`\[\s*\^`), "index operator", "8.0"},
	{regexp.MustCompile(`\bnew\s*\(`), "target-typed object creation", "9.0"},
	{regexp.MustCompile(`[\w)\]]!\s*[.,;)\[]`), "nullable reference types", "8.0"},
	{regexp.MustCompile(`\b0[xXbB]_`), "leading digit separator", "7.2"},
	{regexp.MustCompile(`\w\s*\)?\s+with\s*\{`), "records", "9.0"},
	{regexp.MustCompile(`(?:[=(,:?]|\breturn)\s*\[`), "collection expressions", "12.0"},
	{regexp.MustCompile(`"u8\b`), "UTF-8 string literals", "11.0"},
	{regexp.MustCompile(`@\$"`), "alternative interpolated verbatim strings", "8.0"},
	{regexp.MustCompile(`(?:^|[^"])"""`), "raw string literals", "11.0"},
}

// tupleEquality is how the compiler refuses (1, 2) == (1, 2).
var tupleEquality = regexp.MustCompile(`^Operator '[=!]=' cannot be applied to operands of type '\(`)

// naming replaces what the compiler found wrong with an expression by the newer feature that it uses.
func naming(found []Problem, all []Expression) []Problem {
	var list []Problem
	reported := map[int]bool{}
	for _, p := range found {
		if reported[p.ID] {
			continue
		}
		e := all[p.ID]
		feature, version, at := newer(e)
		switch {
		case feature != "":
			p.Line, p.Column = e.place(at)
			reported[p.ID] = true
		case tupleEquality.MatchString(p.Message):
			feature, version = "tuple equality", "7.3"
		}
		if feature != "" {
			p.Message = fmt.Sprintf("Feature '%s' is not available in C# 7. Please use language version %s or greater.", feature, version)
		}
		list = append(list, p)
	}
	return list
}

// newer finds a feature that C# 7 does not have and its offset in e.source().
func newer(e Expression) (feature, version string, at int) {
	l, err := lex(e.source(), 0)
	if err != nil {
		return "", "", 0
	}
	code := l.bare()
	for _, f := range newerFeatures {
		if m := f.looks.FindStringIndex(code); m != nil {
			return f.name, f.version, m[0]
		}
	}
	return "", "", 0
}

// bare is the text with nothing but code: comments are blank, and of strings only the quotes are left.
func (l *lexer) bare() string {
	text := []byte(l.s)
	for _, o := range l.opaque {
		from, to, fill := o.start, o.end, byte(' ')
		if l.s[o.start] != '/' {
			from, to, fill = o.start+strings.IndexAny(l.s[o.start:o.end], `"'`)+1, o.end-1, '_'
		}
		for i := from; i < to; i++ {
			text[i] = fill
		}
	}
	for _, c := range l.code {
		copy(text[c.start:c.end], l.s[c.start:c.end])
	}
	return string(text)
}
