package apim

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// masked is what stands in the log for a value that is masked. [M] unverified.
const masked = "***"

// loggedURL is the URL as the log shows it. Azure logs the query as it came, a
// subscription key in it included, unless the diagnostic masks it.
func loggedURL(u *url.URL, masks []Mask) string {
	v := *u
	v.User = nil
	if len(masks) == 0 || v.RawQuery == "" {
		return v.String()
	}
	var pairs []string
	for _, pair := range strings.Split(v.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = name
		}
		i := slices.IndexFunc(masks, func(m Mask) bool { return strings.EqualFold(m.Name, plain) })
		switch {
		case i < 0:
			pairs = append(pairs, pair)
		case !masks[i].Hide:
			pairs = append(pairs, name+"="+masked)
		}
	}
	v.RawQuery = strings.Join(pairs, "&")
	return v.String()
}

// loggedHeaders picks the headers a diagnostic asks for, under the names that it asks with. [M] unverified: whether Azure takes
// the diagnostic's spelling or the sender's; here they are the same, because nothing else keeps the sender's.
func loggedHeaders(h http.Header, l MessageLog) http.Header {
	var out http.Header
	for _, n := range l.Headers {
		v := h.Values(n)
		i := slices.IndexFunc(l.MaskHeaders, func(m Mask) bool { return strings.EqualFold(m.Name, n) })
		if len(v) == 0 || i >= 0 && l.MaskHeaders[i].Hide {
			continue
		}
		if i >= 0 {
			v = []string{masked}
		}
		if out == nil {
			out = http.Header{}
		}
		out[n] = v
	}
	return out
}

// cut shortens a logged body without cutting a character in two.
func cut(data []byte, limit int) string {
	if len(data) > limit {
		data = data[:limit]
	}
	return strings.ToValidUTF8(string(data), "")
}

// observe keeps what the logs want of the outgoing request.
func (x *call) observe(req *http.Request) error {
	m := x.rec.AzureMonitor
	if m == nil {
		return nil
	}
	x.rec.BackendRequestHeaders = loggedHeaders(req.Header, m.BackendRequest)
	if m.BackendRequest.BodyBytes == 0 || req.Body == nil || req.Body == http.NoBody {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(req.Body, maxBuffered))
	if err != nil {
		return broken(reasonClientFailure, err)
	}
	b := content{bytes: data}
	req.Body, req.ContentLength, err = b.open(false)
	x.rec.BackendRequestBody = cut(data, m.BackendRequest.BodyBytes)
	return err
}

// capture keeps what the logs want of the caller's request.
func (x *call) capture(m *Diagnostic) error {
	if m.FrontendRequest.BodyBytes > 0 {
		if err := x.Request.body.buffer(); err != nil {
			return err
		}
		x.rec.RequestBody = cut(x.Request.body.bytes, m.FrontendRequest.BodyBytes)
	}
	if m.LLM != nil && m.LLM.Enabled && x.Request.body.Present() {
		_, err := x.readPrompt()
		return err
	}
	return nil
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
