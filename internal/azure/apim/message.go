package apim

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Request is the request as policies see and change it.
type Request struct {
	Method string
	// OriginalURL is the URL of the call.
	OriginalURL *url.URL
	// URL is that of the request to the backend: its path is relative to the
	// API, host and scheme are the backend's. [M] unverified for the path.
	URL     *url.URL
	Header  http.Header
	IP      string
	Matched map[string]string
	body    content
}

// Body is the request's body.
func (r *Request) Body() Body { return &r.body }

// Response is a response as policies see and change it.
type Response struct {
	Status int
	Reason string
	Header http.Header
	body   content
	// unbuffered is true when the backend's bytes go to the caller as they come.
	unbuffered bool
}

// Body is the response's body.
func (r *Response) Body() Body { return &r.body }

// NewResponse makes a response with a body that is all there.
func NewResponse(status int, header http.Header, body []byte) *Response {
	if header == nil {
		header = http.Header{}
	}
	r := &Response{Status: status, Reason: http.StatusText(status), Header: header}
	r.body.set(body)
	return r
}

// maxBuffered is how much of a body policies may hold. Azure documents no
// number for this; ours guards the machine it runs on.
const maxBuffered = 64 << 20

var errBodyTooLarge = errors.New("body is larger than the gateway buffers")

// content is a body: a stream that was not read yet, bytes, or nothing.
type content struct {
	stream io.ReadCloser
	bytes  []byte
	// present is false for a message that has no body at all.
	present bool
	// size is the length of the stream, or -1.
	size int64
	// replaced is set with new content, for evaluators that keep a copy.
	replaced bool
}

func streamed(rc io.ReadCloser, size int64) content {
	if rc == nil || rc == http.NoBody || size == 0 {
		return content{}
	}
	return content{stream: rc, present: true, size: size}
}

func (b *content) set(data []byte) {
	b.close()
	b.stream, b.bytes, b.present, b.replaced = nil, data, data != nil, true
}

// Present reports whether the message has a body.
func (b *content) Present() bool { return b.present }

// Read gives the content and keeps it only when asked to
// (Microsoft Learn: api-management-policy-expressions, Body.As<T>(preserveContent)).
func (b *content) Read(preserve bool) ([]byte, error) {
	if err := b.buffer(); err != nil {
		return nil, err
	}
	data := b.bytes
	if !preserve {
		b.bytes = nil
	}
	return data, nil
}

// buffer takes the stream into memory.
func (b *content) buffer() error {
	if b.stream == nil {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(b.stream, maxBuffered+1))
	cerr := b.stream.Close()
	b.stream, b.bytes = nil, data
	if err == nil {
		err = cerr
	}
	if err == nil && len(data) > maxBuffered {
		err = errBodyTooLarge
	}
	return err
}

// log hands the first bytes over, if there is a limit: of an event stream once it has passed, of anything else at once, which
// takes it into memory.
func (b *content) log(events bool, limit int, done func(head string)) error {
	if limit == 0 {
		return nil
	}
	if events && b.stream != nil {
		b.stream = logStream(b.stream, limit, done)
		return nil
	}
	if err := b.buffer(); err != nil {
		return err
	}
	done(cut(b.bytes, limit))
	return nil
}

// open gives the content for sending. What was given is gone unless keep is
// set: a second request then has an empty body, as Azure's has without
// buffer-request-body (Microsoft Learn: retry-policy, forward-request-policy).
func (b *content) open(keep bool) (io.ReadCloser, int64, error) {
	if keep {
		if err := b.buffer(); err != nil {
			return nil, 0, err
		}
	}
	if b.stream != nil {
		s, size := b.stream, b.size
		b.stream = nil
		return s, size, nil
	}
	data := b.bytes
	if !keep {
		b.bytes = nil
	}
	if len(data) == 0 {
		return http.NoBody, 0, nil
	}
	return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
}

func (b *content) close() {
	if b.stream != nil {
		_ = b.stream.Close()
		b.stream = nil
	}
}

// tap shows every byte that passes to watch, and calls done once at the end.
type tap struct {
	rc    io.ReadCloser
	watch func([]byte)
	done  func(err error)
	ended bool
}

// Read passes the bytes on.
func (t *tap) Read(p []byte) (int, error) {
	n, err := t.rc.Read(p)
	if n > 0 && t.watch != nil {
		t.watch(p[:n])
	}
	if err != nil {
		t.end(err)
	}
	return n, err
}

// Close ends the watching; bytes that were never read are never seen.
func (t *tap) Close() error {
	t.end(io.ErrUnexpectedEOF)
	return t.rc.Close()
}

func (t *tap) end(err error) {
	if t.ended {
		return
	}
	t.ended = true
	if t.done != nil {
		t.done(err)
	}
}

// hopByHop are the headers that belong to a connection and not to a message (RFC 9110, 7.6.1).
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade"}

func dropHopByHop(h http.Header) {
	for _, list := range h["Connection"] {
		for _, name := range strings.Split(list, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hopByHop {
		h.Del(name)
	}
}

func isEventStream(h http.Header) bool {
	return strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/event-stream")
}
