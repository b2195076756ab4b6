package drills

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"enterprise-openai/infra"
	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/internal/clock"
	"enterprise-openai/internal/tlsca"
	"enterprise-openai/stacks"
)

// Site is the deployed stack as those who call it meet it.
type Site struct {
	// ARM is what was deployed.
	ARM *arm.Server
	// SubscriptionID and TenantID are those it was deployed to.
	SubscriptionID, TenantID string
	// Settings are what the stack's file says: what callers were promised.
	Settings stacks.Settings
	// CA signs the certificates of everything that is served.
	CA *tlsca.Authority
	// ProjectDir is the checkout: the clients drill compiles a program of it.
	ProjectDir string
	// CacheDir keeps what client libraries need between two runs.
	CacheDir string
	// KQL runs queries; nil gives each drill an engine of its own.
	KQL *kql.Engine
	// Log gets the lines of installations; nil discards them.
	Log io.Writer
	// LogDir gets the rows of the known traffic, for queries after the run; empty keeps them nowhere.
	LogDir string

	evidence sharedEvidence
}

// engine is the site's, or one of its own for a drill; the caller calls done.
func (s *Site) engine() (engine *kql.Engine, done func() error) {
	if s.KQL != nil {
		return s.KQL, func() error { return nil }
	}
	log := s.Log
	if log == nil {
		log = io.Discard
	}
	engine = logs.NewEngine(time.Now, log)
	return engine, engine.Close
}

// sandbox is a data plane of its own for one drill, made of a copy of what was deployed: what the drill adds, counts or breaks
// is gone with it.
type sandbox struct {
	*dataplane.Plane
	site    *Site
	arm     *arm.Server
	people  *dataplane.People
	records *records
	// clock is nil on the machine's time.
	clock *clock.Fake
	// time replaces clock for everything that is served, when it is not nil.
	time clock.Clock
	// units replaces the number of gateway units when it is not 0.
	units int
}

// open makes a sandbox on a clock that only the drill moves. Before it is served, the copy may be changed.
func (s *Site) open(ctx context.Context, prepare ...func(*sandbox) error) (*sandbox, error) {
	return s.openOn(ctx, clock.NewFake(clock.Epoch), prepare...)
}

// openReal makes a sandbox on the machine's time.
func (s *Site) openReal(ctx context.Context, prepare ...func(*sandbox) error) (*sandbox, error) {
	return s.openOn(ctx, nil, prepare...)
}

func (s *Site) openOn(ctx context.Context, fake *clock.Fake, prepare ...func(*sandbox) error) (*sandbox, error) {
	var state bytes.Buffer
	if err := s.ARM.Save(&state); err != nil {
		return nil, fmt.Errorf("copy of what was deployed: %w", err)
	}
	g := &sandbox{site: s, records: &records{}, clock: fake}
	options := arm.Options{SubscriptionID: s.SubscriptionID, TenantID: s.TenantID}
	if fake != nil {
		options.Now = fake.Now
	}
	g.arm = arm.New(options)
	if err := g.arm.Load(&state); err != nil {
		return nil, fmt.Errorf("copy of what was deployed: %w", err)
	}
	for _, change := range prepare {
		if err := change(g); err != nil {
			return nil, err
		}
	}
	return g, g.start(ctx)
}

// openLive makes a sandbox of what is deployed at every moment, not of a copy: what changes in Azure changes on it.
func (s *Site) openLive(ctx context.Context, fake *clock.Fake) (*sandbox, error) {
	g := &sandbox{site: s, arm: s.ARM, records: &records{}, clock: fake}
	return g, g.start(ctx)
}

// start serves the data plane of the sandbox.
func (g *sandbox) start(ctx context.Context) error {
	o := dataplane.Options{ARM: g.arm, TenantID: g.site.TenantID, Recorder: g.records, Units: g.units}
	if g.clock != nil {
		o.Clock = g.clock
	}
	if g.time != nil {
		o.Clock = g.time
	}
	var err error
	if g.Plane, err = dataplane.New(ctx, o); err != nil {
		return err
	}
	if g.people, err = g.AddPeople(Members(g.site.Settings)); err != nil {
		return fmt.Errorf("people of the directory: %w", err)
	}
	return nil
}

// Members are the products of the settings by their groups.
func Members(s stacks.Settings) dataplane.Members {
	m := dataplane.Members{Tenant: s.Gateway.Entra.TenantID, Audiences: s.Gateway.Entra.Audiences}
	for _, product := range s.Products {
		members := dataplane.ProductMembers{Name: product.Name, TokenOnly: !product.Authentication.TakesKeys()}
		for _, group := range product.Groups {
			members.Groups = append(members.Groups, group.ObjectID)
		}
		m.Products = append(m.Products, members)
	}
	return m
}

