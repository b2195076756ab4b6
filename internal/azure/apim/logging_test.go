package apim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

func TestABodyIsLoggedOnlyWhereADiagnosticAsksForIt(t *testing.T) {
	log := func(n int) apim.MessageLog {
		return apim.MessageLog{BodyBytes: n, Headers: []string{"x-logged"}}
	}
	run := apimtest.RunT(t, service(sections(`<set-body>to the backend</set-body>`, "", `<set-body>to the caller</set-body>`, ""), func(c *apim.Configuration) {
		c.Diagnostics = []apim.Diagnostic{{ID: "azuremonitor", FrontendRequest: log(100), FrontendResponse: log(6), BackendRequest: log(100), BackendResponse: log(100)}}
	}))
	run.Backends.On("a.test", apimtest.Respond(200, "from the backend", "x-logged", "b", "x-else", "1"))
	got := run.Do("POST", "/echo/things/1", "from the caller", "x-logged", "c", "x-secret", "s")
	assert.Equal(t, "to the caller", got.Body)
	r := run.Records.Wait(1)[0]
	assert.Equal(t, []string{"from the caller", "to the backend", "from the backend", "to the"}, []string{r.RequestBody, r.BackendRequestBody, r.BackendResponseBody, r.ResponseBody})
	assert.Equal(t, "to the backend", run.Backends.Seen()[0].Body, "what is logged is sent all the same")
	assert.Len(t, r.RequestHeaders, 1)
	assert.Len(t, r.BackendResponseHeaders, 1)
	assert.Equal(t, http.Header{"x-logged": {"c"}}, r.BackendRequestHeaders)

	run = apimtest.RunT(t, service(nil))
	run.Do("POST", "/echo/things/1", "from the caller", "x-logged", "c")
	r = run.Records.Wait(1)[0]
	assert.Empty(t, r.RequestBody+r.ResponseBody+r.BackendRequestBody+r.BackendResponseBody)
	assert.Nil(t, r.RequestHeaders)
	assert.Nil(t, r.AzureMonitor)
}

func TestTheDiagnosticOfAnAPIStandsInForTheServices(t *testing.T) {
	run := apimtest.RunT(t, service(nil, func(c *apim.Configuration) {
		c.Diagnostics = []apim.Diagnostic{{ID: "azuremonitor", Verbosity: "error"}, {ID: "applicationinsights", Metrics: true}}
		c.APIs[0].Diagnostics = []apim.Diagnostic{{ID: "azuremonitor", Verbosity: "verbose"}}
	}))
	run.Get("/echo/things/1")
	r := run.Records.Wait(1)[0]
	assert.Equal(t, "verbose", r.AzureMonitor.Verbosity)
	assert.True(t, r.ApplicationInsights.Metrics)
}

func TestTracesCarryTheirMetadata(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<trace source="me" severity="information"><message>hello</message><metadata name="a" value="b" /></trace><trace source="me"><message>quiet</message></trace>`, "", "", "")))
	run.Get("/echo/things/1")
	traces := run.Records.Wait(1)[0].Traces
	require.Len(t, traces, 2)
	assert.Equal(t, apim.TraceRecord{Source: "me", Message: "hello", Severity: "information", Metadata: map[string]string{"a": "b"}}, traces[0])
	assert.Equal(t, "verbose", traces[1].Severity)
}

func TestATraceMayHaveItsMessageAsText(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<trace source="me"> hello </trace><trace source="you">there<metadata name="a" value="b" /></trace>`, "", "", "")))
	run.Get("/echo/things/1")
	traces := run.Records.Wait(1)[0].Traces
	require.Len(t, traces, 2)
	assert.Equal(t, "hello", traces[0].Message)
	assert.Equal(t, "there", traces[1].Message)
	assert.Equal(t, map[string]string{"a": "b"}, traces[1].Metadata)
}

