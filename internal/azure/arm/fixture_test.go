package arm

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	testSubscription = "11111111-1111-1111-1111-111111111111"
	testTenant       = "22222222-2222-2222-2222-222222222222"
	root             = "/subscriptions/" + testSubscription
	group            = root + "/resourceGroups/rg"
	network          = group + "/providers/Microsoft.Network/"
	account          = group + "/providers/Microsoft.CognitiveServices/accounts/aoai-se"
	service          = group + "/providers/Microsoft.ApiManagement/service/gw-test"
	workspace        = group + "/providers/Microsoft.OperationalInsights/workspaces/logs"
	component        = group + "/providers/Microsoft.Insights/components/insights"
	openAIUser       = root + "/providers/Microsoft.Authorization/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
)

// versions are the API version the tests speak, by the provider in an id.
var versions = map[string]string{
	"microsoft.network": "2024-05-01", "microsoft.cognitiveservices": "2024-10-01", "microsoft.apimanagement": "2024-06-01-preview",
	"microsoft.operationalinsights": "2023-09-01", "microsoft.eventhub": "2024-01-01", "microsoft.resources": "2024-03-01", "microsoft.authorization": "2022-04-01",
}

func versionFor(path string) string {
	lower := strings.ToLower(path)
	switch {
	case strings.Contains(lower, "microsoft.insights/diagnosticsettings"):
		return "2021-05-01-preview"
	case strings.Contains(lower, "microsoft.insights/components"):
		return "2020-02-02"
	case strings.Contains(lower, "microsoft.insights/actiongroups"):
		return "2023-01-01"
	case strings.Contains(lower, "microsoft.insights/scheduledqueryrules"):
		return "2023-12-01"
	case strings.Contains(lower, "microsoft.insights/metricalerts"):
		return "2018-03-01"
	case strings.Contains(lower, "microsoft.insights/workbooks"):
		return "2023-06-01"
	case strings.Contains(lower, "privatednszones/"):
		return "2024-06-01"
	}
	at := strings.LastIndex(lower, "/providers/")
	if at < 0 {
		return "2024-03-01"
	}
	namespace, _, _ := strings.Cut(lower[at+len("/providers/"):], "/")
	return versions[namespace]
}

// azure is a server under test with a clock that only the test moves.
type azure struct {
	*Server
	t   testing.TB
	now time.Time
}

