package apim_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

const retry429 = `@(context.Response == null || context.Response.StatusCode == 429 || context.Response.StatusCode == 503)`

var retryable = with(apimtest.Expressions{retry429: func(c *apim.Context) (any, error) {
	return c.Response == nil || c.Response.Status == 429 || c.Response.Status == 503, nil
}})

// pooled puts a pool in front of a, b and c, with a breaker on each.
func pooled(retries int, change ...func(*apim.Configuration)) apim.Configuration {
	backend := `<forward-request buffer-request-body="true" />`
	if retries > 0 {
		backend = fmt.Sprintf(`<retry condition='%s' count="%d" interval="0">%s</retry>`, retry429, retries, backend)
	}
	return service(sections(`<set-backend-service backend-id="pool" />`, backend, "", ""), append([]func(*apim.Configuration){func(c *apim.Configuration) {
		for i := range c.Backends {
			c.Backends[i].Breaker = &apim.BreakerRule{Count: 1, Interval: time.Minute, Trip: 30 * time.Second, AcceptRetryAfter: true,
				StatusCodes: []apim.StatusRange{{Min: 429, Max: 429}, {Min: 500, Max: 503}}}
		}
		c.Backends = append(c.Backends, apim.Backend{ID: "pool", Pool: []apim.PoolMember{{ID: "/backends/a", Priority: 1, Weight: 1}, {ID: "b", Priority: 1, Weight: 1}, {ID: "c", Priority: 2, Weight: 1}}})
	}}, change...)...)
}

func TestAPoolSharesItsFirstPriorityAndFallsBackWhenAllOfItIsOut(t *testing.T) {
	run := apimtest.RunT(t, pooled(2), retryable)
	for range 4 {
		run.Get("/echo/things/1")
	}
	assert.Equal(t, []string{"a.test", "b.test", "a.test", "b.test"}, run.Backends.Hosts())
	run.Backends.On("a.test", apimtest.Respond(429, "", "Retry-After", "90"))
	run.Backends.On("b.test", apimtest.Respond(500, ""), apimtest.Respond(200, "b"))
	got := run.Get("/echo/things/1")
	assert.Equal(t, 500, got.Status, "500 is not in the retry's condition")
	assert.Equal(t, []string{"a.test", "b.test"}, run.Backends.Hosts()[4:])
	assert.Equal(t, 200, run.Get("/echo/things/1").Status)
	assert.Equal(t, "c.test", run.Backends.Hosts()[6], "the second priority serves while both of the first are out")
	run.Clock.Advance(31 * time.Second)
	run.Get("/echo/things/1")
	assert.Equal(t, "b.test", run.Backends.Hosts()[7], "b is back after the rule's duration, a stays out for its Retry-After")
	run.Backends.On("a.test")
	run.Clock.Advance(60 * time.Second)
	run.Get("/echo/things/1")
	run.Get("/echo/things/1")
	assert.ElementsMatch(t, []string{"a.test", "b.test"}, run.Backends.Hosts()[8:])
}

func TestTheTrippingCallIsNotRescuedWithoutRetry(t *testing.T) {
	run := apimtest.RunT(t, pooled(0))
	run.Backends.On("a.test", apimtest.Respond(429, "busy"))
	assert.Equal(t, 429, run.Get("/echo/things/1").Status)
	assert.Equal(t, 200, run.Get("/echo/things/1").Status)
}

func TestAnExhaustedPoolIsA503InOnError(t *testing.T) {
	run := apimtest.RunT(t, pooled(3, func(c *apim.Configuration) {
		c.APIs[0].Policy.Text = c.APIs[0].Policy.Text[:len(c.APIs[0].Policy.Text)-len("</on-error></policies>")] +
			`<set-header name="x-on-error"><value>yes</value></set-header></on-error></policies>`
	}), retryable)
	for _, h := range []string{"a.test", "b.test", "c.test"} {
		run.Backends.On(h, apimtest.Respond(429, "busy", "Retry-After", "120"))
	}
	got := run.Do("POST", "/echo/things/1", "hi")
	assert.Equal(t, 503, got.Status)
	assert.Equal(t, "yes", got.Header.Get("x-on-error"))
	assert.Len(t, run.Backends.Seen(), 3, "the fourth attempt found every breaker open")
	assert.Equal(t, "backend", run.Records.Wait(1)[0].LastError.Section)
	run.Clock.Advance(121 * time.Second)
	run.Backends.On("a.test")
	run.Backends.On("b.test")
	assert.Equal(t, 200, run.Get("/echo/things/1").Status)
}

