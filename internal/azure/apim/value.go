package apim

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"enterprise-openai/internal/azure/apim/document"
)

// value is an attribute or a text: a literal, or an expression by its id.
type value struct {
	set     bool
	literal string
	expr    int
}

const noExpression = -1

// attr compiles an attribute; one that is absent is not set.
func (c *compiler) attr(n *document.Node, name string, want Wanted) value {
	a, ok := n.Attr(name)
	if !ok {
		return value{expr: noExpression}
	}
	return c.value(n, a.Value, want, a.ValuePos, a.Secret)
}

// text compiles the text of an element.
func (c *compiler) text(n *document.Node) value {
	return c.value(n, n.Text, WantString, n.TextPos, n.Secret)
}

func (c *compiler) value(n *document.Node, v string, want Wanted, at document.Pos, secret bool) value {
	if !document.IsExpression(v) {
		return value{set: true, literal: v, expr: noExpression}
	}
	c.exprs = append(c.exprs, Expression{Text: strings.TrimSpace(v), Want: want, Element: n.Name, Source: n.Source, Pos: at, Secret: secret})
	return value{set: true, expr: len(c.exprs) - 1}
}

// literal gives an attribute where no expression is allowed, or a default.
func literal(n *document.Node, name, otherwise string) string {
	if a, ok := n.Attr(name); ok {
		return a.Value
	}
	return otherwise
}

// eval gives the value of an expression that is reached.
func (x *call) eval(id int) (any, error) {
	if x.session == nil {
		x.session = x.state.program.Open(x.ctx, &x.Context)
	}
	v, err := x.session.Eval(x.ctx, id)
	if err != nil {
		return nil, x.expressionFailed(err)
	}
	return v, nil
}

// any evaluates; a literal is a string.
func (v value) any(x *call) (any, error) {
	if v.expr == noExpression {
		return v.literal, nil
	}
	return x.eval(v.expr)
}

// text evaluates to a string; null is empty.
func (v value) text(x *call) (string, error) {
	if v.expr == noExpression {
		return v.literal, nil
	}
	r, err := x.eval(v.expr)
	if err != nil {
		return "", err
	}
	return textOf(r), nil
}

// trimmed is text without surrounding white space, for values that stand
// between tags.
func (v value) trimmed(x *call) (string, error) {
	s, err := v.text(x)
	return strings.TrimSpace(s), err
}

// truth evaluates to a boolean.
func (v value) truth(x *call, otherwise bool) (bool, error) {
	if !v.set {
		return otherwise, nil
	}
	r, err := v.any(x)
	if err != nil {
		return false, err
	}
	switch t := r.(type) {
	case bool:
		return t, nil
	default:
		b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(textOf(t))))
		if err != nil {
			return false, x.expressionFailed(fmt.Errorf("value %q is not a boolean", textOf(t)))
		}
		return b, nil
	}
}

// number evaluates to a number.
func (v value) number(x *call, otherwise float64) (float64, error) {
	if !v.set {
		return otherwise, nil
	}
	r, err := v.any(x)
	if err != nil {
		return 0, err
	}
	switch t := r.(type) {
	case int64:
		return float64(t), nil
	case float64:
		return t, nil
	default:
		f, err := parseNumber(textOf(t))
		if err != nil {
			return 0, x.expressionFailed(fmt.Errorf("value %q is not a number", textOf(t)))
		}
		return f, nil
	}
}

// seconds evaluates to a duration given in seconds.
func (v value) seconds(x *call, otherwise time.Duration) (time.Duration, error) {
	f, err := v.number(x, otherwise.Seconds())
	return time.Duration(f * float64(time.Second)), err
}

func parseNumber(s string) (float64, error) {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
		err = strconv.ErrRange
	}
	return f, err
}

// textOf converts as .NET's ToString does under an English culture.
func textOf(v any) string {
	switch t := v.(type) {
	case nil:
		return ""
	case string:
		return t
	case bool:
		if t {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(t, 10)
	case int:
		return strconv.Itoa(t)
	case float64:
		return strconv.FormatFloat(t, 'G', -1, 64)
	case []byte:
		return base64.StdEncoding.EncodeToString(t)
	case time.Time:
		return t.Format("1/2/2006 3:04:05 PM")
	case Object:
		return t.Text()
	default:
		return fmt.Sprint(t)
	}
}
