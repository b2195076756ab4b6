package arm

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAWholeEnvironmentIsAcceptedTwice(t *testing.T) {
	a := world(t)
	before := a.get(service + "/backends/pool")
	a.ok(service+"/backends/pool", poolBody)
	a.ok(network+"virtualNetworks/vnet", vnetBody)
	a.ok(service, serviceBody)
	require.Equal(t, before, a.get(service+"/backends/pool"))
}

func TestTheAddressIsCheckedBeforeTheBody(t *testing.T) {
	backend := service + "/backends/x"
	setting := service + "/providers/Microsoft.Insights/diagnosticSettings/"
	assignment := group + "/providers/Microsoft.Authorization/roleAssignments/66666666-3333-3333-3333-333333333333"
	runRules(t, map[string]string{backend: backendBody}, []rule{
		{
			name: "no api-version", method: "GET", path: group + "?api-version=", status: 400, code: "MissingApiVersionParameter",
			message: "The api-version query parameter (?api-version=) is required for all requests.", at: group,
		},
		{
			name: "unknown type", path: group + "/providers/Microsoft.Storage/storageAccounts/x?api-version=2023-01-01", body: `{}`,
			status: 404, code: "InvalidResourceType", message: "does not model it", never: "there is no storage",
		},
		{
			name: "unknown version", path: backend + "?api-version=2022-08-02", body: backendBody,
			status: 400, code: "NoRegisteredProviderFound", message: "2024-06-01-preview", at: backend,
		},
		{
			name: "write in a version that is only read", path: backend + "?api-version=2022-08-01", body: backendBody,
			status: 400, code: "NoRegisteredProviderFound", message: "is refused although Azure has the version", at: backend,
		},
		{
			name: "other subscription", path: "/subscriptions/99999999-1111-1111-1111-111111111111/resourceGroups/x",
			body: `{"location":"swedencentral"}`, status: 404, code: "SubscriptionNotFound",
			message: "The subscription '99999999-1111-1111-1111-111111111111' could not be found.", at: root + "/resourceGroups/x",
		},
		{
			name: "missing group", path: strings.Replace(workspace, "/rg/", "/nowhere/", 1), body: logsBody,
			status: 404, code: "ResourceGroupNotFound", message: "Resource group 'nowhere' could not be found.",
			freed: func(a *azure) { a.ok(root+"/resourceGroups/nowhere", `{"location":"swedencentral"}`) },
		},
		{
			name: "missing service", path: service + "x/backends/se", body: `{"nonsense":1}`,
			status: 404, code: "ParentResourceNotFound", message: "service/backends", at: backend,
		},
		{
			name: "missing api", path: service + "/apis/none/operations/x", body: opBody, status: 404, code: "ResourceNotFound",
			message: "API not found.", freed: func(a *azure) { a.ok(service+"/apis/none", with(apiBody, `"openai"`, `"none"`)) },
		},
		{
			name: "missing network", path: network + "virtualNetworks/none/subnets/x", body: `{"properties":{"addressPrefix":"10.20.2.0/24"}}`,
			status: 404, code: "ParentResourceNotFound", message: "because the parent resource '" + network + "virtualNetworks/none' could not be found.",
			freed: func(a *azure) { a.ok(network+"virtualNetworks/none", vnetWith("")) },
		},
		{name: "body is no JSON", path: backend, body: `{`, status: 400, code: "InvalidRequestContent", message: "could not be deserialized"},
		{name: "body is no object", path: backend, body: `[]`, status: 400, code: "InvalidRequestContent", message: "could not be deserialized"},
		{
			name: "body of more than 4 MB", path: backend, body: `{"x":"` + strings.Repeat("x", maxBody) + `"}`,
			status: 413, code: "RequestContentTooLarge", message: "larger than 4194304 bytes",
		},
		{
			name: "unknown action", method: "POST", path: service + "/subscriptions/team/regenerate",
			status: 400, code: "InvalidResourceType", message: "'regenerate'", at: service + "/subscriptions/team/listSecrets",
		},
		{
			name: "action on what is not there", method: "POST", path: service + "/subscriptions/none/listSecrets",
			status: 404, code: "ResourceNotFound", message: "Subscription not found.", at: service + "/subscriptions/team/listSecrets",
		},
		{
			name: "action in another version", method: "POST", path: service + "/subscriptions/team/listSecrets?api-version=2001-01-01",
			status: 404, code: "InvalidResourceType", message: "The supported api-versions are", at: service + "/subscriptions/team/listSecrets",
		},
		{
			name: "action on no resource", method: "POST", path: "/providers/listSecrets?api-version=2024-05-01",
			status: 400, code: "InvalidRequestUri", message: "starts with /subscriptions/<id>", at: service + "/subscriptions/team/listSecrets",
		},
		{
			name: "unknown method", method: "PATCH", path: service + "/backends/se", body: `{}`,
			status: 405, code: "MethodNotAllowed", message: "does not model it", never: "nobody sends PATCH",
		},
		{
			name: "types and names that do not alternate", path: network + "virtualNetworks", body: vnetWith(""),
			status: 400, code: "InvalidRequestUri", message: "types and names do not alternate", at: network + "virtualNetworks/vnet2",
		},
		{
			name: "no providers", path: group + "/provider/Microsoft.Network/virtualNetworks/xx", body: vnetWith(""),
			status: 400, code: "InvalidRequestUri", message: `"provider" where "providers" belongs`, at: network + "virtualNetworks/xx",
		},
		{
			name: "a list of no type", method: "GET", path: group + "/providers/Microsoft.Network?api-version=2024-05-01",
			status: 400, code: "InvalidRequestUri", message: "types and names do not alternate", at: network + "virtualNetworks",
		},
		{
			name: "a list of an unknown type", method: "GET", path: network + "natGateways",
			status: 404, code: "InvalidResourceType", message: "'natGateways'", at: network + "virtualNetworks",
		},
		{
			name: "a list in a group that is not there", method: "GET", path: strings.Replace(network, "/rg/", "/none/", 1) + "virtualNetworks",
			status: 404, code: "ResourceGroupNotFound", message: "'none'", at: network + "virtualNetworks",
		},
		{
			name: "get what is not there", method: "GET", path: account + "x", status: 404, code: "ResourceNotFound",
			message: "The Resource 'Microsoft.CognitiveServices/accounts/aoai-sex' under resource group 'rg' was not found.", at: account,
		},
		{
			name: "get a group that is not there", method: "GET", path: group + "x", status: 404, code: "ResourceGroupNotFound",
			message: "'rgx'", at: group,
		},
		{
			name: "get in another version", method: "GET", path: account + "?api-version=2001-01-01",
			status: 404, code: "InvalidResourceType", message: "The supported api-versions are", at: account,
		},
		{
			name: "get a missing child", method: "GET", path: service + "/products/x",
			status: 404, code: "ResourceNotFound", message: "Product not found.", at: service + "/products/gold",
		},
		{
			name: "get a missing setting", method: "GET", path: setting + "x", status: 404, code: "ResourceNotFound",
			message: "The diagnostic setting 'x' doesn't exist.", at: setting + "logs",
		},
		{
			name: "get a missing assignment", method: "GET", path: assignment, status: 404, code: "RoleAssignmentNotFound",
			freed: func(a *azure) { a.ok(assignment, roleBody(a, `,"principalType":"ServicePrincipal"`)) },
		},
		{
			name: "delete in another version", method: "DELETE", path: service + "/apis/openai?api-version=2001-01-01",
			status: 404, code: "InvalidResourceType", message: "The supported api-versions are", at: service + "/apis/openai",
		},
		{
			name: "users cannot be made", path: service + "/users/2", body: `{}`,
			status: 405, code: "MethodNotAllowed", message: "does not model it", never: "only Azure makes users here",
		},
		{
			name: "extension of nothing", path: service + "x/providers/Microsoft.Insights/diagnosticSettings/logs", body: settingBody,
			status: 404, code: "ResourceNotFound", message: "service/gw-testx'", at: setting + "logs",
		},
		{
			name: "extension that is none", path: service + "/providers/Microsoft.Network/virtualNetworks/xx", body: vnetWith(""),
			status: 400, code: "InvalidResourceType", message: "is not an extension of '" + service + "'", at: network + "virtualNetworks/xx",
		},
		{
			name: "resource without a group", path: root + "/providers/Microsoft.Network/virtualNetworks/xx", body: vnetWith(""),
			status: 400, code: "InvalidRequestUri", message: "lives in a resource group", at: network + "virtualNetworks/xx",
		},
		{
			name: "name in the body differs", path: backend, body: with(backendBody, `{`, `{"name":"y",`),
			status: 400, code: "InvalidRequestContent", message: "The name 'y' of the body is not the name 'x' of the address.",
			accepted: with(backendBody, `{`, `{"name":"x",`),
		},
	})
}

