package provider

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func lower(s string) string { return strings.ToLower(s) }

func mustSubject(t *testing.T, f *fixture, token string) *subject {
	t.Helper()
	s, err := f.subjectOf(urnOf(token, "x"))
	require.NoError(t, err)
	return s
}

const servicePrefix = "/subscriptions/" + testSubscription + "/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim"

func TestCreateRefusesWhatExists(t *testing.T) {
	group := service(props{"groupId": "g", "displayName": "d"})
	id := servicePrefix + "/groups/g"
	for name, c := range map[string]struct {
		token  string
		inputs props
		answer *http.Response
		want   string
	}{
		"exists":           {gatewayToken("Group"), group, answer(200, props{"id": id}), "cannot create already existing resource '" + id + "'"},
		"empty answer":     {gatewayToken("Group"), group, answer(200, props{}), ""},
		"no body":          {gatewayToken("Group"), group, answer(200, nil), ""},
		"no content":       {gatewayToken("Group"), group, answer(204, nil), ""},
		"not found":        {gatewayToken("Group"), group, refuse(404, "ResourceNotFound", "no"), ""},
		"cannot tell":      {gatewayToken("Group"), group, answer(403, props{"error": "no"}), "cannot check existence of resource '" + id + `': status code 403, {"error":"no"}`},
		"a link that is":   {gatewayToken("ProductGroup"), service(props{"productId": "p", "groupId": "administrators"}), answer(204, nil), "cannot create already existing resource '" + servicePrefix + "/products/p/groups/administrators'"},
		"a changed policy": {gatewayToken("Policy"), service(props{"policyId": "policy", "value": "<policies/>"}), answer(200, props{"properties": props{"value": "<policies/>"}}), "cannot create already existing subresource '" + servicePrefix + "/policies/policy'"},
		"an untouched policy": {
			gatewayToken("Policy"), service(props{"policyId": "policy", "value": "<policies/>"}),
			answer(200, props{"properties": props{"value": "<!-- a comment -->\r\n<policies>\r\n\t<inbound></inbound>\r\n\t<backend>\r\n\t\t<forward-request />\r\n\t</backend>\r\n\t<outbound></outbound>\r\n</policies>"}}), "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.azure.answer = func(method, _ string, attempt int) *http.Response {
				if attempt == 1 && (method == http.MethodGet || method == http.MethodHead) {
					return c.answer
				}
				return nil
			}
			_, _, err := f.create(c.token, c.inputs)
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, c.want)
			assert.Zero(t, f.azure.count("PUT"))
		})
	}
}

func TestALinksPresenceIsAskedForWithHEAD(t *testing.T) {
	f := newFixture(t)
	_, _, err := f.create(gatewayToken("ProductApi"), service(props{"productId": "p", "apiId": "a"}))
	require.NoError(t, err)
	assert.Equal(t, 1, f.azure.count("HEAD"))
	assert.Zero(t, f.azure.count("GET"))
}

func TestTheStateIsWhatAGetAnswersAndKeepsTheInputsAsASecret(t *testing.T) {
	f := newFixture(t)
	r, err := f.Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: urnOf(gatewayToken("NamedValue"), "x"), Properties: wire(t, service(props{"namedValueId": "n", "displayName": "n", "value": "hidden"})),
	})
	require.NoError(t, err)
	assert.Equal(t, servicePrefix+"/namedValues/n", r.GetId())
	state, err := unmarshal(r.GetProperties(), true)
	require.NoError(t, err)
	assert.True(t, state[inputsKey].IsSecret())
	assert.Equal(t, "2024-06-01-preview", state["azureApiVersion"].StringValue())
	assert.Equal(t, "n", state["name"].StringValue())
	assert.Equal(t, 2, f.azure.count("GET"), "before and after the PUT")
}

func TestAFailedReadAfterAWriteIsAWarning(t *testing.T) {
	f := newFixture(t)
	f.azure.answer = func(method, _ string, attempt int) *http.Response {
		if method == http.MethodGet && attempt > 1 {
			return refuse(403, "AuthorizationFailed", "no")
		}
		return nil
	}
	_, outputs, err := f.create(groupToken, props{"resourceGroupName": "rg", "location": "l"})
	require.NoError(t, err)
	assert.Equal(t, "rg", outputs["name"])
	assert.Equal(t, []string{"Failed to read resource after Create. Please report this issue."}, f.warnings)
}

