package mutate

import (
	"fmt"
	"strings"

	"enterprise-openai/internal/azure/apim/csharp"
)

// element is an element of a document with its offsets.
type element struct {
	name       string
	start, end int
	attributes []attribute
	children   []*element
	// text is the one expression or the literal between the tags of an element without children.
	text part
}

// attribute is an attribute; start is where the white space before it begins.
type attribute struct {
	name       string
	start, end int
	value      part
}

// part is a stretch of a document.
type part struct{ start, end int }

func (p part) of(text string) string { return text[p.start:p.end] }

// expression says whether the part is one.
func (p part) expression(text string) bool {
	return strings.HasPrefix(p.of(text), "@(") || strings.HasPrefix(p.of(text), "@{")
}

// scanner reads a document as it is in the repository: values are not filled in, and blocks are marked by instructions.
type scanner struct {
	text string
	at   int
	// err is the first thing that was not understood; from then on everything is over.
	err error
}

// scan finds the root element.
func scan(text string) (*element, error) {
	s := &scanner{text: text}
	s.misc()
	root := s.element()
	return root, s.err
}

func (s *scanner) fail(why string) {
	if s.err == nil {
		s.err = fmt.Errorf("line %d: %s", 1+strings.Count(s.text[:s.at], "\n"), why)
	}
	s.at = len(s.text)
}

// next is the character here, 0 at the end.
func (s *scanner) next() byte {
	if s.at >= len(s.text) {
		return 0
	}
	return s.text[s.at]
}

func (s *scanner) has(prefix string) bool { return strings.HasPrefix(s.text[s.at:], prefix) }

func (s *scanner) space() {
	for strings.IndexByte(" \t\n", s.next()) >= 0 {
		s.at++
	}
}

// skip goes past the next end.
func (s *scanner) skip(end string) {
	i := strings.Index(s.text[s.at:], end)
	if i < 0 {
		s.fail("no " + end)
		return
	}
	s.at += i + len(end)
}

// misc passes white space, comments and instructions.
func (s *scanner) misc() {
	for {
		s.space()
		switch {
		case s.has("<!--"):
			s.skip("-->")
		case s.has("<?"):
			s.skip("?>")
		default:
			return
		}
	}
}

func (s *scanner) name() string {
	from := s.at
	for strings.IndexByte(" \t\n=/>\x00", s.next()) < 0 {
		s.at++
	}
	return s.text[from:s.at]
}

func (s *scanner) element() *element {
	e := &element{start: s.at}
	if !s.has("<") {
		s.fail("an element begins with <")
		return e
	}
	s.at++
	e.name = s.name()
	for s.err == nil {
		before := s.at
		s.space()
		if s.has("/>") {
			s.at += len("/>")
			e.end = s.at
			return e
		}
		if s.has(">") {
			s.at++
			break
		}
		a := attribute{name: s.name(), start: before}
		if !s.has(`="`) {
			s.fail("an attribute is name=\"value\"")
			return e
		}
		s.at += len(`="`)
		a.value.start = s.at
		s.expression()
		s.skip(`"`)
		a.end, a.value.end = s.at, s.at-1
		e.attributes = append(e.attributes, a)
	}
	from := s.at
	s.content(e)
	e.text = part{from, s.at}
	s.skip(">")
	e.end = s.at
	return e
}

// content goes up to the end tag.
func (s *scanner) content(e *element) {
	for s.err == nil {
		s.misc()
		switch {
		case s.has("</"):
			return
		case s.next() == 0:
			s.fail("no end of " + e.name)
		case s.has("<"):
			e.children = append(e.children, s.element())
		default:
			if s.expression(); s.next() != '<' {
				s.at++
			}
		}
	}
}

// expression skips an expression that starts here.
func (s *scanner) expression() {
	if !s.has("@(") && !s.has("@{") {
		return
	}
	end, _, err := csharp.ScanRaw(s.text, s.at)
	if err != nil {
		s.fail(err.Error())
		return
	}
	s.at = end
}
