package arm

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What an operation holds is refused to deletes as it is to writes (the sources are those of Rules).
func TestADeleteIsRefusedWhileAnOperationHoldsWhatItNeeds(t *testing.T) {
	running := func(path, body string) func(*azure) {
		return func(a *azure) {
			a.options.Duration = TypicalDuration
			a.ok(path, body)
		}
	}
	ended := func(a *azure) { a.later(time.Hour) }
	runRules(t, nil, []rule{
		{
			name: "a deployment beside another", prepare: running(account+"/deployments/one", modelBody), method: "DELETE",
			path: account + "/deployments/gpt-4o", status: 409, code: "RequestConflict",
			message: "Another operation is being performed on the parent resource '" + account + "'. Please try again later.", freed: ended,
		},
		{
			name: "a backend of a service that changes", prepare: running(service, serviceBody), method: "DELETE",
			path: service + "/products/gold/groups/team", status: 409, code: "ServiceLocked",
			message: "The API Service gw-test is transitioning at this time. Please try the request again later.", freed: ended,
		},
		{
			name: "a policy beside an operation", prepare: running(service+"/apis/openai/operations/chat", opBody), method: "DELETE",
			path: service + "/apis/openai/policies/policy", status: 409, code: "PessimisticConcurrencyConflict",
			message: "Operation on the API is in progress", freed: ended,
		},
		{
			name: "a subnet beside its network", prepare: running(network+"virtualNetworks/vnet", vnetWith(
				`{"name":"gateway","properties":{"addressPrefix":"10.20.0.0/26","networkSecurityGroup":{"id":"`+network+`networkSecurityGroups/nsg"}}},`+
					`{"name":"endpoints","properties":{"addressPrefix":"10.20.1.0/29"}},{"name":"free","properties":{"addressPrefix":"10.20.2.0/24"}}`)),
			method: "DELETE", path: network + "virtualNetworks/vnet/subnets/free", status: 409, code: "AnotherOperationInProgress",
			message: "Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: " +
				"https://management.azure.com/subscriptions/" + testSubscription, freed: ended,
		},
	})
}

// Microsoft Learn says nothing of a service's children and their siblings: only what is locked is refused.
func TestWritesThatShareNothingDoNotMeet(t *testing.T) {
	a := slow(t)
	a.ok(service+"/backends/one", backendBody)
	a.ok(service+"/backends/two", backendBody)
	a.ok(network+"publicIPAddresses/two", strings.Replace(pipBody, "gw-test", "gw-two", 1))
	a.ok(secondPE, peBody) // its account and its network are free, whatever else runs
	a.later(time.Hour)
	assert.Equal(t, "Succeeded", text(a.get(secondPE), "properties", "provisioningState"))
}

// A template's own resources wait for each other: Azure refuses none of them (decision of the deployment's order is the template's).
func TestATemplateWaitsForItsOwnResources(t *testing.T) {
	a := slow(t)
	operation := func(name string) string {
		return `{"type":"Microsoft.ApiManagement/service/apis/operations","apiVersion":"2024-06-01-preview","name":"gw-test/openai/` + name +
			`","properties":{"displayName":"` + name + `","method":"GET","urlTemplate":"/` + name + `"}}`
	}
	got := a.send(http.MethodPut, deployment, deploymentOf(templateOf(operation("one")+","+operation("two"), ""), ""))
	require.Less(t, got.status, 300, got.raw)
	a.later(time.Hour)
	status, refusals := a.operationOf(got)
	assert.Equal(t, "Succeeded", status, refusals)
	a.get(service + "/apis/openai/operations/two")
}

func TestADeploymentLastsUntilTheLastOfItsResources(t *testing.T) {
	a := slow(t)
	inner := `{"type":"Microsoft.EventHub/namespaces","apiVersion":"2024-01-01","name":"evhns-more","location":"swedencentral","sku":{"name":"Standard"},"properties":{}}`
	got := a.send(http.MethodPut, deployment, deploymentOf(templateOf(inner, ""), ""))
	require.Less(t, got.status, 300, got.raw)
	poll := strings.TrimPrefix(got.header.Get("Azure-AsyncOperation"), "https://management.azure.com")
	lasts := TypicalDuration(namespaceType, http.MethodPut, nil)
	require.Greater(t, lasts, TypicalDuration("Microsoft.Resources/deployments", http.MethodPut, nil), "or this proves nothing")
	a.later(lasts - time.Second)
	assert.Equal(t, "InProgress", a.get(poll)["status"])
	a.later(time.Second)
	assert.Equal(t, "Succeeded", a.get(poll)["status"])
}

