package arm

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAccountsAreRefusedAsAzureRefusesThem(t *testing.T) {
	other := account + "2"
	fresh := strings.Replace(accountBody, `"customSubDomainName":"aoai-se"`, `"customSubDomainName":"aoai-two"`, 1)
	runRules(t, map[string]string{other: fresh, account: accountBody, account + "/deployments/new": modelBody, account + "/deployments/gpt-4o": modelBody, account + "/raiPolicies/new": `{"properties":{"basePolicyName":"Microsoft.Default"}}`}, []rule{
		{name: "unknown property", path: other, body: strings.Replace(fresh, "disableLocalAuth", "disableLocalauth", 1), status: 400, code: "InvalidResourceProperties", message: "properties.disableLocalauth"},
		{name: "property of a later version", path: other, body: strings.Replace(fresh, `"disableLocalAuth":true`, `"allowProjectManagement":true`, 1), status: 400, code: "InvalidResourceProperties", message: "properties.allowProjectManagement"},
		{name: "enum", path: other, body: strings.Replace(fresh, `"Disabled"`, `"disabeld"`, 1), status: 400, code: "InvalidResourceProperties", message: "properties.publicNetworkAccess"},
		{name: "kind", path: other, body: strings.Replace(fresh, `"OpenAI"`, `"Face"`, 1), status: 400, code: "InvalidApiSetId", message: "does not model it"},
		{name: "sku", path: other, body: strings.Replace(fresh, `"S0"`, `"F0"`, 1), status: 400, code: "InvalidSkuId"},
		{name: "no kind", path: other, body: strings.Replace(fresh, `"kind":"OpenAI",`, ``, 1), status: 400, code: "InvalidResourceProperties", message: "'kind'"},
		{name: "name", path: group + "/providers/Microsoft.CognitiveServices/accounts/a", body: fresh, status: 400, code: "InvalidResourceName", message: "2 to 64", at: other},
		{name: "subdomain taken", path: other, body: accountBody, status: 409, code: "CustomDomainInUse", message: "'aoai-se'"},
		{name: "subdomain spelling", path: other, body: strings.Replace(fresh, "aoai-two", "Aoai_Two", 1), status: 400, code: "InvalidCustomSubDomain"},
		{name: "subdomain changed", path: account, body: fresh, status: 400, code: "PropertyChangeNotAllowed", message: "customSubDomainName"},
		{name: "kind changed", path: account, body: strings.Replace(accountBody, `"OpenAI"`, `"AIServices"`, 1), status: 400, code: "PropertyChangeNotAllowed", message: "'kind'"},
		{name: "moved", path: account, body: strings.Replace(accountBody, "swedencentral", "francecentral", 1), status: 409, code: "InvalidResourceLocation"},
		{name: "rules without subdomain", path: other, body: strings.Replace(fresh, `"customSubDomainName":"aoai-two",`, ``, 1), status: 400, code: "CustomSubDomainNameRequired"},
		{name: "rule for no subnet", path: other, body: strings.Replace(fresh, `"defaultAction":"Deny"`, `"virtualNetworkRules":[{"id":"`+network+`virtualNetworks/vnet/subnets/none"}]`, 1), status: 404, code: "ResourceNotFound"},
		{name: "restore of nothing", path: other, body: strings.Replace(fresh, `"disableLocalAuth":true`, `"restore":true`, 1), status: 404, code: "ServiceUndeleteNotPossible", accepted: strings.Replace(fresh, `"disableLocalAuth":true`, `"restore":false`, 1)},
		{name: "keys of a keyless account", method: "POST", path: account + "/listKeys", status: 400, code: "BadRequest", message: "disableLocalAuth", freed: func(a *azure) {
			a.ok(account, strings.Replace(accountBody, `"disableLocalAuth":true`, `"disableLocalAuth":false`, 1))
		}},
		{name: "deployment sku", path: account + "/deployments/new", body: strings.Replace(modelBody, `"Standard"`, `"Cheap"`, 1), status: 400, code: "InvalidResourceProperties", message: "'Cheap'"},
		{name: "deployment capacity", path: account + "/deployments/new", body: strings.Replace(modelBody, `30`, `0`, 1), status: 400, code: "InvalidResourceProperties", message: "capacity"},
		{name: "deployment format", path: account + "/deployments/new", body: strings.Replace(modelBody, `"OpenAI"`, `"Meta"`, 1), status: 400, code: "DeploymentModelNotSupported"},
		{name: "deployment upgrade", path: account + "/deployments/new", body: strings.Replace(modelBody, `"NoAutoUpgrade"`, `"Never"`, 1), status: 400, code: "InvalidResourceProperties", message: "versionUpgradeOption"},
		{name: "deployment without model", path: account + "/deployments/new", body: `{"sku":{"name":"Standard"}}`, status: 400, code: "InvalidResourceProperties", message: "properties.model.name"},
		{name: "deployment spillover", path: account + "/deployments/new", body: strings.Replace(modelBody, `"properties":{`, `"properties":{"spilloverDeploymentName":"x",`, 1), status: 400, code: "InvalidResourceProperties", message: "spilloverDeploymentName"},
		{name: "deployment model changed", path: account + "/deployments/gpt-4o", body: strings.Replace(modelBody, `"gpt-4o"`, `"gpt-4.1"`, 1), status: 400, code: "InvalidResourceProperties", message: "cannot be changed"},
		{name: "deployment filter", path: account + "/deployments/new", body: strings.Replace(modelBody, `"properties":{`, `"properties":{"raiPolicyName":"strict",`, 1), status: 400, code: "InvalidResourceProperties", message: "'strict' is not found"},
		{name: "filter base", path: account + "/raiPolicies/new", body: `{"properties":{"basePolicyName":"none"}}`, status: 400, code: "InvalidResourceProperties", message: "'none'"},
		{name: "filter in use", prepare: func(a *azure) {
			a.ok(account+"/raiPolicies/strict", `{"properties":{"basePolicyName":"Microsoft.Default","mode":"Blocking","contentFilters":[{"name":"Hate","blocking":true,"enabled":true,"severityThreshold":"Low","source":"Prompt"}]}}`)
			a.ok(account+"/deployments/new", strings.Replace(modelBody, `"properties":{`, `"properties":{"raiPolicyName":"strict",`, 1))
		}, method: "DELETE", path: account + "/raiPolicies/strict", status: 400, code: "InvalidResourceProperties", message: "'new'", freed: func(a *azure) { a.remove(account + "/deployments/new") }},
	})
}

