package apim

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// call is one request on its way, from what came in to what the logs have of it. One goroutine uses it at a time.
type call struct {
	Context
	gw    *Gateway
	state *state
	unit  *unit
	ctx   context.Context
	exchange
	evaluating
	metering
	rec *CallRecord
	hooks
}

// exchange is what came in, where it goes, and what goes out beside the response.
type exchange struct {
	w     http.ResponseWriter
	http  *http.Request
	start time.Time
	route *route
	// path is what the caller wants below the API's path.
	path   []string
	target target
	// headers go onto the response of the backend or of an error, such as
	// the remaining calls of a limit.
	headers http.Header
	// sent is true once the status is with the caller.
	sent bool
	// corsDone is set by the first cors policy that runs.
	corsDone bool
}

// evaluating is which documents run, and what evaluates their expressions.
type evaluating struct {
	scopes  [scopeCount]*compiled
	session Session
	// running is locked by the branch of a wait that runs: its branches take turns.
	running *sync.Mutex
}

// target is where forward-request sends to.
type target struct {
	backend string
	baseURL string
}

func newCall(g *Gateway, s *state, u *unit, w http.ResponseWriter, r *http.Request) *call {
	now := g.deps.Clock.Now()
	x := &call{gw: g, state: s, unit: u, ctx: r.Context(), exchange: exchange{w: w, http: r, start: now, headers: http.Header{}}}
	original := *r.URL
	original.Host, original.Scheme = r.Host, "https"
	if r.TLS == nil {
		original.Scheme = "http"
	}
	out := original
	header := r.Header.Clone()
	dropHopByHop(header)
	// Go keeps it apart; expressions look for it among the headers.
	header.Set("Host", r.Host)
	x.Context = Context{
		RequestID: uuid.NewString(), Timestamp: now, Now: g.deps.Clock.Now, Service: &s.cfg.Service, Variables: map[string]any{},
		Request: &Request{Method: r.Method, OriginalURL: &original, URL: &out, Header: header, IP: callerIP(r), Matched: map[string]string{}},
	}
	x.Request.body = streamed(r.Body, r.ContentLength)
	x.Trace = func(m string) { x.trace("context", m, "verbose", nil) }
	x.scopes[Global] = s.global
	x.rec = &CallRecord{
		CorrelationID: x.RequestID, Unit: u.index, Region: s.cfg.Service.Region, Time: now, Method: r.Method,
		ClientProtocol: r.Proto, CallerIP: x.Request.IP, Cache: "none", RequestSize: max(r.ContentLength, 0),
	}
	if r.TLS != nil {
		x.rec.ClientTLS = tlsName(r.TLS.Version)
	}
	return x
}

func tlsName(version uint16) string {
	switch version {
	case 0x0303:
		return "1.2"
	case 0x0304:
		return "1.3"
	}
	return ""
}

func callerIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func (x *call) now() time.Time { return x.gw.deps.Clock.Now() }

func (x *call) elapsed() time.Duration { return x.now().Sub(x.start) }

func (x *call) setVariable(name string, v any) {
	x.Variables[name] = v
	x.Changes.Variables++
}

func (x *call) setResponse(r *Response) {
	if x.Response != nil && x.Response != r {
		x.Response.body.close()
	}
	x.Response = r
	x.Changes.Response++
}

func (x *call) trace(source, message, severity string, meta map[string]string) {
	x.rec.Traces = append(x.rec.Traces,
		TraceRecord{Source: source, Message: message, Severity: severity, Elapsed: x.elapsed(), Metadata: meta})
}

// unlocked lets policies beside this one run while it waits for the network.
func (x *call) unlocked(wait func()) {
	if x.running != nil {
		x.running.Unlock()
		defer x.running.Lock()
	}
	wait()
}

// find matches the request to an API and an operation.
func (x *call) find() error {
	path := splitPath(x.Request.OriginalURL.EscapedPath())
	r, rest := x.state.findAPI(path)
	if r == nil {
		f := refuse(http.StatusNotFound, reasonOperationNotFound, "Unable to match incoming request to an operation.")
		f.last.Source, f.message = "configuration", "Resource not found"
		return f
	}
	x.route, x.path, x.API = r, rest, r.api
	x.scopes[APIScope] = r.policy
	x.rec.AzureMonitor, x.rec.ApplicationInsights = r.monitor, r.insights
	x.target = target{baseURL: r.api.ServiceURL}
	below := "/" + strings.Join(rest, "/")
	if strings.HasSuffix(x.Request.OriginalURL.Path, "/") && len(rest) > 0 {
		below += "/"
	}
	x.Request.URL.RawPath, x.Request.URL.Path = "", below
	if p, err := url.PathUnescape(below); err == nil && p != below {
		x.Request.URL.Path, x.Request.URL.RawPath = p, below
	}
	if base, err := url.Parse(r.api.ServiceURL); err == nil && base.Host != "" {
		x.Request.URL.Host, x.Request.URL.Scheme = base.Host, base.Scheme
	}
	return nil
}

// enter matches the operation.
func (x *call) enter() error {
	op, params := x.route.findOperation(x.Request.Method, x.path, x.Request.OriginalURL.Query())
	if op == nil {
		f := refuse(http.StatusNotFound, reasonOperationNotFound, "Unable to match incoming request to an operation.")
		f.last.Source, f.message = "configuration", "Resource not found"
		return f
	}
	x.Operation, x.Request.Matched = op.op, params
	x.scopes[OperationScope] = op.policy
	return nil
}