func TestAnOperationThatFailsSaysWhyAndItsResourceSaysSo(t *testing.T) {
	a := slow(t)
	request := httptest.NewRequest(http.MethodPut, "https://management.azure.com"+account+"/deployments/one?api-version=2024-10-01", strings.NewReader(modelBody))
	response, err := a.Transport().RoundTrip(request.WithContext(Failing(t.Context(), "OperationNotAllowed", "not today")))
	require.NoError(t, err)
	require.Less(t, response.StatusCode, 300)
	assert.Equal(t, "Creating", text(a.get(account+"/deployments/one"), "properties", "provisioningState"))
	a.later(time.Hour)
	poll := a.get(strings.TrimPrefix(response.Header.Get("Azure-AsyncOperation"), "https://management.azure.com"))
	assert.Equal(t, "Failed", poll["status"])
	assert.Equal(t, "OperationNotAllowed", text(poll, "error", "code"))
	assert.Equal(t, "not today", text(poll, "error", "message"))
	assert.Equal(t, "Failed", text(a.get(account+"/deployments/one"), "properties", "provisioningState"))
	a.ok(account+"/deployments/one", modelBody)
	a.later(time.Hour)
	assert.Equal(t, "Succeeded", text(a.get(account+"/deployments/one"), "properties", "provisioningState"), "the next write is another one")
}

func TestAResourceIsUpdatingUntilTheLastOfItsOperationsEnds(t *testing.T) {
	a := slow(t)
	pip := network + "publicIPAddresses/pip"
	a.ok(pip, pipBody)
	first, pending := a.Pending(pip)
	require.True(t, pending)
	a.now = first.Add(-time.Second)
	a.ok(pip, pipBody)
	a.now = first
	assert.Equal(t, "Updating", text(a.get(pip), "properties", "provisioningState"), "the second write has not ended")
	second, _ := a.Pending(pip)
	a.now = second
	assert.Equal(t, "Succeeded", text(a.get(pip), "properties", "provisioningState"))
	_, pending = a.Pending(pip)
	assert.False(t, pending)
}

func TestWhatARunningOperationIsCalledDependsOnItsResource(t *testing.T) {
	a := slow(t)
	for _, c := range []struct{ path, body, first, again string }{
		{account + "2", strings.ReplaceAll(accountBody, "aoai-se", "aoai-two"), "Accepted", "Accepted"},
		{account + "/deployments/one", modelBody, "Creating", "Updating"},
		{service + "2", plainService, "Activating", "Updating"},
		{network + "publicIPAddresses/two", strings.Replace(pipBody, "gw-test", "gw-two", 1), "Updating", "Updating"},
	} {
		state := func() string {
			got := a.ok(c.path, c.body)
			a.later(time.Hour)
			return text(got, "properties", "provisioningState")
		}
		assert.Equal(t, c.first, state(), c.path)
		assert.Equal(t, c.again, state(), c.path)
	}
}

func TestAnEndpointsAccountThatGoesLeavesTheEndpointAlone(t *testing.T) {
	a := world(t)
	a.remove(account)
	a.ok(secondPE, with(with(peBody, account, service), `["account"]`, `["Gateway"]`))
	assert.Len(t, items(a.get(service), "properties", "privateEndpointConnections"), 1)
	group := a.ok(network+"privateEndpoints/pe/privateDnsZoneGroups/default", zoneGroup)
	assert.Empty(t, items(items(group, "properties", "privateDnsZoneConfigs")[0], "properties", "recordSets"), "nothing is behind the endpoint")
}

func TestARequestThatIsCutOffChangesNothing(t *testing.T) {
	a := world(t)
	before := a.saved()
	broken := httptest.NewRequest(http.MethodPut, "https://management.azure.com"+service+"/backends/new?api-version=2024-06-01-preview",
		io.MultiReader(strings.NewReader(backendBody[:20]), iotest.ErrReader(errors.New("the line was cut"))))
	response, err := a.Transport().RoundTrip(broken)
	require.NoError(t, err)
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Contains(t, string(data), "The request content could not be read: the line was cut")

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	whole := httptest.NewRequest(http.MethodPut, "https://management.azure.com"+service+"/backends/new?api-version=2024-06-01-preview", strings.NewReader(backendBody))
	_, err = a.Transport().RoundTrip(whole.WithContext(gone))
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, before, a.saved())
	a.ok(service+"/backends/new", backendBody)
}

func TestARequestWithoutABodyIsOneWithAnEmptyOne(t *testing.T) {
	a := world(t)
	for _, path := range []string{service + "/products/gold/apis/openai", service + "/products/gold/groups/developers"} {
		request, err := http.NewRequest(http.MethodPut, "https://management.azure.com"+path+"?api-version=2024-06-01-preview", nil)
		require.NoError(t, err)
		response, err := a.Transport().RoundTrip(request)
		require.NoError(t, err)
		assert.Less(t, response.StatusCode, 300, path)
	}
	assert.Equal(t, "InvalidRequestFormat", a.send(http.MethodPut, network+"virtualNetworks/new", `{"location":"swedencentral"}`).code)
	assert.Equal(t, "LocationRequired", a.send(http.MethodPut, network+"virtualNetworks/new", `null`).code, "null is an empty body")
}

func TestTheSubscriptionIsItself(t *testing.T) {
	a := newAzure(t)
	got := a.get(root + "?api-version=2022-12-01")
	assert.Equal(t, []string{root, testSubscription, testTenant, "Enabled"}, []string{text(got, "id"), text(got, "subscriptionId"), text(got, "tenantId"), text(got, "state")})
	assert.Equal(t, []any{got}, a.get("/subscriptions?api-version=2022-12-01")["value"])
}
