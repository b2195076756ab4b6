package document

import "strings"

// expression reads the expression that starts here in a raw document, and where it ends.
//
// It is C# as it is written. Deployed raw documents also hold expressions that are escaped as in XML, whole or in part
// (`if (1 < 2) { return &quot;yes&quot;; }`). [M] Which of them API Management resolves is not documented: an expression that has
// entities where C# has none is read as XML, its strings too; in any other, an entity in a string is what it looks like.
func (p *parser) expression() (code string, end int, err error) {
	end, escaped, err := p.scan(p.s, p.at)
	if err == nil && !escaped {
		return p.s[p.at:end], end, nil
	}
	// A bracket or quote may be inside of an escaped string: the end is that of the resolved text.
	resolved, places := resolve(p.s[p.at:])
	if stop, _, failed := p.scan(resolved, 0); len(places) > 0 && failed == nil {
		return resolved[:stop], p.at + places.source(stop), nil
	}
	if err != nil {
		return "", 0, err
	}
	return p.s[p.at:end], end, nil
}

// Expressions calls write for every value of a raw document that is an expression from end to end, with its C# as expression reads it, and
// gives the document with what write gives in its place. Comments and CDATA sections are left as they are, and so is everything behind an
// expression that does not end.
func Expressions(raw string, scan Scan, write func(code string) string) string {
	p := &parser{s: raw, scan: scan}
	var out strings.Builder
	from := 0
	for !p.done() {
		switch {
		case p.has("<!--"):
			p.skipTo("-->")
		case p.has("<![CDATA["):
			p.skipTo("]]>")
		case p.has("@(") || p.has("@{"):
			code, end, err := p.expression()
			if err != nil {
				p.at = len(raw)
			} else if alone(raw[from:p.at], raw[end:]) {
				out.WriteString(raw[from:p.at])
				out.WriteString(write(code))
				p.at, from = end, end
			} else {
				p.at++
			}
		default:
			p.at++
		}
	}
	return out.String() + raw[from:]
}

// alone reports whether nothing but white space is between what delimits a value and an expression.
func alone(before, after string) bool {
	before, after = strings.TrimRight(before, " \t\r\n"), strings.TrimLeft(after, " \t\r\n")
	if before == "" || after == "" {
		return false
	}
	open, closing := before[len(before)-1], after[0]
	return open == '>' && closing == '<' || (open == '"' || open == '\'') && closing == open
}

// place is an offset behind an entity, in the resolved text and in its source.
type place struct{ resolved, source int }

type places []place

// source is the offset in the source of an offset in the resolved text.
func (ps places) source(at int) int {
	last := place{}
	for _, p := range ps {
		if p.resolved > at {
			break
		}
		last = p
	}
	return last.source + at - last.resolved
}
