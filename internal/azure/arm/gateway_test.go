package arm

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func with(body, before, after string) string { return strings.Replace(body, before, after, 1) }

func TestServicesAreRefusedAsAzureRefusesThem(t *testing.T) {
	other := service + "2"
	premium := with(serviceBody, `"Developer","capacity":1`, `"Premium","capacity":3`)
	plain := `{"location":"swedencentral","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"Contoso"}}`
	runRules(t, map[string]string{other: plain, service: serviceBody}, []rule{
		{name: "unknown property", path: other, body: with(plain, "publisherName", "publisherNamed"), status: 400, code: "ValidationError", message: "publisherNamed: Could not find member 'publisherNamed'"},
		{name: "missing publisher", path: other, body: with(plain, `,"publisherName":"Contoso"`, ``), status: 400, code: "ValidationError", message: "publisherName"},
		{name: "sku", path: other, body: with(plain, "Developer", "Developper"), status: 400, code: "ValidationError", message: "sku.name: 'Developper' is not one of"},
		{name: "two developer units", path: other, body: with(plain, `"capacity":1`, `"capacity":2`), status: 400, code: "ValidationError", message: "sku.capacity"},
		{name: "zones of a developer", path: other, body: with(plain, `"sku"`, `"zones":["1"],"sku"`), status: 400, code: "ValidationError", message: "zones", accepted: with(premium, `"sku"`, `"zones":["1"],"sku"`)},
		{name: "units and zones", path: other, body: with(premium, `"sku"`, `"zones":["1","2"],"sku"`), status: 400, code: "ValidationError", message: "multiple of the number of zones (2)", accepted: with(premium, `"sku"`, `"zones":["1","2","3"],"sku"`)},
		{name: "injected standard", path: other, body: with(serviceBody, `"Developer"`, `"Standard"`), status: 400, code: "ValidationError", message: "virtualNetworkType", accepted: serviceBody},
		{name: "internal v2", path: other, body: with(with(serviceBody, `"Developer"`, `"StandardV2"`), "External", "Internal"), status: 400, code: "ValidationError", message: "virtualNetworkType", accepted: with(serviceBody, "External", "Internal")},
		{name: "v2 without delegation", path: other, body: with(serviceBody, `"Developer"`, `"StandardV2"`), status: 400, code: "InvalidParameters", message: "delegated to Microsoft.Web/serverFarms", accepted: serviceBody},
		{name: "missing subnet", path: other, body: with(serviceBody, "subnets/gateway", "subnets/none"), status: 400, code: "InvalidParameters", message: "subnets/none", accepted: serviceBody},
		{name: "unguarded subnet", path: other, body: with(serviceBody, "subnets/gateway", "subnets/endpoints"), status: 400, code: "InvalidParameters", message: "no network security group", accepted: serviceBody},
		{name: "delegated subnet", prepare: func(a *azure) {
			a.ok(network+"virtualNetworks/vnet/subnets/d", `{"properties":{"addressPrefix":"10.20.2.0/24","networkSecurityGroup":{"id":"`+network+`networkSecurityGroups/nsg"},"delegations":[{"name":"d","properties":{"serviceName":"Microsoft.Web/serverFarms"}}]}}`)
		}, path: other, body: with(serviceBody, "subnets/gateway", "subnets/d"), status: 400, code: "InvalidParameters", message: "without delegation", accepted: serviceBody},
		{name: "missing address", path: other, body: with(serviceBody, "publicIPAddresses/pip", "publicIPAddresses/none"), status: 404, code: "ResourceNotFound", message: "none", accepted: serviceBody},
		{name: "basic address", prepare: func(a *azure) {
			a.ok(network+"publicIPAddresses/basic", with(with(pipBody, `"Standard"`, `"Basic"`), "gw-test", "basic"))
		}, path: other, body: with(serviceBody, "publicIPAddresses/pip", "publicIPAddresses/basic"), status: 400, code: "InvalidParameters", message: "Standard SKU", accepted: serviceBody},
		{name: "born closed", path: other, body: with(plain, `"properties":{`, `"properties":{"publicNetworkAccess":"Disabled",`), status: 400, code: "ActivateServiceWithPrivateEndpointAccessNotAllowed"},
		{name: "closed without endpoint", path: service, body: with(serviceBody, `"properties":{`, `"properties":{"publicNetworkAccess":"Disabled",`), status: 400, code: "DisablingPublicNetworkAccessRequiredPrivateEndpoint", freed: func(a *azure) {
			a.ok(network+"privateEndpoints/gw", with(with(peBody, account, service), `["account"]`, `["Gateway"]`))
		}},
		{name: "custom property", path: other, body: with(plain, `"properties":{`, `"properties":{"customProperties":{"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls12":"False"},`), status: 400, code: "ValidationError", message: "Tls12", accepted: with(plain, `"properties":{`, `"properties":{"customProperties":{"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls11":"False"},`)},
		{name: "release channel", path: other, body: with(plain, `"properties":{`, `"properties":{"releaseChannel":"Nightly",`), status: 400, code: "ValidationError", message: "releaseChannel", accepted: with(plain, `"properties":{`, `"properties":{"releaseChannel":"Preview",`)},
		{name: "release channel of the older version", path: other + "?api-version=2024-05-01", body: with(plain, `"properties":{`, `"properties":{"releaseChannel":"Preview",`), status: 400, code: "ValidationError", message: "Could not find member 'releaseChannel'", at: other, accepted: with(plain, `"properties":{`, `"properties":{"releaseChannel":"Preview",`)},
		{name: "name elsewhere", prepare: func(a *azure) { a.ok(root+"/resourceGroups/two", `{"location":"swedencentral"}`) }, path: with(service, "/rg/", "/two/"), body: plain, status: 409, code: "ServiceAlreadyExists", at: with(with(service, "/rg/", "/two/"), "gw-test", "gw-other")},
		{name: "name", path: service + "_x", body: plain, status: 400, code: "ValidationError", message: "name", at: other},
		{name: "moved", path: service, body: with(serviceBody, "swedencentral", "francecentral"), status: 409, code: "InvalidResourceLocation"},
	})
}

