package document

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds nesting, so that a hostile document cannot exhaust the stack.
const maxDepth = 200

// Parse reads a document into its tree. scan finds the ends of expressions.
func Parse(src Source, scan Scan) (*Node, error) {
	raw := src.Format == RawXML
	if src.Format == Detect {
		raw = !wellFormed(src.Text)
	}
	p := &parser{src: &src, s: src.Text, raw: raw, scan: scan, line: 1}
	p.skipMisc()
	if p.done() {
		return nil, p.fail("", p.pos(), "a document starts with <policies> or <fragment>", "The document is empty")
	}
	if p.peek() != '<' {
		return nil, p.fail("", p.pos(), "a document starts with <policies> or <fragment>", "Data at the root level is invalid")
	}
	root, err := p.element(nil, 0)
	if err != nil {
		return nil, err
	}
	p.skipMisc()
	if !p.done() {
		return nil, p.fail(root.Name, p.pos(), "a document has one root element", "Text after the end of the root element")
	}
	return root, nil
}

// wellFormed reports whether a strict reader takes the text.
func wellFormed(text string) bool {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

type parser struct {
	src  *Source
	s    string
	at   int
	raw  bool
	scan Scan

	// The place of offset mark; pos counts on from here.
	mark, line, column int
}

func (p *parser) done() bool { return p.at >= len(p.s) }

func (p *parser) peek() byte {
	if p.done() {
		return 0
	}
	return p.s[p.at]
}

func (p *parser) has(prefix string) bool { return strings.HasPrefix(p.s[p.at:], prefix) }

// pos is the place of the current offset.
func (p *parser) pos() Pos { return p.posOf(p.at) }

func (p *parser) posOf(at int) Pos {
	if at < p.mark {
		p.mark, p.line, p.column = 0, 1, 0
	}
	for p.mark < at {
		r, size := utf8.DecodeRuneInString(p.s[p.mark:])
		p.mark += size
		if r == '\n' {
			p.line++
			p.column = 0
		} else {
			p.column++
		}
	}
	return Pos{Line: p.line, Column: p.column + 1}
}

func (p *parser) fail(element string, at Pos, hint, format string, args ...any) error {
	return newError(p.src, element, at, hint, format, args...)
}

func (p *parser) skipSpace() {
	for !p.done() && isSpace(p.s[p.at]) {
		p.at++
	}
}

// skipMisc passes white space, comments, a declaration and instructions.
func (p *parser) skipMisc() {
	p.at += len(p.s[p.at:]) - len(strings.TrimPrefix(p.s[p.at:], "\uFEFF"))
	for {
		p.skipSpace()
		switch {
		case p.has("<!--"):
			p.skipTo("-->")
		case p.has("<?"):
			p.skipTo("?>")
		default:
			return
		}
	}
}

// skipTo moves past end, or to the end of the text when it is missing.
func (p *parser) skipTo(end string) bool {
	i := strings.Index(p.s[p.at:], end)
	if i < 0 {
		p.at = len(p.s)
		return false
	}
	p.at += i + len(end)
	return true
}

func (p *parser) name() string {
	start := p.at
	for !p.done() && isName(p.s[p.at]) {
		p.at++
	}
	return p.s[start:p.at]
}

func (p *parser) element(parent *Node, depth int) (*Node, error) {
	n := &Node{Pos: p.pos(), Source: p.src, Parent: parent}
	p.at++ // '<'
	n.Name = p.name()
	if n.Name == "" {
		return nil, p.fail(nameOf(parent), n.Pos, "write &lt; for a plain '<'", "Name cannot begin with the '%s' character", string(p.peekRune()))
	}
	if depth > maxDepth {
		return nil, p.fail(n.Name, n.Pos, "", "Elements are nested more than %d deep", maxDepth)
	}
	empty, err := p.attributes(n)
	if err != nil || empty {
		return n, err
	}
	return n, p.content(n, depth)
}

func (p *parser) peekRune() rune {
	r, _ := utf8.DecodeRuneInString(p.s[p.at:])
	return r
}

// attributes reads up to the end of a start tag; empty reports `/>`.
func (p *parser) attributes(n *Node) (empty bool, err error) {
	for {
		p.skipSpace()
		at := p.pos()
		switch {
		case p.done():
			return false, p.fail(n.Name, n.Pos, "close the tag with '>'", "Unexpected end of file in the tag")
		case p.has("/>"):
			p.at += 2
			return true, nil
		case p.peek() == '>':
			p.at++
			return false, nil
		}
		a := Attr{Pos: at, Name: p.name()}
		if a.Name == "" {
			return false, p.fail(n.Name, at, "an attribute is name=\"value\"", "'%s' is an unexpected token", string(p.peekRune()))
		}
		if _, twice := n.Attr(a.Name); twice {
			return false, p.fail(n.Name, at, "", "'%s' is a duplicate attribute name", a.Name)
		}
		if err := p.value(n, &a); err != nil {
			return false, err
		}
		n.Attrs = append(n.Attrs, a)
	}
}

func (p *parser) value(n *Node, a *Attr) error {
	p.skipSpace()
	if p.peek() != '=' {
		return p.fail(n.Name, p.pos(), "write "+a.Name+"=\"…\"", "'=' is expected after '%s'", a.Name)
	}
	p.at++
	p.skipSpace()
	quote := p.peek()
	if quote != '"' && quote != '\'' {
		return p.fail(n.Name, p.pos(), "quote the value", "The value of '%s' has no quotes", a.Name)
	}
	p.at++
	a.ValuePos = p.pos()
	if p.raw && (p.has("@(") || p.has("@{")) {
		if ok, err := p.expressionValue(n, a, quote); ok || err != nil {
			return err
		}
	}
	end := strings.IndexByte(p.s[p.at:], quote)
	if end < 0 {
		return p.fail(n.Name, a.ValuePos, "", "The value of '%s' has no closing quote", a.Name)
	}
	v := p.s[p.at : p.at+end]
	if i := strings.IndexByte(v, '<'); i >= 0 {
		return p.fail(n.Name, p.posOf(p.at+i), "write &lt;", "'<' is an invalid attribute character")
	}
	a.Value = decode(v)
	p.at += end + 1
	return nil
}

// expressionValue reads a value that is one expression; ok is false when
// something other than the closing quote follows it.
func (p *parser) expressionValue(n *Node, a *Attr, quote byte) (ok bool, err error) {
	value, end, err := p.expression()
	if err != nil {
		return false, p.fail(n.Name, a.ValuePos, "every bracket of an expression is closed",
			"The expression in '%s' does not end: %v", a.Name, err)
	}
	rest := end
	for rest < len(p.s) && isSpace(p.s[rest]) {
		rest++
	}
	if rest >= len(p.s) || p.s[rest] != quote {
		return false, nil
	}
	a.Value = value
	p.at = rest + 1
	return true, nil
}
