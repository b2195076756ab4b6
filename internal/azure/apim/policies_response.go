// Microsoft Learn: api-management/return-response-policy, mock-response-policy

package apim

import (
	"net/http"
	"strconv"

	"enterprise-openai/internal/azure/apim/document"
)

// responseEdit is what return-response puts together.
type responseEdit struct {
	variable string
	status   *statusEdit
	headers  []headerEdit
	body     *value
}

// compileReturn ends the pipeline: outbound and on-error do not run.
func compileReturn(c *compiler, n *document.Node) func(*call) error {
	e := responseEdit{variable: literal(n, "response-variable-name", "")}
	for _, k := range n.Children {
		switch k.Name {
		case "set-status":
			s := c.statusEdit(k)
			e.status = &s
		case "set-header":
			e.headers = append(e.headers, c.headerEdit(k))
		case "set-body":
			b := c.bodyText(k)
			e.body = &b
		}
	}
	return func(x *call) error {
		r, err := e.build(x)
		if err != nil {
			return err
		}
		x.setResponse(r)
		return errStop
	}
}

// build makes the response, from the variable's when there is one.
func (e *responseEdit) build(x *call) (*Response, error) {
	r := NewResponse(http.StatusOK, nil, nil)
	if m, ok := x.Variables[e.variable].(*Message); ok && e.variable != "" && m.Response != nil {
		data, err := m.Response.body.Read(true)
		if err != nil {
			return nil, broken(reasonBackendFailure, err)
		}
		r = NewResponse(m.Response.Status, m.Response.Header.Clone(), data)
		r.Reason = m.Response.Reason
	}
	if e.status != nil {
		if err := e.status.apply(x, r); err != nil {
			return nil, err
		}
	}
	for _, h := range e.headers {
		if err := h.apply(x, r.Header, true); err != nil {
			return nil, err
		}
	}
	if e.body != nil {
		data, err := e.body.bytes(x)
		if err != nil {
			return nil, err
		}
		r.body.set(data)
	}
	return r, nil
}

// compileMock answers from the operation's examples.
func compileMock(c *compiler, n *document.Node) func(*call) error {
	code, err := strconv.Atoi(literal(n, "status-code", "200"))
	if err != nil {
		c.fail(n.Errorf("a status code", "The value of the attribute 'status-code' is not a number"))
		return nil
	}
	kind := literal(n, "content-type", "")
	index, err := strconv.Atoi(literal(n, "index", "0"))
	if err != nil {
		c.fail(n.Errorf("a whole number", "The value of the attribute 'index' is not a number"))
		return nil
	}
	return func(x *call) error {
		r := NewResponse(code, nil, nil)
		var found []Example
		for _, e := range x.Operation.Examples {
			if e.StatusCode == code && (kind == "" || kind == e.ContentType) {
				found = append(found, e)
			}
		}
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		if index >= 0 && index < len(found) {
			r.Header.Set("Content-Type", found[index].ContentType)
			r.body.set([]byte(found[index].Body))
		}
		x.setResponse(r)
		return errStop
	}
}
