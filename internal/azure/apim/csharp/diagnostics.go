package csharp

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// compilerLine is one error of the compiler: file(line,column): error CS1234: text.
var compilerLine = regexp.MustCompile(`(?m)^(?:([eh])(\d+)\((\d+),(\d+)[^)]*\): )?error (CS\d+): (.*)$`)

// problems reads the compiler's output. Messages without a place are returned as other.
func problems(output string, all []Expression) (found []Problem, other []string) {
	for _, m := range compilerLine.FindAllStringSubmatch(output, -1) {
		message := strings.TrimSpace(m[6])
		id, err := strconv.Atoi(m[2])
		if err != nil || id >= len(all) {
			other = append(other, m[5]+": "+message)
			continue
		}
		e := all[id]
		p := Problem{ID: id, File: e.File, Element: e.Element, Line: e.Line, Column: e.Column, Message: message}
		if m[1] == "e" { // the code around an expression has no place in the document
			p.Line, _ = strconv.Atoi(m[3])
			p.Column, _ = strconv.Atoi(m[4])
		}
		found = append(found, p)
	}
	return found, other
}

// scanProblem is the Problem of an expression that never reached the compiler.
func scanProblem(id int, e Expression, err error) Problem {
	p := Problem{ID: id, File: e.File, Element: e.Element, Line: e.Line, Column: e.Column, Message: err.Error()}
	var scan *ScanError
	if errors.As(err, &scan) {
		p.Line, p.Column = e.place(scan.Offset)
		p.Message = scan.Message
	}
	return p
}

// finding is a type or member outside Microsoft's list that compiled code uses.
type finding struct {
	id           int
	kind, member string
}

// forbiddenProblems turns findings into problems. What a compiler makes of "dynamic" is
// half a dozen types the author never wrote; it is one problem.
func forbiddenProblems(findings []finding, all []Expression) (list []Problem) {
	dynamic := map[int]bool{}
	for _, f := range findings {
		if strings.HasPrefix(f.kind, "Microsoft.CSharp.RuntimeBinder.") && !dynamic[f.id] {
			dynamic[f.id] = true
			p := f.problem(all[f.id])
			p.Message = "Dynamic member invocation is not supported" // APIM0006
			list = append(list, p)
		}
	}
	for _, f := range findings {
		if !dynamic[f.id] {
			list = append(list, f.problem(all[f.id]))
		}
	}
	return list
}

// The texts are those of Microsoft's own expression compiler (diagnostics APIM0001 and APIM0002).
func (f finding) problem(e Expression) Problem {
	message := fmt.Sprintf("Usage of type '%s' is not supported within expressions", f.kind)
	short := f.kind[strings.LastIndexByte(f.kind, '.')+1:]
	offset := e.find(short)
	if f.member != "" {
		message = fmt.Sprintf("Usage of member '%s' of type '%s' is not supported within expressions", f.member, f.kind)
		if at := e.find(f.member); at > 0 {
			offset = at
		}
	}
	p := Problem{ID: f.id, File: e.File, Element: e.Element, Message: message}
	p.Line, p.Column = e.place(offset)
	return p
}

// sorted orders problems as one reads documents, each once.
func sorted(list []Problem) []Problem {
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.ID != b.ID {
			return a.ID < b.ID
		}
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	var once []Problem
	for i, p := range list {
		if i == 0 || p != list[i-1] {
			once = append(once, p)
		}
	}
	return once
}