func TestARefusalNamesItsInnermostReason(t *testing.T) {
	f := newFixture(t)
	f.azure.answer = func(method, _ string, _ int) *http.Response {
		if method != http.MethodPut {
			return nil
		}
		body := `{"error":{"code":"Failed","message":"see details","details":[{"code":"Outer","message":"one","target":"pool",` +
			`"details":[{"code":"Inner","message":"wieght is unknown"}]}]}}`
		return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
	}
	_, _, err := f.create(gatewayToken("Group"), service(props{"groupId": "g", "displayName": "d"}))
	require.EqualError(t, err, "Status=400 Code=\"Failed\" Message=\"see details\"\n  pool: Outer: one\n  Inner: wieght is unknown")
}

func TestARefusedPutLeavesNothingInTheState(t *testing.T) {
	f := newFixture(t)
	f.azure.answer = func(method, _ string, _ int) *http.Response {
		if method == http.MethodPut {
			return refuse(400, "ValidationError", "One or more fields contain incorrect values:")
		}
		return nil
	}
	_, _, err := f.create(gatewayToken("Group"), service(props{"groupId": "g", "displayName": "d"}))
	require.EqualError(t, err, `Status=400 Code="ValidationError" Message="One or more fields contain incorrect values:"`)
	var azure *AzureError
	assert.ErrorAs(t, err, &azure)
}

// operation answers a PUT with an operation that ends as told after some polls.
func (a *azure) operation(polls int, status string) {
	left := polls
	a.answer = func(method, path string, _ int) *http.Response {
		switch {
		case method == http.MethodPut || method == http.MethodDelete:
			resp := answer(http.StatusAccepted, nil)
			resp.Header.Set("Azure-AsyncOperation", armHost+"/operations/1?api-version=1")
			resp.Header.Set("Location", armHost+"/operations/1?api-version=1")
			return resp
		case path == "/operations/1" && left > 0:
			left--
			return answer(http.StatusOK, props{"status": "InProgress"})
		case path == "/operations/1" && status == "Failed":
			return answer(http.StatusOK, props{"status": "Failed", "error": props{"code": "ActivationFailed", "message": "the subnet is too small"}})
		case path == "/operations/1":
			return answer(http.StatusOK, props{"status": status})
		}
		return nil
	}
}

func TestALongOperationIsPolledUntilItEnds(t *testing.T) {
	f := newFixture(t)
	f.azure.operation(3, "Succeeded")
	id := servicePrefix
	gets := 0
	poll := f.azure.answer
	f.azure.answer = func(method, path string, attempt int) *http.Response {
		if method == http.MethodGet && path == id {
			if gets++; gets > 1 {
				return answer(200, props{"id": id, "name": "apim", "properties": props{"gatewayUrl": "https://apim"}})
			}
		}
		return poll(method, path, attempt)
	}
	_, outputs, err := f.create(gatewayToken("ApiManagementService"), props{
		"resourceGroupName": "rg", "serviceName": "apim", "location": "l", "publisherEmail": "a@b", "publisherName": "p", "sku": props{"name": "Developer", "capacity": 1},
	})
	require.NoError(t, err)
	assert.Equal(t, "https://apim", outputs["gatewayUrl"])
	assert.Equal(t, []time.Duration{putPolling, putPolling, putPolling, putPolling}, f.waited)
}

func TestAnOperationThatFailsLeavesTheResourceInTheState(t *testing.T) {
	f := newFixture(t)
	f.azure.operation(1, "Failed")
	_, _, err := f.create(gatewayToken("NamedValue"), service(props{"namedValueId": "n", "displayName": "n", "value": "v"}))
	require.ErrorContains(t, err, `Code="ActivationFailed" Message="the subnet is too small"`)
	rpc, ok := rpcerror.FromError(err)
	require.True(t, ok)
	require.Len(t, rpc.Details(), 1)
	failed, ok := rpc.Details()[0].(*pulumirpc.ErrorResourceInitFailed)
	require.True(t, ok)
	assert.Equal(t, servicePrefix+"/namedValues/n", failed.GetId())
	assert.Equal(t, "n", unwire(t, failed.GetInputs())["displayName"])
}

func TestAnOperationThatNeverEndsRunsOutOfTime(t *testing.T) {
	f := newFixture(t)
	f.azure.operation(1<<30, "Succeeded")
	_, err := f.Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: urnOf(gatewayToken("NamedValue"), "x"), Timeout: 100,
		Properties: wire(t, service(props{"namedValueId": "n", "displayName": "n", "value": "v"})),
	})
	require.ErrorContains(t, err, "operation timed out")
	assert.Len(t, f.waited, 10, "100 s are ten polls")
}

