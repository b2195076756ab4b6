package apim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"enterprise-openai/internal/azure/apim/pool"
)

// poolUnavailable is what a call to a backend or a pool without a closed
// breaker says. Azure's text has changed before; nothing should depend on it
// (Azure-Samples/AI-Gateway, issue 262). [M] unverified.
const poolUnavailable = "Service unavailable"

// timeoutStatus is what the caller sees after a backend's timeout. [M] unverified.
const timeoutStatus = http.StatusInternalServerError

// forwarding are the settings of one forward-request.
type forwarding struct {
	timeout        time.Duration
	bufferRequest  bool
	bufferResponse bool
	failOnError    bool
}

// forward sends the request to the backend and takes its response.
func (x *call) forward(o forwarding) error {
	x.setResponse(nil)
	x.usage = nil
	base, backend, poolID, err := x.destination()
	if err != nil {
		return err
	}
	req, err := x.outgoing(base, backend, o)
	if err != nil {
		return err
	}
	if err := x.observe(req); err != nil {
		return err
	}
	id := ""
	if backend != nil {
		id = backend.ID
	}
	attempt := Attempt{BackendID: id, PoolID: poolID, Method: req.Method, URL: loggedURL(req.URL, x.backendMasks()), Start: x.now()}
	res, cancel, err := x.roundTrip(id, req, o.timeout)
	attempt.Elapsed = x.now().Sub(attempt.Start)
	x.rec.BackendTime += attempt.Elapsed
	var f *fault
	if err != nil {
		f = asFault(err)
		attempt.Reason = f.last.Reason
	} else {
		attempt.Status, attempt.Protocol = res.StatusCode, res.Proto
	}
	x.rec.Attempts = append(x.rec.Attempts, attempt)
	if backend != nil && (f == nil || f.last.Reason != reasonClientFailure) {
		now := x.now()
		done := pool.Outcome{Status: attempt.Status, Reason: attempt.Reason}
		if res != nil {
			done.RetryAfter = pool.RetryAfter(res.Header, now)
		}
		x.unit.backends.Record(backend.ID, backend.Breaker, now, done)
	}
	if f != nil {
		if status := x.gw.deps.BrokenStatus; status != 0 && f.transport {
			shown := x.defaultResponse(f)
			shown.Status = status
			x.setResponse(shown)
		}
		return f
	}
	return x.accept(res, cancel, o)
}

// destination decides where to: a single backend, a member of a pool, or a URL.
func (x *call) destination() (base *url.URL, single *Backend, poolID string, err error) {
	raw := x.target.baseURL
	if x.target.backend != "" {
		b := x.state.backends[x.target.backend]
		if b == nil {
			return nil, nil, "", broken(reasonBackendFailure, fmt.Errorf("backend %q does not exist", x.target.backend))
		}
		if len(b.Pool) > 0 {
			poolID = b.ID
		}
		chosen, ok := x.unit.choose(b, x.state, x.now())
		if !ok {
			f := refuse(http.StatusServiceUnavailable, reasonBackendUnavailable, poolUnavailable)
			f.transport = true
			f.response = x.defaultResponse(f)
			// Expressions in a retry around this see the 503.
			x.setResponse(f.response)
			return nil, nil, "", f
		}
		single, raw = chosen, chosen.URL
	}
	base, perr := url.Parse(raw)
	if perr != nil || base.Host == "" {
		return nil, nil, "", broken(reasonBackendFailure, fmt.Errorf("there is no backend: the API has no service URL and no policy names a backend"))
	}
	return base, single, poolID, nil
}

