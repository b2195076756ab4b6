package policytest

import (
	"fmt"
	"slices"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/policies"
)

// TenantID is the tenant whose tokens the project's fixture takes, Audience the application they are for.
const (
	TenantID = "11111111-2222-4333-8444-555555555555"
	Audience = "api://gateway"
)

const (
	gatewayHost     = "gateway.test"
	deploymentsAPI  = "openai"
	v1API           = "openai-v1"
	messageBytes    = 8192
	hubLogger       = "eventhub"
	defaultPriority = 1
	defaultWeight   = 1
)

// DefaultFacts is what the project's fixture is when a case changes nothing: gpt-4o on three accounts, small and embed on
// one; standard for keys, open for tokens alone, guarded for both; two teams on standard.
func DefaultFacts() Facts {
	return Facts{
		Products: []Product{
			{Name: "standard", Authentication: "key", Groups: []string{"analysts"}, Deployments: []string{"gpt-4o", "small", "embed"},
				Tools: []string{"data_sources"}, Hosts: []string{"s.search.windows.net"}},
			{Name: "open", Authentication: "entra", Groups: []string{"readers"}, Deployments: []string{"small"}},
			{Name: "guarded", Authentication: "both", Groups: []string{"officers"}, Deployments: []string{"gpt-4o"}},
		},
		Pools: map[string][]Member{
			"gpt-4o": {{Account: "sweden"}, {Account: "france"}, {Account: "norway"}},
			"small":  {{Account: "sweden"}, {Account: "france"}},
			"embed":  {{Account: "sweden"}},
		},
		Teams:                map[string]string{"red": "standard", "blue": "standard", "gold": "guarded"},
		MaxAttempts:          4,
		DeadlineSeconds:      240,
		StreamSeconds:        20,
		AttemptSeconds:       240,
		RetryAfterCapSeconds: 60,
	}
}

// Limits that no case reaches unless it sets its own.
const (
	plentyRequests = 100_000
	plentyTokens   = 10_000_000
	plentyQuota    = 1_000_000_000
)

