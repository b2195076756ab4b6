package accounts

import (
	"fmt"
	"net"
	"net/http"
)

// fail answers with a failure.
func (x *exchange) fail(f *failure) {
	x.headers()
	for name, values := range f.header {
		x.w.Header()[name] = values
	}
	x.send(f.status, "application/json", []byte(f.body))
}

// answer sends a model's JSON.
func (x *exchange) answer(v any) *failure {
	x.modelHeaders()
	x.send(http.StatusOK, "application/json", []byte(toJSON(v)))
	return nil
}

// begin sends status and headers. It records the call first, so that a client with an answer finds the call in Requests.
func (x *exchange) begin(status int) {
	x.book.Status, x.book.Began = status, x.s.deps.Clock.Now().Sub(x.book.At)
	x.booked = x.s.book.record(x.book)
	x.begun = true
	x.w.WriteHeader(status)
}

// send writes a whole body. A cut body is half of what Content-Length announced.
func (x *exchange) send(status int, contentType string, body []byte) {
	h := x.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", fmt.Sprint(len(body)))
	x.begin(status)
	switch x.fault.Kind {
	case FaultCut:
		x.write(body[:len(body)/2])
		x.flush()
		x.broken = true
		return
	case FaultSlowBody:
		x.flush()
		if x.s.pause(x.r.Context(), x.fault.Delay) != nil {
			x.broken = true
			return
		}
	default: // has struck already, or nothing strikes
	}
	x.write(body)
}

// write counts what is written; who has gone needs no error.
func (x *exchange) write(body []byte) bool {
	n, err := x.w.Write(body)
	x.written += n
	return err == nil
}

func (x *exchange) flush() { _ = http.NewResponseController(x.w).Flush() }

// breakConnection resets the connection under a response. Hijacking gives a TCP reset; where that is impossible
// (HTTP/2, in-process), ErrAbortHandler is the documented way to drop a response.
func breakConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) //nolint:forbidigo // net/http takes this one for "drop the connection"
	}
	raw := conn
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = wrapped.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // close with RST instead of FIN
	}
	_ = raw.Close()
}
