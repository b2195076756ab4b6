// Microsoft Learn: api-management/set-body-policy, find-and-replace-policy

package apim

import (
	"bytes"
	"strings"

	"enterprise-openai/internal/azure/apim/document"
)

// bodyText compiles the content of set-body: an expression, or everything
// between the tags as it is.
func (c *compiler) bodyText(n *document.Node) value {
	if _, ok := n.Attr("template"); ok {
		c.fail(n.Errorf("use an expression", "Liquid templates in set-body are not modelled"))
		return value{expr: noExpression}
	}
	if len(n.Children) == 0 {
		return c.text(n)
	}
	return value{set: true, literal: document.Decode(strings.TrimSpace(n.Inner)), expr: noExpression}
}

func (v value) bytes(x *call) ([]byte, error) {
	r, err := v.any(x)
	if err != nil {
		return nil, err
	}
	switch t := r.(type) {
	case []byte:
		return append([]byte{}, t...), nil
	case nil:
		return []byte{}, nil
	default:
		return []byte(textOf(t)), nil
	}
}

func compileSetBody(c *compiler, n *document.Node) func(*call) error {
	v, response := c.bodyText(n), onResponse(c.section)
	return func(x *call) error {
		data, err := v.bytes(x)
		if err != nil {
			return err
		}
		if response {
			r := x.responseNow()
			// What was not read of the backend's answer still has to be counted.
			if r.body.stream != nil && x.usage != nil {
				_ = r.body.buffer()
			}
			r.body.set(data)
			r.Header.Del("Content-Encoding")
			x.Changes.Response++
			return nil
		}
		x.Request.body.set(data)
		x.Changes.Request++
		return nil
	}
}

func compileFindReplace(c *compiler, n *document.Node) func(*call) error {
	from, to, response := c.attr(n, "from", WantString), c.attr(n, "to", WantString), onResponse(c.section)
	return func(x *call) error {
		f, err := from.text(x)
		if err != nil {
			return err
		}
		t, err := to.text(x)
		if err != nil {
			return err
		}
		b := &x.Request.body
		x.Changes.Request++
		if response {
			b = &x.responseNow().body
			x.Changes.Response++
		}
		data, err := b.Read(true)
		if err != nil {
			return broken(reasonBackendFailure, err)
		}
		if f != "" && data != nil {
			b.set(bytes.ReplaceAll(data, []byte(f), []byte(t)))
		}
		return nil
	}
}
