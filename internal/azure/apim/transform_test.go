package apim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

func TestHeadersAreEditedAsAsked(t *testing.T) {
	for _, c := range []struct {
		name, element string
		want          []string
	}{
		{"override", `<set-header name="x-a" exists-action="override"><value>new</value></set-header>`, []string{"new"}},
		{"override is the default", `<set-header name="X-A"><value>new</value></set-header>`, []string{"new"}},
		{"several values", `<set-header name="x-a"><value>1</value><value>2</value></set-header>`, []string{"1", "2"}},
		{"skip", `<set-header name="x-a" exists-action="skip"><value>new</value></set-header>`, []string{"old"}},
		{"append", `<set-header name="x-a" exists-action="append"><value>new</value></set-header>`, []string{"old", "new"}},
		{"delete", `<set-header name="x-a" exists-action="delete" />`, nil},
		{"null is no value", `<set-header name="x-a"><value>@((string)null)</value></set-header>`, nil},
		{"protected headers stay", `<set-header name="Transfer-Encoding"><value>gzip</value></set-header>`, []string{"old"}},
	} {
		run := apimtest.RunT(t, service(sections(c.element, "", "", "")), with(apimtest.Expressions{
			`@((string)null)`: func(*apim.Context) (any, error) { return nil, nil },
		}))
		require.Equal(t, 200, run.Get("/echo/things/1", "x-a", "old").Status, c.name)
		seen := run.Backends.Seen()[0].Header
		assert.Equal(t, c.want, seen.Values("x-a"), c.name)
		assert.Empty(t, seen.Values("Transfer-Encoding"), c.name)
	}
}

func TestTheRequestIsRebuiltForTheBackend(t *testing.T) {
	for _, c := range []struct{ name, inbound, want string }{
		{"as it is", ``, "GET https://a.test/base/things/7?q=1&r=a%20b "},
		{"method", `<set-method>put</set-method><set-method>DELETE</set-method>`, "DELETE https://a.test/base/things/7?q=1&r=a%20b "},
		{"body", `<set-method>POST</set-method><set-body>{"a":"b"}</set-body>`, `POST https://a.test/base/things/7?q=1&r=a%20b {"a":"b"}`},
		{"markup body", `<set-method>POST</set-method><set-body><a b="1">x</a></set-body>`, `POST https://a.test/base/things/7?q=1&r=a%20b <a b="1">x</a>`},
		{"query added", `<set-query-parameter name="z" exists-action="override"><value>9</value></set-query-parameter>`, "GET https://a.test/base/things/7?q=1&r=a+b&z=9 "},
		{"query deleted", `<set-query-parameter name="q" exists-action="delete" />`, "GET https://a.test/base/things/7?r=a+b "},
		{"rewrite", `<rewrite-uri template="/v2/{id}/x?s=1" />`, "GET https://a.test/base/v2/7/x?q=1&r=a+b&s=1 "},
		{"rewrite without the rest", `<rewrite-uri template="/v2" copy-unmatched-params="false" />`, "GET https://a.test/base/v2 "},
		{"base url", `<set-backend-service base-url="https://n.test/p?k=v" />`, "GET https://n.test/p/things/7?k=v&q=1&r=a%20b "},
		{"backend", `<set-backend-service backend-id="b" />`, "GET https://b.test/things/7?q=1&r=a%20b "},
		{"a base url does not undo a backend", `<set-backend-service backend-id="b" /><set-backend-service base-url="https://n.test" />`, "GET https://b.test/things/7?q=1&r=a%20b "},
		{"find and replace", `<set-method>POST</set-method><set-body>one two one</set-body><find-and-replace from="one" to="1" />`, "POST https://a.test/base/things/7?q=1&r=a%20b 1 two 1"},
	} {
		run := apimtest.RunT(t, service(sections(c.inbound, "", "", "")))
		require.Equal(t, 200, run.Get("/echo/things/7?q=1&r=a%20b").Status, c.name)
		s := run.Backends.Seen()[0]
		assert.Equal(t, c.want, s.Method+" "+s.URL+" "+s.Body, c.name)
	}
}

