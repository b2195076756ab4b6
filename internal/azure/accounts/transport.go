package accounts

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// Transport reaches the accounts by host name without a socket, from a given network path. Dial faults and resets come
// back as the errors that a real transport returns.
func (s *Service) Transport(via Arrival) http.RoundTripper {
	return s.Reaching(inProcess{Arriving(via, s)})
}

// Reaching puts dial faults in front of another transport, for callers that go through sockets: a transport that keeps
// connections open would not dial again, and miss a region that went down in between. A dial fault that names a
// deployment strikes on the dated surface only: on v1 the deployment is in the body, which is not read here.
func (s *Service) Reaching(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		c, _ := route(r.Method, r.URL)
		if err := s.dial(r.URL.Host, c.deployment, c.op.id); err != nil {
			if r.Body != nil {
				_ = r.Body.Close()
			}
			return nil, err
		}
		return next.RoundTrip(r)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// inProcess runs a handler as the other end of a round trip. The body streams through a pipe.
type inProcess struct{ handler http.Handler }

// RoundTrip returns as soon as the handler has sent its headers.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	reader, writer := io.Pipe()
	w := &pipeWriter{header: http.Header{}, body: writer, ready: make(chan struct{})}
	go func() {
		defer func() { w.close(recover()) }()
		defer func() { _ = in.Body.Close() }()
		t.handler.ServeHTTP(w, in)
	}()
	select {
	case <-w.ready:
	case <-r.Context().Done():
		_ = reader.CloseWithError(r.Context().Err())
		return nil, r.Context().Err()
	}
	if w.early != nil {
		return nil, w.early
	}
	length, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	return &http.Response{Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: reader, ContentLength: length, Request: r}, nil
}

// errReset is what a peer's reset looks like to a reader.
var errReset = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// pipeWriter is a ResponseWriter whose reader is a client in the same process.
type pipeWriter struct {
	header http.Header
	sent   http.Header
	status int
	body   *io.PipeWriter
	once   sync.Once
	ready  chan struct{}
	early  error
}

// Header is the header to be sent.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader lets the client's RoundTrip return.
func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.ready)
	})
}

// Write blocks until the client has read, as a full socket would.
func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// Flush sends the headers; the pipe holds nothing back.
func (w *pipeWriter) Flush() { w.WriteHeader(http.StatusOK) }

// Hijack is impossible without a socket; the service then aborts the handler instead.
func (w *pipeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.ErrUnsupported
}

// close ends the response: with a reset when the handler was aborted, and with another panic's report otherwise.
func (w *pipeWriter) close(failure any) {
	if failure == nil {
		w.WriteHeader(http.StatusOK)
		_ = w.body.Close()
		return
	}
	var end error = errReset
	if err, is := failure.(error); !is || !errors.Is(err, http.ErrAbortHandler) {
		end = fmt.Errorf("handler of the account: %v", failure)
	}
	w.once.Do(func() {
		w.early = end
		close(w.ready)
	})
	_ = w.body.CloseWithError(end)
}
