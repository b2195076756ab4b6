package apim_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

var variables = apimtest.Expressions{
	`@(r)`: func(c *apim.Context) (any, error) {
		m, ok := c.Variables["r"].(*apim.Message)
		if !ok {
			_, there := c.Variables["r"]
			return map[bool]string{true: "null", false: "unset"}[there], nil
		}
		data, err := m.Response.Body().Read(true)
		return string(data), err
	},
	`@(both)`: func(c *apim.Context) (any, error) {
		var out []string
		for _, name := range []string{"one", "two"} {
			if m, ok := c.Variables[name].(*apim.Message); ok {
				data, _ := m.Response.Body().Read(true)
				out = append(out, string(data))
			}
		}
		return strings.Join(out, "+"), nil
	},
	`@(key)`:  func(*apim.Context) (any, error) { return "team", nil },
	`@(long)`: func(*apim.Context) (any, error) { return strings.Repeat("x", 300<<10), nil },
}

const sendTo = `<set-url>https://side.test/x?q=1</set-url><set-method>PUT</set-method><set-header name="x-a"><value>1</value></set-header><set-body>payload</set-body><authentication-managed-identity resource="r" />`

func TestASideRequestIsBuiltAndItsResponseKept(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<send-request mode="new" response-variable-name="r">`+sendTo+`</send-request><return-response><set-body>@(r)</set-body></return-response>`, "", "", "")),
		with(variables), func(d *apim.Deps) { d.Identity = &identities{} })
	run.Backends.On("side.test", apimtest.Respond(201, "answer"))
	assert.Equal(t, "answer", run.Get("/echo/things/1", "x-caller", "mine").Body)
	s := run.Backends.Seen()[0]
	assert.Equal(t, []string{"PUT", "https://side.test/x?q=1", "payload", "1", "Bearer mi-token", ""},
		[]string{s.Method, s.URL, s.Body, s.Header.Get("x-a"), s.Header.Get("Authorization"), s.Header.Get("x-caller")})
}

func TestASideRequestThatFails(t *testing.T) {
	for ignore, want := range map[string]string{"true": "null", "false": "Internal server error"} {
		run := apimtest.RunT(t, service(sections(`<send-request mode="new" response-variable-name="r" ignore-error="`+ignore+`"><set-url>https://side.test/</set-url></send-request><return-response><set-body>@(r)</set-body></return-response>`, "", "", "")), with(variables))
		run.Backends.On("side.test", apimtest.Fail("refused"))
		assert.Contains(t, run.Get("/echo/things/1").Body, want)
	}
}

func TestASideRequestHasItsOwnTimeout(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<send-request mode="new" response-variable-name="r" timeout="5"><set-url>https://side.test/</set-url></send-request>`, "", "", "")))
	run.Backends.On("side.test", apimtest.Hang)
	done := make(chan apimtest.Answer)
	go func() { done <- run.Get("/echo/things/1") }()
	assert.True(t, run.Clock.WaitForTimers(1), "nothing waits")
	run.Clock.Advance(5 * time.Second)
	assert.Equal(t, 500, (<-done).Status)
	last := run.Records.Wait(1)[0].LastError
	assert.Equal(t, []string{"send-request", "Timeout"}, []string{last.Source, last.Reason})
}

func TestACopiedRequestTakesTheCallers(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<send-request mode="copy" response-variable-name="r"><set-url>https://side.test/</set-url></send-request>`, "", "", "")))
	run.Do("POST", "/echo/things/1", "hello", "x-caller", "mine")
	for _, s := range run.Backends.Seen() {
		assert.Equal(t, []string{"POST", "hello", "mine"}, []string{s.Method, s.Body, s.Header.Get("x-caller")}, s.URL)
	}
}

