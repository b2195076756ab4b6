package apim

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
)

// responseBuffer is how much of a response waits before it goes out when
// buffer-response is on (Microsoft Learn: forward-request-policy).
const responseBuffer = 8 << 10

// send writes the response to the caller.
func (x *call) send() {
	r := x.Response
	if r == nil {
		r = NewResponse(http.StatusOK, nil, nil)
		x.setResponse(r)
	}
	if x.ctx.Err() != nil {
		r.body.close()
		return
	}
	x.run(sending)
	r = x.logResponse(r)
	body, size, err := r.body.open(false)
	if err != nil {
		http.Error(x.w, "", http.StatusInternalServerError)
		return
	}
	defer body.Close()
	x.writeHeader(r, size)
	if x.http.Method == http.MethodHead || r.Status == http.StatusNoContent || r.Status == http.StatusNotModified {
		return
	}
	x.copyBody(r, body)
}

func (x *call) writeHeader(r *Response, size int64) {
	h := x.w.Header()
	for k, v := range r.Header {
		h[k] = v
	}
	dropHopByHop(h)
	h.Del("Content-Length")
	if size >= 0 && r.Status != http.StatusNoContent && r.Status != http.StatusNotModified {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	x.rec.ResponseCode, x.sent = r.Status, true
	status := r.Status
	if status < 200 || status > 999 {
		status = http.StatusInternalServerError
	}
	x.w.WriteHeader(status)
}

// copyBody passes the body on: as it comes, or in pieces of the buffer's size.
func (x *call) copyBody(r *Response, body io.Reader) {
	counted := &countingWriter{x: x, w: x.w}
	var err error
	if r.unbuffered {
		_, err = io.Copy(&flushWriter{w: counted, f: http.NewResponseController(x.w)}, body)
	} else {
		b := bufio.NewWriterSize(counted, responseBuffer)
		if _, err = io.Copy(struct{ io.Writer }{b}, body); err == nil {
			err = b.Flush()
		}
	}
	x.rec.ResponseSize = counted.n
	if err != nil {
		reason := reasonBackendFailure
		if x.ctx.Err() != nil || counted.err != nil {
			reason = reasonClientFailure
		}
		f := broken(reason, err)
		f.last.Source, f.last.Section = "transfer-response", Outbound.String()
		x.noteError(f)
		// The status is already with the caller; a cut connection is the only
		// way left to say that the body is not whole.
		x.at(ended, func() { panic(http.ErrAbortHandler) }) //nolint:forbidigo // net/http takes this one for "cut"
	}
}

type countingWriter struct {
	x   *call
	w   io.Writer
	n   int64
	err error
}

// Write counts, and notes when the first byte went out.
func (c *countingWriter) Write(p []byte) (int, error) {
	if c.n == 0 && len(p) > 0 {
		c.x.rec.FirstByte = c.x.elapsed()
	}
	n, err := c.w.Write(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}

type flushWriter struct {
	w io.Writer
	f *http.ResponseController
}

// Write sends at once.
func (w *flushWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err == nil {
		// A writer that cannot flush is a recorder in a test; nothing is lost.
		_ = w.f.Flush()
	}
	return n, err
}
