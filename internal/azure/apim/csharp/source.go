package csharp

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// usings are the namespaces an expression need not spell out. Microsoft lists the types
// but not the imports; these are what published policies rely on [M].
const usings = "using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Net; " +
	"using System.Security.Cryptography; using System.Security.Cryptography.X509Certificates; using System.Text; " +
	"using System.Text.RegularExpressions; using System.Xml.Linq; using Newtonsoft.Json; using Newtonsoft.Json.Linq; " +
	"using ApiManagement; using ApiManagement.Arrays;"

// csharpOf is the file that holds expression number id. The expression keeps its lines and
// columns: compiler messages then point into the policy document. Files named h<id> in
// messages are the lines written around it.
func csharpOf(id int, e Expression) (string, error) {
	l, err := lex(e.source(), 0)
	if err == nil && l.at != len(e.source()) {
		err = &ScanError{l.at, "the expression ends before its closing bracket"}
	}
	if err == nil {
		err = noDirectives(l)
	}
	if err != nil {
		return "", err
	}
	returns, open, shut := "object", "{ return (", "); }"
	if e.Want == WantBool {
		returns = "bool"
	}
	if e.Kind == Block {
		open, shut = "{", "}"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#line 1 \"h%d\"\n%s\nnamespace ApiManagement.Expressions { public static class E%d {\n", id, usings, id)
	fmt.Fprintf(&b, "public static %s Run(IExpressionContext context) %s\n", returns, open)
	fmt.Fprintf(&b, "#line %d \"e%d\"\n%s%s\n", max(e.Line, 1), id, strings.Repeat(" ", max(e.Column, 1)+1), asOnTheGateway(l))
	fmt.Fprintf(&b, "#line 9 \"h%d\"\n%s } }\n", id, shut)
	return b.String(), nil
}

// noDirectives refuses "#if" and its kind: they would reach beyond the expression.
func noDirectives(l *lexer) error {
	for _, c := range l.code {
		if i := strings.IndexByte(l.s[c.start:c.end], '#'); i >= 0 {
			return &ScanError{c.start + i, "preprocessor directives are not supported within expressions"}
		}
	}
	return nil
}

// machineCalls are what an expression would ask of this machine: its clock, and its names of time zones.
var machineCalls = regexp.MustCompile(`\b(?:(DateTime|DateTimeOffset)\s*\.\s*(?:UtcNow|Now|Today)|` +
	`(TimeZoneInfo)\s*\.\s*(?:FindSystemTimeZoneById|ConvertTimeBySystemTimeZoneId|GetSystemTimeZones))\b`)

// gatewayNames have the length of what they replace, so that columns stay true.
var gatewayNames = map[string]string{"DateTime": "Clock___", "DateTimeOffset": "ClockOffset___", "TimeZoneInfo": "TimeZones___"}

// asOnTheGateway is the expression's text with the machine's clock and time zones replaced by the gateway's.
func asOnTheGateway(l *lexer) string {
	var b strings.Builder
	done := 2 // behind "@("
	for _, c := range l.code {
		if c.start < done {
			continue // a hole of an interpolated string, seen already
		}
		for _, m := range machineCalls.FindAllStringSubmatchIndex(l.s[c.start:c.end], -1) {
			from, to := c.start+max(m[2], m[4]), c.start+max(m[3], m[5])
			b.WriteString(l.s[done:from] + gatewayNames[l.s[from:to]])
			done = to
		}
	}
	b.WriteString(l.s[done : len(l.s)-1])
	return b.String()
}

// place turns an offset into e.source() into a line and column of the document.
func (e Expression) place(offset int) (line, column int) {
	s := e.source()
	before := s[:min(offset, len(s))]
	line, column = max(e.Line, 1), max(e.Column, 1)
	if n := strings.Count(before, "\n"); n > 0 {
		return line + n, 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	}
	return line, column + utf8.RuneCountInString(before)
}

// find is the offset in e.source() of the first use of a name in its code, or 0.
func (e Expression) find(name string) int {
	l, err := lex(e.source(), 0)
	if err != nil || name == "" {
		return 0
	}
	word, best := regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`), -1
	for _, c := range l.code {
		if m := word.FindStringIndex(l.s[c.start:c.end]); m != nil && (best < 0 || c.start+m[0] < best) {
			best = c.start + m[0]
		}
	}
	return max(best, 0)
}