func TestAOneWayRequestIsNotWaitedFor(t *testing.T) {
	release := make(chan struct{})
	run := apimtest.RunT(t, service(sections(`<send-one-way-request mode="new"><set-url>https://side.test/</set-url></send-one-way-request>`, "", "", "")))
	run.Backends.On("side.test", func(*http.Request, string) (*http.Response, error) {
		<-release
		return nil, http.ErrServerClosed
	})
	assert.Equal(t, 200, run.Get("/echo/things/1").Status)
	close(release)
	require.NoError(t, run.Close())
	assert.Contains(t, run.Backends.Hosts(), "side.test")
}

func TestWaitRunsSideBySide(t *testing.T) {
	two := func(mode string) *apim.Policy {
		return sections(`<wait for="`+mode+`"><send-request mode="new" response-variable-name="one"><set-url>https://one.test/</set-url></send-request><send-request mode="new" response-variable-name="two"><set-url>https://two.test/</set-url></send-request></wait><return-response><set-body>@(both)</set-body></return-response>`, "", "", "")
	}
	run := apimtest.RunT(t, service(two("all")), with(variables))
	var met sync.WaitGroup
	met.Add(2)
	meet := func(text string) apimtest.Handler {
		return func(req *http.Request, body string) (*http.Response, error) {
			// Answers only once both requests are under way.
			met.Done()
			met.Wait()
			return apimtest.Respond(200, text)(req, body)
		}
	}
	run.Backends.On("one.test", meet("1"))
	run.Backends.On("two.test", meet("2"))
	assert.Equal(t, "1+2", run.Get("/echo/things/1").Body)

	run = apimtest.RunT(t, service(two("any")), with(variables))
	run.Backends.On("one.test", apimtest.Hang)
	run.Backends.On("two.test", apimtest.Respond(200, "2"))
	assert.Equal(t, "2", run.Get("/echo/things/1").Body, "the first answer is enough")
}