// complete fills in what a case left out.
func (f Facts) complete() Facts {
	base := DefaultFacts()
	if f.Products == nil {
		f.Products = base.Products
	}
	if f.Pools == nil {
		f.Pools = base.Pools
	}
	if f.Teams == nil {
		f.Teams = base.Teams
	}
	f.MaxAttempts = or(f.MaxAttempts, base.MaxAttempts)
	f.DeadlineSeconds = or(f.DeadlineSeconds, base.DeadlineSeconds)
	f.StreamSeconds = or(f.StreamSeconds, base.StreamSeconds)
	f.AttemptSeconds = or(f.AttemptSeconds, base.AttemptSeconds)
	f.RetryAfterCapSeconds = or(f.RetryAfterCapSeconds, base.RetryAfterCapSeconds)
	f.Products = slices.Clone(f.Products)
	for i := range f.Products {
		p := &f.Products[i]
		p.Authentication, p.Privacy = or(p.Authentication, "key"), or(p.Privacy, privacyFull)
		p.RequestsPerMinute = or(p.RequestsPerMinute, plentyRequests)
		p.TokensPerMinute = or(p.TokensPerMinute, plentyTokens)
		p.TokenQuota = or(p.TokenQuota, plentyQuota)
		p.TokenQuotaPeriod = or(p.TokenQuotaPeriod, "Monthly")
	}
	return f
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// policies are the facts as the documents take them.
func (f Facts) policies() policies.Facts {
	out := policies.Facts{
		TenantID: TenantID, Audiences: []string{Audience}, Hosts: map[string]string{}, Person: or(f.Person, "id"),
		MaxAttempts: f.MaxAttempts, DeadlineSeconds: f.DeadlineSeconds, StreamSeconds: f.StreamSeconds, AttemptSeconds: f.AttemptSeconds, RetryAfterCapSeconds: f.RetryAfterCapSeconds,
	}
	for _, p := range f.Products {
		groups := make([]string, len(p.Groups))
		for i, g := range p.Groups {
			groups[i] = groupID(g)
		}
		out.Products = append(out.Products, policies.Product{
			Name: p.Name, Authentication: p.Authentication, Groups: groups, Deployments: p.Deployments, Paths: p.paths(),
			RequestsPerMinute: p.RequestsPerMinute, TokensPerMinute: p.TokensPerMinute,
			TokenQuota: p.TokenQuota, TokenQuotaPeriod: p.TokenQuotaPeriod, KeepsText: p.Privacy == privacyFull,
			Tools: p.Tools, Hosts: p.Hosts, LimitsPerPerson: p.LimitsPer == "person",
		})
	}
	if f.Export {
		out.ExportLogger = hubLogger
	}
	for _, deployment := range sortedKeys(f.Pools) {
		pool := policies.Pool{Deployment: deployment}
		members := slices.Clone(f.Pools[deployment])
		slices.SortStableFunc(members, func(a, b Member) int { return or(a.Priority, defaultPriority) - or(b.Priority, defaultPriority) })
		for _, m := range members {
			pool.Accounts = append(pool.Accounts, m.Account)
			out.Hosts[m.Account] = m.Account + ".openai.azure.com"
			pool.LargestTokensPerMinute = max(pool.LargestTokensPerMinute, m.TokensPerMinute)
		}
		out.Pools = append(out.Pools, pool)
	}
	return out
}

// Edit changes a document before it is used: name is "apis/v1.xml" or "fragments/caller.xml".
type Edit func(name, text string) string

// configuration is the gateway that the project's program deploys for these facts.
func (f Facts) configuration(edit Edit) (apim.Configuration, error) {
	facts := f.policies()
	cfg := apim.Configuration{
		Service: apim.Service{Name: "gateway", HostName: gatewayHost, SKU: "Developer", TenantID: TenantID, Region: "Sweden Central"},
		Loggers: []apim.Logger{{ID: "logs", Type: "azureMonitor"}, {ID: "insights", Type: "applicationInsights"}},
	}
	if f.Export {
		cfg.Loggers = append(cfg.Loggers, apim.Logger{ID: hubLogger, Type: "azureEventHub"})
	}
	values, err := facts.NamedValues()
	if err != nil {
		return cfg, fmt.Errorf("named values: %w", err)
	}
	for _, v := range values {
		cfg.NamedValues = append(cfg.NamedValues, apim.NamedValue{ID: v.Name, Name: v.Name, Value: v.Value})
	}
	fragments, err := facts.Fragments()
	if err != nil {
		return cfg, fmt.Errorf("fragments: %w", err)
	}
	for _, fragment := range fragments {
		policy := rawDocument("fragments/"+fragment.Name+".xml", fragment.Document, edit)
		cfg.Fragments = append(cfg.Fragments, apim.Fragment{ID: fragment.Name, Policy: *policy})
	}
	for _, privacy := range []string{privacyFull, privacyMetadata} {
		if err := f.addAPIs(&cfg, privacy, edit); err != nil {
			return cfg, err
		}
	}
	f.addProducts(&cfg)
	return cfg, f.addBackends(&cfg)
}

// What products can promise about text, and with it the APIs they are served by.
const (
	privacyFull     = "full"
	privacyMetadata = "metadata"
)

// prefix stands before the id and the path of the APIs of a privacy.
func prefix(privacy, separator string) string {
	if privacy == privacyMetadata {
		return privacy + separator
	}
	return ""
}

func (p Product) paths() []string {
	var paths []string
	for _, s := range surfaces {
		paths = append(paths, prefix(p.Privacy, "/")+s.path)
	}
	return paths
}

// addAPIs adds the APIs of a privacy; those of full exist without any product too.
func (f Facts) addAPIs(cfg *apim.Configuration, privacy string, edit Edit) error {
	used, keyless := privacy == privacyFull, false
	for _, p := range f.Products {
		if p.Privacy == privacy {
			used, keyless = true, keyless || p.Authentication == "entra"
		}
	}
	if !used {
		return nil
	}
	for _, s := range surfaces {
		text, err := f.policies().API(s.document)
		if err != nil {
			return fmt.Errorf("api %s: %w", s.id, err)
		}
		id := prefix(privacy, "-") + s.id
		api := apim.API{
			ID: id, Name: id, Path: prefix(privacy, "/") + s.path, Protocols: []string{"https"}, Operations: operations(s.document),
			Policy: rawDocument("apis/"+string(s.document)+".xml", text, edit), SubscriptionRequired: !keyless,
			KeyParameter: apim.KeyParameter{Header: "api-key", Query: "api-key"}, Diagnostics: diagnostics(),
		}
		if privacy == privacyMetadata {
			api.Diagnostics[0].LLM.RequestBytes, api.Diagnostics[0].LLM.ResponseBytes = 0, 0
		}
		cfg.APIs = append(cfg.APIs, api)
	}
	return nil
}

func rawDocument(name, text string, edit Edit) *apim.Policy {
	if edit != nil {
		text = edit(name, text)
	}
	return &apim.Policy{File: name, Format: document.RawXML, Text: text}
}

func diagnostics() []apim.Diagnostic {
	return []apim.Diagnostic{
		{
			ID: apim.DiagnosticAzureMonitor, LoggerID: "logs", Verbosity: "information",
			LLM: &apim.LLMLog{Enabled: true, RequestBytes: messageBytes, ResponseBytes: messageBytes},
		},
		{ID: apim.DiagnosticApplicationInsights, LoggerID: "insights", Verbosity: "information", Metrics: true},
	}
}

func (f Facts) addProducts(cfg *apim.Configuration) {
	// The last is a product that somebody made in the portal, of which the documents know nothing.
	for _, p := range append(slices.Clone(f.Products), Product{Name: "foreign"}) {
		cfg.Products = append(cfg.Products, apim.Product{
			ID: p.Name, Name: p.Name, Published: true, SubscriptionRequired: true,
			APIs: []string{prefix(p.Privacy, "-") + deploymentsAPI, prefix(p.Privacy, "-") + v1API},
		})
	}
	add := func(team, scope, state string) {
		cfg.Subscriptions = append(cfg.Subscriptions, apim.Subscription{
			ID: team, Name: team, Scope: scope, State: state, PrimaryKey: Key(team),
		})
	}
	for _, team := range sortedKeys(f.Teams) {
		add(team, "/products/"+f.Teams[team], "active")
	}
	add("stranger", "/products/foreign", "active")
	add("one-api", "/apis/"+deploymentsAPI, "active")
	add("master", "/apis", "active")
	if len(f.Products) > 0 {
		add("suspended", "/products/"+f.Products[0].Name, "suspended")
	}
}

// Key is the key of a team.
func Key(team string) string { return "key-of-" + team }

// breakerStatuses and breakerPause are those of the deployed backends (infra/backends.go).
var breakerStatuses = []apim.StatusRange{
	{Min: 401, Max: 401}, {Min: 403, Max: 403}, {Min: 429, Max: 429}, {Min: 502, Max: 504},
}

const breakerPause = 10 * time.Second

func (f Facts) addBackends(cfg *apim.Configuration) error {
	statuses, err := ranges(f.BreakerStatuses)
	if err != nil {
		return err
	}
	if statuses == nil {
		statuses = breakerStatuses
	}
	for _, deployment := range sortedKeys(f.Pools) {
		pool := apim.Backend{ID: policies.PoolID(deployment)}
		for _, m := range f.Pools[deployment] {
			id := policies.BackendID(m.Account, deployment)
			cfg.Backends = append(cfg.Backends, apim.Backend{
				ID: id, URL: "https://" + m.Account + ".openai.azure.com/openai",
				Breaker: &apim.BreakerRule{
					Name: "unavailable", Count: 1, Interval: time.Minute, Trip: breakerPause, AcceptRetryAfter: true, StatusCodes: statuses,
				},
			})
			pool.Pool = append(pool.Pool, apim.PoolMember{ID: id, Priority: or(m.Priority, defaultPriority), Weight: or(m.Weight, defaultWeight)})
		}
		cfg.Backends = append(cfg.Backends, pool)
	}
	return nil
}

// surfaces are the APIs that the program deploys (stacks/plans.go).
var surfaces = []struct {
	id, path string
	document policies.Surface
}{
	{deploymentsAPI, "openai", policies.Deployments},
	{v1API, "openai/v1", policies.V1},
}

func operations(surface policies.Surface) []apim.Operation {
	var list []apim.Operation
	for _, o := range surface.Operations() {
		list = append(list, apim.Operation{ID: o.ID, Name: o.ID, Method: o.Method, URLTemplate: o.Template})
	}
	return list
}
