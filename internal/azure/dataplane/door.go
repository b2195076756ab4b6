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

// Door is the plane on loopback, over TLS, as callers in one place see it: the gateway and the accounts under their own host
// names, all behind one port.
type Door struct {
	// URL is where it listens, for clients that cannot be told where a host name leads. They reach the gateway.
	URL string
	// BeforeEach is called before every request, when it is not nil. It is set before the first one.
	BeforeEach func()

	plane *Plane
	from  Place
	ca    *tlsca.Authority
	serve *apim.Server
}

// Open serves the plane on a loopback address for callers in one place; "127.0.0.1:0" picks a port. The door closes with the
// context.
func (p *Plane) Open(ctx context.Context, from Place, address string, ca *tlsca.Authority) (*Door, error) {
	d := &Door{plane: p, from: from, ca: ca}
	var err error
	d.serve, err = apim.ListenAndServeTLS(ctx, d, address, ca, p.HostName)
	if err != nil {
		return nil, err
	}
	d.URL = d.serve.URL
	return d, nil
}

// ServeHTTP answers for the host that is asked for. This machine's own names stand for the gateway, because a client that is given the
// door's URL sends them; any other name is left to the gateway, which answers to its own alone.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.BeforeEach != nil {
		d.BeforeEach()
	}
	host := hostOnly(r.Host)
	account, known := d.plane.Models.ByHost(host)
	if !known {
		if net.ParseIP(strings.Trim(host, "[]")) != nil || host == "localhost" {
			r = r.Clone(r.Context())
			r.Host = d.plane.HostName
		}
		d.plane.ServeHTTP(w, r)
		return
	}
	err := d.plane.Refresh(r.Context())
	to, way := d.plane.reach(d.from, host)
	if err = errors.Join(err, way); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	accounts.Arriving(to.via, d.plane.Models.Handler(account.Name)).ServeHTTP(w, r)
}

// Client trusts the door's authority, and looks up host names as a machine in the door's place does: a name that is not known
// there, or leads nowhere, is the error that a real client gets.
func (d *Door) Client() *http.Client {
	address := strings.TrimPrefix(d.URL, "https://")
	return &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: d.ca.Pool(), MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, asked string) (net.Conn, error) {
			host := hostOnly(asked)
			if asked != address {
				if _, err := d.plane.reach(d.from, host); err != nil {
					return nil, err
				}
				if _, account := d.plane.Models.ByHost(host); account {
					if err := d.plane.Models.Dial(host); err != nil {
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
func (d *Door) Close() error {
	if err := d.serve.Close(); err != nil {
		return fmt.Errorf("server on %s: %w", d.URL, err)
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

var _ http.Handler = (*Door)(nil)
