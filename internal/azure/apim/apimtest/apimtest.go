// Package apimtest starts a gateway for one test: [RunT] gives a URL, a clock
// the test owns, backends it scripts and the records of all calls.
package apimtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/clock"
)

// Run is a gateway that is up until the test ends.
type Run struct {
	*apim.Gateway
	T        testing.TB
	URL      string
	Clock    *clock.Fake
	Backends *Backends
	Records  *Records
	Deps     apim.Deps
}

// RunT starts a gateway with a fake clock that sleeps by moving on. change may
// replace parts of what surrounds it.
func RunT(t testing.TB, cfg apim.Configuration, change ...func(*apim.Deps)) *Run {
	t.Helper()
	r := &Run{T: t, Clock: clock.NewFake(time.Time{}).AutoAdvance(true), Backends: NewBackends(), Records: &Records{}}
	r.Deps = apim.Deps{Clock: r.Clock, Backends: r.Backends, Recorder: r.Records, Tokens: Words{}}
	for _, c := range change {
		c(&r.Deps)
	}
	g, err := apim.New(context.Background(), cfg, r.Deps)
	if err != nil {
		t.Fatalf("gateway: %v", err)
	}
	srv := httptest.NewServer(g)
	t.Cleanup(func() { srv.Close(); _ = g.Close() })
	r.Gateway, r.URL = g, srv.URL
	return r
}

// Answer is what the caller got.
type Answer struct {
	Status int
	Reason string
	Header http.Header
	Body   string
}

// Do sends a request; header names and values alternate.
func (r *Run) Do(method, path, body string, header ...string) Answer {
	r.T.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, r.URL+path, reader)
	if err != nil {
		r.T.Fatalf("request: %v", err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		r.T.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		r.T.Fatalf("%s %s: body: %v", method, path, err)
	}
	_, reason, _ := strings.Cut(res.Status, " ")
	return Answer{Status: res.StatusCode, Reason: reason, Header: res.Header, Body: string(data)}
}

// Get is Do with GET and no body.
func (r *Run) Get(path string, header ...string) Answer {
	r.T.Helper()
	return r.Do(http.MethodGet, path, "", header...)
}

// Seen is a request as a backend got it.
type Seen struct {
	Unit    int
	Backend string
	Method  string
	URL     string
	Header  http.Header
	Body    string
}

// Handler answers a backend's request.
type Handler func(req *http.Request, body string) (*http.Response, error)

// Backends are scripted by host name. A host without a script answers 200 with
// {"backend":"<host>"}.
type Backends struct {
	mu    sync.Mutex
	hosts map[string][]Handler
	seen  []Seen
}

// NewBackends makes backends that all answer 200.
func NewBackends() *Backends { return &Backends{hosts: map[string][]Handler{}} }

// On scripts a host: each handler answers once, the last one for good.
func (b *Backends) On(host string, handlers ...Handler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosts[host] = handlers
}

// Seen lists what came, in order.
func (b *Backends) Seen() []Seen {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Seen(nil), b.seen...)
}

// Hosts lists the hosts that were asked, in order.
func (b *Backends) Hosts() []string {
	var out []string
	for _, s := range b.Seen() {
		host, _, _ := strings.Cut(strings.TrimPrefix(s.URL, "https://"), "/")
		out = append(out, host)
	}
	return out
}

// RoundTrip implements apim.Backends.
func (b *Backends) RoundTrip(_ context.Context, unit int, backend string, req *http.Request) (*http.Response, error) {
	data := ""
	if req.Body != nil {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		data = string(raw)
	}
	b.mu.Lock()
	b.seen = append(b.seen, Seen{Unit: unit, Backend: backend, Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(),
		Body: data})
	handlers := b.hosts[req.URL.Host]
	var h Handler
	if len(handlers) > 0 {
		h = handlers[0]
		if len(handlers) > 1 {
			b.hosts[req.URL.Host] = handlers[1:]
		}
	}
	b.mu.Unlock()
	if h == nil {
		return Respond(200, `{"backend":"`+req.URL.Host+`"}`, "Content-Type", "application/json")(req, data)
	}
	return h(req, data)
}

// Respond answers with a status, a body and headers.
func Respond(status int, body string, header ...string) Handler {
	return func(*http.Request, string) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Add(header[i], header[i+1])
		}
		return &http.Response{
			StatusCode: status, Status: "", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
}

// Fail answers with a connection error.
func Fail(message string) Handler {
	return func(*http.Request, string) (*http.Response, error) { return nil, errors.New(message) }
}

// Stream answers with an event stream of the data given.
func Stream(events ...string) Handler {
	body := ""
	for _, e := range events {
		body += "data: " + e + "\n\n"
	}
	return func(*http.Request, string) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"text/event-stream"}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1,
		}, nil
	}
}

// Hang never answers; it leaves with the request.
func Hang(req *http.Request, _ string) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// Records keeps what the gateway recorded.
type Records struct {
	mu   sync.Mutex
	list []*apim.CallRecord
	wake *sync.Cond
}

// Record implements apim.Recorder.
func (r *Records) Record(c *apim.CallRecord) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, c)
	if r.wake != nil {
		r.wake.Broadcast()
	}
}

// patience is how long Wait waits, in real time, for records to come.
const patience = 10 * time.Second

// Wait returns the records once there are n; a caller may have its answer a
// moment before its record is written. When they do not come it returns fewer.
func (r *Records) Wait(n int) []*apim.CallRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wake == nil {
		r.wake = sync.NewCond(&r.mu)
	}
	over := false
	defer time.AfterFunc(patience, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		over = true
		r.wake.Broadcast()
	}).Stop()
	for len(r.list) < n && !over {
		r.wake.Wait()
	}
	return append([]*apim.CallRecord(nil), r.list...)
}

// Words counts tokens as words, so that a test can count along.
type Words struct{}

// Count implements apim.TokenCounter.
func (Words) Count(_, text string) int { return len(strings.Fields(text)) }

// JSON renders a value for a body.
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