func TestAServiceIsFilledInAsAzureWould(t *testing.T) {
	a := world(t)
	got := a.get(service)
	require.Equal(t, "https://gw-test.azure-api.net", text(got, "properties", "gatewayUrl"))
	require.Equal(t, []string{"10.20.0.4"}, texts(got, "properties", "privateIPAddresses"))
	require.Equal(t, []string{text(a.get(network+"publicIPAddresses/pip"), "properties", "ipAddress")}, texts(got, "properties", "publicIPAddresses"))
	require.Equal(t, "gw-test.azure-api.net", items(got, "properties", "hostnameConfigurations")[0]["hostName"])
	require.Equal(t, "False", text(got, "properties", "customProperties", "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10"))
	again := a.ok(service, serviceBody)
	require.Equal(t, got["identity"], again["identity"])
	require.Equal(t, texts(got, "properties", "privateIPAddresses"), texts(again, "properties", "privateIPAddresses"))
}

func TestAPrivateEndpointOpensTheWayToCloseTheDoor(t *testing.T) {
	a := world(t)
	a.ok(network+"privateEndpoints/gw", with(with(peBody, account, service), `["account"]`, `["Gateway"]`))
	a.ok(service, with(serviceBody, `"properties":{`, `"properties":{"publicNetworkAccess":"Disabled",`))
	pe := a.get(network + "privateEndpoints/gw")
	require.Equal(t, "gw-test.azure-api.net", items(pe, "properties", "customDnsConfigs")[0]["fqdn"])
}

func TestANewServiceIsNotEmpty(t *testing.T) {
	for _, path := range []string{"groups/administrators", "groups/developers", "groups/guests", "users/1", "subscriptions/master", "policies/policy", "loggers/azuremonitor"} {
		a := world(t)
		a.get(service + "/" + path)
		require.True(t, a.BuiltIn(service+"/"+path), path)
	}
	a := world(t)
	require.Equal(t, DefaultServicePolicy, text(a.get(service+"/policies/policy"), "properties", "value"))
	require.True(t, a.Untouched(service+"/loggers/azuremonitor"))
	a.ok(service+"/loggers/azuremonitor", `{"properties":{"loggerType":"azureMonitor","isBuffered":true}}`)
	require.False(t, a.Untouched(service+"/loggers/azuremonitor"), "it was written")
	require.True(t, a.BuiltIn(service+"/loggers/azuremonitor"), "and is still nobody's to delete")
	bare := newAzure(t, func(o *Options) { o.NoDefaultLogger = true })
	bare.ok(group, `{"location":"swedencentral"}`)
	bare.ok(service, `{"location":"swedencentral","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"Contoso"}}`)
	require.Equal(t, 404, bare.send(http.MethodGet, service+"/loggers/azuremonitor", "").status)
}

