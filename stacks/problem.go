package stacks

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"enterprise-openai/internal/words"
)

// Problem is one thing that is wrong with an environment's settings. Decode and Validate report every problem they
// find, joined into one error; Problems takes that error apart again.
type Problem struct {
	// Path of the setting, as in accounts[0].deployments[1].name.
	Path string
	// Where the setting is written, as in Pulumi.dev.yaml:23. Empty when it is not known.
	Where string
	// Message is what is wrong.
	Message string
	// Hint is what would be right.
	Hint string
}

// Error is the problem on one line: where, what, and what would be right.
func (p Problem) Error() string {
	text := p.Message
	if p.Path != "" {
		text = p.Path + ": " + text
	}
	if p.Where != "" {
		text = p.Where + ": " + text
	}
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return text
}

// Problems lists the problems in an error of LoadSettings, Decode or Validate. It is nil for any other error.
func Problems(err error) []Problem {
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
			found = append(found, Problems(inner)...)
		}
	case interface{ Unwrap() error }:
		found = Problems(e.Unwrap())
	}
	return found
}

// Locator finds where a setting is written, as in Pulumi.dev.yaml:23, or "" when that is not known. For a setting that
// is missing it names the place of the innermost object that should contain it.
type Locator func(path string) string

// nowhere is the Locator of settings that come from no file.
func nowhere(string) string { return "" }

// problemList collects problems and gives each its position.
type problemList struct {
	locate   Locator
	problems []Problem
}

func newProblemList(locate Locator) *problemList {
	if locate == nil {
		locate = nowhere
	}
	return &problemList{locate: locate}
}

// add notes a problem.
func (l *problemList) add(path, message, hint string) {
	l.problems = append(l.problems, Problem{Path: path, Where: l.locate(path), Message: message, Hint: hint})
}

// err joins the problems in the order of the file, the way they will be mended; without a file, in the order of the
// settings' paths.
func (l *problemList) err() error {
	if len(l.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(l.problems, compareProblems)
	all := make([]error, 0, len(l.problems))
	for _, p := range slices.Compact(l.problems) {
		all = append(all, p)
	}
	return errors.Join(all...)
}

func compareProblems(a, b Problem) int {
	aFile, aLine := splitWhere(a.Where)
	bFile, bLine := splitWhere(b.Where)
	return cmp.Or(
		cmp.Compare(aFile, bFile),
		cmp.Compare(aLine, bLine),
		comparePaths(a.Path, b.Path),
	)
}

// splitWhere takes Pulumi.dev.yaml:23 apart, so that line 9 comes before line 10.
func splitWhere(where string) (file string, line int) {
	i := strings.LastIndexByte(where, ':')
	if i < 0 {
		return where, 0
	}
	line, err := strconv.Atoi(where[i+1:])
	if err != nil {
		return where, 0
	}
	return where[:i], line
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

// didYouMean is the hint for a word that is none of the candidates.
func didYouMean(word string, candidates []string) string {
	if near := words.Nearest(word, candidates); near != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	return oneOf(candidates)
}

// oneOf is the hint that lists what is allowed.
func oneOf(candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	return "use one of " + strings.Join(candidates, ", ")
}
