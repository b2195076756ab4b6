package accounts

import "net/http"

// openStream starts a server-sent event stream. Azure sends no Content-Length and tells proxies not to buffer.
func (x *exchange) openStream() {
	x.modelHeaders()
	h := x.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	x.book.Stream = true
	x.begin(http.StatusOK)
	x.flush()
}

// event sends one event and lets it leave at once; false means that the stream is over.
func (x *exchange) event(name, data string) bool {
	if x.broken || x.r.Context().Err() != nil {
		return false
	}
	if x.fault.Kind == FaultCut && x.chunks >= x.fault.AfterChunks {
		x.broken = true
		return false
	}
	if x.fault.Kind == FaultSlowBody && x.s.pause(x.r.Context(), x.fault.Delay) != nil {
		x.broken = true
		return false
	}
	frame := make([]byte, 0, len(name)+len(data)+24)
	if name != "" {
		frame = append(append(append(frame, "event: "...), name...), '\n')
	}
	frame = append(append(append(frame, "data: "...), data...), "\n\n"...)
	if !x.write(frame) {
		return false
	}
	x.chunks++
	x.flush()
	return true
}

// chunk sends a JSON event without a name, as chat and completions do.
func (x *exchange) chunk(v any) bool { return x.event("", toJSON(v)) }

// done ends a stream.
func (x *exchange) done() { x.event("", "[DONE]") }
