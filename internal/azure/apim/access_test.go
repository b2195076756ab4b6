package apim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/clock"
)

// guarded is the echo API behind keys, in product gold, with a key of every kind.
func guarded(change ...func(*apim.Configuration)) apim.Configuration {
	return service(nil, append([]func(*apim.Configuration){func(c *apim.Configuration) {
		c.APIs[0].SubscriptionRequired = true
		c.APIs = append(c.APIs, apim.API{ID: "other", Path: "other", ServiceURL: "https://other.test", SubscriptionRequired: true,
			Operations: []apim.Operation{{ID: "all", Method: "*", URLTemplate: "/*"}}})
		c.Groups = []apim.Group{{ID: "devs", Name: "Developers", ExternalID: "aad://t/groups/g1"}}
		c.Users = []apim.User{{ID: "u1", Groups: []string{"/groups/devs"}}}
		c.Products = []apim.Product{
			{ID: "gold", Name: "Gold", Published: true, SubscriptionRequired: true, APIs: []string{"echo"}, Groups: []string{"devs"},
				Policy: sections(`<set-header name="x-product" exists-action="override"><value>gold</value></set-header>`, "", "", "")},
			{ID: "silver", Name: "Silver", Published: true, SubscriptionRequired: true, APIs: []string{"other"}},
		}
		past, future := clock.Epoch.Add(-time.Hour), clock.Epoch.Add(time.Hour)
		sub := func(id, scope, state string) apim.Subscription {
			return apim.Subscription{ID: id, Scope: scope, State: state, PrimaryKey: "key-" + id, SecondaryKey: "key2-" + id, OwnerID: "/users/u1"}
		}
		c.Subscriptions = []apim.Subscription{
			sub("gold", "/subscriptions/s/resourceGroups/r/providers/Microsoft.ApiManagement/service/contoso/products/gold", "active"),
			sub("silver", "/products/silver", "active"), sub("api", "/apis/echo", "active"), sub("all", "/apis", "active"),
			sub("master", "/subscriptions/s/resourceGroups/r/providers/Microsoft.ApiManagement/service/contoso", "active"),
			sub("suspended", "/products/gold", "suspended"), sub("submitted", "/products/gold", "submitted"),
		}
		expired, early := sub("expired", "/products/gold", "active"), sub("early", "/products/gold", "active")
		expired.End, early.Start = &past, &future
		c.Subscriptions = append(c.Subscriptions, expired, early)
	}}, change...)...)
}

const (
	missingKey = `{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API." }`
	invalidKey = `{ "statusCode": 401, "message": "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription." }`
	noResource = `{ "statusCode": 404, "message": "Resource not found" }`
)

func TestAKeyOpensWhatItsScopeCovers(t *testing.T) {
	run := apimtest.RunT(t, guarded())
	for _, c := range []struct {
		name, path, key string
		status          int
		body            string
		product         string
	}{
		{"no key", "/echo/things/1", "", 401, missingKey, ""},
		{"unknown key", "/echo/things/1", "nobody", 401, invalidKey, ""},
		{"product key", "/echo/things/1", "key-gold", 200, "", "gold"},
		{"secondary key", "/echo/things/1", "key2-gold", 200, "", "gold"},
		{"key of another product", "/echo/things/1", "key-silver", 401, invalidKey, ""},
		{"API key runs without a product", "/echo/things/1", "key-api", 200, "", ""},
		{"API key elsewhere", "/other/x", "key-api", 401, invalidKey, ""},
		{"key for all APIs runs without a product", "/other/x", "key-all", 200, "", ""},
		{"master key", "/other/x", "key-master", 200, "", ""},
		{"suspended", "/echo/things/1", "key-suspended", 401, invalidKey, ""},
		{"submitted, ARM's default state", "/echo/things/1", "key-submitted", 401, invalidKey, ""},
		{"expired", "/echo/things/1", "key-expired", 401, invalidKey, ""},
		{"not yet", "/echo/things/1", "key-early", 401, invalidKey, ""},
		{"unknown API", "/nowhere", "key-gold", 404, noResource, ""},
		{"unknown operation", "/echo/else", "key-gold", 404, noResource, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(run.Backends.Seen())
			var header []string
			if c.key != "" {
				header = []string{"Ocp-Apim-Subscription-Key", c.key}
			}
			got := run.Get(c.path, header...)
			require.Equal(t, c.status, got.Status, got.Body)
			if c.body != "" {
				assert.Equal(t, c.body, got.Body)
				assert.Equal(t, "application/json", got.Header.Get("Content-Type"))
				assert.Len(t, run.Backends.Seen(), before, "a refused call reached a backend")
				return
			}
			seen := run.Backends.Seen()
			assert.Equal(t, c.product, seen[len(seen)-1].Header.Get("x-product"), "policies of the product")
		})
	}
}

func TestARefusedKeySaysWhereKeysGo(t *testing.T) {
	run := apimtest.RunT(t, guarded(func(c *apim.Configuration) {
		c.APIs[0].KeyParameter = apim.KeyParameter{Header: "api-key", Query: "api-key"}
	}))
	got := run.Get("/echo/things/1")
	assert.Equal(t, 401, got.Status)
	assert.Regexp(t, `^AzureApiManagementKey realm="https://127.0.0.1:\d+/echo",name="api-key",type="header"$`, got.Header.Get("WWW-Authenticate"))
	assert.Equal(t, 200, run.Get("/echo/things/1", "api-key", "key-gold").Status)
	assert.Equal(t, 200, run.Get("/echo/things/1?api-key=key-gold").Status)
	assert.Equal(t, 401, run.Get("/echo/things/1", "Ocp-Apim-Subscription-Key", "key-gold").Status, "the API looks under its own names only")
}