func TestABackendAddsItsOwnCredentials(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<set-backend-service backend-id="a" />`, "", "", ""), func(c *apim.Configuration) {
		c.Backends[0].Headers = map[string][]string{"x-key": {"k"}}
		c.Backends[0].Query = map[string][]string{"code": {"q"}}
		c.Backends[0].Scheme, c.Backends[0].Parameter = "Bearer", "t"
	}))
	run.Get("/echo/things/7", "Authorization", "Bearer caller")
	s := run.Backends.Seen()[0]
	assert.Equal(t, "https://a.test/things/7?code=q", s.URL)
	assert.Equal(t, "k", s.Header.Get("x-key"))
	assert.Equal(t, "Bearer t", s.Header.Get("Authorization"))
	assert.Equal(t, "a", s.Backend)
}

func TestTheResponseIsChangedInOutbound(t *testing.T) {
	run := apimtest.RunT(t, service(sections("", "", `<set-status code="207" reason="Mixed" /><set-body>replaced</set-body><find-and-replace from="re" to="RE" />
		<set-header name="x-gone" exists-action="delete" />`, "")))
	run.Backends.On("a.test", apimtest.Respond(200, "original", "x-gone", "1", "Content-Encoding", "gzip"))
	got := run.Get("/echo/things/7")
	assert.Equal(t, 207, got.Status)
	assert.Equal(t, "REplaced", got.Body)
	assert.Empty(t, got.Header.Get("x-gone"))
	assert.Empty(t, got.Header.Get("Content-Encoding"), "the new body is not compressed")
}

func TestReturnResponseStopsEverything(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<return-response />`, "", mark("outbound"), mark("error"))))
	got := run.Get("/echo/things/7")
	assert.Equal(t, 200, got.Status)
	assert.Empty(t, got.Body)
	assert.Empty(t, got.Header.Get("x-order"))
	assert.Empty(t, run.Backends.Seen())
	assert.True(t, run.Records.Wait(1)[0].IsSuccess)
}

func TestReturnResponseStartsFromASideResponse(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<send-request mode="new" response-variable-name="r"><set-url>https://side.test/</set-url></send-request>
		<return-response response-variable-name="r"><set-header name="x-b"><value>2</value></set-header></return-response>`, "", "", "")))
	run.Backends.On("side.test", apimtest.Respond(418, "tea", "x-a", "1"))
	got := run.Get("/echo/things/7")
	assert.Equal(t, []any{418, "tea", "1", "2"}, []any{got.Status, got.Body, got.Header.Get("x-a"), got.Header.Get("x-b")})
}

func TestMockResponseAnswersFromTheOperationsExamples(t *testing.T) {
	examples := func(c *apim.Configuration) {
		c.APIs[0].Operations[0].Examples = []apim.Example{{StatusCode: 200, ContentType: "application/json", Body: `{"n":0}`}, {StatusCode: 200, ContentType: "application/json", Body: `{"n":1}`}}
	}
	for element, want := range map[string]string{
		`<mock-response />`: `{"n":0}`,
		`<mock-response status-code="200" content-type="application/json" index="1" />`: `{"n":1}`,
		`<mock-response status-code="404" />`:                                           "",
	} {
		run := apimtest.RunT(t, service(sections(element, "", "", ""), examples))
		assert.Equal(t, want, run.Get("/echo/things/7").Body, element)
		assert.Empty(t, run.Backends.Seen())
	}
}

func TestCachedValuesLiveAsLongAsTheyWereGiven(t *testing.T) {
	read := `<cache-lookup-value key="k" variable-name="v" default-value="miss" /><return-response><set-body>@(v)</set-body></return-response>`
	e := with(apimtest.Expressions{`@(v)`: func(c *apim.Context) (any, error) { return c.Variables["v"], nil }})
	cfg := service(nil, func(c *apim.Configuration) {
		c.APIs[0].Operations = []apim.Operation{
			{ID: "r", Method: "GET", URLTemplate: "/r", Policy: sections(read, "", "", "")},
			{ID: "w", Method: "GET", URLTemplate: "/w", Policy: sections(`<cache-store-value key="k" value="kept" duration="60" />`, "", "", "")},
			{ID: "d", Method: "GET", URLTemplate: "/d", Policy: sections(`<cache-remove-value key="k" />`, "", "", "")},
			{ID: "n", Method: "GET", URLTemplate: "/n", Policy: sections(`<cache-lookup-value key="k" variable-name="v" /><return-response><set-body>@(v)</set-body></return-response>`, "", "", "")},
		}
	})
	run := apimtest.RunT(t, cfg, e)
	assert.Equal(t, "miss", run.Get("/echo/r").Body)
	assert.Empty(t, run.Get("/echo/n").Body, "a miss without default leaves the variable unset")
	run.Get("/echo/w")
	assert.Equal(t, "kept", run.Get("/echo/r").Body)
	run.Clock.Advance(59 * time.Second)
	assert.Equal(t, "kept", run.Get("/echo/r").Body)
	run.Clock.Advance(time.Second)
	assert.Equal(t, "miss", run.Get("/echo/r").Body)
	run.Get("/echo/w")
	run.Get("/echo/d")
	assert.Equal(t, "miss", run.Get("/echo/r").Body)
}

func TestConnectionHeadersCannotBeSet(t *testing.T) {
	var seen []string
	run := apimtest.RunT(t, service(sections(`<set-header name="keep-alive" exists-action="override"><value>x</value></set-header><set-variable name="v" value="@(headers)" />`, "", "", "")), with(apimtest.Expressions{
		`@(headers)`: func(c *apim.Context) (any, error) { seen = c.Request.Header.Values("Keep-Alive"); return "", nil },
	}))
	require.Equal(t, 200, run.Get("/echo/things/1").Status)
	assert.Empty(t, seen)
}