func newAzure(t testing.TB, change ...func(*Options)) *azure {
	t.Helper()
	a := &azure{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	o := Options{SubscriptionID: testSubscription, TenantID: testTenant, Now: func() time.Time { return a.now }, Seed: []byte("test")}
	for _, c := range change {
		c(&o)
	}
	a.Server = New(o)
	return a
}

type answer struct {
	status  int
	header  http.Header
	body    map[string]any
	code    string
	message string
	raw     string
}

// send speaks HTTP to the server; body is JSON text, "" for none. A path without api-version gets the usual one.
func (a *azure) send(method, path, body string) answer {
	a.t.Helper()
	return a.sendWith(method, path, body, nil)
}

// sendWith sends further headers.
func (a *azure) sendWith(method, path, body string, header http.Header) answer {
	a.t.Helper()
	if !strings.Contains(path, "api-version=") {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		path += separator + "api-version=" + versionFor(path)
	}
	request := httptest.NewRequest(method, "https://management.azure.com"+path, strings.NewReader(body))
	maps.Copy(request.Header, header)
	response, err := a.Transport().RoundTrip(request)
	require.NoError(a.t, err)
	data, err := io.ReadAll(response.Body)
	require.NoError(a.t, err)
	out := answer{status: response.StatusCode, header: response.Header, raw: string(data)}
	if len(data) > 0 {
		require.NoError(a.t, json.Unmarshal(data, &out.body), out.raw)
	}
	e := object(out.body, "error")
	out.code, out.message = text(e, "code"), text(e, "message")
	for _, d := range items(e, "details") {
		out.message += " | " + text(d, "target") + ": " + text(d, "message")
	}
	return out
}

// ok is a PUT that must be accepted.
func (a *azure) ok(path, body string) map[string]any {
	a.t.Helper()
	got := a.send(http.MethodPut, path, body)
	require.Less(a.t, got.status, 300, "PUT %s: %s", path, got.raw)
	return got.body
}

func (a *azure) get(path string) map[string]any {
	a.t.Helper()
	got := a.send(http.MethodGet, path, "")
	require.Equal(a.t, http.StatusOK, got.status, "GET %s: %s", path, got.raw)
	return got.body
}

func (a *azure) remove(path string) {
	a.t.Helper()
	got := a.send(http.MethodDelete, path, "")
	require.Less(a.t, got.status, 300, "DELETE %s: %s", path, got.raw)
}

// rule is a case of the refusal tables: after world and prepare, the request answers status and code, and says message. Beside it
// stands a success that differs by one thing: another body, another address, or the same request after something was freed.
type rule struct {
	name    string
	prepare func(*azure)
	method  string // PUT when left out
	path    string
	body    string
	status  int
	code    string
	message string
	// accepted is the body that Azure takes, at is where it takes it; the table has accepted bodies by path for those that leave it out.
	accepted, at string
	// freed changes the environment so that the request itself is accepted.
	freed func(*azure)
	// never is the reason why nothing that is near it is accepted.
	never string
}

// runRules tries every rule of a table, and what is accepted beside it.
func runRules(t *testing.T, accepted map[string]string, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			a := world(t)
			if r.prepare != nil {
				r.prepare(a)
			}
			if r.method == "" {
				r.method = http.MethodPut
			}
			before := a.saved()
			got := a.send(r.method, r.path, r.body)
			require.Equal(t, r.status, got.status, got.raw)
			require.Equal(t, r.code, got.code, got.raw)
			require.Contains(t, got.message, r.message)
			require.Equal(t, before, a.saved(), "a refusal changes nothing")
			r.beside(a, accepted)
		})
	}
}

// beside sends what is accepted.
func (r rule) beside(a *azure, accepted map[string]string) {
	a.t.Helper()
	path, body := r.path, r.accepted
	if r.at != "" {
		path = r.at
	}
	switch {
	case r.never != "":
		return
	case r.freed != nil:
		r.freed(a)
		body = r.body
	case body == "":
		known, listed := accepted[path]
		require.True(a.t, listed || r.at != "", "no success stands beside the refusal %q", r.name)
		body = known
		if !listed {
			body = r.body
		}
	}
	got := a.send(r.method, path, body)
	require.Less(a.t, got.status, 300, "%s %s is near the refusal, and is accepted: %s", r.method, path, got.raw)
}

func (a *azure) saved() string {
	a.t.Helper()
	var out bytes.Buffer
	require.NoError(a.t, a.Save(&out))
	return out.String()
}

