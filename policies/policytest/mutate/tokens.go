package mutate

import (
	"regexp"
	"strings"
)

// token is a piece of C#.
type token struct {
	start, end int
	text       string
}

// pieces are the kinds of tokens: comments, strings, characters, words, numbers, operators of several characters, and anything
// else.
var pieces = regexp.MustCompile(`//[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?` +
	`|=>|==|!=|<=|>=|&&|\|\||\?\?|\+\+|--|\+=|-=|[^\s]`)

// tokens splits the C# at a place of a document; comments are left out.
func tokens(text string, p part) []token {
	var list []token
	for _, at := range pieces.FindAllStringIndex(p.of(text), -1) {
		t := token{p.start + at[0], p.start + at[1], p.of(text)[at[0]:at[1]]}
		if !strings.HasPrefix(t.text, "//") {
			list = append(list, t)
		}
	}
	return list
}

// The brackets of C#.
const (
	opening = "([{"
	closing = ")]}"
)

func (t token) opens() bool  { return len(t.text) == 1 && strings.Contains(opening, t.text) }
func (t token) closes() bool { return len(t.text) == 1 && strings.Contains(closing, t.text) }

// match is the bracket that belongs to the one at i.
func match(list []token, i int) int {
	depth := 0
	for ; i < len(list); i++ {
		switch {
		case list[i].opens():
			depth++
		case list[i].closes():
			depth--
		}
		if depth == 0 {
			return i
		}
	}
	return len(list) - 1
}

// before is the first token of what stands before i, up to one of the ends on the same level of brackets.
func before(list []token, i int, ends ...string) int {
	depth := 0
	for i--; i >= 0; i-- {
		if list[i].closes() {
			depth++
			continue
		}
		if depth == 0 && (list[i].opens() || contains(ends, list[i].text)) {
			return i + 1
		}
		if list[i].opens() {
			depth--
		}
	}
	return 0
}

// after is the token that ends what stands after i.
func after(list []token, i int, ends ...string) int {
	depth := 0
	for i++; i < len(list); i++ {
		if list[i].opens() {
			depth++
			continue
		}
		if depth == 0 && (list[i].closes() || contains(ends, list[i].text)) {
			return i
		}
		if list[i].closes() {
			depth--
		}
	}
	return len(list)
}

func contains(list []string, text string) bool {
	for _, entry := range list {
		if entry == text {
			return true
		}
	}
	return false
}
