// Package problem is a mistake in a text that somebody wrote: where it is, what is wrong, and what would be right.
package problem

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Place is a position in a file.
type Place struct {
	File string
	// Line and Column count from 1; 0 is a position that is not known.
	Line, Column int
}

// String is file:line:column, as editors and terminals open it; what is not known is left out.
func (p Place) String() string {
	text := p.File
	for _, n := range []int{p.Line, p.Column} {
		if n == 0 {
			break
		}
		text += ":" + strconv.Itoa(n)
	}
	return text
}

// MarshalText makes a place its String in reports.
func (p Place) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Place) UnmarshalText(text []byte) error {
	*p = Place{File: string(text)}
	for range 2 { // the line, then the line before its column
		i := strings.LastIndexByte(p.File, ':')
		n, err := strconv.Atoi(p.File[i+1:])
		if number := err == nil && n > 0; i < 0 || !number {
			break
		}
		p.File, p.Line, p.Column = p.File[:i], n, p.Line
	}
	return nil
}

// Compare orders places by file and position, so that line 9 comes before line 10.
func (p Place) Compare(other Place) int {
	return cmp.Or(cmp.Compare(p.File, other.File), cmp.Compare(p.Line, other.Line), cmp.Compare(p.Column, other.Column))
}

// Problem is one mistake.
type Problem struct {
	// Path names the value, as in accounts[0].deployments[1].name; empty where the place says enough.
	Path string
	// Where is the zero Place for a value that is in no file.
	Where Place
	// Message is what is wrong.
	Message string
	// Hint is what would be right; empty where the message says so.
	Hint string
}

// Error is the problem on one line: where, what, and what would be right.
func (p Problem) Error() string {
	text := p.Message
	if p.Path != "" {
		text = p.Path + ": " + text
	}
	if where := p.Where.String(); where != "" {
		text = where + ": " + text
	}
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return text
}

// All lists the problems in an error, however they were joined and wrapped. It is nil for any other error.
func All(err error) []Problem {
	if err == nil {
		return nil
	}
	if one, ok := err.(Problem); ok { //nolint:errorlint // a wrapped problem is found by the walk below
		return []Problem{one}
	}
	var found []Problem
	switch e := err.(type) { //nolint:errorlint // this is the walk over the tree of wrapped errors
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			found = append(found, All(inner)...)
		}
	case interface{ Unwrap() error }:
		found = All(e.Unwrap())
	}
	return found
}

// Join makes one error of problems, each once, in the order of the file: the order in which they will be mended. Problems that are in no
// file are ordered by their paths.
func Join(problems []Problem) error {
	sorted := slices.Clone(problems)
	slices.SortStableFunc(sorted, func(a, b Problem) int { return cmp.Or(a.Where.Compare(b.Where), comparePaths(a.Path, b.Path)) })
	all := make([]error, 0, len(sorted))
	for _, p := range slices.Compact(sorted) {
		all = append(all, p)
	}
	return errors.Join(all...)
}

// comparePaths orders accounts[9] before accounts[10].
func comparePaths(a, b string) int {
	for a != "" && b != "" {
		aPart, aRest := cutPathPart(a)
		bPart, bRest := cutPathPart(b)
		aNumber, aErr := strconv.Atoi(aPart)
		bNumber, bErr := strconv.Atoi(bPart)
		order := cmp.Compare(aPart, bPart)
		if aErr == nil && bErr == nil {
			order = cmp.Compare(aNumber, bNumber)
		}
		if order != 0 {
			return order
		}
		a, b = aRest, bRest
	}
	return cmp.Compare(len(a), len(b))
}

func cutPathPart(path string) (part, rest string) {
	i := strings.IndexAny(path, ".[]")
	if i < 0 {
		return path, ""
	}
	return path[:i], path[i+1:]
}
