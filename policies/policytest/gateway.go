package policytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/clock"
)

// Gateway is one gateway with scripted backends.
type Gateway struct {
	// Clock is the time of the gateway.
	Clock *clock.Fake

	engine   *Engine
	host     string
	gateway  *apim.Gateway
	backends *backends
	records  *records
}

// Outcome is what came of one call.
type Outcome struct {
	Status int
	Header http.Header
	Body   string
	// Cut is true when the body ended before its end, HeldBack when a part of it had to wait for the next one.
	Cut, HeldBack bool
	Took          time.Duration
	// Seen is what the backends saw of it, in order.
	Seen []Seen
	// Record is what the gateway logged.
	Record *apim.CallRecord
}

// Seen is one request as a backend saw it.
type Seen struct {
	// Account is the account, or the id of a backend of one's own.
	Account string
	Method  string
	Path    string
	Query   string
	Header  http.Header
	Body    string
	// Begun is true once the first byte of the answer's body was taken.
	Begun bool
}

// Project opens a gateway with the project's own documents.
func (e *Engine) Project(ctx context.Context, f Facts) (*Gateway, error) {
	w, err := f.project(ctx, e.Edit)
	if err != nil {
		return nil, err
	}
	return e.open(ctx, w, hub{f.HubDown})
}

// Own opens a gateway with documents of one's own, by name: api.xml, global.xml, product.xml, fragments/x.xml.
func (e *Engine) Own(ctx context.Context, o Own, documents map[string]string) (*Gateway, error) {
	cfg, err := o.configuration(documents)
	if err != nil {
		return nil, err
	}
	return e.open(ctx, setup{Configuration: cfg}, nil)
}

// hub is the Event Hub of a case: it takes everything, or nothing.
type hub struct{ down bool }

// Send implements apim.Hubs.
func (h hub) Send(context.Context, apim.Event) error {
	if h.down {
		return errors.New("the hub does not answer")
	}
	return nil
}

func (e *Engine) open(ctx context.Context, w setup, hubs apim.Hubs) (*Gateway, error) {
	s := &Gateway{Clock: clock.NewFake(time.Time{}).AutoAdvance(true), engine: e, records: &records{also: e.Recorded}, host: w.Service.HostName}
	s.backends = newBackends(s.Clock, w.accounts)
	e.mu.Lock()
	e.now = s.Clock
	e.mu.Unlock()
	g, err := e.gateway(ctx, w.Configuration, apim.Deps{
		Clock: s.Clock, Expressions: e.expressions(), Backends: s.backends, Identity: identity{s.Clock},
		Directory: e.directory.Transport(), Recorder: s.records, Hubs: hubs, BrokenStatus: e.BrokenStatus,
	})
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	s.gateway = g
	return s, nil
}

// Close ends its processes.
func (s *Gateway) Close() error { return s.gateway.Close() }

// Script sets what a backend answers, in order; the last answer is given for good. name is an account, account/deployment,
// or the id of a backend of one's own.
func (s *Gateway) Script(name string, answers ...Answer) { s.backends.script(name, answers) }

// Call sends one request and returns what came of it. Wait and Times of the call are the caller's business.
func (s *Gateway) Call(ctx context.Context, c Call) (Outcome, error) {
	req, err := c.request(ctx, "https://"+s.host, s.engine.token)
	if err != nil {
		return Outcome{}, err
	}
	from, begun := s.backends.count(), s.Clock.Now()
	w := newReply()
	s.backends.watch(w)
	broken := serve(s.gateway, w, req)
	out := Outcome{
		Status: w.status, Header: w.sent, Body: w.body.String(), Cut: broken,
		HeldBack: s.backends.heldBack(), Took: s.Clock.Now().Sub(begun), Seen: s.backends.since(from), Record: s.records.last(),
	}
	return out, nil
}

// serve runs the handler as a server does: one that gives up the connection has sent half an answer.
func serve(h http.Handler, w http.ResponseWriter, req *http.Request) (broken bool) {
	defer func() {
		if p := recover(); p != nil {
			broken = true
		}
	}()
	h.ServeHTTP(w, req)
	return false
}

// request makes the request of a call.
func (c Call) request(ctx context.Context, base string, token func(Token) (string, error)) (*http.Request, error) {
	method, path, err := c.target()
	if err != nil {
		return nil, err
	}
	body := c.content(method)
	req := httptest.NewRequestWithContext(ctx, method, base+path, body)
	req.RemoteAddr = "192.0.2.10:50000"
	if body != http.NoBody {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Key != "" {
		req.Header.Set("Api-Key", Key(c.Key))
	}
	if c.Token != nil {
		text, err := token(*c.Token)
		if err != nil {
			return nil, fmt.Errorf("token: %w", err)
		}
		req.Header.Set("Authorization", or(c.Token.Scheme, "Bearer")+" "+text)
	}
	for name, value := range c.Headers {
		req.Header.Set(name, value)
	}
	return req, nil
}

// records keeps the last call's record.
type records struct {
	also func(*apim.CallRecord)
	mu   sync.Mutex
	list []*apim.CallRecord
}

// Record implements apim.Recorder.
func (r *records) Record(c *apim.CallRecord) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, c)
	if r.also != nil {
		r.also(c)
	}
}

func (r *records) last() *apim.CallRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == 0 {
		return nil
	}
	return r.list[len(r.list)-1]
}

// IdentityToken is what the gateway's managed identity presents to backends.
const IdentityToken = "token-of-the-gateway"

type identity struct{ clock clock.Clock }

// Token implements apim.Identity.
func (i identity) Token(_ context.Context, _, resource string) (string, time.Time, error) {
	if resource == "" {
		return "", time.Time{}, errors.New("authentication-managed-identity names no resource")
	}
	return IdentityToken + "-for-" + resource, i.clock.Now().Add(time.Hour), nil
}

var _ io.Writer = (*reply)(nil)