func TestAnAccountIsFilledInAsAzureWould(t *testing.T) {
	a := world(t)
	got := a.get(account)
	require.Equal(t, "https://aoai-se.openai.azure.com/", text(got, "properties", "endpoint"))
	require.Regexp(t, guidPattern, text(got, "identity", "principalId"))
	require.Equal(t, testTenant, text(got, "identity", "tenantId"))
	deployment := a.get(account + "/deployments/gpt-4o")
	require.Equal(t, float64(30000), items(deployment, "properties", "rateLimits")[1]["count"])

	a.ok(account+"2", `{"location":"swedencentral","kind":"AIServices","sku":{"name":"S0"},"properties":{"customSubDomainName":"services"}}`)
	require.Equal(t, "https://services.cognitiveservices.azure.com/", text(a.get(account+"2"), "properties", "endpoint"))
	keys := a.send(http.MethodPost, account+"2/listKeys", "")
	require.Regexp(t, "^[0-9a-f]{32}$", keys.body["key1"])
}

func TestADeletedAccountKeepsItsNamesForTwoDays(t *testing.T) {
	a := world(t)
	a.remove(network + "privateEndpoints/pe")
	a.remove(account)
	again := a.send(http.MethodPut, account, accountBody)
	require.Equal(t, 409, again.status)
	require.Equal(t, "FlagMustBeSetForRestore", again.code)
	require.Contains(t, again.message, "An existing resource with ID '"+account+"' has been soft-deleted.")
	require.Equal(t, "CustomDomainInUse", a.send(http.MethodPut, account+"2", accountBody).code)
	deleted := root + "/providers/Microsoft.CognitiveServices/deletedAccounts?api-version=2024-10-01"
	require.Len(t, items(a.get(deleted), "value"), 1)

	restored := a.ok(account, `{"location":"swedencentral","kind":"OpenAI","sku":{"name":"S0"},"properties":{"restore":true}}`)
	require.Equal(t, "aoai-se", text(restored, "properties", "customSubDomainName"))
	require.Empty(t, a.SoftDeleted())

	a.remove(account)
	a.remove(root + "/providers/Microsoft.CognitiveServices/locations/swedencentral/resourceGroups/rg/deletedAccounts/aoai-se?api-version=2024-10-01")
	require.Empty(t, a.SoftDeleted())
	a.ok(account, accountBody)

	a.remove(account)
	a.now = a.now.Add(48*time.Hour - time.Second)
	require.Equal(t, 409, a.send(http.MethodPut, account, accountBody).status)
	a.now = a.now.Add(time.Second)
	a.ok(account, accountBody)
}

func TestADeletedServiceKeepsItsNameForTwoDays(t *testing.T) {
	a := world(t)
	a.remove(service)
	again := a.send(http.MethodPut, service, serviceBody)
	require.Equal(t, 409, again.status)
	require.Equal(t, "ServiceAlreadyExistsInSoftDeletedState", again.code)
	require.Contains(t, again.message, "Api service gw-test was soft-deleted.")
	elsewhere := root + "/providers/Microsoft.ApiManagement/locations/westeurope/deletedservices/gw-test?api-version=2024-06-01-preview"
	require.Equal(t, 404, a.send(http.MethodGet, elsewhere, "").status)
	here := strings.Replace(elsewhere, "westeurope", "swedencentral", 1)
	require.Equal(t, service, text(a.get(here), "properties", "serviceId"))
	require.Len(t, items(a.get(root+"/providers/Microsoft.ApiManagement/deletedservices?api-version=2024-06-01-preview"), "value"), 1)
	moved := a.send(http.MethodPut, service, `{"location":"westeurope","properties":{"restore":true}}`)
	require.Equal(t, "InvalidResourceLocation", moved.code)
	a.ok(service, `{"location":"swedencentral","sku":{"name":"Developer","capacity":1},"properties":{"restore":true,"publisherName":"ignored","publisherEmail":"ignored"}}`)
	require.Equal(t, "Contoso", text(a.get(service), "properties", "publisherName"))
	a.remove(service)
	a.remove(here)
	a.ok(service, serviceBody)
}
