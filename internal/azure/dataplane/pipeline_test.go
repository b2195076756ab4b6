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

func TestWhatLetsRowsBeWrittenIsReadFromWhatIsDeployed(t *testing.T) {
	s := site.New(t)
	assert.Empty(t, dataplane.LogGaps(s.Server))
	p := dataplane.Pipeline(s.Server)
	assert.Equal(t, logs.Setting{On: true, Dedicated: true}, p.Setting("", logs.CategoryLLM))
	assert.Equal(t, logs.Setting{On: true}, p.Setting(s.AccountName("sweden"), logs.CategoryMetrics))
	assert.Equal(t, logs.Setting{}, p.Setting(s.AccountName("sweden"), logs.CategoryLLM), "a category that nobody asked for")
	assert.True(t, p.Logger("azuremonitor"))
	o := dataplane.LogOptions(s.Server, azure.SubscriptionID)
	assert.Equal(t, s.Service, o.ServiceID)
	assert.Equal(t, s.Account("france"), o.AccountID(s.AccountName("france")))
	assert.NotEmpty(t, o.WorkspaceID)
}

func TestEveryGapInTheLogsIsNamed(t *testing.T) {
	diagnostic := func(s *site.Site) string { return s.ID("ApiDiagnostic", "api-openai") }
	for name, c := range map[string]struct {
		change func(*site.Site)
		says   []string
	}{
		"no diagnostic setting of the gateway": {func(s *site.Site) { s.Delete(s.Logs) },
			[]string{"a diagnostic setting of the gateway with category GatewayLogs", "a diagnostic setting of the gateway with category GatewayLlmLogs"}},
		"a category that is off": {func(s *site.Site) {
			s.Put(s.Logs, `{"properties":{"workspaceId":"`+s.Workspace+`","logAnalyticsDestinationType":"Dedicated","logs":[{"category":"GatewayLogs","enabled":true},{"category":"GatewayLlmLogs","enabled":false}]}}`)
		}, []string{"a diagnostic setting of the gateway with category GatewayLlmLogs"}},
		"tables that are shared": {func(s *site.Site) {
			s.Put(s.Logs, `{"properties":{"workspaceId":"`+s.Workspace+`","logs":[{"category":"GatewayLogs","enabled":true},{"category":"GatewayLlmLogs","enabled":true}]}}`)
		}, []string{"the destination type Dedicated in the gateway's diagnostic setting: rows of GatewayLogs end in AzureDiagnostics",
			"the destination type Dedicated in the gateway's diagnostic setting: rows of GatewayLlmLogs end in AzureDiagnostics"}},
		"no logs of language models": {func(s *site.Site) {
			s.Put(diagnostic(s), `{"properties":{"loggerId":"`+s.Service+`/loggers/azuremonitor"}}`)
		}, []string{"largeLanguageModel logs in the diagnostic of API openai"}},
		"a logger that nobody declared": {func(s *site.Site) { forget(t, s, "/loggers/azuremonitor") },
			[]string{`the logger "azuremonitor" that the diagnostic names: nothing declares it`}},
		"no diagnostic": {func(s *site.Site) { s.Delete(diagnostic(s)); s.Delete(s.Service + "/diagnostics/azuremonitor") }, []string{`a diagnostic "azuremonitor" of API "openai" or of the service`}},
		"an account that logs nothing": {func(s *site.Site) {
			s.Delete(s.AccountLogs("sweden"))
		}, []string{"a diagnostic setting of account aoai-test-oai-sweden-site with category RequestResponse",
			"a diagnostic setting of account aoai-test-oai-sweden-site with category AzureOpenAIRequestUsage", "a diagnostic setting of account aoai-test-oai-sweden-site with category AllMetrics"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := site.New(t)
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
	hub := site.With(func(s *stacks.Settings) { s.Logging.EventHub = &stacks.EventHub{RetentionDays: 1, ThroughputUnits: 1} })
	for name, c := range map[string]struct {
		change func(*site.Site)
		says   string
	}{
		"nothing":      {func(*site.Site) {}, ""},
		"no namespace": {func(s *site.Site) { s.Delete(s.Endpoint("export")); s.Delete(s.Namespace) }, "the Event Hubs namespace at aoai-test-evhns-site.servicebus.windows.net, which logger eventhub names"},
		"no hub":       {func(s *site.Site) { s.Delete(s.Hub) }, "the event hub prompts-and-answers in namespace aoai-test-evhns-site, which logger eventhub names"},
		"no role":      {func(s *site.Site) { s.Delete(s.HubRole) }, "the role Azure Event Hubs Data Sender of the gateway's identity on event hub prompts-and-answers"},
		"another's role": {func(s *site.Site) {
			s.Delete(s.HubRole)
			s.Put(s.HubRole, site.RoleBody("99999999-9999-4999-8999-999999999999", "2b629674-e913-4c01-ae53-ef4638d8f975"))
		}, "the role Azure Event Hubs Data Sender of the gateway's identity on event hub prompts-and-answers"},
		"no endpoint": {func(s *site.Site) { s.Delete(s.Endpoint("export")) }, "a way from the gateway to aoai-test-evhns-site.servicebus.windows.net: aoai-test-evhns-site.servicebus.windows.net takes nothing from its public address"},
		"a public hub": {func(s *site.Site) {
			s.Delete(s.HubLink)
			s.Put(s.Namespace, `{"location":"swedencentral","sku":{"name":"Standard"},"properties":{"publicNetworkAccess":"Enabled"}}`)
		}, ""},
		"no private zone": {func(s *site.Site) { s.Delete(s.HubLink) }, "a way from the gateway to aoai-test-evhns-site.servicebus.windows.net: aoai-test-evhns-site.servicebus.windows.net takes nothing from its public address"},
	} {
		t.Run(name, func(t *testing.T) {
			s := site.New(t, hub)
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
	s := site.New(t)
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
