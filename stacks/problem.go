package stacks

import (
	"enterprise-openai/internal/problem"
)

// Problem is one thing that is wrong with an environment's settings. Decode and Validate report every problem they
// find, joined into one error; Problems takes that error apart again.
type Problem = problem.Problem

// Problems lists the problems in an error of LoadSettings, Decode or Validate. It is nil for any other error.
func Problems(err error) []Problem { return problem.All(err) }

// Locator finds where a setting is written, or the zero Place when that is not known. For a setting that is missing it
// names the place of the innermost object that should contain it.
type Locator func(path string) problem.Place

// nowhere is the Locator of settings that come from no file.
func nowhere(string) problem.Place { return problem.Place{} }

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

func (l *problemList) err() error { return problem.Join(l.problems) }
