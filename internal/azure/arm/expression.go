package arm

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// expression is a parsed template expression: a literal, or a call with the members taken of its result.
type expression struct {
	literal  any
	function string
	args     []*expression
	members  []*expression // .name and [index], in order; names are literals
}

// isExpression: "[…]" is an expression, "[[…" is a text that begins with a bracket (Microsoft Learn:
// azure-resource-manager/templates/template-expressions).
func isExpression(s string) bool {
	return strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && !strings.HasPrefix(s, "[[")
}

// maxDepth keeps hostile nesting from exhausting the stack.
const maxDepth = 64

type expressionParser struct {
	text  string
	at    int
	depth int
}

// parseExpression reads what stands between the outer brackets of a template expression.
func parseExpression(source string) (*expression, error) {
	p := &expressionParser{text: source}
	e, err := p.expression()
	if err != nil {
		return nil, fmt.Errorf("template expression %q: %w", source, err)
	}
	p.space()
	if p.at != len(p.text) {
		return nil, fmt.Errorf("template expression %q: unexpected %q at position %d", source, p.text[p.at:], p.at+1)
	}
	return e, nil
}

func (p *expressionParser) space() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t' || p.text[p.at] == '\n' || p.text[p.at] == '\r') {
		p.at++
	}
}

func (p *expressionParser) peek() byte {
	p.space()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *expressionParser) expression() (*expression, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	c := p.peek()
	switch {
	case c == '\'':
		text, err := p.quoted()
		return &expression{literal: text}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == '_' || unicode.IsLetter(rune(c)):
		return p.call()
	case c == 0:
		return nil, fmt.Errorf("it ends where a value belongs")
	}
	return nil, fmt.Errorf("unexpected %q at position %d", string(c), p.at+1)
}

// quoted reads a text in single quotes; a quote inside is doubled.
func (p *expressionParser) quoted() (string, error) {
	var out strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		if p.text[i] != '\'' {
			out.WriteByte(p.text[i])
			continue
		}
		if i+1 < len(p.text) && p.text[i+1] == '\'' {
			out.WriteByte('\'')
			i++
			continue
		}
		p.at = i + 1
		return out.String(), nil
	}
	return "", fmt.Errorf("the quote at position %d is not closed", p.at+1)
}

func (p *expressionParser) number() (*expression, error) {
	start := p.at
	for p.at < len(p.text) && (p.text[p.at] == '-' || p.text[p.at] >= '0' && p.text[p.at] <= '9') {
		p.at++
	}
	n, err := strconv.ParseInt(p.text[start:p.at], 10, 53)
	if err != nil {
		return nil, fmt.Errorf("%q is not a number", p.text[start:p.at])
	}
	return &expression{literal: float64(n)}, nil
}

func (p *expressionParser) name() string {
	start := p.at
	for p.at < len(p.text) &&
		(p.text[p.at] == '_' || p.text[p.at] >= '0' && p.text[p.at] <= '9' || p.text[p.at]|0x20 >= 'a' && p.text[p.at]|0x20 <= 'z') {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *expressionParser) call() (*expression, error) {
	e := &expression{function: p.name()}
	if e.function == "" {
		return nil, fmt.Errorf("unexpected character at position %d", p.at+1)
	}
	if p.peek() != '(' {
		return nil, fmt.Errorf("%q is not a call: a bracket is missing at position %d", e.function, p.at+1)
	}
	p.at++
	for p.peek() != ')' {
		arg, err := p.expression()
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		switch p.peek() {
		case ',':
			p.at++
			if p.peek() == ')' {
				return nil, fmt.Errorf("an argument is missing at position %d", p.at+1)
			}
		case ')':
		default:
			return nil, fmt.Errorf("the call of %s is not closed", e.function)
		}
	}
	p.at++
	return e, p.accessors(e)
}

func (p *expressionParser) accessors(e *expression) error {
	for {
		switch p.peek() {
		case '.':
			p.at++
			name := p.name()
			if name == "" {
				return fmt.Errorf("a member name is missing at position %d", p.at+1)
			}
			e.members = append(e.members, &expression{literal: name})
		case '[':
			p.at++
			index, err := p.expression()
			if err != nil {
				return err
			}
			if p.peek() != ']' {
				return fmt.Errorf("the index at position %d is not closed", p.at+1)
			}
			p.at++
			e.members = append(e.members, index)
		default:
			return nil
		}
	}
}