func TestBackendsAreRefusedAsAzureRefusesThem(t *testing.T) {
	single, pool := service+"/backends/new", service+"/backends/newpool"
	member := `{"id":"` + service + `/backends/se","priority":1,"weight":1}`
	runRules(t, map[string]string{single: backendBody, pool: poolBody}, []rule{
		{name: "pool with url and protocol", path: pool, body: with(poolBody, `"type":"Pool"`, `"type":"Pool","url":"http://localhost","protocol":"http"`), status: 400, code: "ValidationError",
			message: "One or more fields contain incorrect values: | url: Url is not supported for backend pool. | protocol: Protocol is not supported for backend pool."},
		{name: "pool of nobody", path: pool, body: with(poolBody, "backends/se", "backends/none"), status: 400, code: "ValidationError", message: "backends/none' not found"},
		{name: "pool of pools", path: pool, body: with(poolBody, "backends/se", "backends/pool"), status: 400, code: "ValidationError", message: "is a pool"},
		{name: "member twice", path: pool, body: with(poolBody, member, member+","+member), status: 400, code: "ValidationError", message: "twice"},
		{name: "empty pool", path: pool, body: with(poolBody, member, ``), status: 400, code: "ValidationError", message: "1 to 30"},
		{name: "priority", path: pool, body: with(poolBody, `"priority":1`, `"priority":101`), status: 400, code: "ValidationError", message: "pool.services[0].priority"},
		{name: "weight", path: pool, body: with(poolBody, `"weight":1`, `"weight":-1`), status: 400, code: "ValidationError", message: "pool.services[0].weight"},
		{name: "misspelt weight", path: pool, body: with(poolBody, `"weight"`, `"wieght"`), status: 400, code: "ValidationError", message: "pool.services[0].wieght: Could not find member 'wieght'"},
		{name: "affinity of a later version", path: pool, body: with(poolBody, `"pool":{`, `"pool":{"sessionAffinity":{"sessionId":{"source":"cookie","name":"x"}},`), status: 400, code: "ValidationError", message: "pool.sessionAffinity"},
		{name: "single without url", path: single, body: `{"properties":{}}`, status: 400, code: "ValidationError", message: "url: Url is required. | protocol: Protocol is required."},
		{name: "single with a pool", path: single, body: with(backendBody, `"type":"Single"`, `"type":"Single","pool":{"services":[`+member+`]}`), status: 400, code: "ValidationError", message: "pool"},
		{name: "protocol", path: single, body: with(backendBody, `"protocol":"http"`, `"protocol":"https"`), status: 400, code: "ValidationError", message: "protocol: 'https' is not one of"},
		{name: "relative url", path: single, body: with(backendBody, "https://", ""), status: 400, code: "ValidationError", message: "url"},
		{name: "two breaker rules", path: single, body: with(backendBody, `"rules":[{`, `"rules":[{"name":"a","tripDuration":"PT1M","failureCondition":{"count":1,"interval":"PT1M","statusCodeRanges":[{"min":500,"max":599}]}},{`), status: 400, code: "ValidationError", message: "has one rule, not 2"},
		{name: "breaker duration", path: single, body: with(backendBody, `"tripDuration":"PT1M"`, `"tripDuration":"60"`), status: 400, code: "ValidationError", message: "tripDuration"},
		{name: "breaker range", path: single, body: with(backendBody, `"min":429,"max":429`, `"min":100,"max":600`), status: 400, code: "ValidationError", message: "statusCodeRanges[0]"},
		{name: "breaker without failure", path: single, body: with(backendBody, `,"statusCodeRanges":[{"min":429,"max":429}]`, ``), status: 400, code: "ValidationError", message: "failureCondition"},
		{name: "breaker count and percentage", path: single, body: with(backendBody, `"count":1`, `"count":1,"percentage":50`), status: 400, code: "ValidationError", message: "a count or a percentage"},
		{name: "managed identity", path: single, body: with(backendBody, `"protocol"`, `"credentials":{"managedIdentity":{"resource":"x"}},"protocol"`), status: 400, code: "ValidationError", message: "managedIdentity"},
		{name: "delete a member", method: "DELETE", path: service + "/backends/se", status: 400, code: "ValidationError", message: "the backend pool 'pool' uses it", freed: func(a *azure) { a.remove(service + "/backends/pool") }},
		{name: "long name", path: service + "/backends/" + strings.Repeat("x", 81), body: backendBody, status: 400, code: "ValidationError", message: "1 to 80", at: service + "/backends/" + strings.Repeat("x", 80)},
	})
}