// plenty gives every deployment more capacity than a drill can use, so that only the gateway's limits are met.
func (g *sandbox) plenty() error {
	for _, account := range g.arm.Resources(accountType) {
		served, ok := g.Models.Account(account.Name)
		if !ok {
			continue
		}
		for i := range served.Deployments {
			served.Deployments[i].Capacity = 1_000_000
			if !served.Deployments[i].Provisioned() {
				served.Deployments[i].SKU = "Standard"
			}
		}
		if err := g.Models.Put(served); err != nil {
			return err
		}
	}
	return nil
}

// records keeps what the gateway noted of every call.
type records struct {
	mu  sync.Mutex
	all []*apim.CallRecord
	// watch gets the calls in place of all; it is set before the first one.
	watch func(*apim.CallRecord)
}

// Record is called when a call has ended.
func (r *records) Record(c *apim.CallRecord) {
	if r.watch != nil {
		r.watch(c)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, c)
}

// take returns the records since the last time and forgets them.
func (r *records) take() []*apim.CallRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

// takeAttempts counts the attempts of the calls since the last time and forgets them.
func (r *records) takeAttempts() int {
	attempts := 0
	for _, record := range r.take() {
		attempts += len(record.Attempts)
	}
	return attempts
}

// apiVersion is spoken to the resource manager.
const apiVersion = "2024-06-01-preview"

// send speaks to the resource manager of the copy, as an administrator would.
func (g *sandbox) send(method, id string, body any) (map[string]any, error) {
	return byHand(g.arm, method, id, apiVersion, body)
}

// byHand speaks to a resource manager, as an administrator would.
func byHand(server *arm.Server, method, id, version string, body any) (map[string]any, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	if body == nil {
		data = nil
	}
	sign := "?"
	if strings.Contains(id, sign) {
		sign = "&"
	}
	address := "https://management.azure.com" + id + sign + "api-version=" + version
	req, err := http.NewRequestWithContext(context.Background(), method, address, bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	res, err := server.Transport().RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	defer func() { _ = res.Body.Close() }()
	out := map[string]any{}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s %s: status %d: %w", method, id, res.StatusCode, err)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%s %s: status %d: %v", method, id, res.StatusCode, out["error"])
	}
	return out, nil
}

// service is the ARM id of the gateway.
func (g *sandbox) service() (string, error) {
	services := g.arm.Resources("Microsoft.ApiManagement/service")
	if len(services) != 1 {
		return "", fmt.Errorf("%d API Management services are deployed", len(services))
	}
	return services[0].ID, nil
}

// subscribe makes a subscription that the stack does not have. Scope is below the service, such as /products/standard.
func (g *sandbox) subscribe(id, scope string) (string, error) {
	service, err := g.service()
	if err != nil {
		return "", err
	}
	if _, err := g.send(http.MethodPut, service+"/subscriptions/"+id, map[string]any{
		"properties": map[string]any{"displayName": id, "scope": service + scope, "state": "active"}}); err != nil {
		return "", err
	}
	return g.key(id)
}

// key reads a subscription's key as an administrator would.
func (g *sandbox) key(subscription string) (string, error) {
	service, err := g.service()
	if err != nil {
		return "", err
	}
	secrets, err := g.send(http.MethodPost, service+"/subscriptions/"+subscription+"/listSecrets", nil)
	if err != nil {
		return "", fmt.Errorf("key of subscription %s: %w", subscription, err)
	}
	key, _ := secrets["primaryKey"].(string)
	return key, nil
}

// teamKey is the key of a team on a product; the first team that has the product, when no team is named.
func (g *sandbox) teamKey(team, product string) (string, error) {
	for _, t := range g.site.Settings.Teams {
		if (team == "" || t.Name == team) && slices.Contains(t.Products, product) {
			return g.key(infra.SubscriptionID(t.Name, product))
		}
	}
	if team != "" {
		return "", fmt.Errorf("team %s has no subscription on product %s", team, product)
	}
	// A product without a team still has the administrator's subscription.
	for _, r := range g.arm.Resources("Microsoft.ApiManagement/service/subscriptions") {
		p := properties(r.Body)
		if scope, _ := p["scope"].(string); strings.HasSuffix(scope, "/products/"+product) {
			return g.key(r.Name)
		}
	}
	return "", fmt.Errorf("no team has a subscription on product %s", product)
}
