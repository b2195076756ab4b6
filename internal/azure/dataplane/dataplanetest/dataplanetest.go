// Package dataplanetest deploys a small environment by hand: two accounts, three products, the project's own policies. Tests
// take pieces of it away and look at what callers see.
package dataplanetest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/stacks"
)

// Where things are.
const (
	Group   = "/subscriptions/" + azure.SubscriptionID + "/resourceGroups/rg"
	Network = Group + "/providers/Microsoft.Network/"
	Service = Group + "/providers/Microsoft.ApiManagement/service/gw-test"
	// Host is the gateway's host name.
	Host = "gw-test.azure-api.net"
	// Zone is the private zone of the accounts' names.
	Zone = Network + "privateDnsZones/privatelink.openai.azure.com"
	// Link ties the zone to the gateway's network.
	Link = Zone + "/virtualNetworkLinks/vnet"
	// Namespace, Hub and what leads to them exist where the settings ask for an Event Hub.
	Namespace = Group + "/providers/Microsoft.EventHub/namespaces/evhns-test"
	Hub       = Namespace + "/eventhubs/calls"
	HubRole   = Hub + "/providers/Microsoft.Authorization/roleAssignments/33333333-3333-4333-8333-333333333334"
	HubZone   = Network + "privateDnsZones/privatelink.servicebus.windows.net"
)

// Account is the ARM id of an account: sweden or france.
func Account(name string) string {
	return Group + "/providers/Microsoft.CognitiveServices/accounts/" + AccountName(name)
}

// AccountName is the name and the subdomain of an account.
func AccountName(name string) string { return "aoai-test-" + name }

// Endpoint is the ARM id of an account's private endpoint.
func Endpoint(name string) string { return Network + "privateEndpoints/pe-" + name }

// Role is the ARM id of the gateway's role on an account.
func Role(name string) string {
	return Account(name) + "/providers/Microsoft.Authorization/roleAssignments/" + roleNames[name]
}

var roleNames = map[string]string{"sweden": "33333333-3333-4333-8333-333333333331", "france": "33333333-3333-4333-8333-333333333332", "norway": "33333333-3333-4333-8333-333333333333"}

// Site is the environment.
type Site struct {
	*arm.Server
	// Settings are what the environment was made of.
	Settings stacks.Settings
	t        testing.TB
	mode     string
	policies map[string]func(string) string
}

// Option changes the environment before it is made.
type Option func(*Site)

// Mode sets the network mode: External, Internal or None.
func Mode(mode string) Option { return func(s *Site) { s.mode = mode } }

// With changes the settings.
func With(change func(*stacks.Settings)) Option { return func(s *Site) { change(&s.Settings) } }

// Policy changes a document of the project: a fragment by its name, or deployments or v1.
func Policy(name string, change func(document string) string) Option {
	return func(s *Site) { s.policies[name] = change }
}

// New makes the environment.
func New(t testing.TB, options ...Option) *Site {
	t.Helper()
	s := &Site{
		Server:   arm.New(arm.Options{SubscriptionID: azure.SubscriptionID, TenantID: azure.TenantID, Seed: []byte("test")}),
		Settings: settings(), t: t, mode: "External", policies: map[string]func(string) string{},
	}
	for _, option := range options {
		option(s)
	}
	s.ground()
	principal := s.gateway()
	for _, account := range s.Settings.Accounts {
		s.account(account, principal)
	}
	s.hub(principal)
	s.decisions()
	s.callers()
	return s
}

