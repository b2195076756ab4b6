// Package dataplanetest deploys a small environment as the program does: two accounts, three products, the project's own policies.
// Tests take pieces of it away and look at what callers see.
package dataplanetest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/plan/deployed"
	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

//go:embed site.yaml
var environment []byte

// Site is the environment. Its fields are ARM ids.
type Site struct {
	*arm.Server
	// Settings are what the environment was made of.
	Settings stacks.Settings
	// Host is the gateway's host name.
	Host string
	// Group is the resource group, Service the gateway, Workspace where it logs to, and Logs the setting that lets it.
	Group, Service, Workspace, Logs string
	// Zone is the private zone of the accounts' names, Link ties it to the gateway's network.
	Zone, Link string
	// Namespace, Hub and what leads to them exist where the settings ask for an Event Hub.
	Namespace, Hub, HubRole, HubLink string

	t        testing.TB
	stack    *deployed.Stack
	mode     string
	policies map[string]func(string) string
}

// Account is an account: sweden or france.
func (s *Site) Account(name string) string { return s.stack.ID("Account", "account-"+name) }

// AccountName is the name and the subdomain of an account.
func (s *Site) AccountName(name string) string { return path.Base(s.Account(name)) }

// AccountHost is the host name of an account.
func (s *Site) AccountHost(name string) string { return s.AccountName(name) + ".openai.azure.com" }

// AccountLogs is the setting that lets an account log.
func (s *Site) AccountLogs(name string) string {
	return s.stack.ID("DiagnosticSetting", "account-"+name+"-logs")
}

// Endpoint is an account's private endpoint, or that of the Event Hub: export.
func (s *Site) Endpoint(name string) string {
	if id := s.stack.ID("PrivateEndpoint", name+"-endpoint"); id != "" {
		return id
	}
	return s.stack.ID("PrivateEndpoint", "account-"+name+"-endpoint")
}

// Role is the gateway's role on an account.
func (s *Site) Role(name string) string { return s.stack.ID("RoleAssignment", "access-"+name) }

// ID is a resource by its type and its name in the program.
func (s *Site) ID(kind, name string) string { return s.stack.ID(kind, name) }

// Option changes the environment before it is made.
type Option func(*Site)

// The network modes.
const (
	External = "External"
	Internal = "Internal"
	// None is no network, which no settings can say: somebody has taken the gateway out of it.
	None = "None"
)

// Mode sets the network mode.
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
	s := &Site{t: t, mode: External, policies: map[string]func(string) string{}}
	var err error
	s.Settings, err = deployed.Parse(environment)
	require.NoError(t, err)
	for _, option := range options {
		option(s)
	}
	if s.mode == Internal {
		s.Settings.Gateway.Mode = "internal"
	}
	s.stack, err = deployed.New(t.Context(), deployed.Options{Stack: "test", Settings: s.Settings, Unvalidated: true})
	require.NoError(t, err)
	s.Server, err = s.stack.Open()
	require.NoError(t, err)
	s.find()
	for name, change := range s.policies {
		s.rewrite(name, change)
	}
	if s.mode == None {
		s.Change(s.Service, func(p map[string]any) {
			p["virtualNetworkType"] = None
			delete(p, "virtualNetworkConfiguration")
			delete(p, "publicIpAddressId")
		})
	}
	return s
}

// find fills in where things are.
func (s *Site) find() {
	s.Group, s.Service = s.ID("ResourceGroup", "group"), s.ID("ApiManagementService", "gateway")
	s.Workspace, s.Logs = s.ID("Workspace", "monitoring"), s.ID("DiagnosticSetting", "logs-logs")
	s.Zone, s.Link = s.ID("PrivateZone", "dns-openai"), s.ID("VirtualNetworkLink", "dns-openai-link")
	s.Namespace, s.Hub = s.ID("Namespace", "export"), s.ID("EventHub", "export")
	s.HubRole, s.HubLink = s.ID("RoleAssignment", "export-send"), s.ID("VirtualNetworkLink", "dns-events-link")
	address, err := url.Parse(fmt.Sprint(s.Properties(s.Service)["gatewayUrl"]))
	require.NoError(s.t, err)
	s.Host = address.Hostname()
}

// rewrite changes a document where it is deployed.
func (s *Site) rewrite(name string, change func(string) string) {
	ids := []string{s.ID("PolicyFragment", name)}
	if ids[0] == "" {
		ids = nil
		for _, r := range s.Resources("Microsoft.ApiManagement/service/apis/policies") {
			v1 := strings.Contains(r.ID, "-v1/")
			if v1 == (name == string(policies.V1)) {
				ids = append(ids, r.ID)
			}
		}
	}
	for _, id := range ids {
		r, there := s.Get(id)
		require.True(s.t, there, "there is no document %s", name)
		text, _ := r.Private["value"].(string)
		changed := change(text)
		require.NotEqual(s.t, text, changed, "the change to %s finds nothing to change", name)
		s.Put(id, map[string]any{"properties": map[string]any{"format": r.Private["format"], "value": changed}})
	}
}

// Properties are those of a resource.
func (s *Site) Properties(id string) map[string]any {
	s.t.Helper()
	r, there := s.Get(id)
	require.True(s.t, there, "there is no %s", id)
	properties, _ := r.Body["properties"].(map[string]any)
	return properties
}

// azuresOwn are properties that ARM shows and does not take.
var azuresOwn = []string{"virtualNetworkLinkState", "createdWithApiVersion", "isLegacyLogAnalyticsRule", "isWorkspaceAlertsStorageConfigured"}

// Change writes a resource again after a change to its properties.
func (s *Site) Change(id string, change func(properties map[string]any)) {
	s.t.Helper()
	r, there := s.Get(id)
	require.True(s.t, there, "there is no %s", id)
	body := map[string]any{"properties": s.Properties(id)}
	for _, name := range []string{"location", "kind", "sku", "identity", "tags"} {
		if value, set := r.Body[name]; set {
			body[name] = value
		}
	}
	properties, _ := body["properties"].(map[string]any)
	for _, name := range azuresOwn {
		delete(properties, name)
	}
	change(properties)
	s.Put(id, body)
}

// RoleBody gives a principal a role by the role's id.
func RoleBody(principal, role string) string {
	return `{"properties":{"roleDefinitionId":"/subscriptions/` + azure.SubscriptionID + `/providers/Microsoft.Authorization/roleDefinitions/` + role + `","principalId":"` + principal + `","principalType":"ServicePrincipal"}}`
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
	out := s.send(http.MethodPost, s.Service+"/subscriptions/"+subscription+"/listSecrets", "")
	return fmt.Sprint(out["primaryKey"])
}