func TestAnOpenProductNeedsNoKey(t *testing.T) {
	run := apimtest.RunT(t, guarded(func(c *apim.Configuration) { c.Products[0].SubscriptionRequired = false }))
	assert.Equal(t, 200, run.Get("/echo/things/1").Status)
	assert.Equal(t, "gold", run.Backends.Seen()[0].Header.Get("x-product"))
	assert.Equal(t, 401, run.Get("/other/x").Status)
}

func TestARefusedCallRunsOnErrorAndIsRecorded(t *testing.T) {
	run := apimtest.RunT(t, guarded(func(c *apim.Configuration) {
		c.APIs[0].Policy = sections("", "", "", `<set-header name="x-on-error" exists-action="override"><value>ran</value></set-header>`)
	}))
	got := run.Get("/echo/things/1")
	assert.Equal(t, "ran", got.Header.Get("x-on-error"))
	rec := run.Records.Wait(1)[0]
	require.NotNil(t, rec.LastError)
	assert.Equal(t, apim.LastError{
		Source: "authorization", Reason: "SubscriptionKeyNotFound",
		Message: "Access denied due to missing subscription key. Make sure to include subscription key when making requests to this API.",
	}, *rec.LastError)
	assert.False(t, rec.IsSuccess)
	assert.Equal(t, "echo", rec.APIID)
}

func TestTheRecordNamesWhoCalledWhat(t *testing.T) {
	run := apimtest.RunT(t, guarded())
	run.Get("/echo/things/1", "Ocp-Apim-Subscription-Key", "key-gold")
	rec := run.Records.Wait(1)[0]
	assert.Equal(t, []string{"echo", "get", "Get", "gold", "gold", "u1", "127.0.0.1", "westeurope", "1"},
		[]string{rec.APIID, rec.OperationID, rec.OperationName, rec.ProductID, rec.SubscriptionID, rec.UserID, rec.CallerIP, rec.Region, rec.APIRevision})
}

func TestExpressionsSeeProductSubscriptionAndUserOrNull(t *testing.T) {
	cfg := guarded(func(c *apim.Configuration) {
		c.APIs[0].Policy = sections(`<return-response><set-body>@(
			(context.Product == null ? "none" : context.Product.Name + "/" + context.Product.Groups.First().Name + "/" + context.Product.Apis.First().Id) + " " +
			(context.Subscription == null ? "none" : context.Subscription.Id) + " " +
			(context.User == null ? "none" : context.User.Groups.First().Id))</set-body></return-response>`, "", "", "")
	})
	run := apimtest.RunT(t, cfg, sharp)
	assert.Equal(t, "Gold/Developers/echo gold devs", run.Get("/echo/things/1", "Ocp-Apim-Subscription-Key", "key-gold").Body)
	assert.Equal(t, "none all devs", run.Get("/echo/things/1", "Ocp-Apim-Subscription-Key", "key-all").Body)
}

func TestTheMostSpecificOperationAnswers(t *testing.T) {
	run := apimtest.RunT(t, service(nil, func(c *apim.Configuration) {
		op := func(id, method, template string) apim.Operation {
			return apim.Operation{ID: id, Method: method, URLTemplate: template}
		}
		c.APIs[0].Path = "openai"
		c.APIs[0].Operations = []apim.Operation{
			op("any", "*", "/*"), op("param", "POST", "/deployments/{id}/chat/completions"), op("literal", "POST", "/deployments/special/chat/completions"),
			op("query", "GET", "/find?kind={k}"), op("plain", "GET", "/find"),
		}
		c.APIs = append(c.APIs, apim.API{ID: "v1", Path: "openai/v1", ServiceURL: "https://v1.test", Operations: []apim.Operation{op("v1", "*", "/*")}},
			apim.API{ID: "root", Path: "", ServiceURL: "https://root.test", Operations: []apim.Operation{op("root", "GET", "/only")}})
	}))
	for i, c := range []struct{ method, path, want string }{
		{"POST", "/openai/deployments/gpt/chat/completions", "param"},
		{"POST", "/OpenAI/Deployments/special/chat/completions", "literal"},
		{"GET", "/openai/deployments/gpt/chat/completions", "any"},
		{"GET", "/openai/find?kind=a", "query"},
		{"GET", "/openai/find", "plain"},
		{"GET", "/openai/v1/models", "v1"},
		{"GET", "/openaiv1/models", ""},
		{"GET", "/only", "root"},
		{"GET", "/openai", "any"},
	} {
		run.Do(c.method, c.path, "")
		assert.Equal(t, c.want, run.Records.Wait(i + 1)[i].OperationID, c.path)
	}
}

func TestEscapedPathsReachTheBackendAsTheyCame(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<set-header name="x-id" exists-action="override"><value>@(context.Request.MatchedParameters["id"])</value></set-header>`, "", "", "")), sharp)
	require.Equal(t, 200, run.Get("/echo/things/a%2Fb%20c?x=%2F").Status)
	seen := run.Backends.Seen()[0]
	assert.Equal(t, "https://a.test/base/things/a%2Fb%20c?x=%2F", seen.URL)
	assert.Equal(t, "a/b c", seen.Header.Get("x-id"))
}
