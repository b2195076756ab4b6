// Package dataplane serves what was deployed: it reads the resource manager of the embedded Azure and makes of it a gateway,
// accounts, identities and the network between them. Nothing is served that was not created.
//
//	dataplane.go  Plane: all of it together, renewed when the resource manager changes
//	service.go    API Management resources as the gateway's configuration
//	backends.go   backends, pools and breakers
//	logging.go    loggers and diagnostics, and the diagnostic settings that let them write
//	expressions.go  compiled expressions, reused after a change of what is deployed
//	pipeline.go   which of it lets logs be written, and what is missing for them
//	accounts.go   accounts, deployments and roles as the models' service
//	dns.go        what a host name means, on the internet and in the network
//	network.go    what answers there
//	hubs.go       where log-to-eventhub sends to
//	routes.go     how the gateway's calls travel: to accounts, to Entra, or nowhere
//	listener.go   all of it on loopback over TLS, for real clients
//	people.go     the users that get tokens from Entra
//	read.go       reading JSON bodies without ceremony
package dataplane

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/entra"
	"enterprise-openai/internal/clock"
)

// Options are the surroundings of a plane.
type Options struct {
	// ARM is what was deployed.
	ARM *arm.Server
	// TenantID is the Entra tenant of the subscription.
	TenantID string
	// Clock is the time of limits, breakers and tokens; the machine's when nil.
	Clock clock.Clock
	// Recorder is called at the end of every call; may be nil.
	Recorder apim.Recorder
	// Units is how many gateway units are modelled; 0 takes the deployed service's.
	Units int
	// RolesAsOf leaves out the roles that had not spread by then, see arm.RoleSpread. Zero: all have.
	RolesAsOf time.Time
}

// Plane is a running data plane.
type Plane struct {
	// Gateway answers calls.
	Gateway *apim.Gateway
	// Models are the accounts, with their books and faults.
	Models *accounts.Service
	// Directory is Entra: users, groups, applications, tokens.
	Directory *entra.Directory
	// HostName is the gateway's own.
	HostName string

	options Options
	stale   atomic.Bool
	mu      sync.Mutex // of Refresh
	served  []string   // accounts
	// configured is what the gateway was configured with last.
	configured  apim.Configuration
	expressions *reusedExpressions

	hubs struct {
		sync.Mutex
		known  map[string]hubWay
		events []HubEvent
	}
	ways struct {
		sync.Mutex
		known map[lookup]way
	}
}

// New makes a data plane of what exists now. There has to be one API Management service.
func New(ctx context.Context, o Options) (*Plane, error) {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	p := &Plane{options: o}
	var err error
	if p.Directory, err = entra.New(entra.Options{Clock: o.Clock}); err != nil {
		return nil, fmt.Errorf("entra: %w", err)
	}
	if err := p.Directory.AddTenant(entra.Tenant{ID: o.TenantID, Domain: "rehearsal.onmicrosoft.com"}); err != nil {
		return nil, fmt.Errorf("entra: %w", err)
	}
	deployed := p.accounts()
	for _, account := range deployed {
		p.served = append(p.served, account.Name)
	}
	if p.Models, err = accounts.New(deployed, accounts.Deps{Clock: o.Clock, Tokens: p.Directory}); err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	configuration, err := p.configuration()
	if err != nil {
		return nil, err
	}
	p.HostName = configuration.Service.HostName
	p.configured = configuration
	p.expressions = &reusedExpressions{Expressions: apim.CSharp(csharp.WithClock(o.Clock.Now))}
	p.Gateway, err = apim.New(ctx, configuration, apim.Deps{
		Clock:       o.Clock,
		Expressions: p.expressions,
		Backends:    routes{p},
		Identity:    identities{p},
		Directory:   p.Directory.Transport(),
		Recorder:    o.Recorder,
		Hubs:        hubs{p},
	})
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	o.ARM.OnChange(func(string) {
		p.stale.Store(true)
		p.forgetWays()
		p.forgetHubs()
	})
	return p, nil
}

// accounts are the deployed accounts as they answer now.
func (p *Plane) accounts() []accounts.Account {
	return readAccounts(p.options.ARM, p.options.TenantID, p.options.RolesAsOf)
}

// configuration reads the service and registers its identity with Entra.
func (p *Plane) configuration() (apim.Configuration, error) {
	configuration, identity, err := readService(p.options.ARM)
	if err != nil {
		return apim.Configuration{}, err
	}
	configuration.Service.TenantID = p.options.TenantID
	if p.options.Units > 0 {
		configuration.Service.Units = p.options.Units
	}
	if identity.PrincipalID != "" {
		identity.TenantID = p.options.TenantID
		if err := p.Directory.PutManagedIdentity(identity); err != nil {
			return apim.Configuration{}, fmt.Errorf("identity of the gateway: %w", err)
		}
	}
	return configuration, nil
}

// ServeHTTP is a call to the gateway, by what is deployed at this moment.
func (p *Plane) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := p.Refresh(r.Context()); err != nil {
		http.Error(w, fmt.Sprintf("what is deployed cannot be served: %v", err), http.StatusInternalServerError)
		return
	}
	p.Gateway.ServeHTTP(w, r)
}

// Refresh puts in force what changed in the resource manager since the last time. Calls under way are not disturbed;
// limits, breakers and counters live on. With an error the gateway stays as it was, and the next Refresh tries again.
func (p *Plane) Refresh(ctx context.Context) error {
	if !p.stale.Load() {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stale.Swap(false) {
		return nil
	}
	err := p.refresh(ctx)
	if err != nil {
		p.stale.Store(true)
	}
	return err
}

func (p *Plane) refresh(ctx context.Context) error {
	var problems []error
	exist := map[string]bool{}
	for _, account := range p.accounts() {
		exist[account.Name] = true
		problems = append(problems, p.Models.Put(account))
	}
	for _, served := range p.served {
		if !exist[served] {
			p.Models.Remove(served)
		}
	}
	p.served = slices.Collect(maps.Keys(exist))
	configuration, err := p.configuration()
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	if reflect.DeepEqual(configuration, p.configured) {
		return errors.Join(problems...)
	}
	if err := p.Gateway.Update(ctx, configuration); err != nil {
		return errors.Join(append(problems, err)...)
	}
	p.configured = configuration
	return errors.Join(problems...)
}

// Close ends the gateway and its expressions.
func (p *Plane) Close() error { return errors.Join(p.Gateway.Close(), p.expressions.Close()) }

var _ http.Handler = (*Plane)(nil)
