package apim

import "io"

// loggedEvents is how many events of a stream API Management collects before it passes them on while it logs the stream's body.
// The release notes of March 2026 call it a buffer of up to 8 events; before them the whole stream was held back, as
// how-to-server-sent-events still warns. [M] That it holds for bodies, and that a group leaves as soon as it is full.
const loggedEvents = 8

// logStream passes an event stream on in groups of loggedEvents and hands its first bytes over when it ends.
func logStream(body io.ReadCloser, limit int, done func(string)) io.ReadCloser {
	var head []byte
	return &eventGroups{source: &tap{
		rc: body,
		watch: func(p []byte) {
			head = append(head, p[:min(len(p), limit-len(head))]...)
		},
		done: func(error) { done(cut(head, limit)) },
	}}
}

// eventGroups holds events back until a group of them is complete or the stream ends.
type eventGroups struct {
	source io.ReadCloser
	// waiting is what was read, whole what of it may leave.
	waiting []byte
	whole   int
	err     error
	// blank is true at the start of a line.
	blank bool
}

// Read gives what is complete, and reads on where nothing is.
func (g *eventGroups) Read(p []byte) (int, error) {
	for g.whole == 0 {
		if g.err != nil {
			return 0, g.err
		}
		g.fill()
	}
	n := copy(p, g.waiting[:g.whole])
	g.waiting, g.whole = g.waiting[n:], g.whole-n
	return n, nil
}

// fill reads until a group is complete or the source ends.
func (g *eventGroups) fill() {
	chunk := make([]byte, 4<<10)
	for events := 0; events < loggedEvents && g.err == nil; {
		var n int
		n, g.err = g.source.Read(chunk)
		events += g.count(chunk[:n])
		g.waiting = append(g.waiting, chunk[:n]...)
	}
	g.whole = len(g.waiting)
}

// count is how many events end in some bytes: each blank line ends one.
func (g *eventGroups) count(p []byte) (events int) {
	for _, c := range p {
		switch {
		case c == '\r':
		case c != '\n':
			g.blank = false
		case g.blank:
			events, g.blank = events+1, false
		default:
			g.blank = true
		}
	}
	return events
}

// Close closes the source.
func (g *eventGroups) Close() error { return g.source.Close() }