func settings() stacks.Settings {
	deployment := func(name, model, version string, capacity int) stacks.Deployment {
		return stacks.Deployment{Name: name, Model: model, Version: version, SKU: "Standard", Capacity: capacity}
	}
	both := []stacks.Deployment{deployment("gpt-4o", "gpt-4o", "2024-11-20", 10), deployment("embed", "text-embedding-3-small", "1", 10)}
	product := func(name, authentication, privacy, group string, deployments ...string) stacks.Product {
		return stacks.Product{Name: name, Authentication: authentication, Privacy: privacy, Deployments: deployments,
			Groups: []stacks.Group{{Name: name, ObjectID: group}}, TokensPerMinute: 2000, RequestsPerMinute: 20,
			TokenQuota: stacks.TokenQuota{Tokens: 10000, Period: "Daily"}}
	}
	return stacks.Settings{
		Location: "swedencentral",
		Gateway: stacks.Gateway{SKU: "Developer", Units: 1, Mode: "external", Entra: stacks.Entra{Audiences: []string{"api://enterprise-openai"}},
			Failover: stacks.Failover{MaxAttempts: 4, DeadlineSeconds: 240, StreamSeconds: 20, AttemptSeconds: 240, RetryAfterCapSeconds: 60}},
		Accounts: []stacks.Account{
			{Name: "sweden", Location: "swedencentral", Priority: 1, Weight: 1, Deployments: both},
			{Name: "france", Location: "francecentral", Priority: 2, Weight: 1, Deployments: both},
		},
		Products: []stacks.Product{
			product("standard", "key", "full", "00000000-0000-4000-8000-000000000001", "gpt-4o", "embed"),
			product("confidential", "both", "metadata", "00000000-0000-4000-8000-000000000002", "gpt-4o"),
			product("assistants", "entra", "full", "00000000-0000-4000-8000-000000000003", "gpt-4o"),
		},
		Teams: []stacks.Team{
			{Name: "search", Products: []string{"standard"}}, {Name: "support", Products: []string{"standard"}}, {Name: "legal", Products: []string{"confidential"}},
		},
		Logging: stacks.Logging{Messages: true, ClientIP: true, Person: "id"},
	}
}

// versions are the API versions the fixture speaks, by a part of the path.
var versions = []struct{ part, version string }{
	{"microsoft.insights/diagnosticsettings", "2021-05-01-preview"}, {"microsoft.insights/actiongroups", "2023-01-01"},
	{"microsoft.insights/scheduledqueryrules", "2023-12-01"}, {"microsoft.insights/metricalerts", "2018-03-01"}, {"privatednszones/", "2024-06-01"},
	{"microsoft.authorization", "2022-04-01"}, {"microsoft.apimanagement", "2024-06-01-preview"}, {"microsoft.cognitiveservices", "2024-10-01"},
	{"microsoft.operationalinsights", "2023-09-01"}, {"microsoft.eventhub", "2024-01-01"}, {"microsoft.network", "2024-05-01"}, {"/resourcegroups/", "2024-03-01"},
}

func (s *Site) send(method, path, body string) map[string]any {
	s.t.Helper()
	version := ""
	last := strings.ToLower(path[max(0, strings.LastIndex(path, "/providers/")):])
	for _, v := range versions {
		if strings.Contains(last, v.part) {
			version = v.version
			break
		}
	}
	response, err := s.Transport().RoundTrip(httptest.NewRequestWithContext(s.t.Context(), method, "https://management.azure.com"+path+"?api-version="+version, strings.NewReader(body)))
	require.NoError(s.t, err)
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.Less(s.t, response.StatusCode, 300, "%s %s: %s", method, path, data)
	var out map[string]any
	if len(data) > 0 {
		require.NoError(s.t, json.Unmarshal(data, &out))
	}
	return out
}

// Put writes a resource; its body is JSON, or a value that becomes JSON.
func (s *Site) Put(path string, body any) map[string]any {
	s.t.Helper()
	text, ok := body.(string)
	if !ok {
		data, err := json.Marshal(body)
		require.NoError(s.t, err)
		text = string(data)
	}
	return s.send(http.MethodPut, path, text)
}

// Delete removes a resource.
func (s *Site) Delete(path string) {
	s.t.Helper()
	s.send(http.MethodDelete, path, "")
}

// Key is a subscription's primary key, as the portal shows it.
func (s *Site) Key(subscription string) string {
	s.t.Helper()
	out := s.send(http.MethodPost, Service+"/subscriptions/"+subscription+"/listSecrets", "")
	return fmt.Sprint(out["primaryKey"])
}
