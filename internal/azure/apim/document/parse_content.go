package document

import (
	"strings"
)

// content reads from after a start tag to after its end tag.
func (p *parser) content(n *Node, depth int) error {
	start := p.at
	var text strings.Builder
	for {
		switch {
		case p.done():
			return p.fail(n.Name, n.Pos, "close it with </"+n.Name+">", "The element has no end tag")
		case p.has("</"):
			n.Inner, n.Text = p.s[start:p.at], text.String()
			return p.endTag(n)
		case p.has("<!--"):
			if at := p.pos(); !p.skipTo("-->") {
				return p.fail(n.Name, at, "close it with -->", "The comment does not end")
			}
		case p.has("<![CDATA["):
			if err := p.cdata(n, &text); err != nil {
				return err
			}
		case p.has("<?"):
			p.skipTo("?>")
		case p.peek() == '<':
			c, err := p.element(n, depth+1)
			if err != nil {
				return err
			}
			n.Children = append(n.Children, c)
		default:
			if err := p.text(n, &text); err != nil {
				return err
			}
		}
	}
}

func (p *parser) endTag(n *Node) error {
	at := p.pos()
	p.at += 2
	name := p.name()
	p.skipSpace()
	if name != n.Name || p.peek() != '>' {
		return p.fail(n.Name, at, "", "The start tag '%s' on line %d does not match the end tag '%s'", n.Name, n.Pos.Line, name)
	}
	p.at++
	return nil
}

func (p *parser) cdata(n *Node, text *strings.Builder) error {
	at := p.pos()
	from := p.at + len("<![CDATA[")
	if !p.skipTo("]]>") {
		return p.fail(n.Name, at, "close it with ]]>", "The CDATA section does not end")
	}
	if n.TextPos.Line == 0 {
		n.TextPos = p.posOf(from)
	}
	text.WriteString(p.s[from : p.at-len("]]>")])
	return nil
}

// text reads characters up to the next tag; an expression is read whole.
func (p *parser) text(n *Node, text *strings.Builder) error {
	start := p.at
	p.skipSpace()
	if !p.done() && p.peek() != '<' && n.TextPos.Line == 0 {
		n.TextPos = p.pos()
	}
	if p.raw && strings.TrimSpace(text.String()) == "" && (p.has("@(") || p.has("@{")) {
		code, end, err := p.expression()
		if err != nil {
			return p.fail(n.Name, p.pos(), "every bracket of an expression is closed", "The expression does not end: %v", err)
		}
		text.WriteString(p.s[start:p.at] + code)
		p.at = end
		return nil
	}
	end := strings.IndexByte(p.s[p.at:], '<')
	if end < 0 {
		end = len(p.s) - p.at
	}
	p.at += end
	text.WriteString(decode(p.s[start:p.at]))
	return nil
}

func nameOf(n *Node) string {
	if n == nil {
		return ""
	}
	return n.Name
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isName(c byte) bool {
	return c == '-' || c == '_' || c == '.' || c == ':' || c >= 0x80 ||
		c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