// outgoing builds the request to the backend.
func (x *call) outgoing(base *url.URL, b *Backend, o forwarding) (*http.Request, error) {
	u := *base
	u.Path = strings.TrimSuffix(base.Path, "/") + x.Request.URL.Path
	u.RawPath = ""
	if x.Request.URL.RawPath != "" {
		u.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + x.Request.URL.RawPath
	}
	u.RawQuery = joinQuery(base.RawQuery, x.Request.URL.RawQuery)
	header := x.Request.Header.Clone()
	dropHopByHop(header)
	// The backend's own name, unless a policy set another one.
	host := u.Host
	if h := header.Get("Host"); h != "" && h != x.http.Host {
		host = h
	}
	header.Del("Host")
	header.Del("Content-Length")
	if header["User-Agent"] == nil {
		// Go would name itself otherwise.
		header["User-Agent"] = nil
	}
	if b != nil {
		for k, v := range b.Headers {
			header[http.CanonicalHeaderKey(k)] = v
		}
		if b.Scheme != "" {
			header.Set("Authorization", b.Scheme+" "+b.Parameter)
		}
		if len(b.Query) > 0 {
			u.RawQuery = joinQuery(u.RawQuery, url.Values(b.Query).Encode())
		}
	}
	body, size, err := x.Request.body.open(o.bufferRequest)
	if err != nil {
		return nil, broken(reasonClientFailure, err)
	}
	req := (&http.Request{Method: x.Request.Method, URL: &u, Host: host, Header: header, Body: body, ContentLength: size,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(x.ctx)
	return req, nil
}

func joinQuery(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "&" + b
}

// roundTrip sends a request and waits for the headers of the answer, no longer
// than the timeout. The body may take its time; cancel ends it.
func (x *call) roundTrip(backend string, req *http.Request, timeout time.Duration) (*http.Response, func(), error) {
	ctx, cancel := context.WithCancel(req.Context())
	var expired atomic.Bool
	stop := x.gw.deps.Clock.AfterFunc(timeout, func() { expired.Store(true); cancel() })
	var res *http.Response
	var err error
	x.unlocked(func() {
		//nolint:bodyclose // the reader of the answer closes it
		res, err = x.gw.deps.Backends.RoundTrip(ctx, x.unit.index, backend, req.WithContext(ctx))
	})
	stop()
	if err == nil && res == nil {
		err = errors.New("the backend gave neither a response nor an error")
	}
	if err == nil && !expired.Load() {
		if res.Header == nil {
			res.Header = http.Header{}
		}
		return res, cancel, nil
	}
	if res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	cancel()
	return nil, nil, x.transportFault(err, expired.Load(), timeout)
}

func (x *call) transportFault(err error, expired bool, timeout time.Duration) *fault {
	switch {
	case x.ctx.Err() != nil:
		return x.clientGone()
	case expired:
		f := broken(reasonTimeout, fmt.Errorf("the backend sent no response headers within %s", timeout))
		f.status, f.transport = timeoutStatus, true
		return f
	default:
		f := broken(reasonBackendFailure, err)
		f.transport = true
		return f
	}
}

// accept turns the backend's response into the call's.
func (x *call) accept(res *http.Response, cancel func(), o forwarding) error {
	header := res.Header.Clone()
	dropHopByHop(header)
	reason := http.StatusText(res.StatusCode)
	if _, text, ok := strings.Cut(res.Status, " "); ok {
		reason = text
	}
	r := &Response{Status: res.StatusCode, Reason: reason, Header: header, unbuffered: !o.bufferResponse}
	body := res.Body
	if body == nil {
		body = http.NoBody
	}
	body = &tap{rc: body, done: func(error) { cancel() }}
	body = x.listen(res, body)
	r.body = content{stream: body, present: true, size: res.ContentLength}
	if res.ContentLength == 0 {
		_ = body.Close()
		r.body = content{}
	}
	x.setResponse(r)
	if m := x.rec.AzureMonitor; m != nil {
		x.rec.BackendResponseHeaders = loggedHeaders(res.Header, m.BackendResponse)
		err := r.body.log(isEventStream(res.Header), m.BackendResponse.BodyBytes, func(head string) { x.rec.BackendResponseBody = head })
		if err != nil {
			f := broken(reasonBackendFailure, err)
			f.transport = true
			return f
		}
	}
	if o.failOnError && r.Status >= 400 && r.Status <= 599 {
		f := refuse(r.Status, reasonErrorStatus, fmt.Sprintf("The backend answered with status %d", r.Status))
		f.response = r
		return f
	}
	return nil
}

func (x *call) backendMasks() []Mask {
	if m := x.rec.AzureMonitor; m != nil {
		return m.BackendRequest.MaskQuery
	}
	return nil
}