const (
	nsgBody       = `{"location":"swedencentral","properties":{"securityRules":[{"name":"https","properties":{"access":"Allow","direction":"Inbound","protocol":"Tcp","priority":100,"sourceAddressPrefix":"Internet","sourcePortRange":"*","destinationAddressPrefix":"VirtualNetwork","destinationPortRanges":["80","443"]}},{"name":"management","properties":{"access":"Allow","direction":"Inbound","protocol":"Tcp","priority":110,"sourceAddressPrefix":"ApiManagement","sourcePortRange":"*","destinationAddressPrefix":"VirtualNetwork","destinationPortRange":"3443"}}]}}`
	vnetBody      = `{"location":"swedencentral","properties":{"addressSpace":{"addressPrefixes":["10.20.0.0/22"]},"subnets":[{"name":"gateway","properties":{"addressPrefix":"10.20.0.0/26","networkSecurityGroup":{"id":"` + network + `networkSecurityGroups/nsg"}}},{"name":"endpoints","properties":{"addressPrefix":"10.20.1.0/29"}}]}}`
	pipBody       = `{"location":"swedencentral","sku":{"name":"Standard"},"properties":{"publicIPAllocationMethod":"Static","dnsSettings":{"domainNameLabel":"gw-test"}}}`
	accountBody   = `{"location":"swedencentral","kind":"OpenAI","sku":{"name":"S0"},"identity":{"type":"SystemAssigned"},"properties":{"customSubDomainName":"aoai-se","publicNetworkAccess":"Disabled","disableLocalAuth":true,"networkAcls":{"defaultAction":"Deny"}}}`
	modelBody     = `{"sku":{"name":"Standard","capacity":30},"properties":{"model":{"format":"OpenAI","name":"gpt-4o","version":"2024-11-20"},"versionUpgradeOption":"NoAutoUpgrade"}}`
	peBody        = `{"location":"swedencentral","properties":{"subnet":{"id":"` + network + `virtualNetworks/vnet/subnets/endpoints"},"privateLinkServiceConnections":[{"name":"aoai","properties":{"privateLinkServiceId":"` + account + `","groupIds":["account"]}}]}}`
	zoneGroup     = `{"properties":{"privateDnsZoneConfigs":[{"name":"openai","properties":{"privateDnsZoneId":"` + network + `privateDnsZones/privatelink.openai.azure.com"}}]}}`
	linkBody      = `{"location":"global","properties":{"registrationEnabled":false,"virtualNetwork":{"id":"` + network + `virtualNetworks/vnet"}}}`
	logsBody      = `{"location":"swedencentral","properties":{"sku":{"name":"PerGB2018"},"retentionInDays":30}}`
	insightBody   = `{"location":"swedencentral","kind":"web","properties":{"Application_Type":"web","WorkspaceResourceId":"` + workspace + `"}}`
	serviceBody   = `{"location":"swedencentral","sku":{"name":"Developer","capacity":1},"identity":{"type":"SystemAssigned"},"properties":{"publisherEmail":"a@example.com","publisherName":"Contoso","virtualNetworkType":"External","virtualNetworkConfiguration":{"subnetResourceId":"` + network + `virtualNetworks/vnet/subnets/gateway"},"publicIpAddressId":"` + network + `publicIPAddresses/pip"}}`
	backendBody   = `{"properties":{"type":"Single","protocol":"http","url":"https://aoai-se.openai.azure.com/openai","circuitBreaker":{"rules":[{"name":"busy","tripDuration":"PT1M","acceptRetryAfter":true,"failureCondition":{"count":1,"interval":"PT1M","statusCodeRanges":[{"min":429,"max":429}]}}]}}}`
	poolBody      = `{"properties":{"type":"Pool","pool":{"services":[{"id":"` + service + `/backends/se","priority":1,"weight":1}]}}}`
	apiBody       = `{"properties":{"displayName":"OpenAI","path":"openai","protocols":["https"],"subscriptionKeyParameterNames":{"header":"api-key","query":"api-key"}}}`
	opBody        = `{"properties":{"displayName":"Chat","method":"POST","urlTemplate":"/deployments/{deployment-id}/chat/completions","templateParameters":[{"name":"deployment-id","type":"string","required":true}]}}`
	policyBody    = `{"properties":{"format":"rawxml","value":"<policies>\n<inbound><base /><set-header name=\"x\"><value>{{limit}}</value></set-header><include-fragment fragment-id=\"identity\" /></inbound>\n<backend><set-backend-service backend-id=\"pool\" /><forward-request /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"}}`
	settingBody   = `{"properties":{"workspaceId":"` + workspace + `","logAnalyticsDestinationType":"Dedicated","logs":[{"category":"GatewayLogs","enabled":true},{"category":"GatewayLlmLogs","enabled":true}],"metrics":[{"category":"AllMetrics","enabled":true}]}}`
	namespace     = group + "/providers/Microsoft.EventHub/namespaces/evhns-test"
	namespaceBody = `{"location":"swedencentral","sku":{"name":"Standard","tier":"Standard","capacity":1},"properties":{"disableLocalAuth":true,"minimumTlsVersion":"1.2","publicNetworkAccess":"Disabled"}}`
	hubBody       = `{"properties":{"partitionCount":4,"messageRetentionInDays":1}}`
	hubLogger     = `{"properties":{"loggerType":"azureEventHub","resourceId":"` + namespace + `/eventhubs/hub","credentials":{"name":"hub","endpointAddress":"evhns-test.servicebus.windows.net","identityClientId":"SystemAssigned"}}}`

	diagBody = `{"properties":{"loggerId":"` + service + `/loggers/azuremonitor","logClientIp":true,"frontend":{"request":{"body":{"bytes":8192}}},"largeLanguageModel":{"logs":"enabled","requests":{"messages":"all","maxSizeInBytes":262144},"responses":{"messages":"all","maxSizeInBytes":32768}}}}`
)

