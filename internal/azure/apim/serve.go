package apim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"enterprise-openai/internal/tlsca"
)

// Server is a gateway on loopback.
type Server struct {
	// URL is where it listens, e.g. https://127.0.0.1:8443.
	URL  string
	http *http.Server
	done chan struct{}
}

// ListenAndServeTLS serves a handler over TLS on a loopback address, with
// certificates of the authority given; "127.0.0.1:0" picks a port. The server
// stops with the context.
func ListenAndServeTLS(ctx context.Context, h http.Handler, addr string, ca *tlsca.Authority, names ...string) (*Server, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen address %q: a rehearsal serves loopback only, for example 127.0.0.1:8443", addr)
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("gateway listener: %w", err)
	}
	s := &Server{
		URL:  "https://" + ln.Addr().String(),
		done: make(chan struct{}),
		// Cut streams and refused certificates are what drills provoke; the
		// drill reports them.
		http: &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
			TLSConfig: ca.ServerConfig(names...)},
	}
	go func() {
		defer close(s.done)
		_ = s.http.ServeTLS(ln, "", "")
	}()
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// Close stops the server and cuts what is still running.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