func TestADeleteIsPolledAndSendsNoQuery(t *testing.T) {
	f := newFixture(t)
	f.azure.operation(2, "Succeeded")
	_, err := f.Delete(t.Context(), &pulumirpc.DeleteRequest{Urn: urnOf(gatewayToken("ApiManagementService"), "x"), Id: servicePrefix})
	require.NoError(t, err)
	assert.Equal(t, []time.Duration{deletePolling, deletePolling, deletePolling}, f.waited)
	assert.Equal(t, "DELETE "+servicePrefix+"?api-version=2024-06-01-preview", f.azure.requests[0])
}

func TestADeleteOfWhatIsGoneSucceedsAndARefusedOneDoesNot(t *testing.T) {
	for status, wantErr := range map[int]bool{200: false, 202: false, 204: false, 404: false, 400: true} {
		f := newFixture(t)
		f.azure.answer = func(string, string, int) *http.Response {
			return refuse(status, "ValidationError", "Product cannot be deleted since it has existing subscriptions.")
		}
		_, err := f.Delete(t.Context(), &pulumirpc.DeleteRequest{Urn: urnOf(gatewayToken("Product"), "x"), Id: servicePrefix + "/products/p"})
		assert.Equal(t, wantErr, err != nil, "%d: %v", status, err)
	}
}

func TestAPreviewKnowsOnlyTheInputs(t *testing.T) {
	f := newFixture(t)
	r, err := f.Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: urnOf(accountToken, "x"), Preview: true, Properties: wire(t, props{
			"resourceGroupName": "rg", "accountName": "acc", "kind": "OpenAI", "identity": props{"type": "SystemAssigned"},
		}),
	})
	require.NoError(t, err)
	out, err := plainInputs(r.GetProperties())
	require.NoError(t, err)
	assert.Equal(t, "OpenAI", out["kind"].StringValue())
	identity := out["identity"].ObjectValue()
	assert.Equal(t, "SystemAssigned", identity["type"].StringValue())
	assert.True(t, identity["principalId"].IsComputed())
	assert.True(t, out["name"].IsComputed(), "not even the name is known")
	assert.NotContains(t, out, resource.PropertyKey("resourceGroupName"))
	assert.Empty(t, f.azure.requests)
}

func TestAnUpdatePreviewKeepsNameAndLocation(t *testing.T) {
	f := newFixture(t)
	r, err := f.Update(t.Context(), &pulumirpc.UpdateRequest{
		Urn: urnOf(accountToken, "x"), Preview: true,
		Olds: wire(t, props{"name": "acc", "location": "l", "etag": "old"}), News: wire(t, props{"kind": "OpenAI"}),
	})
	require.NoError(t, err)
	out, err := plainInputs(r.GetProperties())
	require.NoError(t, err)
	assert.Equal(t, "acc", out["name"].StringValue())
	assert.Equal(t, "l", out["location"].StringValue())
	assert.True(t, out["etag"].IsComputed())
}

func TestCancelEndsOperationsInFlightButNotTheProvider(t *testing.T) {
	f := newFixture(t)
	f.azure.operation(1<<30, "Succeeded")
	first := true
	f.options.Wait = func(ctx context.Context, _ time.Duration) error {
		if first {
			first = false
			_, err := f.Cancel(ctx, nil)
			require.NoError(t, err)
		}
		return ctx.Err()
	}
	f.client.wait = f.options.Wait
	_, _, err := f.create(gatewayToken("NamedValue"), service(props{"namedValueId": "n", "displayName": "n", "value": "v"}))
	require.ErrorContains(t, err, "context canceled")

	f.azure.answer = nil
	_, _, err = f.create(groupToken, props{"resourceGroupName": "next", "location": "l"})
	assert.NoError(t, err, "the next run of the engine")
}

func TestALinkHasNothingInItsStateAfterItsCreate(t *testing.T) {
	for _, kind := range []string{"ProductApi", "ProductGroup"} {
		f := newFixture(t)
		_, outputs, err := f.create(gatewayToken(kind), service(props{"productId": "p", "apiId": "a", "groupId": "a"}))
		assert.NoError(t, err)
		delete(outputs, string(inputsKey))
		assert.Equal(t, props{"azureApiVersion": gatewayVersion}, outputs, "HEAD answers without a body")
	}
}
