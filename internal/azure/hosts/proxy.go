package hosts

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// patience is how long a client may take for a request's head.
const patience = time.Minute

// serve answers the listener as a proxy, and what comes through its tunnels as Azure.
func (f *Front) serve(ctx context.Context, listener net.Listener) {
	quiet := log.New(io.Discard, "", 0) // a client that hangs up is no news
	f.arrived = newQueue(listener.Addr())
	f.inside = &http.Server{Handler: f, ReadHeaderTimeout: patience, ErrorLog: quiet}
	f.proxy = &http.Server{Handler: http.HandlerFunc(f.connect), ReadHeaderTimeout: patience, ErrorLog: quiet}
	trust := f.CA.ServerConfig()
	trust.NextProtos = []string{"http/1.1"}
	go func() { _ = f.inside.Serve(tls.NewListener(f.arrived, trust)) }() // ends with Close
	go func() { _ = f.proxy.Serve(listener) }()
	go func() {
		select {
		case <-ctx.Done():
			_ = f.Close()
		case <-f.ended:
		}
	}()
}

// refusal is what a client reads that asked for a name that is not Azure's.
func (f *Front) refusal(host string) string {
	return fmt.Sprintf("the embedded Azure does not serve %s and opens no connection to it; it serves %s (to reach %s beside it, set NO_PROXY=%s)",
		host, strings.Join(f.Hosts(), ", "), host, host)
}

// connect answers CONNECT for Azure's names on the port of HTTPS. The reason is in the status line too: most clients show nothing else.
func (f *Front) connect(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.Host)
	if r.Method != http.MethodConnect || err != nil {
		http.Error(w, f.refusal(r.Host)+": only HTTPS through CONNECT is served", http.StatusForbidden)
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = conn.SetDeadline(time.Time{}) // the servers set their own
	if f.handler(host) == nil || port != "443" {
		why := f.refusal(net.JoinHostPort(host, port))
		if port == "443" {
			why = f.refusal(host)
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 403 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n", why, len(why)+1, why)
		_ = conn.Close() // the answer is on its way, or the client is gone
		return
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		_ = conn.Close()
		return
	}
	f.arrived.put(&ahead{Conn: conn, rest: buffered.Reader})
}

// ahead is a connection of which the proxy has read more than the request's head.
type ahead struct {
	net.Conn
	rest io.Reader
}

// Read reads what was buffered first; the buffer reads on from the connection.
func (c *ahead) Read(p []byte) (int, error) { return c.rest.Read(p) }

// queue is a listener whose connections are tunnels.
type queue struct {
	address net.Addr
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newQueue(address net.Addr) *queue {
	return &queue{address: address, conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (q *queue) put(c net.Conn) {
	select {
	case q.conns <- c:
	case <-q.closed:
		_ = c.Close()
	}
}

// Accept waits for the next tunnel.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (q *queue) Close() error {
	q.once.Do(func() { close(q.closed) })
	return nil
}

// Addr is the proxy's.
func (q *queue) Addr() net.Addr { return q.address }

var _ net.Listener = (*queue)(nil)