func TestIDsNameTheSameResourceInAnySpelling(t *testing.T) {
	a := world(t)
	got := a.get(strings.ToUpper(service)[:len(service)] + "/BACKENDS/SE?api-version=2024-06-01-preview")
	require.Equal(t, service+"/backends/se", got["id"])
	r, ok := a.Get(strings.ToLower(service) + "/backends/se/")
	require.True(t, ok)
	require.Equal(t, backendType, r.Type)
	require.Equal(t, "2024-06-01-preview", r.APIVersion)
}

func TestEscapedNamesAreUnescapedOnce(t *testing.T) {
	a := world(t)
	got := a.send(http.MethodPut, service+"/apis/openai%3Brev=2", apiBody)
	require.Equal(t, "ValidationError", got.code)
	require.Contains(t, got.message, "Revisions")
	require.Equal(t, 400, a.send(http.MethodGet, service+"/apis/a%2Fb", "").status)
}

func TestDeletingWhatIsNotThereIsFine(t *testing.T) {
	a := world(t)
	require.Equal(t, http.StatusNoContent, a.send(http.MethodDelete, service+"/backends/none", "").status)
	require.Equal(t, http.StatusNotFound, a.send(http.MethodDelete, root+"/resourceGroups/none", "").status)
}

func TestDeletingAGroupRemovesEverythingInside(t *testing.T) {
	a := world(t)
	a.remove(group)
	require.Empty(t, a.Resources(""))
	require.ElementsMatch(t, []string{account, service}, a.SoftDeleted())
}