// world is an environment as the program would make it, in the order it would make it.
func world(t testing.TB, change ...func(*Options)) *azure {
	t.Helper()
	a := newAzure(t, change...)
	a.ok(group, `{"location":"swedencentral","tags":{"env":"dev"}}`)
	a.ok(workspace, logsBody)
	a.ok(component, insightBody)
	a.ok(network+"networkSecurityGroups/nsg", nsgBody)
	a.ok(network+"virtualNetworks/vnet", vnetBody)
	a.ok(network+"publicIPAddresses/pip", pipBody)
	a.ok(network+"privateDnsZones/privatelink.openai.azure.com", `{"location":"global"}`)
	a.ok(network+"privateDnsZones/privatelink.openai.azure.com/virtualNetworkLinks/vnet", linkBody)
	a.ok(account, accountBody)
	a.ok(account+"/deployments/gpt-4o", modelBody)
	a.ok(network+"privateEndpoints/pe", peBody)
	a.ok(network+"privateEndpoints/pe/privateDnsZoneGroups/default", zoneGroup)
	gateway := a.ok(service, serviceBody)
	a.ok(account+"/providers/Microsoft.Authorization/roleAssignments/33333333-3333-3333-3333-333333333333",
		`{"properties":{"roleDefinitionId":"`+openAIUser+`","principalId":"`+text(gateway, "identity", "principalId")+`","principalType":"ServicePrincipal"}}`)
	a.ok(service+"/providers/Microsoft.Insights/diagnosticSettings/logs", settingBody)
	a.ok(service+"/loggers/insights", `{"properties":{"loggerType":"applicationInsights","resourceId":"`+component+`","credentials":{"instrumentationKey":"44444444-4444-4444-4444-444444444444"}}}`)
	a.ok(namespace, namespaceBody)
	a.ok(namespace+"/eventhubs/hub", hubBody)
	a.ok(service+"/diagnostics/azuremonitor", diagBody)
	a.ok(service+"/namedValues/limit", `{"properties":{"displayName":"limit","value":"1000","secret":false}}`)
	a.ok(service+"/policyFragments/identity", `{"properties":{"format":"rawxml","value":"<fragment><set-variable name=\"who\" value=\"@(context.Subscription?.Id)\" /></fragment>"}}`)
	a.ok(service+"/backends/se", backendBody)
	a.ok(service+"/backends/pool", poolBody)
	a.ok(service+"/apis/openai", apiBody)
	a.ok(service+"/apis/openai/operations/chat", opBody)
	a.ok(service+"/apis/openai/policies/policy", policyBody)
	a.ok(service+"/identityProviders/aad", `{"properties":{"clientId":"66666666-6666-6666-6666-666666666666","clientSecret":"s","allowedTenants":["`+testTenant+`"]}}`)
	a.ok(service+"/groups/team", `{"properties":{"displayName":"Team","type":"external","externalId":"aad://`+testTenant+`/groups/55555555-5555-5555-5555-555555555555"}}`)
	a.ok(service+"/products/gold", `{"properties":{"displayName":"Gold","state":"published","subscriptionRequired":true}}`)
	a.ok(service+"/products/gold/apis/openai", "")
	a.ok(service+"/products/gold/groups/team", "")
	a.ok(service+"/subscriptions/team", `{"properties":{"displayName":"Team","scope":"/products/gold","state":"active"}}`)
	return a
}