func TestMetricsSayWhyTheyAreNotIngested(t *testing.T) {
	dims := func(n int) string {
		return strings.Repeat(`<dimension name="API ID" />`, 1) + strings.Join([]string{"", `<dimension name="a" value="1" /><dimension name="b" value="1" /><dimension name="c" value="1" /><dimension name="d" value="1" /><dimension name="e" value="1" />`}[n:n+1], "")
	}
	insights := func(on bool) []apim.Diagnostic {
		return []apim.Diagnostic{{ID: "applicationinsights", Metrics: on}}
	}
	for _, c := range []struct {
		name        string
		dims        int
		diagnostics []apim.Diagnostic
		want        string
	}{
		{"ingested", 0, insights(true), ""},
		{"no diagnostic", 0, nil, "no applicationinsights diagnostic"},
		{"metrics off", 0, insights(false), "metrics switched off"},
		{"too many dimensions", 1, insights(true), "6 dimensions, of which 5 at most"},
	} {
		run := apimtest.RunT(t, service(sections(`<emit-metric name="calls" value="2" namespace="ours">`+dims(c.dims)+`</emit-metric>`, "", "", ""), func(cfg *apim.Configuration) { cfg.Diagnostics = c.diagnostics }))
		run.Get("/echo/things/1")
		m := run.Records.Wait(1)[0].Metrics
		require.Len(t, m, 1, c.name)
		assert.Equal(t, []any{"ours", "calls", 2.0, "echo"}, []any{m[0].Namespace, m[0].Name, m[0].Value, m[0].Dimensions["API ID"]})
		if c.want == "" {
			assert.Empty(t, m[0].Dropped)
		} else {
			assert.Contains(t, m[0].Dropped, c.want)
		}
	}
}

func TestTokenMetricsCountWhatTheCallConsumed(t *testing.T) {
	run := apimtest.RunT(t, guarded(func(c *apim.Configuration) {
		c.Products[0].Policy = sections(`<azure-openai-emit-token-metric namespace="llm"><dimension name="Product ID" /><dimension name="Subscription ID" /><dimension name="User ID" /><dimension name="Location" /><dimension name="Operation ID" /></azure-openai-emit-token-metric>`, "", "", "")
		c.Diagnostics = []apim.Diagnostic{{ID: "applicationinsights", Metrics: true}}
	}))
	run.Backends.On("a.test", tokens(7, 5), apimtest.Respond(500, ""))
	run.Do("POST", "/echo/things/1", chat, "Ocp-Apim-Subscription-Key", "key-gold")
	run.Do("POST", "/echo/things/1", chat, "Ocp-Apim-Subscription-Key", "key-gold")
	records := run.Records.Wait(2)
	got := map[string]float64{}
	for _, m := range records[0].Metrics {
		got[m.Name] = m.Value
		assert.Empty(t, m.Dropped)
		assert.Equal(t, map[string]string{"Product ID": "gold", "Subscription ID": "gold", "User ID": "u1", "Location": "westeurope", "Operation ID": "post"}, m.Dimensions)
	}
	assert.Equal(t, map[string]float64{"Total Tokens": 12, "Prompt Tokens": 7, "Completion Tokens": 5}, got)
	assert.Empty(t, records[1].Metrics, "a failed call consumed nothing that is known")
}

