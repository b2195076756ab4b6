package dataplane

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/tlsca"
)

// Listener is the plane on loopback, over TLS, as callers in one place see it: the gateway and the accounts under their own host
// names, all behind one port.
type Listener struct {
	// URL is where it listens, for clients that cannot resolve a host name to it. They reach the gateway.
	URL string
	// BeforeEach is called before every request, when it is not nil. It is set before the first one.
	BeforeEach func()

	plane *Plane
	from  Place
	ca    *tlsca.Authority
	serve *apim.Server
}

// Open serves the plane on a loopback address for callers in one place; "127.0.0.1:0" picks a port. It closes with the
// context.
func (p *Plane) Open(ctx context.Context, from Place, address string, ca *tlsca.Authority) (*Listener, error) {
	l := &Listener{plane: p, from: from, ca: ca}
	var err error
	l.serve, err = apim.ListenAndServeTLS(ctx, l, address, ca, p.HostName)
	if err != nil {
		return nil, err
	}
	l.URL = l.serve.URL
	return l, nil
}

// ServeHTTP answers for the host of the request. This machine's own names stand for the gateway, because a client that is given the
// listener's URL sends them; any other name is left to the gateway, which answers to its own alone.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.BeforeEach != nil {
		l.BeforeEach()
	}
	host := hostOnly(r.Host)
	account, known := l.plane.Models.ByHost(host)
	if !known {
		if net.ParseIP(strings.Trim(host, "[]")) != nil || host == "localhost" {
			r = r.Clone(r.Context())
			r.Host = l.plane.HostName
		}
		l.plane.ServeHTTP(w, r)
		return
	}
	err := l.plane.Refresh(r.Context())
	to, way := l.plane.reach(l.from, host)
	if err = errors.Join(err, way); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	accounts.Arriving(to.via, l.plane.Models.Handler(account.Name)).ServeHTTP(w, r)
}

// Client trusts the listener's authority, and looks up host names as a machine in the listener's place does: a name that is not known
// there, or leads nowhere, is the error that a real client gets.
func (l *Listener) Client() *http.Client {
	address := strings.TrimPrefix(l.URL, "https://")
	return &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: l.ca.Pool(), MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, target string) (net.Conn, error) {
			host := hostOnly(target)
			if target != address {
				if _, err := l.plane.reach(l.from, host); err != nil {
					return nil, err
				}
				if _, account := l.plane.Models.ByHost(host); account {
					if err := l.plane.Models.Dial(host); err != nil {
						return nil, err
					}
				}
			}
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, address)
		},
	}}
}

// Close stops serving.
func (l *Listener) Close() error {
	if err := l.serve.Close(); err != nil {
		return fmt.Errorf("server on %s: %w", l.URL, err)
	}
	return nil
}

func hostOnly(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.ToLower(host)
}

var _ http.Handler = (*Listener)(nil)
