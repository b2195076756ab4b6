package mutate

import (
	"fmt"
	"strconv"
	"strings"

	"enterprise-openai/internal/problem"
)

// Edit replaces a stretch of a document.
type Edit struct {
	At, Length int
	New        string
}

// Mutant is a document with one change.
type Mutant struct {
	// Document is its name, Line where the change is.
	Document string
	Line     int
	// Change says what is done: "leave out" or "write" something, and to what.
	Change, Old string
	// Attribute is the attribute that is broken, or empty for an element or a text.
	Attribute string
	// Context is the line, or as much of it as it takes to see what is changed.
	Context string

	// Code is true for a change inside of an expression, Varies when the expression has values of the environment in it.
	Code, Varies bool

	// Mark is what Marked puts before the policy that is broken, or empty where it puts nothing.
	Mark string

	template string
	edit     Edit
}

// String is the mutant in one line.
func (m Mutant) String() string {
	return problem.Problem{Where: problem.Place{File: m.Document, Line: m.Line}, Path: m.Change, Message: m.Old}.Error()
}

// maker collects the mutants of a document.
type maker struct {
	document, text string
	list           []Mutant
	// within is the expression that is being broken.
	within, mark, attribute string
	marks                   []Edit
}

// Of makes all mutants of a document.
func Of(document, text string) ([]Mutant, error) {
	m, err := of(document, text)
	if err != nil {
		return nil, err
	}
	return m.list, nil
}

func of(document, text string) (*maker, error) {
	root, err := scan(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", document, err)
	}
	m := &maker{document: document, text: text}
	for _, child := range root.children {
		m.element(root, child)
	}
	return m, nil
}

func (m *maker) add(change string, e Edit) {
	const enough = 160
	old := strings.Join(strings.Fields(m.text[e.At:e.At+e.Length]), " ")
	from := strings.LastIndexByte(m.text[:e.At], '\n') + 1
	line, _, _ := strings.Cut(m.text[from:], "\n")
	at := e.At - from
	line = line[max(0, at-enough):min(len(line), at+enough)]
	m.list = append(m.list, Mutant{
		Document: m.document, Attribute: m.attribute, Line: 1 + strings.Count(m.text[:e.At], "\n"), Change: change, Old: old[:min(len(old), enough)],
		Context: strings.TrimSpace(line), Code: m.within != "", Varies: strings.Contains(m.within, "$(") || strings.Contains(m.within, "{{"),
		Mark: m.mark, template: m.text, edit: e,
	})
}

// element leaves out the element, each of its attributes, and breaks what they say.
func (m *maker) element(parent, e *element) {
	if contains(holders, parent.name) {
		before := m.mark
		defer func() { m.mark = before }()
		m.mark = fmt.Sprintf("%s mark %d", m.document, len(m.marks))
		m.marks = append(m.marks, Edit{e.start, 0, `<trace source="mark" severity="error"><message>` + m.mark + `</message></trace>`})
	}
	m.add("leave out", Edit{e.start, e.end - e.start, ""})
	for _, a := range e.attributes {
		m.attribute = a.name
		m.add("leave out", Edit{a.start, a.end - a.start, ""})
		m.value(a.name, a.value)
		m.attribute = ""
	}
	for _, child := range e.children {
		m.element(e, child)
	}
	if text := trimmed(m.text, e.text); len(e.children) == 0 {
		m.value("", text)
	}
}

func trimmed(text string, p part) part {
	for p.start < p.end && strings.IndexByte(" \t\n", text[p.start]) >= 0 {
		p.start++
	}
	for p.end > p.start && strings.IndexByte(" \t\n", text[p.end-1]) >= 0 {
		p.end--
	}
	return p
}

// value breaks the value of an attribute, or a text.
func (m *maker) value(name string, p part) {
	text := p.of(m.text)
	whole := func(value string) { m.add("write "+value, Edit{p.start, p.end - p.start, value}) }
	if p.expression(m.text) {
		if name == "condition" {
			whole("@(true)")
			whole("@(false)")
		}
		m.within = text
		m.code(p)
		m.within = ""
		return
	}
	if n, err := strconv.Atoi(text); err == nil && status(n) {
		whole(strconv.Itoa(n + 1))
	}
	switch text {
	case "true":
		whole("false")
	case "false":
		whole("true")
	}
}

// holders are the elements in which a policy may stand before any other. A document's backend section has one policy alone.
var holders = []string{"fragment", "inbound", "outbound", "on-error", "when", "otherwise", "retry"}

// Marked puts a trace before every policy of a rendered document, by which it is seen which policies a call meets.
func Marked(document, text, rendered string) (string, error) {
	m, err := of(document, text)
	if err != nil {
		return "", err
	}
	return edited(text, rendered, m.marks)
}
