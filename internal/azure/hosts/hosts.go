package hosts

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"enterprise-openai/internal/azure/entra"
	"enterprise-openai/internal/tlsca"
)

// ManagementHost is Resource Manager's name.
const ManagementHost = "management.azure.com"

// Options are what a front serves.
type Options struct {
	// Manager answers for Resource Manager.
	Manager http.Handler
	// TenantID is the directory; ClientID and ObjectID are the deployer's application and service principal in it.
	TenantID, ClientID, ObjectID string
	// Others answers for further names, such as those of a gateway and its accounts; nil where a name is nobody's. May be nil.
	Others func(host string) http.Handler
	// CA signs the certificates; a new one when nil.
	CA *tlsca.Authority
	// Clock is that of tokens; the machine's when nil.
	Clock entra.Clock
	// Address is where to listen, on loopback; a free port of 127.0.0.1 when empty.
	Address string
}

// Access is what a client must be given to reach the front. Secret is worth nothing elsewhere and ends with the front.
type Access struct {
	// Proxy is the URL of the proxy.
	Proxy string
	// TenantID, ClientID and Secret sign the deployer in.
	TenantID, ClientID, Secret string
}

// Front is a served Azure.
type Front struct {
	Access
	// CA is the authority that a client has to trust.
	CA *tlsca.Authority

	options   Options
	directory *entra.Directory
	hosts     map[string]http.Handler
	proxy     *http.Server
	inside    *http.Server
	arrived   *queue
	ended     chan struct{}
	end       sync.Once
}

// errNotLoopback is the error of an address that other machines could reach.
var errNotLoopback = errors.New("is not an address of loopback")

// Open serves until the context ends or Close is called.
func Open(ctx context.Context, o Options) (*Front, error) {
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(o.Address)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%q %w", o.Address, errNotLoopback)
	}
	f := &Front{options: o, CA: o.CA, ended: make(chan struct{})}
	if f.CA == nil {
		if f.CA, err = tlsca.New(); err != nil {
			return nil, err
		}
	}
	if err := f.signIn(); err != nil {
		return nil, err
	}
	f.hosts = map[string]http.Handler{ManagementHost: f.manager()}
	for _, name := range entra.Hosts() {
		f.hosts[name] = f.directory.Handler()
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("proxy of the embedded Azure: %w", err)
	}
	f.Proxy = "http://" + listener.Addr().String()
	f.serve(ctx, listener)
	return f, nil
}

// signIn makes the directory with the deployer in it, whose secret nobody has used before.
func (f *Front) signIn() error {
	secret := make([]byte, 24)
	_, _ = rand.Read(secret) // crypto/rand.Read never returns an error (Go 1.24)
	f.Access = Access{TenantID: f.options.TenantID, ClientID: f.options.ClientID, Secret: hex.EncodeToString(secret)}
	var err error
	if f.directory, err = entra.New(entra.Options{Clock: f.options.Clock}); err != nil {
		return err
	}
	return errors.Join(f.directory.AddTenant(entra.Tenant{ID: f.TenantID, Domain: "rehearsal.onmicrosoft.com"}),
		f.directory.PutApplication(entra.Application{TenantID: f.TenantID, ClientID: f.ClientID, ObjectID: f.options.ObjectID, Name: "The deployer",
			Secret: f.Secret}))
}

// Hosts are the names that the front always answers for.
func (f *Front) Hosts() []string {
	var names []string
	for name := range f.hosts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// handler answers for a name; nil is nobody.
func (f *Front) handler(host string) http.Handler {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if h := f.hosts[host]; h != nil {
		return h
	}
	if f.options.Others == nil {
		return nil
	}
	return f.options.Others(host)
}

// ServeHTTP answers what arrived through a tunnel, by its Host.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	h := f.handler(host)
	if h == nil {
		http.Error(w, f.refusal(host), http.StatusMisdirectedRequest)
		return
	}
	h.ServeHTTP(w, r)
}

// graceful is how long requests may go on when the front closes.
const graceful = 2 * time.Second

// Close ends all connections.
func (f *Front) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), graceful)
	defer cancel()
	_ = f.inside.Shutdown(ctx) // what is left is closed next
	err := errors.Join(f.inside.Close(), f.proxy.Close(), f.arrived.Close())
	f.end.Do(func() { close(f.ended) }) // the context may end while the owner closes
	return err
}
