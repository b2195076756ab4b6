// Microsoft Learn: api-management/api-management-policies#integration-and-external-communication

package apim

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"enterprise-openai/internal/azure/apim/document"
)

// defaultSendTimeout is how long send-request waits (Microsoft Learn: send-request-policy).
const defaultSendTimeout = 60 * time.Second

// maxEvent is where the payload of log-to-eventhub is cut (Microsoft Learn: log-to-eventhub-policy).
const maxEvent = 200 << 10

func integration() []statement {
	children := []child{
		{name: "set-url", shape: shape{text: exprText}},
		{name: "set-method", shape: methodShape},
		{name: "set-header", repeat: true, shape: headerShape},
		{name: "set-body", shape: bodyShape},
		{name: "authentication-managed-identity", shape: identityShape},
	}
	mode := attribute{name: "mode", expr: true, want: WantString, oneOf: []string{"new", "copy"}}
	return []statement{
		{name: "send-request", page: "send-request-policy", sections: inAllSections, scopes: atAllScopes, support: Partly,
			note: "client certificates and proxies are refused",
			shape: shape{attrs: []attribute{mode, reqL("response-variable-name"), optE("timeout", WantInt), optL("ignore-error", trueFalse...)},
				children: children},
			compile: compileSendRequest},
		{name: "send-one-way-request", page: "send-one-way-request-policy", sections: inAllSections, scopes: atAllScopes, support: Partly,
			note:  "client certificates and proxies are refused",
			shape: shape{attrs: []attribute{mode, optE("timeout", WantInt)}, children: children}, compile: compileSendOneWay},
		{name: "log-to-eventhub", page: "log-to-eventhub-policy", sections: inAllSections, scopes: atAllScopes, support: Supported,
			shape:   shape{text: exprText, attrs: []attribute{reqL("logger-id"), optL("partition-id"), optE("partition-key", WantString)}},
			compile: compileEventHub},
		unsupported("set-backend-service-dapr", "set-backend-service-dapr-policy", "Dapr exists only in self-hosted gateways"),
		unsupported("publish-to-dapr", "publish-to-dapr-policy", "Dapr exists only in self-hosted gateways"),
		unsupported("invoke-dapr-binding", "invoke-dapr-binding-policy", "Dapr exists only in self-hosted gateways"),
		unsupported("send-service-bus-message", "send-service-bus-message-policy", "Service Bus is not modelled"),
	}
}

// sideRequest is a request a policy makes on its own.
type sideRequest struct {
	mode, url, method, timeout value
	headers                    []headerEdit
	body                       *value
	identity                   func(*call) (string, error)
}

func (c *compiler) sideRequest(n *document.Node) *sideRequest {
	s := &sideRequest{mode: c.attr(n, "mode", WantString), timeout: c.attr(n, "timeout", WantInt)}
	for _, k := range n.Children {
		switch k.Name {
		case "set-url":
			s.url = c.text(k)
		case "set-method":
			s.method = c.text(k)
		case "set-header":
			s.headers = append(s.headers, c.headerEdit(k))
		case "set-body":
			b := c.bodyText(k)
			s.body = &b
		case "authentication-managed-identity":
			s.identity = c.identity(k)
		}
	}
	if copied := s.mode.literal == "copy" || s.mode.expr > noExpression; !copied && !s.url.set {
		c.fail(n.Errorf("add <set-url>", "A new request needs the element 'set-url'"))
	}
	return s
}