func TestEventsGoToTheirLogger(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<log-to-eventhub logger-id="hub" partition-key="@(key)">hello</log-to-eventhub>`, "", `<log-to-eventhub logger-id="hub" partition-id="0">@(long)</log-to-eventhub>`, "")), with(variables))
	run.Get("/echo/things/1")
	events := run.Records.Wait(1)[0].Events
	require.Len(t, events, 2)
	assert.Equal(t, apim.Event{LoggerID: "hub", PartitionKey: "team", Body: "hello"}, events[0])
	assert.Equal(t, "0", events[1].PartitionID)
	assert.Len(t, events[1].Body, 200<<10, "the payload is cut")
}

const corsPolicy = `<cors allow-credentials="true"><allowed-origins><origin>https://app.test</origin></allowed-origins><allowed-methods preflight-result-max-age="60"><method>POST</method></allowed-methods><allowed-headers><header>x-a</header></allowed-headers><expose-headers><header>x-b</header></expose-headers></cors>`

func TestAPreflightIsAnsweredBeforeTheKeyIsAskedFor(t *testing.T) {
	run := apimtest.RunT(t, guarded(func(c *apim.Configuration) { c.APIs[0].Policy = sections(corsPolicy+mark("later"), "", "", "") }))
	ask := func(origin, method, headers string) apimtest.Answer {
		return run.Do("OPTIONS", "/echo/things/1", "", "Origin", origin, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", headers)
	}
	got := ask("https://app.test", "POST", "X-A")
	assert.Equal(t, 200, got.Status)
	assert.Equal(t, []string{"https://app.test", "true", "POST", "X-A", "60"}, []string{got.Header.Get("Access-Control-Allow-Origin"), got.Header.Get("Access-Control-Allow-Credentials"),
		got.Header.Get("Access-Control-Allow-Methods"), got.Header.Get("Access-Control-Allow-Headers"), got.Header.Get("Access-Control-Max-Age")})
	for _, refused := range []apimtest.Answer{ask("https://evil.test", "POST", ""), ask("https://app.test", "DELETE", ""), ask("https://app.test", "POST", "x-other")} {
		assert.Equal(t, 200, refused.Status)
		assert.Empty(t, refused.Header.Get("Access-Control-Allow-Origin"))
		assert.Empty(t, refused.Body)
	}
	assert.Empty(t, run.Backends.Seen())
}

func TestASimpleCrossDomainCall(t *testing.T) {
	run := apimtest.RunT(t, service(sections(corsPolicy, "", "", "")))
	got := run.Do("POST", "/echo/things/1", "", "Origin", "https://app.test")
	assert.Equal(t, []string{"https://app.test", "x-b"}, []string{got.Header.Get("Access-Control-Allow-Origin"), got.Header.Get("Access-Control-Expose-Headers")})
	assert.Empty(t, run.Do("POST", "/echo/things/1", "").Header.Get("Access-Control-Allow-Origin"), "no origin, no headers")
	assert.Len(t, run.Backends.Seen(), 2)
	got = run.Get("/echo/things/1", "Origin", "https://evil.test")
	assert.Equal(t, []any{200, "", 2}, []any{got.Status, got.Body, len(run.Backends.Seen())}, "an unmatched simple request ends in an empty 200")
	assert.NotEmpty(t, run.Do("POST", "/echo/things/1", "", "Origin", "https://evil.test").Body)

	run = apimtest.RunT(t, service(sections(strings.Replace(corsPolicy, "<cors ", `<cors terminate-unmatched-request="false" `, 1), "", "", "")))
	assert.NotEmpty(t, run.Get("/echo/things/1", "Origin", "https://evil.test").Body)
}

func TestContentSafetyBlocksWhatTheServiceObjectsTo(t *testing.T) {
	const p = `<llm-content-safety backend-id="b" shield-prompt="true"><categories output-type="EightSeverityLevels"><category name="Hate" threshold="4" /></categories><blocklists><id>words</id></blocklists></llm-content-safety>`
	calm, attack := apimtest.Respond(200, `{"userPromptAnalysis":{"attackDetected":false}}`), apimtest.Respond(200, `{"userPromptAnalysis":{"attackDetected":true}}`)
	verdict := func(severity string, lists string) apimtest.Handler {
		return apimtest.Respond(200, `{"categoriesAnalysis":[{"category":"Hate","severity":`+severity+`},{"category":"Sexual","severity":7}],"blocklistsMatch":[`+lists+`]}`)
	}
	for _, c := range []struct {
		name    string
		answers []apimtest.Handler
		status  int
	}{
		{"harmless", []apimtest.Handler{calm, verdict("3", "")}, 200},
		{"at the threshold", []apimtest.Handler{calm, verdict("4", "")}, 403},
		{"on a blocklist", []apimtest.Handler{calm, verdict("0", `{"blocklistName":"words"}`)}, 403},
		{"an attack", []apimtest.Handler{attack}, 403},
		{"too long for the service", []apimtest.Handler{apimtest.Respond(400, "")}, 500},
		{"service down", []apimtest.Handler{apimtest.Fail("refused")}, 500},
		{"no JSON", []apimtest.Handler{apimtest.Respond(200, "hello")}, 500},
	} {
		run := apimtest.RunT(t, service(sections(p, "", "", "")))
		run.Backends.On("b.test", c.answers...)
		got := run.Do("POST", "/echo/things/1", chat)
		assert.Equal(t, c.status, got.Status, c.name)
		seen := run.Backends.Seen()
		assert.Contains(t, seen[0].Body, `"userPrompt":"one two three"`)
		if c.status != 200 {
			assert.NotContains(t, run.Backends.Hosts(), "a.test", c.name)
			continue
		}
		assert.JSONEq(t, `{"text":"one two three","categories":["Hate"],"outputType":"EightSeverityLevels","blocklistNames":["words"]}`, seen[1].Body)
		assert.Equal(t, chat, seen[2].Body, "the prompt goes on untouched")
	}
}
