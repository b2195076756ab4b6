package apim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/azure/apim/document"
)

// policy is a raw document of a test.
func policy(text string) *apim.Policy {
	return &apim.Policy{File: "test.xml", Format: document.RawXML, Text: text}
}

// sections puts policies into a document; each section keeps its <base />.
func sections(inbound, backend, outbound, onError string) *apim.Policy {
	if backend == "" {
		backend = "<base />"
	}
	return policy("<policies><inbound><base />" + inbound + "</inbound><backend>" + backend + "</backend><outbound><base />" + outbound +
		"</outbound><on-error><base />" + onError + "</on-error></policies>")
}

// service is an open API with one operation in front of https://a.test/base.
func service(p *apim.Policy, change ...func(*apim.Configuration)) apim.Configuration {
	cfg := apim.Configuration{
		Service: apim.Service{Name: "contoso", Region: "westeurope", SKU: "Developer"},
		APIs: []apim.API{{
			ID: "echo", Name: "Echo", Path: "echo", ServiceURL: "https://a.test/base", Policy: p,
			Operations: []apim.Operation{
				{ID: "get", Name: "Get", Method: "GET", URLTemplate: "/things/{id}"},
				{ID: "post", Name: "Post", Method: "POST", URLTemplate: "/things/{id}"},
			},
		}},
		Backends: []apim.Backend{{ID: "a", URL: "https://a.test"}, {ID: "b", URL: "https://b.test"}, {ID: "c", URL: "https://c.test"}},
		Loggers:  []apim.Logger{{ID: "hub", Type: "azureEventHub"}},
	}
	for _, c := range change {
		c(&cfg)
	}
	return cfg
}

// with gives the expressions of a test.
func with(e apimtest.Expressions) func(*apim.Deps) {
	return func(d *apim.Deps) { d.Expressions = e }
}

func TestARequestFlowsThroughChooseRetryAndForward(t *testing.T) {
	statusIs429 := func(c *apim.Context) (any, error) { return c.Response == nil || c.Response.Status == 429, nil }
	run := apimtest.RunT(t, service(sections(`
		<choose>
			<when condition="@(context.Request.Headers.GetValueOrDefault("x","") == "1")"><set-backend-service backend-id="b" /></when>
			<otherwise><set-backend-service backend-id="a" /></otherwise>
		</choose>
		<set-header name="x-added" exists-action="override"><value>yes</value></set-header>`,
		`<retry condition="@(context.Response == null || context.Response.StatusCode == 429)" count="2" interval="3" first-fast-retry="true">
			<forward-request buffer-request-body="true" />
		</retry>`,
		`<set-header name="x-out" exists-action="override"><value>done</value></set-header>`, "")),
		with(apimtest.Expressions{
			`@(context.Request.Headers.GetValueOrDefault("x","") == "1")`:       func(c *apim.Context) (any, error) { return c.Request.Header.Get("x") == "1", nil },
			`@(context.Response == null || context.Response.StatusCode == 429)`: statusIs429,
		}))
	run.Backends.On("b.test", apimtest.Respond(429, "slow"), apimtest.Fail("reset"), apimtest.Respond(200, "fine"))

	got := run.Do("POST", "/echo/things/7?q=1", "hello", "x", "1")
	assert.Equal(t, 200, got.Status)
	assert.Equal(t, "fine", got.Body)
	assert.Equal(t, "done", got.Header.Get("x-out"))
	seen := run.Backends.Seen()
	require.Len(t, seen, 3)
	for _, s := range seen {
		assert.Equal(t, "https://b.test/things/7?q=1", s.URL)
		assert.Equal(t, "hello", s.Body, "the body is kept for the retry")
		assert.Equal(t, "yes", s.Header.Get("x-added"))
	}
	rec := run.Records.Wait(1)[0]
	require.Len(t, rec.Attempts, 3)
	assert.Equal(t, "BackendConnectionFailure", rec.Attempts[1].Reason)
	assert.Equal(t, 200, rec.ResponseCode)
	assert.True(t, rec.IsSuccess)
}