func TestAPIsAndTheirLoggingAreRefusedAsAzureRefusesThem(t *testing.T) {
	monitor := service + "/apis/openai/diagnostics/azuremonitor"
	runRules(t, map[string]string{service + "/apis/second": with(apiBody, `"openai"`, `"two"`), service + "/apis/openai/operations/new": with(opBody, "/chat/", "/other/"), monitor: diagBody, service + "/loggers/new": `{"properties":{"loggerType":"applicationInsights","resourceId":"` + component + `","credentials":{"instrumentationKey":"x"}}}`}, []rule{
		{name: "path twice", path: service + "/apis/second", body: apiBody, status: 400, code: "ValidationError", message: "path"},
		{name: "no path", path: service + "/apis/second", body: with(apiBody, `"path":"openai",`, ``), status: 400, code: "ValidationError", message: "path"},
		{name: "slash", path: service + "/apis/second", body: with(apiBody, `"openai"`, `"/two"`), status: 400, code: "ValidationError", message: "slash"},
		{name: "unknown property", path: service + "/apis/second", body: with(apiBody, "protocols", "protocol"), status: 400, code: "ValidationError", message: "protocol: Could not find member"},
		{name: "import", path: service + "/apis/second", body: with(apiBody, `"protocols"`, `"format":"openapi","value":"{}","protocols"`), status: 400, code: "ValidationError", message: "does not model it"},
		{name: "revision", path: service + "/apis/second", body: with(apiBody, `"protocols"`, `"apiRevision":"2","protocols"`), status: 400, code: "ValidationError", message: "Revisions"},
		{name: "undeclared parameter", path: service + "/apis/openai/operations/new", body: with(opBody, `"name":"deployment-id"`, `"name":"deployment"`), status: 400, code: "ValidationError", message: "All template parameters used in the UriTemplate must be defined in the Operation 'new', and vice-versa."},
		{name: "same operation", path: service + "/apis/openai/operations/new", body: opBody, status: 400, code: "ValidationError", message: "already exists"},
		{name: "operation without method", path: service + "/apis/openai/operations/new", body: with(opBody, `"method":"POST",`, ``), status: 400, code: "ValidationError", message: "method"},
		{name: "logger name", path: service + "/loggers/monitor", body: `{"properties":{"loggerType":"azureMonitor"}}`, status: 400, code: "ValidationError", message: "'azuremonitor'", at: service + "/loggers/azuremonitor"},
		{name: "logger kind", path: service + "/loggers/azuremonitor", body: `{"properties":{"loggerType":"applicationInsights","credentials":{"instrumentationKey":"x"}}}`, status: 400, code: "ValidationError", message: "azureMonitor", accepted: `{"properties":{"loggerType":"azureMonitor"}}`},
		{name: "logger without key", path: service + "/loggers/new", body: `{"properties":{"loggerType":"applicationInsights"}}`, status: 400, code: "ValidationError", message: "credentials"},
		{name: "logger of no component", path: service + "/loggers/new", body: `{"properties":{"loggerType":"applicationInsights","resourceId":"` + component + `x","credentials":{"instrumentationKey":"x"}}}`, status: 400, code: "ValidationError", message: "insightsx"},
		{name: "logger in use", method: "DELETE", path: service + "/loggers/azuremonitor", status: 400, code: "ValidationError", message: "diagnostic", freed: func(a *azure) { a.remove(service + "/diagnostics/azuremonitor") }},
		{name: "diagnostic name", path: service + "/diagnostics/mine", body: diagBody, status: 400, code: "ValidationError", message: "azuremonitor or applicationinsights or local", at: service + "/diagnostics/azuremonitor"},
		{name: "diagnostic logger", path: monitor, body: with(diagBody, "loggers/azuremonitor", "loggers/none"), status: 400, code: "ValidationError", message: "loggerId"},
		{name: "diagnostic of the wrong logger", path: monitor, body: with(diagBody, "loggers/azuremonitor", "loggers/insights"), status: 400, code: "ValidationError", message: "azureMonitor"},
		{name: "body bytes", path: monitor, body: with(diagBody, "8192", "8193"), status: 400, code: "ValidationError", message: "frontend.request.body.bytes"},
		{name: "sampling", path: monitor, body: with(diagBody, `"logClientIp":true`, `"sampling":{"samplingType":"fixed","percentage":101}`), status: 400, code: "ValidationError", message: "sampling.percentage"},
		{name: "verbosity", path: monitor, body: with(diagBody, `"logClientIp":true`, `"verbosity":"chatty"`), status: 400, code: "ValidationError", message: "verbosity"},
		{name: "message size", path: monitor, body: with(diagBody, "262144", "262145"), status: 400, code: "ValidationError", message: "largeLanguageModel.requests.maxSizeInBytes"},
		{name: "messages", path: monitor, body: with(diagBody, `"all"`, `"some"`), status: 400, code: "ValidationError", message: "largeLanguageModel.requests.messages"},
		{name: "message logs", path: monitor, body: with(diagBody, `"enabled"`, `true`), status: 400, code: "ValidationError", message: "largeLanguageModel.logs"},
		{name: "message member", path: monitor, body: with(diagBody, `"maxSizeInBytes":262144`, `"size":1`), status: 400, code: "ValidationError", message: "largeLanguageModel.requests.size"},
		{name: "messages in the older version", path: monitor + "?api-version=2024-05-01", body: diagBody, status: 400, code: "ValidationError", message: "Could not find member 'largeLanguageModel'", at: monitor},
		{name: "messages to insights", path: service + "/diagnostics/applicationinsights", body: with(diagBody, "loggers/azuremonitor", "loggers/insights"), status: 400, code: "ValidationError", message: "largeLanguageModel", accepted: `{"properties":{"loggerId":"` + service + `/loggers/insights","logClientIp":true}}`},
	})
}