func TestABackendIsADimensionOfWhatItServed(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<set-backend-service backend-id="a" /><emit-metric name="before"><dimension name="Backend ID" /></emit-metric>
		<llm-emit-token-metric><dimension name="Backend ID" /></llm-emit-token-metric>`, "", "", ""), func(c *apim.Configuration) {
		c.Backends = []apim.Backend{{ID: "a", URL: "https://a.test"}}
		c.Diagnostics = []apim.Diagnostic{{ID: "applicationinsights", Metrics: true}}
	}))
	run.Backends.On("a.test", tokens(7, 5))
	run.Do("POST", "/echo/things/1", chat)
	metrics := run.Records.Wait(1)[0].Metrics
	require.Len(t, metrics, 4)
	for _, m := range metrics {
		assert.Equal(t, map[string]string{"Backend ID": "a"}, m.Dimensions, m.Name)
	}
}

func TestAConversationIsLoggedOnlyWhenTheDiagnosticWantsIt(t *testing.T) {
	for _, c := range []struct {
		name string
		log  *apim.LLMLog
		want *apim.LLMRecord
	}{
		{"off", nil, nil},
		{"disabled", &apim.LLMLog{}, nil},
		{"tokens only", &apim.LLMLog{Enabled: true}, &apim.LLMRecord{}},
		{"cut", &apim.LLMLog{Enabled: true, RequestBytes: 8, ResponseBytes: 1000}, &apim.LLMRecord{Request: `[{"role"`, Response: `[{"content":"a b","role":"assistant"}]`}},
	} {
		run := apimtest.RunT(t, service(nil, func(cfg *apim.Configuration) {
			cfg.Diagnostics = []apim.Diagnostic{{ID: "azuremonitor", LLM: c.log}}
			cfg.APIs[0].Operations = []apim.Operation{{ID: "chat", Method: "POST", URLTemplate: "/deployments/{deployment-id}/chat/completions"}}
		}))
		run.Backends.On("a.test", tokens(3, 2))
		run.Do("POST", "/echo/deployments/gpt/chat/completions?api-version=2024-10-21", chat)
		r := run.Records.Wait(1)[0]
		if c.want == nil {
			assert.Nil(t, r.LLM, c.name)
			continue
		}
		want := *c.want
		want.Deployment, want.Model, want.APIVersion, want.RequestID = "gpt", "gpt-4o-2024", "2024-10-21", r.CorrelationID
		want.PromptTokens, want.CompletionTokens, want.TotalTokens = 3, 2, 5
		assert.Equal(t, want, *r.LLM, c.name)
	}
}

func TestTimesAreMeasuredOnTheGivenClock(t *testing.T) {
	run := apimtest.RunT(t, service(sections("", `<retry condition='`+retry429+`' count="1" interval="7"><forward-request /></retry>`, "", "")), retryable)
	run.Backends.On("a.test", apimtest.Respond(429, ""), apimtest.Respond(200, "ok"))
	run.Get("/echo/things/1")
	r := run.Records.Wait(1)[0]
	assert.Equal(t, 7*time.Second, r.TotalTime)
	assert.Equal(t, 7*time.Second, r.Attempts[1].Start.Sub(r.Time))
}

func TestMaskedValuesStayOutOfTheLog(t *testing.T) {
	run := apimtest.RunT(t, service(nil, func(c *apim.Configuration) {
		c.Diagnostics = []apim.Diagnostic{{ID: "azuremonitor",
			FrontendRequest: apim.MessageLog{Headers: []string{"api-key", "x-a", "x-b"}, MaskHeaders: []apim.Mask{{Name: "API-Key"}, {Name: "x-b", Hide: true}}, MaskQuery: []apim.Mask{{Name: "api-key"}, {Name: "code", Hide: true}}},
			BackendRequest:  apim.MessageLog{MaskQuery: []apim.Mask{{Name: "api-key", Hide: true}}}}}
	}))
	run.Get("/echo/things/1?api-key=k1&x=1&code=k2", "api-key", "k3", "x-a", "1", "x-b", "k4")
	r := run.Records.Wait(1)[0]
	assert.True(t, strings.HasSuffix(r.URL, "/echo/things/1?api-key=***&x=1"), r.URL)
	assert.Equal(t, "https://a.test/base/things/1?x=1&code=k2", r.Attempts[0].URL)
	assert.Equal(t, http.Header{"api-key": {"***"}, "x-a": {"1"}}, r.RequestHeaders, "under the names that the diagnostic asks with")
	assert.Contains(t, run.Backends.Seen()[0].URL, "api-key=k1", "only the log is masked")
}
