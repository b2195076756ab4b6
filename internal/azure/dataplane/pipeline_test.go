package dataplane_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/dataplane"
	site "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/stacks"
)

const (
	gatewaySetting = site.Service + "/providers/Microsoft.Insights/diagnosticSettings/logs"
	workspace      = site.Group + "/providers/Microsoft.OperationalInsights/workspaces/logs"
)

// logged gives the accounts what the fixture's gateway has already.
func logged(t *testing.T, options ...site.Option) *site.Site {
	t.Helper()
	s := site.New(t, options...)
	for _, account := range []string{"sweden", "france"} {
		s.Put(site.Account(account)+"/providers/Microsoft.Insights/diagnosticSettings/logs", `{"properties":{"workspaceId":"`+workspace+
			`","logs":[{"category":"RequestResponse","enabled":true},{"category":"AzureOpenAIRequestUsage","enabled":true}],"metrics":[{"category":"AllMetrics","enabled":true}]}}`)
	}
	return s
}

func TestWhatLetsRowsBeWrittenIsReadFromWhatIsDeployed(t *testing.T) {
	s := logged(t)
	assert.Empty(t, dataplane.LogGaps(s.Server))
	p := dataplane.Pipeline(s.Server)
	assert.Equal(t, logs.Setting{On: true, Dedicated: true}, p.Setting("", logs.CategoryLLM))
	assert.Equal(t, logs.Setting{On: true}, p.Setting(site.AccountName("sweden"), logs.CategoryMetrics))
	assert.Equal(t, logs.Setting{}, p.Setting(site.AccountName("sweden"), "Audit"))
	assert.True(t, p.Logger("azuremonitor"))
	o := dataplane.LogOptions(s.Server, azure.SubscriptionID)
	assert.Equal(t, site.Service, o.ServiceID)
	assert.Equal(t, site.Account("france"), o.AccountID(site.AccountName("france")))
	assert.NotEmpty(t, o.WorkspaceID)
}

func TestEveryGapInTheLogsIsNamed(t *testing.T) {
	diagnostic := site.Service + "/apis/openai/diagnostics/azuremonitor"
	for name, c := range map[string]struct {
		change func(*site.Site)
		says   []string
	}{
		"no diagnostic setting of the gateway": {func(s *site.Site) { s.Delete(gatewaySetting) },
			[]string{"a diagnostic setting of the gateway with category GatewayLogs", "a diagnostic setting of the gateway with category GatewayLlmLogs"}},
		"a category that is off": {func(s *site.Site) {
			s.Put(gatewaySetting, `{"properties":{"workspaceId":"`+workspace+`","logAnalyticsDestinationType":"Dedicated","logs":[{"category":"GatewayLogs","enabled":true},{"category":"GatewayLlmLogs","enabled":false}]}}`)
		}, []string{"a diagnostic setting of the gateway with category GatewayLlmLogs"}},
		"tables that are shared": {func(s *site.Site) {
			s.Put(gatewaySetting, `{"properties":{"workspaceId":"`+workspace+`","logs":[{"category":"GatewayLogs","enabled":true},{"category":"GatewayLlmLogs","enabled":true}]}}`)
		}, []string{"the destination type Dedicated in the gateway's diagnostic setting: rows of GatewayLogs end in AzureDiagnostics",
			"the destination type Dedicated in the gateway's diagnostic setting: rows of GatewayLlmLogs end in AzureDiagnostics"}},
		"no logs of language models": {func(s *site.Site) {
			s.Put(diagnostic, `{"properties":{"loggerId":"`+site.Service+`/loggers/azuremonitor"}}`)
		}, []string{"largeLanguageModel logs in the diagnostic of API openai"}},
		"a logger that nobody declared": {func(s *site.Site) { forget(t, s, "/loggers/azuremonitor") },
			[]string{`the logger "azuremonitor" that the diagnostic names: nothing declares it`}},
		"no diagnostic": {func(s *site.Site) { s.Delete(diagnostic) }, []string{`a diagnostic "azuremonitor" of API "openai" or of the service`}},
		"an account that logs nothing": {func(s *site.Site) {
			s.Delete(site.Account("sweden") + "/providers/Microsoft.Insights/diagnosticSettings/logs")
		}, []string{"a diagnostic setting of account aoai-test-sweden with category RequestResponse",
			"a diagnostic setting of account aoai-test-sweden with category AzureOpenAIRequestUsage", "a diagnostic setting of account aoai-test-sweden with category AllMetrics"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := logged(t)
			c.change(s)
			assert.Equal(t, c.says, dataplane.LogGaps(s.Server))
		})
	}
}