func TestPoliciesAreRefusedAsAzureRefusesThem(t *testing.T) {
	path := service + "/apis/openai/policies/policy"
	document := func(value string) string {
		return `{"properties":{"format":"rawxml","value":"` + strings.ReplaceAll(value, `"`, `\"`) + `"}}`
	}
	runRules(t, map[string]string{path: policyBody, service + "/policyFragments/new": document("<fragment />"), service + "/namedValues/new": `{"properties":{"displayName":"new","value":"1"}}`}, []rule{
		{name: "missing named value", path: path, body: document("<policies>\\n<inbound><set-header name=\"x\"><value>{{nope}}</value></set-header></inbound></policies>"), status: 400, code: "ValidationError", message: "Error in element 'value' on line 2, column 38: Cannot find a property 'nope'"},
		{name: "named value in other case", path: path, body: document(`<policies><inbound a="{{Limit}}" /></policies>`), status: 400, code: "ValidationError", message: "Cannot find a property 'Limit'", accepted: document(`<policies><inbound a="{{limit}}" /></policies>`)},
		{name: "missing fragment", path: path, body: document(`<policies><inbound><include-fragment fragment-id="nope" /></inbound></policies>`), status: 400, code: "ValidationError", message: "'nope'"},
		{name: "missing backend", path: path, body: document(`<policies><inbound><set-backend-service id="x" backend-id='nope' /></inbound></policies>`), status: 400, code: "ValidationError", message: "Backend with id 'nope'"},
		{name: "root", path: path, body: document(`<fragment />`), status: 400, code: "ValidationError", message: "<policies>"},
		{name: "fragment root", path: service + "/policyFragments/new", body: document(`<policies />`), status: 400, code: "ValidationError", message: "<fragment>"},
		{name: "nested fragment", path: service + "/policyFragments/new", body: document(`<fragment><include-fragment fragment-id="identity" /></fragment>`), status: 400, code: "ValidationError", message: "cannot include"},
		{name: "fragment name", path: service + "/policyFragments/a.b", body: document(`<fragment />`), status: 400, code: "ValidationError", message: "name", at: service + "/policyFragments/a-b"},
		{name: "policy name", path: service + "/apis/openai/policies/mine", body: policyBody, status: 400, code: "ValidationError", message: "policy", at: path},
		{name: "link", path: path, body: with(policyBody, "rawxml", "rawxml-link"), status: 400, code: "ValidationError", message: "does not model it"},
		{name: "format", path: path, body: with(policyBody, "rawxml", "html"), status: 400, code: "ValidationError", message: "format"},
		{name: "too long", path: path, body: document("<policies>" + strings.Repeat("x", 256<<10) + "</policies>"), status: 400, code: "ValidationError", message: "262144", accepted: document("<policies>" + strings.Repeat("x", 256<<10-len("<policies></policies>")) + "</policies>")},
		{name: "used named value", method: "DELETE", path: service + "/namedValues/limit", status: 400, code: "ValidationError", message: "apis/openai/policies/policy", freed: func(a *azure) { a.remove(path) }},
		{name: "renamed named value", path: service + "/namedValues/limit", body: `{"properties":{"displayName":"other","value":"1"}}`, status: 400, code: "ValidationError", message: "'limit'", freed: func(a *azure) { a.remove(path) }},
		{name: "used fragment", method: "DELETE", path: service + "/policyFragments/identity", status: 400, code: "ValidationError", message: "uses it", freed: func(a *azure) { a.remove(path) }},
		{name: "display name", path: service + "/namedValues/new", body: `{"properties":{"displayName":"a b","value":"1"}}`, status: 400, code: "ValidationError", message: "displayName"},
		{name: "display name twice", path: service + "/namedValues/new", body: `{"properties":{"displayName":"limit","value":"1"}}`, status: 400, code: "ValidationError", message: "already exists"},
		{name: "empty value", path: service + "/namedValues/new", body: `{"properties":{"displayName":"new","value":" "}}`, status: 400, code: "ValidationError", message: "value"},
		{name: "key vault", path: service + "/namedValues/new", body: `{"properties":{"displayName":"new","keyVault":{"secretIdentifier":"https://x"}}}`, status: 400, code: "ValidationError", message: "Key Vault"},
	})
}

func TestThePolicyHookDecidesAboutContent(t *testing.T) {
	var scopes []string
	a := world(t, func(o *Options) {
		o.ValidatePolicy = func(scope, document string) error {
			scopes = append(scopes, scope)
			if strings.Contains(document, "<nonsense") {
				return errors.New("Error in element 'nonsense' on line 1, column 12")
			}
			return nil
		}
	})
	require.Equal(t, []string{"fragment", "api"}, scopes)
	for path, scope := range map[string]string{"/policies/policy": "global", "/products/gold/policies/policy": "product", "/apis/openai/operations/chat/policies/policy": "operation"} {
		got := a.send(http.MethodPut, service+path, `{"properties":{"value":"<policies><nonsense /></policies>"}}`)
		require.Equal(t, "ValidationError", got.code)
		require.Contains(t, got.message, "'nonsense'")
		require.Equal(t, scope, scopes[len(scopes)-1])
	}
}