func TestHeadTellsWhetherAResourceIsThere(t *testing.T) {
	a := world(t)
	require.Equal(t, http.StatusNoContent, a.send(http.MethodHead, service+"/products/gold/apis/openai", "").status)
	require.Equal(t, 404, a.sendHead(service+"/products/gold/apis/none"))
}

func (a *azure) sendHead(path string) int {
	request, err := http.NewRequest(http.MethodHead, "https://management.azure.com"+path+"?api-version="+versionFor(path), nil)
	require.NoError(a.t, err)
	response, err := a.Transport().RoundTrip(request)
	require.NoError(a.t, err)
	return response.StatusCode
}

func TestListsHoldWhatLivesBelow(t *testing.T) {
	a := world(t)
	names := []string{}
	for _, item := range items(a.get(service+"/backends?api-version=2024-06-01-preview"), "value") {
		names = append(names, text(item, "name"))
	}
	require.Equal(t, []string{"pool", "se"}, names)
	require.Len(t, items(a.get(root+"/resourceGroups?api-version=2024-03-01"), "value"), 1)
}

func TestWatchersHearOfEveryChange(t *testing.T) {
	a := world(t)
	var heard []string
	a.OnChange(func(id string) {
		_, _ = a.Get(id) // the server is free when it tells
		heard = append(heard, id)
	})
	a.ok(service+"/backends/se", backendBody)
	a.remove(service + "/apis/openai/policies/policy")
	a.send(http.MethodPut, service+"/backends/se", `{"properties":{}}`)
	require.Equal(t, []string{service + "/backends/se", service + "/apis/openai/policies/policy"}, heard)
}