// build evaluates everything; what comes out no longer needs the call.
func (s *sideRequest) build(x *call) (*http.Request, time.Duration, error) {
	timeout, err := s.timeout.seconds(x, defaultSendTimeout)
	if err != nil {
		return nil, 0, err
	}
	req, data, err := s.start(x)
	if err != nil {
		return nil, 0, err
	}
	if s.url.set {
		raw, err := s.url.trimmed(x)
		if err != nil {
			return nil, 0, err
		}
		if req.URL, err = url.Parse(raw); err != nil || req.URL.Host == "" {
			return nil, 0, broken(reasonBackendFailure, notAbsoluteError(raw))
		}
	}
	req.Host = req.URL.Host
	if s.method.set {
		if req.Method, err = s.method.trimmed(x); err != nil {
			return nil, 0, err
		}
	}
	for _, h := range s.headers {
		if err := h.apply(x, req.Header, false); err != nil {
			return nil, 0, err
		}
	}
	if s.body != nil {
		if data, err = s.body.bytes(x); err != nil {
			return nil, 0, err
		}
	}
	if s.identity != nil {
		token, err := s.identity(x)
		if err != nil {
			return nil, 0, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	b := content{bytes: data}
	req.Body, req.ContentLength, err = b.open(false)
	return req, timeout, err
}

// start is an empty request, or a copy of the caller's.
func (s *sideRequest) start(x *call) (*http.Request, []byte, error) {
	req := &http.Request{Method: http.MethodGet, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, URL: &url.URL{}}
	mode, err := s.mode.trimmed(x)
	if err != nil || mode != "copy" {
		return req, nil, err
	}
	u := *x.Request.URL
	req.Method, req.Header, req.URL = x.Request.Method, x.Request.Header.Clone(), &u
	req.Header.Del("Host")
	data, err := x.Request.body.Read(true)
	if err != nil {
		return nil, nil, broken(reasonClientFailure, err)
	}
	return req, data, nil
}

type notAbsoluteError string

// Error names the URL.
func (e notAbsoluteError) Error() string { return "\"" + string(e) + "\" is not an absolute URL" }

// compileSendRequest leaves the response in a variable; with ignore-error a
// request that fails leaves null.
func compileSendRequest(c *compiler, n *document.Node) func(*call) error {
	s, name, ignore := c.sideRequest(n), literal(n, "response-variable-name", ""), literal(n, "ignore-error", "false") == "true"
	return func(x *call) error {
		m, err := s.send(x)
		if err == nil {
			x.setVariable(name, m)
			return nil
		}
		if !ignore {
			return err
		}
		x.setVariable(name, nil)
		return nil
	}
}

func (s *sideRequest) send(x *call) (*Message, error) {
	req, timeout, err := s.build(x)
	if err != nil {
		return nil, err
	}
	res, cancel, err := x.roundTrip("", req.WithContext(x.ctx), timeout) //nolint:bodyclose // buffer closes it
	if err != nil {
		f := asFault(err)
		// The retry around a send-request judges the response of the call, not this.
		f.transport = false
		return nil, f
	}
	r := &Response{Status: res.StatusCode, Reason: http.StatusText(res.StatusCode), Header: res.Header.Clone()}
	body := content{stream: res.Body, present: true}
	x.unlocked(func() { err = body.buffer() })
	cancel()
	if err != nil {
		return nil, broken(reasonBackendFailure, err)
	}
	r.body.set(body.bytes)
	return &Message{Response: r}, nil
}

// compileSendOneWay sends and does not wait; how it ended is lost.
func compileSendOneWay(c *compiler, n *document.Node) func(*call) error {
	s := c.sideRequest(n)
	return func(x *call) error {
		req, timeout, err := s.build(x)
		if err != nil {
			return err
		}
		g, unit := x.gw, x.unit.index
		g.calls.Add(1)
		go func() {
			defer g.calls.Done()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			defer g.deps.Clock.AfterFunc(timeout, cancel)()
			if res, err := g.deps.Backends.RoundTrip(ctx, unit, "", req.WithContext(ctx)); err == nil && res.Body != nil {
				_ = res.Body.Close()
			}
		}()
		return nil
	}
}

func compileEventHub(c *compiler, n *document.Node) func(*call) error {
	id := literal(n, "logger-id", "")
	if !c.refs.loggers[id] {
		a, _ := n.Attr("logger-id")
		c.fail(n.ErrorfAt(a.ValuePos, "create the logger before the policy", "Logger '%s' could not be found", id))
		return nil
	}
	partition, key, body := literal(n, "partition-id", ""), c.attr(n, "partition-key", WantString), c.text(n)
	return func(x *call) error {
		text, err := body.trimmed(x)
		if err != nil {
			return err
		}
		k, err := key.text(x)
		if err != nil {
			return err
		}
		x.sendEvent(Event{LoggerID: id, PartitionID: partition, PartitionKey: k, Body: cut([]byte(text), maxEvent)})
		return nil
	}
}

// sendEvent hands an event over. A logger buffers by default (Microsoft Learn: rest/api/apimanagement/logger,
// isBuffered), so that a hub that is not there costs the event alone.
//
// [M] unverified: what a call sees of a logger that does not buffer.
func (x *call) sendEvent(e Event) {
	if hubs := x.gw.deps.Hubs; hubs != nil {
		x.unlocked(func() {
			if err := hubs.Send(x.ctx, e); err != nil {
				e.Lost = err.Error()
			}
		})
	}
	x.rec.Events = append(x.rec.Events, e)
}