func TestAPolicyComesBackAsXML(t *testing.T) {
	a := world(t)
	raw := "<policies>\n<inbound><choose><when condition=\"@(context.Variables.GetValueOrDefault<string>(\"a\", \")\") == \"b\" && 1 < 2)\"><base /></when></choose></inbound>\n</policies>"
	body := `{"properties":{"format":"rawxml","value":` + jsonText(raw) + `}}`
	a.ok(service+"/products/gold/policies/policy", body)
	got := a.get(service + "/products/gold/policies/policy")
	require.Equal(t, "xml", text(got, "properties", "format"))
	value := text(got, "properties", "value")
	require.Contains(t, value, `condition="@(context.Variables.GetValueOrDefault&lt;string&gt;(&quot;a&quot;, &quot;)&quot;) == &quot;b&quot; &amp;&amp; 1 &lt; 2)"`)
	require.Contains(t, value, "\r\n<inbound>")
	require.Equal(t, raw, text(a.get(service+"/products/gold/policies/policy?format=rawxml&api-version=2024-06-01-preview"), "properties", "value"))
	r, _ := a.Get(service + "/products/gold/policies/policy")
	require.Equal(t, raw, r.Private["value"])
}

// The text that API Management answers is read as the document that was sent.
func TestAPolicyComesBackAsTheSameDocument(t *testing.T) {
	for name, c := range map[string]struct{ raw, xml string }{
		"quotes":                  {`a="@("x" + 'y')"`, `a="@(&quot;x&quot; + &apos;y&apos;)"`},
		"escaped quotes":          {`a="@(&quot;)&quot; == &quot;b&quot;)"`, `a="@(&quot;)&quot; == &quot;b&quot;)"`},
		"escaped in part":         {`a="@{ if (1 < 2) { return &quot;yes&quot;; } }"`, `a="@{ if (1 &lt; 2) { return &quot;yes&quot;; } }"`},
		"numbers of characters":   {`a="@(&#34;)&#x22;)"`, `a="@(&quot;)&quot;)"`},
		"an entity in a string":   {`a="@("&quot;&#10;")"`, `a="@(&quot;&amp;quot;&amp;#10;&quot;)"`},
		"text":                    {`a="b@(c) < d"`, `a="b@(c) < d"`},
		"text behind":             {`a="@("x") and"`, `a="@("x") and"`},
		"single quotes":           {`a='@("x")'`, `a='@(&quot;x&quot;)'`},
		"between tags":            {`a="1"><value> @("<") </value`, `a="1"><value> @(&quot;&lt;&quot;) </value`},
		"a comment":               {`a="1"><!-- "@("x")" --></b`, `a="1"><!-- "@("x")" --></b`},
		"a CDATA section":         {`a="1"><![CDATA[>@("x")<]]></b`, `a="1"><![CDATA[>@("x")<]]></b`},
		"one that does not end":   {`a="@("x"`, `a="@("x"`},
		"two, one in a comment":   {`a="@(1 < 2)"><!-- it's "@( --><c d="@(3 > 2)" /></b`, `a="@(1 &lt; 2)"><!-- it's "@( --><c d="@(3 &gt; 2)" /></b`},
		"brackets of C# comments": {"a=\"@{ // it's )\n return 1; }\"", "a=\"@{ // it&apos;s )\n return 1; }\""},
	} {
		require.Equal(t, "<b "+c.xml+">", escapeExpressions("<b "+c.raw+">"), name)
	}
}

func jsonText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func TestADeletedGlobalPolicyIsTheDefaultAgain(t *testing.T) {
	a := world(t)
	a.ok(service+"/policies/policy", `{"properties":{"value":"<policies><inbound /></policies>"}}`)
	a.remove(service + "/policies/policy")
	require.Equal(t, DefaultServicePolicy, text(a.get(service+"/policies/policy"), "properties", "value"))
}

func TestReferencesInCommentsDoNotCount(t *testing.T) {
	a := world(t)
	a.ok(service+"/products/gold/policies/policy", `{"properties":{"value":"<!-- <policies>{{nope}} --><policies><inbound /></policies>"}}`)
}