func TestASingleBackendWithAnOpenBreakerIsA503(t *testing.T) {
	run := apimtest.RunT(t, pooled(0, func(c *apim.Configuration) {
		c.APIs[0].Policy = sections(`<set-backend-service backend-id="a" />`, "", "", "")
	}))
	run.Backends.On("a.test", apimtest.Fail("refused"))
	assert.Equal(t, 500, run.Get("/echo/things/1").Status)
	assert.Equal(t, 503, run.Get("/echo/things/1").Status)
	assert.Len(t, run.Backends.Seen(), 1)
	assert.True(t, run.Breakers()[0].Open)
}

func TestEachUnitHasItsOwnBreakers(t *testing.T) {
	run := apimtest.RunT(t, pooled(0, func(c *apim.Configuration) {
		c.Service.Units = 2
		c.APIs[0].Policy = sections(`<set-backend-service backend-id="a" />`, "", "", "")
	}))
	run.Backends.On("a.test", apimtest.Respond(429, ""))
	var got []int
	for range 4 {
		got = append(got, run.Get("/echo/things/1").Status)
	}
	assert.Equal(t, []int{429, 429, 503, 503}, got, "the second unit learns for itself")
}

func TestATimeoutIsATimeout(t *testing.T) {
	run := apimtest.RunT(t, service(sections("", `<retry condition="@(context.Response == null)" count="1" interval="0"><forward-request timeout="20" buffer-request-body="true" /></retry>`, "",
		`<set-header name="x-reason"><value>@(context.LastError.Reason)</value></set-header>`)), with(apimtest.Expressions{
		`@(context.Response == null)`: func(c *apim.Context) (any, error) { return c.Response == nil, nil },
		`@(context.LastError.Reason)`: func(c *apim.Context) (any, error) { return c.LastError.Reason, nil },
	}))
	run.Backends.On("a.test", apimtest.Hang)
	done := make(chan apimtest.Answer)
	go func() { done <- run.Get("/echo/things/1") }()
	for range 2 {
		assert.True(t, run.Clock.WaitForTimers(1), "nothing waits")
		run.Clock.Advance(20 * time.Second)
	}
	got := <-done
	assert.Equal(t, 500, got.Status)
	assert.Equal(t, "Timeout", got.Header.Get("x-reason"))
	rec := run.Records.Wait(1)[0]
	require.Len(t, rec.Attempts, 2)
	assert.Equal(t, "Timeout", rec.Attempts[0].Reason)
	assert.Equal(t, 20*time.Second, rec.Attempts[0].Elapsed)
	assert.Equal(t, 40*time.Second, rec.BackendTime)
}

func TestWithoutBufferingARetriedRequestIsEmpty(t *testing.T) {
	for element, want := range map[string][]string{
		`<forward-request />`:                            {"hello", ""},
		`<forward-request buffer-request-body="true" />`: {"hello", "hello"},
	} {
		run := apimtest.RunT(t, service(sections("", `<retry condition='`+retry429+`' count="1" interval="0">`+element+`</retry>`, "", "")), retryable)
		run.Backends.On("a.test", apimtest.Respond(429, ""), apimtest.Respond(200, ""))
		run.Do("POST", "/echo/things/1", "hello")
		var bodies []string
		for _, s := range run.Backends.Seen() {
			bodies = append(bodies, s.Body)
		}
		assert.Equal(t, want, bodies, element)
	}
}

