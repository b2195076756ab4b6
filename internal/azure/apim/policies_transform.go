// Microsoft Learn: api-management/api-management-policies#transformation

package apim

import (
	"net/http"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/apim/document"
)

var existsAction = []string{"override", "skip", "append", "delete"}

// Shapes that appear both as policies and inside send-request and return-response.
var (
	headerShape = shape{
		attrs:    []attribute{reqE("name", WantString), {name: "exists-action", expr: true, want: WantString, oneOf: existsAction}},
		children: []child{{name: "value", repeat: true, shape: shape{text: exprText}}},
	}
	queryShape  = headerShape
	statusShape = shape{attrs: []attribute{reqE("code", WantInt), reqE("reason", WantString)}}
	methodShape = shape{text: exprText}
	bodyShape   = shape{text: freeText, attrs: []attribute{
		optL("template", "liquid"), optL("xsi-nil", "blank", "null"), optL("parse-date", trueFalse...), optL("use-value-element", trueFalse...),
	}}
)

func transformation() []statement {
	return []statement{
		{name: "set-variable", page: "set-variable-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{reqL("name"), reqE("value", WantAny)}}, compile: compileSetVariable},
		{name: "set-header", page: "set-header-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: headerShape, compile: compileSetHeader},
		{name: "set-query-parameter", page: "set-query-parameter-policy", sections: inInbound | inBackend, scopes: atAllScopes,
			support: Supported,
			shape:   queryShape, compile: compileSetQuery},
		{name: "set-body", page: "set-body-policy", sections: inAllSections, scopes: atAllScopes, support: Partly,
			note: "liquid templates and XML options are refused", shape: bodyShape, compile: compileSetBody},
		{name: "set-method", page: "set-method-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: methodShape, compile: compileSetMethod},
		{name: "set-status", page: "set-status-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: statusShape, compile: compileSetStatus},
		{name: "rewrite-uri", page: "rewrite-uri-policy", sections: inInbound, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{reqE("template", WantString), optE("copy-unmatched-params", WantBool)}}, compile: compileRewrite},
		{name: "find-and-replace", page: "find-and-replace-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{reqE("from", WantString), reqE("to", WantString)}}, compile: compileFindReplace},
		{name: "return-response", page: "return-response-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{optL("response-variable-name")}, children: []child{
				{name: "set-status", shape: statusShape}, {name: "set-header", repeat: true, shape: headerShape}, {name: "set-body", shape: bodyShape},
			}}, compile: compileReturn},
		{name: "mock-response", page: "mock-response-policy", sections: inInbound | inOutbound | inOnError, scopes: atAllScopes, support: Partly,
			note:    "answers from the operation's examples; schemas are not turned into samples",
			shape:   shape{attrs: []attribute{{name: "status-code", want: WantInt}, optL("content-type"), {name: "index", want: WantInt}}},
			compile: compileMock},
		unsupported("json-to-xml", "json-to-xml-policy", "XML bodies are not modelled"),
		unsupported("xml-to-json", "xml-to-json-policy", "XML bodies are not modelled"),
		unsupported("redirect-content-urls", "redirect-content-urls-policy", "links in bodies are not modelled"),
		unsupported("xsl-transform", "xsl-transform-policy", "XSLT is not modelled"),
	}
}

func compileSetVariable(c *compiler, n *document.Node) func(*call) error {
	name, v := literal(n, "name", ""), c.attr(n, "value", WantAny)
	if v.expr != noExpression {
		c.exprs[v.expr].Variable = name
	}
	return func(x *call) error {
		r, err := v.any(x)
		if err != nil {
			return err
		}
		if session, ok := x.session.(Assignee); ok && v.expr == noExpression {
			session.Assigned(name, v.literal)
		}
		x.setVariable(name, r)
		return nil
	}
}

// headerEdit is a set-header or set-query-parameter.
type headerEdit struct {
	name, action value
	values       []value
}

func (c *compiler) headerEdit(n *document.Node) headerEdit {
	e := headerEdit{name: c.attr(n, "name", WantString), action: c.attr(n, "exists-action", WantString)}
	for _, v := range n.All("value") {
		e.values = append(e.values, c.text(v))
	}
	return e
}

// resolve evaluates; a value that is null is left out.
func (e headerEdit) resolve(x *call) (name, action string, values []string, err error) {
	if name, err = e.name.trimmed(x); err != nil {
		return
	}
	action = "override"
	if e.action.set {
		if action, err = e.action.trimmed(x); err != nil {
			return
		}
	}
	if action == "delete" {
		return
	}
	for _, v := range e.values {
		r, err := v.any(x)
		if err != nil {
			return "", "", nil, err
		}
		if r != nil {
			values = append(values, strings.TrimSpace(textOf(r)))
		}
	}
	return
}

// protectedHeaders cannot be changed (Microsoft Learn: set-header-policy, "Limitations"); Server cannot be removed from a response.
var protectedHeaders = []string{"Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding"}

func (e headerEdit) apply(x *call, h http.Header, response bool) error {
	name, action, values, err := e.resolve(x)
	if err != nil {
		return err
	}
	name = http.CanonicalHeaderKey(name)
	if slices.Contains(protectedHeaders, name) || response && name == "Server" && action == "delete" {
		return nil
	}
	editValues(h, name, action, values)
	return nil
}

func editValues(m map[string][]string, name, action string, values []string) {
	switch action {
	case "delete":
		delete(m, name)
	case "skip":
		if len(m[name]) == 0 {
			m[name] = values
		}
	case "append":
		m[name] = append(slices.Clone(m[name]), values...)
	default:
		m[name] = values
	}
	if len(m[name]) == 0 {
		delete(m, name)
	}
}

// onResponse tells whether a transformation in this section is about the
// response: in outbound and on-error.
func onResponse(s Section) bool { return s == Outbound || s == OnError }

func compileSetHeader(c *compiler, n *document.Node) func(*call) error {
	e, response := c.headerEdit(n), onResponse(c.section)
	return func(x *call) error {
		// Counted after the change: the values themselves are evaluated on the way.
		if response {
			err := e.apply(x, x.responseNow().Header, true)
			x.Changes.Response++
			return err
		}
		err := e.apply(x, x.Request.Header, false)
		x.Changes.Request++
		return err
	}
}

// responseNow gives a response to change; on-error always has one.
func (x *call) responseNow() *Response {
	if x.Response == nil {
		x.setResponse(NewResponse(http.StatusOK, nil, nil))
	}
	return x.Response
}

type statusEdit struct{ code, reason value }

func (c *compiler) statusEdit(n *document.Node) statusEdit {
	return statusEdit{code: c.attr(n, "code", WantInt), reason: c.attr(n, "reason", WantString)}
}

func (e statusEdit) apply(x *call, r *Response) error {
	code, err := e.code.number(x, http.StatusOK)
	if err != nil {
		return err
	}
	r.Status, r.Reason = int(code), http.StatusText(int(code))
	if e.reason.set {
		r.Reason, err = e.reason.text(x)
	}
	return err
}

func compileSetStatus(c *compiler, n *document.Node) func(*call) error {
	e := c.statusEdit(n)
	return func(x *call) error {
		err := e.apply(x, x.responseNow())
		x.Changes.Response++
		return err
	}
}