func TestProductsAndSubscriptionsAreRefusedAsAzureRefusesThem(t *testing.T) {
	runRules(t, map[string]string{service + "/products/new": `{"properties":{"displayName":"New","state":"published"}}`, service + "/groups/new": `{"properties":{"displayName":"New"}}`, service + "/subscriptions/new": `{"properties":{"displayName":"New","scope":"/apis","state":"active","ownerId":"/users/1"}}`, service + "/identityProviders/aad": `{"properties":{"clientId":"x","clientSecret":"y"}}`}, []rule{
		{name: "product with subscriptions", method: "DELETE", path: service + "/products/gold", status: 400, code: "ValidationError",
			message: "Product cannot be deleted since it has existing subscriptions. Delete subscriptions before deleting the product or pass in deleteSubscriptions=true as query param", at: service + "/products/gold?deleteSubscriptions=true"},
		{name: "approval of an open product", path: service + "/products/open", body: `{"properties":{"displayName":"Open","subscriptionRequired":false,"approvalRequired":true}}`, status: 400, code: "ValidationError", message: "approvalRequired", accepted: `{"properties":{"displayName":"Open","subscriptionRequired":false}}`},
		{name: "state", path: service + "/products/new", body: `{"properties":{"displayName":"New","state":"public"}}`, status: 400, code: "ValidationError", message: "state"},
		{name: "nameless product", path: service + "/products/new", body: `{"properties":{}}`, status: 400, code: "ValidationError", message: "displayName"},
		{name: "link to no api", path: service + "/products/gold/apis/none", status: 404, code: "ResourceNotFound", message: "API not found.", at: service + "/products/gold/apis/openai"},
		{name: "link to no group", path: service + "/products/gold/groups/none", status: 404, code: "ResourceNotFound", message: "Group not found.", at: service + "/products/gold/groups/team"},
		{name: "link of no product", path: service + "/products/none/apis/openai", status: 404, code: "ResourceNotFound", message: "Product not found.", at: service + "/products/gold/apis/openai"},
		{name: "link with a body", path: service + "/products/gold/apis/openai", body: `{"properties":{"x":1}}`, status: 400, code: "ValidationError", message: "no body", accepted: `{"properties":{}}`},
		{name: "second open product", prepare: func(a *azure) {
			for _, p := range []string{"one", "two"} {
				a.ok(service+"/products/"+p, `{"properties":{"displayName":"`+p+`","subscriptionRequired":false}}`)
			}
			a.ok(service+"/products/one/apis/openai", "")
		}, path: service + "/products/two/apis/openai", status: 400, code: "ValidationError", message: "open product 'one'", freed: func(a *azure) { a.remove(service + "/products/one/apis/openai") }},
		{name: "external id", path: service + "/groups/new", body: `{"properties":{"displayName":"New","type":"external","externalId":"55555555"}}`, status: 400, code: "ValidationError", message: "externalId", accepted: `{"properties":{"displayName":"New","type":"external","externalId":"aad://` + testTenant + `/groups/55555555-5555-5555-5555-555555555555"}}`},
		{name: "group of a directory that nobody can ask", prepare: func(a *azure) { a.remove(service + "/identityProviders/aad") }, path: service + "/groups/new",
			body:   `{"properties":{"displayName":"New","type":"external","externalId":"aad://` + testTenant + `/groups/55555555-5555-5555-5555-555555555555"}}`,
			status: 400, code: "ValidationError", message: "Failed to query Azure Active Directory graph due to error"},
		{name: "system group", path: service + "/groups/new", body: `{"properties":{"displayName":"New","type":"system"}}`, status: 400, code: "ValidationError", message: "type"},
		{name: "custom with external id", path: service + "/groups/new", body: `{"properties":{"displayName":"New","externalId":"aad://x/groups/y"}}`, status: 400, code: "ValidationError", message: "externalId", accepted: `{"properties":{"displayName":"New","type":"custom"}}`},
		{name: "built-in group", method: "DELETE", path: service + "/groups/developers", status: 400, code: "ValidationError", message: "System entity", at: service + "/groups/team"},
		{name: "changed built-in group", path: service + "/groups/developers", body: `{"properties":{"displayName":"Mine"}}`, status: 400, code: "ValidationError", message: "System entity", at: service + "/groups/team"},
		{name: "built-in subscription", method: "DELETE", path: service + "/subscriptions/master", status: 400, code: "ValidationError", message: "System entity", at: service + "/subscriptions/team"},
		{name: "provider", path: service + "/identityProviders/google", body: `{"properties":{"clientId":"x","clientSecret":"y"}}`, status: 400, code: "ValidationError", message: "aad", at: service + "/identityProviders/aad"},
		{name: "provider without secret", path: service + "/identityProviders/aad", body: `{"properties":{"clientId":"x"}}`, status: 400, code: "ValidationError", message: "clientSecret"},
		{name: "subscription scope", path: service + "/subscriptions/new", body: `{"properties":{"displayName":"New","scope":"/everything"}}`, status: 400, code: "ValidationError", message: "scope"},
		{name: "subscription of no product", path: service + "/subscriptions/new", body: `{"properties":{"displayName":"New","scope":"/products/none"}}`, status: 400, code: "ValidationError", message: "'/products/none' was not found"},
		{name: "subscription of no user", path: service + "/subscriptions/new", body: `{"properties":{"displayName":"New","scope":"/apis","ownerId":"/users/2"}}`, status: 400, code: "ValidationError", message: "ownerId"},
		{name: "subscription state", path: service + "/subscriptions/new", body: `{"properties":{"displayName":"New","scope":"/apis","state":"on"}}`, status: 400, code: "ValidationError", message: "state"},
		{name: "subscription name", path: service + "/subscriptions/a+b", body: `{"properties":{"displayName":"New","scope":"/apis"}}`, status: 400, code: "ValidationError", message: "name", at: service + "/subscriptions/a-b"},
		{name: "key twice", prepare: func(a *azure) {
			a.ok(service+"/subscriptions/one", `{"properties":{"displayName":"One","scope":"/apis","primaryKey":"same"}}`)
		}, path: service + "/subscriptions/new", body: `{"properties":{"displayName":"New","scope":"/apis","secondaryKey":"same"}}`, status: 400, code: "ValidationError", message: "in use", accepted: `{"properties":{"displayName":"New","scope":"/apis","secondaryKey":"other"}}`},
	})
}