// forget makes a resource what it was before anybody wrote it.
func forget(t *testing.T, s *site.Site, suffix string) {
	t.Helper()
	var saved bytes.Buffer
	require.NoError(t, s.Save(&saved))
	var state map[string]any
	require.NoError(t, json.Unmarshal(saved.Bytes(), &state))
	for _, r := range state["resources"].([]any) {
		if resource := r.(map[string]any); strings.HasSuffix(resource["id"].(string), suffix) {
			delete(resource, "written")
		}
	}
	changed, err := json.Marshal(state)
	require.NoError(t, err)
	require.NoError(t, s.Load(bytes.NewReader(changed)))
}

func TestEveryGapOnTheWayToTheEventHubIsNamed(t *testing.T) {
	hub := site.With(func(s *stacks.Settings) { s.Logging.EventHub = &stacks.EventHub{} })
	for name, c := range map[string]struct {
		change func(*site.Site)
		says   string
	}{
		"nothing":      {func(*site.Site) {}, ""},
		"no namespace": {func(s *site.Site) { s.Delete(site.Endpoint("events")); s.Delete(site.Namespace) }, "the Event Hubs namespace at evhns-test.servicebus.windows.net, which logger eventhub names"},
		"no hub":       {func(s *site.Site) { s.Delete(site.Hub) }, "the event hub calls in namespace evhns-test, which logger eventhub names"},
		"no role":      {func(s *site.Site) { s.Delete(site.HubRole) }, "the role Azure Event Hubs Data Sender of the gateway's identity on event hub calls"},
		"another's role": {func(s *site.Site) {
			s.Delete(site.HubRole)
			s.Put(site.HubRole, site.RoleBody("99999999-9999-4999-8999-999999999999", "2b629674-e913-4c01-ae53-ef4638d8f975"))
		}, "the role Azure Event Hubs Data Sender of the gateway's identity on event hub calls"},
		"no endpoint": {func(s *site.Site) { s.Delete(site.Endpoint("events")) }, "a way from the gateway to evhns-test.servicebus.windows.net: evhns-test.servicebus.windows.net takes nothing from its public address"},
		"a public hub": {func(s *site.Site) {
			s.Delete(site.HubZone + "/virtualNetworkLinks/vnet")
			s.Put(site.Namespace, `{"location":"swedencentral","sku":{"name":"Standard"},"properties":{"publicNetworkAccess":"Enabled"}}`)
		}, ""},
		"no private zone": {func(s *site.Site) { s.Delete(site.HubZone + "/virtualNetworkLinks/vnet") }, "a way from the gateway to evhns-test.servicebus.windows.net: evhns-test.servicebus.windows.net takes nothing from its public address"},
	} {
		t.Run(name, func(t *testing.T) {
			s := logged(t, hub)
			c.change(s)
			gaps := dataplane.LogGaps(s.Server)
			p := plane(t, s)
			require.Equal(t, 200, ask(p, chat, s.Key("search-standard")).Code, "a call does not depend on the hub")
			if c.says == "" {
				assert.Empty(t, gaps)
				assert.NotEmpty(t, p.HubEvents())
				return
			}
			assert.Equal(t, []string{c.says}, gaps)
			assert.Empty(t, p.HubEvents())
		})
	}
}

func TestTheBooksOfAnAccountAreWhatItLogs(t *testing.T) {
	s := logged(t)
	p := plane(t, s)
	require.Equal(t, 200, ask(p, chat, s.Key("search-standard")).Code)
	calls := p.AccountCalls()
	require.Len(t, calls, 1)
	assert.Equal(t, "gpt-4o", calls[0].Model)
	assert.Equal(t, "ChatCompletions_Create", calls[0].Operation)
	assert.Positive(t, calls[0].PromptTokens)
	assert.NotEmpty(t, calls[0].CorrelationID)
	assert.Positive(t, calls[0].ResponseSize)
	assert.Equal(t, "2024-10-21", calls[0].APIVersion)
	service := s.Resources("Microsoft.ApiManagement/service")[0].Body["properties"].(map[string]any)
	assert.Contains(t, service["privateIPAddresses"], calls[0].CallerIP, "the gateway's own")
	store := logs.New(dataplane.LogOptions(s.Server, azure.SubscriptionID))
	store.Account(calls[0])
	assert.Len(t, store.Rows(logs.Diagnostics), 2, "a request and its usage")
	assert.Len(t, store.Rows(logs.Metrics), 4)
}
