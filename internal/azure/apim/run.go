package apim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// serve runs the whole call.
func (x *call) serve() {
	defer x.end()
	err := x.pipeline()
	if err != nil && !errors.Is(err, errStop) {
		x.onError(asFault(err))
	}
	x.send()
}

// pipeline is everything up to the response, or the first thing that went wrong.
func (x *call) pipeline() error {
	if err := x.find(); err != nil {
		return err
	}
	if done, err := x.preflight(); done || err != nil {
		return err
	}
	if err := x.enter(); err != nil {
		return err
	}
	if err := x.admit(x.route); err != nil {
		return err
	}
	if x.rec.AzureMonitor != nil {
		if err := x.capture(x.rec.AzureMonitor); err != nil {
			return broken(reasonClientFailure, err)
		}
	}
	if err := x.section(Inbound); err != nil {
		return err
	}
	if err := x.section(BackendSection); err != nil {
		return err
	}
	if x.Response == nil {
		// A document that never forwards: Azure answers 200 with nothing in it
		// (Microsoft Learn: forward-request-policy).
		x.setResponse(NewResponse(http.StatusOK, nil, nil))
	}
	if err := x.settle(); err != nil {
		return err
	}
	return x.section(Outbound)
}

// settle does what has to be done to a response before outbound sees it.
func (x *call) settle() error {
	if x.needsUsage && !isEventStream(x.Response.Header) {
		if err := x.Response.body.buffer(); err != nil {
			return broken(reasonBackendFailure, err)
		}
		x.answer()
	}
	for k, v := range x.headers {
		x.Response.Header[k] = v
	}
	x.Changes.Response++
	return nil
}

// section runs one section, beginning at the narrowest scope that has a document.
func (x *call) section(s Section) error { return x.scoped(s, OperationScope) }

// scoped runs a section at a scope or at the next wider one; <base/> comes
// here with the scope above its own.
func (x *call) scoped(s Section, from Scope) error {
	for level := from; level >= Global; level-- {
		doc := x.scopes[level]
		if doc == nil || missingSectionInherits && !doc.present[s] {
			continue
		}
		return x.steps(doc.sections[s])
	}
	return nil
}

// steps runs policies in order and notes which one failed.
func (x *call) steps(list []step) error {
	for i := range list {
		if x.ctx.Err() != nil {
			return x.clientGone()
		}
		if err := list[i].do(x); err != nil {
			return x.locate(err, &list[i])
		}
	}
	return nil
}

func (x *call) clientGone() *fault {
	return broken(reasonClientFailure, errors.New("the caller closed the connection while the request was pending"))
}

// onError prepares the default response, runs on-error, and falls back to a
// plain 500 when that fails too.
func (x *call) onError(f *fault) {
	x.noteError(f)
	if x.API == nil {
		// Nothing was matched, so no document applies but the default body.
		x.setResponse(x.defaultResponse(f))
		return
	}
	last := f.last
	x.LastError = &last
	x.Changes.LastError++
	r := x.defaultResponse(f)
	for k, v := range x.headers {
		if r.Header[k] == nil {
			r.Header[k] = v
		}
	}
	x.setResponse(r)
	if err := x.section(OnError); err != nil && !errors.Is(err, errStop) {
		second := asFault(err)
		x.noteError(second)
		x.setResponse(x.defaultResponse(broken(second.last.Reason, second)))
	}
}

func (x *call) noteError(f *fault) {
	f.last.Elapsed = x.elapsed()
	e := f.last
	x.rec.LastError = &e
	x.rec.Errors = append(x.rec.Errors, e)
}

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
	for _, d := range x.decorate {
		d(r)
	}
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

// logResponse keeps what the logs want of the response's body and gives the response to send.
func (x *call) logResponse(r *Response) *Response {
	m := x.rec.AzureMonitor
	if m == nil {
		return r
	}
	limit := m.FrontendResponse.BodyBytes
	if err := r.body.log(isEventStream(r.Header), limit, func(head string) { x.rec.ResponseBody = head }); err != nil {
		x.onError(broken(reasonBackendFailure, err))
		r = x.Response
		x.rec.ResponseBody = cut(r.body.bytes, limit)
	}
	return r
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
		x.ended = append(x.ended, func() { panic(http.ErrAbortHandler) }) //nolint:forbidigo // net/http takes this one for "cut"
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

// end does what is left when the caller has its response, and hands the record over.
func (x *call) end() {
	if p := recover(); p != nil {
		if err, is := p.(error); is && errors.Is(err, http.ErrAbortHandler) {
			x.finish()
			panic(p) //nolint:forbidigo // net/http takes this one for "cut"
		}
		f := broken("InternalError", fmt.Errorf("gateway: %v", p))
		x.noteError(f)
		if x.sent {
			x.finish()
			panic(http.ErrAbortHandler) //nolint:forbidigo // net/http takes this one for "cut"
		}
		x.setResponse(x.defaultResponse(f))
		x.decorate = nil
		x.send()
	}
	x.finish()
	for _, f := range x.ended {
		f()
	}
}

func (x *call) finish() {
	x.answer()
	for _, f := range x.closing {
		f()
	}
	if x.session != nil {
		x.session.Close()
		x.session = nil
	}
	x.request()
	x.gw.deps.Recorder.Record(x.rec)
}

// request fills in what the record says about who called what.
func (x *call) request() {
	r := x.rec
	if x.API != nil {
		r.APIID, r.APIRevision = x.API.ID, x.API.Revision
		if r.APIRevision == "" {
			r.APIRevision = "1"
		}
	}
	if x.Operation != nil {
		r.OperationID, r.OperationName = x.Operation.ID, x.Operation.Name
	}
	if x.Product != nil {
		r.ProductID = x.Product.ID
	}
	if x.Subscription != nil {
		r.SubscriptionID = x.Subscription.ID
	}
	if x.User != nil {
		r.UserID = x.User.ID
	}
	r.URL = loggedURL(x.Request.OriginalURL, nil)
	if m := r.AzureMonitor; m != nil {
		r.URL = loggedURL(x.Request.OriginalURL, m.FrontendRequest.MaskQuery)
		r.RequestHeaders = loggedHeaders(x.http.Header, m.FrontendRequest)
		if x.Response != nil {
			r.ResponseHeaders = loggedHeaders(x.Response.Header, m.FrontendResponse)
		}
		r.LLM = x.llm.record(x)
	}
	r.TotalTime = x.elapsed()
	r.ClientTime = max(0, r.TotalTime-r.BackendTime-r.CacheTime)
	r.IsSuccess = r.LastError == nil && r.ResponseCode > 0 && r.ResponseCode < 400
}