func TestAProductComesWithAnAdministratorNobodyAskedFor(t *testing.T) {
	a := world(t)
	a.get(service + "/products/gold/groups/administrators")
	hidden := 0
	for _, s := range a.Resources(apimSubscriptionType) {
		if strings.EqualFold(text(s.Body, "properties", "scope"), service+"/products/gold") && a.BuiltIn(s.ID) {
			hidden++
		}
	}
	require.Equal(t, 1, hidden)
	a.remove(service + "/products/gold?deleteSubscriptions=true&api-version=2024-06-01-preview")
	require.Len(t, a.Resources(apimSubscriptionType), 1, "only master is left")
	require.Empty(t, a.Resources(productType+"/apis"))

	a.ok(service+"/products/open", `{"properties":{"displayName":"Open","subscriptionRequired":false}}`)
	a.remove(service + "/products/open")
}

func TestSecretsAreTheirOwnersAlone(t *testing.T) {
	a := world(t)
	sub := a.get(service + "/subscriptions/team")
	require.Nil(t, object(sub, "properties")["primaryKey"])
	require.Nil(t, object(sub, "properties")["ownerId"], "nobody was named")
	require.Equal(t, service+"/products/gold", text(sub, "properties", "scope"))
	keys := a.send(http.MethodPost, service+"/subscriptions/team/listSecrets", "")
	require.Regexp(t, "^[0-9a-f]{32}$", keys.body["primaryKey"])
	require.NotEqual(t, keys.body["primaryKey"], keys.body["secondaryKey"])
	a.ok(service+"/subscriptions/team", `{"properties":{"displayName":"Renamed","scope":"/products/gold"}}`)
	require.Equal(t, keys.body, a.send(http.MethodPost, service+"/subscriptions/team/listSecrets", "").body, "an update keeps the keys")
	r, _ := a.Get(service + "/subscriptions/team")
	require.Equal(t, keys.body["primaryKey"], r.Private["primaryKey"])
	require.Equal(t, "submitted", text(r.Body, "properties", "state"), "a PUT without a state resets it")

	a.ok(service+"/namedValues/hush", `{"properties":{"displayName":"hush","value":"quiet","secret":true}}`)
	require.NotContains(t, a.send(http.MethodGet, service+"/namedValues/hush", "").raw, "quiet")
	require.Equal(t, "quiet", a.send(http.MethodPost, service+"/namedValues/hush/listValue", "").body["value"])

	a.ok(service+"/identityProviders/aad", `{"properties":{"clientId":"x","clientSecret":"hidden"}}`)
	require.NotContains(t, a.send(http.MethodGet, service+"/identityProviders/aad", "").raw, "hidden")
}

func TestALoggersKeyMovesIntoANamedValue(t *testing.T) {
	a := world(t)
	logger := a.get(service + "/loggers/insights")
	reference := text(logger, "properties", "credentials", "instrumentationKey")
	require.Regexp(t, `^\{\{Logger-Credentials--[0-9a-f]{24}\}\}$`, reference)
	value, ok := a.Get(service + "/namedValues/" + strings.Trim(reference, "{}"))
	require.True(t, ok)
	require.Equal(t, "44444444-4444-4444-4444-444444444444", value.Private["value"])
	require.True(t, a.BuiltIn(value.ID))
}

func TestDeletingAnAPITakesItsLinksAndOperationsAlong(t *testing.T) {
	a := world(t)
	a.remove(service + "/apis/openai")
	require.Empty(t, a.Resources(productType+"/apis"))
	require.Empty(t, a.Resources(apiType+"/operations"))
	a.remove(service + "/namedValues/limit")
	a.remove(service + "/groups/team")
	require.Len(t, a.Resources(productType+"/groups"), 1, "the administrators")
}
