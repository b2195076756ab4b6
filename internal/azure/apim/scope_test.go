package apim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

// mark appends a letter to the header that collects the order of scopes.
func mark(s string) string {
	return `<set-header name="x-order" exists-action="append"><value>` + s + `</value></set-header>`
}

func TestBasePutsTheWiderScopeInItsPlace(t *testing.T) {
	document := func(before, base, after string) *apim.Policy {
		return policy("<policies><inbound>" + before + base + after + "</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>")
	}
	const base = "<base />"
	for _, c := range []struct {
		name           string
		api, operation *apim.Policy
		want           []string
	}{
		{"outside in", document(mark("a1"), base, mark("a2")), document(mark("o1"), base, mark("o2")), []string{"o1", "a1", "p", "g", "a2", "o2"}},
		{"base last", document(mark("a1"), "", base), document(mark("o1"), "", base), []string{"o1", "a1", "p", "g"}},
		{"the API cuts everything above it off", document(mark("a1"), "", ""), document(base, "", mark("o1")), []string{"a1", "o1"}},
		{"the operation cuts everything off", document(mark("a1"), base, ""), document(mark("o1"), "", ""), []string{"o1"}},
		{"no documents below the product", nil, nil, []string{"p", "g"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := apimtest.RunT(t, service(c.api, func(cfg *apim.Configuration) {
				cfg.Policy = policy("<policies><inbound>" + mark("g") + "</inbound><backend><forward-request /></backend><outbound /><on-error /></policies>")
				cfg.APIs[0].Operations[0].Policy = c.operation
				cfg.Products = []apim.Product{{ID: "open", Published: true, APIs: []string{"echo"}, Policy: document(mark("p"), base, "")}}
			}))
			run.Get("/echo/things/1")
			assert.Equal(t, c.want, run.Backends.Seen()[0].Header.Values("x-order"))
		})
	}
}

func TestWithoutBaseInBackendNothingIsForwarded(t *testing.T) {
	run := apimtest.RunT(t, service(policy("<policies><inbound><base /></inbound><backend /><outbound><base /></outbound><on-error><base /></on-error></policies>")))
	got := run.Get("/echo/things/1")
	assert.Equal(t, 200, got.Status)
	assert.Empty(t, got.Body)
	assert.Empty(t, run.Backends.Seen())
}

func TestOnErrorSeesTheStatusAndMayReplaceTheResponse(t *testing.T) {
	run := apimtest.RunT(t, service(sections("", "", mark("never"), `<choose><when condition="@(context.Response.StatusCode == 500 && context.LastError.Reason == "BackendConnectionFailure")">
		<return-response><set-status code="502" reason="Bad" /><set-header name="x-a" exists-action="override"><value>1</value><value>2</value></set-header><set-body>gone</set-body></return-response>
		</when></choose>`)), sharp)
	run.Backends.On("a.test", apimtest.Fail("refused"))
	got := run.Get("/echo/things/1")
	assert.Equal(t, 502, got.Status)
	assert.Equal(t, "gone", got.Body)
	assert.Equal(t, []string{"1", "2"}, got.Header.Values("x-a"))
	assert.Empty(t, got.Header.Values("x-order"), "outbound does not run after an error")
}

func TestAnErrorInOnErrorEndsInAPlain500(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<set-variable name="x" value="@(int.Parse("a"))" />`, "", "", `<set-status code="418" reason="Any" /><set-variable name="y" value="@(int.Parse("b"))" />`)), sharp)
	got := run.Get("/echo/things/1")
	assert.Equal(t, 500, got.Status)
	assert.Contains(t, got.Body, `"message": "Internal server error", "activityId": "`)
	assert.Len(t, run.Records.Wait(1)[0].Errors, 2)
}

func TestAnErrorDisclosesNoBackend(t *testing.T) {
	run := apimtest.RunT(t, service(nil))
	run.Backends.On("a.test", apimtest.Fail("dial tcp: lookup a.test: no such host"))
	got := run.Get("/echo/things/1")
	assert.NotContains(t, got.Body, "a.test")
	assert.Equal(t, "BackendConnectionFailure", run.Records.Wait(1)[0].LastError.Reason)
	assert.Equal(t, "forward-request", run.Records.Wait(1)[0].LastError.Source)
	assert.Equal(t, "backend", run.Records.Wait(1)[0].LastError.Section)
	assert.Equal(t, "global", run.Records.Wait(1)[0].LastError.Scope)
}

func TestAFragmentRunsWhereItIsIncluded(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<include-fragment fragment-id="who" />`, "", `<include-fragment fragment-id="who" />`, ""), func(c *apim.Configuration) {
		c.Fragments = []apim.Fragment{{ID: "who", Policy: *policy(`<fragment>` + mark("{{name}}") + `</fragment>`)}}
		c.NamedValues = []apim.NamedValue{{ID: "id-not-used", Name: "name", Value: "f"}}
	}))
	got := run.Get("/echo/things/1")
	assert.Equal(t, "f", run.Backends.Seen()[0].Header.Get("x-order"), "in inbound it changes the request")
	assert.Equal(t, "f", got.Header.Get("x-order"), "in outbound the response")
}