func TestRetryWaitsAsItsAttributesSay(t *testing.T) {
	s := func(n ...float64) (out []time.Duration) {
		for _, f := range n {
			out = append(out, time.Duration(f*float64(time.Second)))
		}
		return out
	}
	for _, c := range []struct {
		name, attrs string
		want        []time.Duration
	}{
		{"fixed", `interval="2"`, s(2, 2, 2)},
		{"first fast", `interval="2" first-fast-retry="true"`, s(2, 2)},
		{"linear", `interval="2" delta="3"`, s(2, 5, 8)},
		{"none", `interval="0"`, nil},
	} {
		run := apimtest.RunT(t, service(sections("", `<retry condition='`+retry429+`' count="3" `+c.attrs+`><forward-request /></retry>`, "", "")), retryable)
		run.Backends.On("a.test", apimtest.Respond(429, "last"))
		got := run.Get("/echo/things/1")
		assert.Equal(t, 429, got.Status, "an answer is an answer: outbound, not on-error")
		assert.Equal(t, c.want, run.Clock.Slept(), c.name)
		assert.Len(t, run.Backends.Seen(), 4, c.name)
	}
	run := apimtest.RunT(t, service(sections("", `<retry condition='`+retry429+`' count="4" interval="1" delta="2" max-interval="9"><forward-request /></retry>`, "", "")), retryable)
	run.Backends.On("a.test", apimtest.Respond(429, ""))
	run.Get("/echo/things/1")
	slept := run.Clock.Slept()
	require.Len(t, slept, 4)
	for i, bounds := range [][2]float64{{2.6, 3.4}, {5.8, 8.2}, {9, 9}, {9, 9}} {
		assert.GreaterOrEqual(t, slept[i].Seconds(), bounds[0], i)
		assert.LessOrEqual(t, slept[i].Seconds(), bounds[1], i)
	}
}

func TestFailOnErrorStatusCodeGoesToOnErrorWithTheBackendsResponse(t *testing.T) {
	run := apimtest.RunT(t, service(sections("", `<forward-request fail-on-error-status-code="true" />`, mark("out"), mark("err"))))
	run.Backends.On("a.test", apimtest.Respond(404, "nothing"))
	got := run.Get("/echo/things/1")
	assert.Equal(t, 404, got.Status)
	assert.Equal(t, "nothing", got.Body)
	assert.Equal(t, []string{"err"}, got.Header.Values("x-order"))
}

func TestAPoolOfMissingOrNestedMembersIsRefused(t *testing.T) {
	for name, pool := range map[string][]apim.PoolMember{"does not exist": {{ID: "nobody"}}, "is a pool itself": {{ID: "inner"}}} {
		cfg := service(nil, func(c *apim.Configuration) {
			c.Backends = append(c.Backends, apim.Backend{ID: "inner", Pool: []apim.PoolMember{{ID: "a"}}}, apim.Backend{ID: "outer", Pool: pool})
		})
		_, err := apim.New(t.Context(), cfg, apim.Deps{Backends: apimtest.NewBackends()})
		assert.ErrorContains(t, err, name)
	}
}

func TestTheCallersConnectionHeadersStayWithTheCaller(t *testing.T) {
	run := apimtest.RunT(t, service(nil))
	run.Get("/echo/things/1", "Connection", "x-mine", "x-mine", "1", "TE", "trailers", "x-other", "2")
	h := run.Backends.Seen()[0].Header
	assert.Empty(t, h.Get("x-mine"))
	assert.Empty(t, h.Get("Te"))
	assert.Equal(t, "2", h.Get("x-other"))
	assert.Equal(t, "Go-http-client/1.1", h.Get("User-Agent"), "the caller's own")
}

func TestTheBackendIsCalledByItsOwnNameUnlessAPolicySetsAnother(t *testing.T) {
	var hosts []string
	for _, p := range []string{``, `<set-header name="Host" exists-action="override"><value>other.test</value></set-header>`} {
		run := apimtest.RunT(t, service(sections(p, "", "", "")))
		run.Backends.On("a.test", func(req *http.Request, body string) (*http.Response, error) {
			hosts = append(hosts, req.Host)
			return apimtest.Respond(200, "")(req, body)
		})
		run.Get("/echo/things/1")
		assert.Empty(t, run.Backends.Seen()[0].Header.Get("Host"))
	}
	assert.Equal(t, []string{"a.test", "other.test"}, hosts)
}