func TestWhatIsReadCannotChangeTheServer(t *testing.T) {
	a := world(t)
	r, _ := a.Get(service + "/backends/se")
	object(r.Body, "properties")["url"] = "https://elsewhere"
	again, _ := a.Get(service + "/backends/se")
	require.NotEqual(t, r.Body, again.Body)
}

func TestManyClientsAtOnceDoNotDisturbEachOther(t *testing.T) {
	a := world(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 10 {
				path := service + "/namedValues/v" + string(rune('a'+i)) + string(rune('a'+j))
				body := `{"properties":{"displayName":"` + path[len(path)-3:] + `","value":"x"}}`
				response, err := a.Transport().RoundTrip(mustRequest(http.MethodPut, path, body))
				if err != nil || response.StatusCode != http.StatusCreated {
					t.Errorf("PUT %s: %v %v", path, err, response.Status)
				}
				a.Resources(namedValueType)
			}
		})
	}
	group.Wait()
	require.Len(t, a.Resources(namedValueType), 80+2)
}

func mustRequest(method, path, body string) *http.Request {
	r, err := http.NewRequest(method, "https://management.azure.com"+path+"?api-version="+versionFor(path), strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	return r
}

func TestALongOperationEndsWhenItsTimeIsOver(t *testing.T) {
	a := newAzure(t, func(o *Options) { o.Duration = TypicalDuration })
	a.ok(group, `{"location":"swedencentral"}`)
	created := a.send(http.MethodPut, account, accountBody)
	require.Equal(t, http.StatusCreated, created.status)
	require.Equal(t, "Accepted", text(created.body, "properties", "provisioningState"))
	poll := strings.TrimPrefix(created.header.Get("Azure-AsyncOperation"), "https://management.azure.com")
	require.Equal(t, "InProgress", a.get(poll)["status"])
	require.Equal(t, http.StatusAccepted, a.send(http.MethodGet, strings.TrimPrefix(created.header.Get("Location"), "https://management.azure.com"), "").status)
	ends, pending := a.Pending(group)
	require.True(t, pending)
	a.now = ends
	require.Equal(t, "Succeeded", a.get(poll)["status"])
	require.Equal(t, "Succeeded", text(a.get(account), "properties", "provisioningState"))

	deleted := a.send(http.MethodDelete, account, "")
	require.Equal(t, http.StatusAccepted, deleted.status)
	require.Equal(t, "Deleting", text(a.get(account), "properties", "provisioningState"))
	a.now = a.now.Add(time.Minute)
	require.Equal(t, http.StatusNotFound, a.send(http.MethodGet, account, "").status)
	require.Equal(t, 404, a.send(http.MethodGet, "/subscriptions/"+testSubscription+"/providers/Microsoft.X/locations/global/operationStatuses/none?api-version=1", "").status)
}

func TestEveryAsynchronousTypeHasADuration(t *testing.T) {
	for _, kind := range registry {
		if kind.row.ARM.Async && TypicalDuration(kind.Type, http.MethodPut, nil) == 0 {
			t.Errorf("%s is long-running and has no duration", kind.Type)
		}
	}
	require.Greater(t, TypicalDuration(serviceType, http.MethodPut, map[string]any{"sku": map[string]any{"name": "Developer"}}), 20*time.Minute)
	require.Less(t, TypicalDuration(serviceType, http.MethodPut, map[string]any{"sku": map[string]any{"name": "BasicV2"}}), 10*time.Minute)
}

func TestCoverageNamesEveryTypeWithItsSource(t *testing.T) {
	lines := Coverage()
	require.Len(t, lines, len(registry))
	for _, line := range lines {
		require.NotEmpty(t, line.Source, line.Type)
		require.NotEmpty(t, line.Versions, line.Type)
		require.Equal(t, line.Note != "", line.Status == "partly", line.Type)
	}
}
