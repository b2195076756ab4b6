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

// byHeader is a counter key of the test's own.
const callerKey = `@(context.Request.Headers["caller"])`

var callerKeyed = with(apimtest.Expressions{
	callerKey:                               func(c *apim.Context) (any, error) { return c.Request.Header.Get("caller"), nil },
	`@(context.Response.StatusCode == 200)`: func(c *apim.Context) (any, error) { return c.Response != nil && c.Response.Status == 200, nil },
	`@(weight)`:                             func(c *apim.Context) (any, error) { return int64(3), nil },
})

func statuses(run *apimtest.Run, n int, header ...string) (out []int) {
	for range n {
		out = append(out, run.Get("/echo/things/1", header...).Status)
	}
	return out
}

func TestARateIsLimitedPerKeyInASlidingWindow(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<rate-limit-by-key calls="2" renewal-period="60" counter-key='`+callerKey+`' remaining-calls-header-name="x-left" total-calls-header-name="x-total" retry-after-variable-name="ra" />`, "", "", "")), callerKeyed)
	first := run.Get("/echo/things/1", "caller", "x")
	assert.Equal(t, []string{"1", "2"}, []string{first.Header.Get("x-left"), first.Header.Get("x-total")})
	run.Clock.Advance(20 * time.Second)
	assert.Equal(t, "0", run.Get("/echo/things/1", "caller", "x").Header.Get("x-left"))
	refused := run.Get("/echo/things/1", "caller", "x")
	assert.Equal(t, 429, refused.Status)
	assert.Equal(t, "40", refused.Header.Get("Retry-After"))
	assert.Equal(t, `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 40 seconds." }`, refused.Body)
	assert.Equal(t, 200, run.Get("/echo/things/1", "caller", "quiet").Status, "another key is another counter")
	run.Clock.Advance(40 * time.Second)
	assert.Equal(t, []int{200, 429}, statuses(run, 2, "caller", "x"), "the window slides: one call has left it")
	last := run.Records.Wait(1)
	assert.Equal(t, "RateLimitExceeded", last[2].LastError.Reason)
	assert.Equal(t, "Rate limit is exceeded", last[2].LastError.Message)
}

func TestV2TiersFillABucket(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<rate-limit-by-key calls="6" renewal-period="60" counter-key="k" />`, "", "", ""), func(c *apim.Configuration) { c.Service.SKU = "StandardV2" }))
	assert.Equal(t, []int{200, 200, 200, 200, 200, 200, 429}, statuses(run, 7))
	run.Clock.Advance(10 * time.Second)
	assert.Equal(t, []int{200, 429}, statuses(run, 2))
}

func TestARateCountsOnlyWhatItsConditionCounts(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<rate-limit-by-key calls="1" renewal-period="60" counter-key="k" increment-condition="@(context.Response.StatusCode == 200)" />`, "", "", "")), callerKeyed)
	run.Backends.On("a.test", apimtest.Respond(404, ""), apimtest.Respond(404, ""), apimtest.Respond(200, ""))
	var got []int
	for i := range 4 {
		got = append(got, run.Get("/echo/things/1").Status)
		// Counted when the response is out, a moment after the caller has it.
		run.Records.Wait(i + 1)
	}
	assert.Equal(t, []int{404, 404, 200, 429}, got)
}

func TestARateCountsByItsIncrement(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<rate-limit-by-key calls="5" renewal-period="60" counter-key="k" increment-count="@(weight)" />`, "", "", "")), callerKeyed)
	var got []int
	for i := range 3 {
		got = append(got, run.Get("/echo/things/1").Status)
		run.Records.Wait(i + 1)
	}
	assert.Equal(t, []int{200, 200, 429}, got)
}

func TestRateLimitCountsPerSubscriptionApiAndOperation(t *testing.T) {
	limit := `<rate-limit calls="5" renewal-period="60"><api id="echo" calls="3" renewal-period="60"><operation id="get" calls="1" renewal-period="60" /></api></rate-limit>`
	run := apimtest.RunT(t, guarded(func(c *apim.Configuration) {
		c.Products[0].Policy = sections(limit, "", "", "")
		c.Subscriptions = append(c.Subscriptions, apim.Subscription{ID: "gold2", Scope: "/products/gold", State: "active", PrimaryKey: "key-gold2"})
	}))
	key, key2 := "key-gold", "key-gold2"
	assert.Equal(t, []int{200, 429}, statuses(run, 2, "Ocp-Apim-Subscription-Key", key), "the operation's limit")
	var posts []int
	for range 3 {
		posts = append(posts, run.Do("POST", "/echo/things/1", "", "Ocp-Apim-Subscription-Key", key).Status)
	}
	assert.Equal(t, []int{200, 429, 429}, posts, "the API's limit, of which the refused call took one")
	assert.Equal(t, 200, run.Get("/echo/things/1", "Ocp-Apim-Subscription-Key", key2).Status, "another subscription has its own")
}

func TestRateLimitNeedsASubscription(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<rate-limit calls="1" renewal-period="60" />`, "", "", "")))
	assert.Equal(t, []int{200, 200, 200}, statuses(run, 3))
}

func TestAQuotaRefusesWith403AndSaysWhenItRenews(t *testing.T) {
	run := apimtest.RunT(t, guarded(func(c *apim.Configuration) {
		c.Products[0].Policy = sections(`<quota calls="2" renewal-period="90000" />`, "", "", "")
	}))
	key := []string{"Ocp-Apim-Subscription-Key", "key-gold"}
	assert.Equal(t, []int{200, 200}, statuses(run, 2, key...))
	run.Clock.Advance(time.Hour)
	got := run.Get("/echo/things/1", key...)
	assert.Equal(t, 403, got.Status)
	assert.Equal(t, `{ "statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 01.00:00:00." }`, got.Body)
	assert.Equal(t, "86400", got.Header.Get("Retry-After"))
	run.Clock.Advance(23*time.Hour + time.Hour)
	assert.Equal(t, 200, run.Get("/echo/things/1", key...).Status)
}

func TestAQuotaByKeyCountsCallsAndBytes(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<quota-by-key bandwidth="1" renewal-period="3600" counter-key='`+callerKey+`' first-period-start="2026-01-15T11:30:00Z" />`, "", "", "")), callerKeyed)
	big := make([]byte, 1100)
	run.Backends.On("a.test", apimtest.Respond(200, string(big)))
	assert.Equal(t, 200, run.Get("/echo/things/1", "caller", "x").Status)
	run.Records.Wait(1)
	require.Eventually(t, func() bool { return run.Get("/echo/things/1", "caller", "x").Status == 403 }, 5*time.Second, time.Millisecond)
	got := run.Get("/echo/things/1", "caller", "x")
	assert.Equal(t, `{ "statusCode": 403, "message": "Out of bandwidth quota. Quota will be replenished in 00:30:00." }`, got.Body)
	assert.Equal(t, 200, run.Get("/echo/things/1", "caller", "y").Status)
}

func TestALifetimeQuotaNeverRenews(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<quota-by-key calls="1" renewal-period="0" counter-key="k" />`, "", "", "")))
	assert.Equal(t, []int{200, 403}, statuses(run, 2))
	run.Clock.Advance(10000 * time.Hour)
	got := run.Get("/echo/things/1")
	assert.Equal(t, `{ "statusCode": 403, "message": "Out of call volume quota." }`, got.Body)
}

func TestConcurrencyIsLimitedAndReleased(t *testing.T) {
	run := apimtest.RunT(t, service(sections("", `<limit-concurrency key="k" max-count="1"><forward-request /></limit-concurrency>`, "", "")))
	arrived := make(chan struct{})
	run.Backends.On("a.test", func(req *http.Request, body string) (*http.Response, error) {
		close(arrived)
		return apimtest.Hang(req, body)
	}, apimtest.Respond(200, ""))
	done := make(chan int)
	go func() { done <- run.Get("/echo/things/1").Status }()
	assert.True(t, run.Clock.WaitForTimers(1), "nothing waits")
	<-arrived
	assert.Equal(t, 429, run.Get("/echo/things/1").Status)
	run.Clock.Advance(time.Hour)
	assert.Equal(t, 500, <-done)
	assert.Equal(t, 200, run.Get("/echo/things/1").Status)
}

const chat = `{"model":"gpt-4o","messages":[{"role":"user","content":"one two three"}]}`

// tokens is the answer of a model that consumed so many tokens.
func tokens(prompt, completion int) apimtest.Handler {
	return apimtest.Respond(200, fmt.Sprintf(`{"model":"gpt-4o-2024","choices":[{"message":{"content":"a b"}}],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`, prompt, completion, prompt+completion), "Content-Type", "application/json")
}

func tokenLimited(attrs string, change ...func(*apim.Configuration)) apim.Configuration {
	return service(sections(`<llm-token-limit counter-key='`+callerKey+`' `+attrs+` tokens-consumed-header-name="x-used" remaining-tokens-header-name="x-left" remaining-quota-tokens-header-name="x-quota" />`, "", "", ""), change...)
}

func TestTokensPerMinuteAreLimitedAfterTheResponse(t *testing.T) {
	run := apimtest.RunT(t, tokenLimited(`tokens-per-minute="100" estimate-prompt-tokens="false"`), callerKeyed)
	run.Backends.On("a.test", tokens(100, 80))
	got := run.Do("POST", "/echo/things/1", chat, "caller", "x")
	assert.Equal(t, []string{"180", "100"}, []string{got.Header.Get("x-used"), got.Header.Get("x-left")})
	assert.Equal(t, 180, run.TokensUsed("x"))
	run.Clock.Advance(15 * time.Second)
	refused := run.Do("POST", "/echo/things/1", chat, "caller", "x")
	assert.Equal(t, 429, refused.Status)
	assert.Equal(t, `{ "statusCode": 429, "message": "Token limit is exceeded. Try again in 45 seconds." }`, refused.Body)
	assert.Equal(t, "45", refused.Header.Get("Retry-After"))
	assert.Empty(t, refused.Header.Get("x-used"))
	assert.Equal(t, 200, run.Do("POST", "/echo/things/1", chat, "caller", "quiet").Status)
	run.Clock.Advance(45 * time.Second)
	assert.Equal(t, 200, run.Do("POST", "/echo/things/1", chat, "caller", "x").Status, "80 of the debt are left, so 20 fit")
	refused = run.Do("POST", "/echo/things/1", chat, "caller", "x")
	assert.Equal(t, "120", refused.Header.Get("Retry-After"), "260 tokens used at 100 a minute: the debt outlasts a whole minute")
}

func TestAnEstimateRefusesBeforeTheBackendIsCalled(t *testing.T) {
	run := apimtest.RunT(t, tokenLimited(`tokens-per-minute="10" estimate-prompt-tokens="true"`), callerKeyed)
	run.Backends.On("a.test", tokens(3, 2))
	got := run.Do("POST", "/echo/things/1", chat, "caller", "x")
	assert.Equal(t, []string{"5", "4"}, []string{got.Header.Get("x-used"), got.Header.Get("x-left")}, "three words and a message's frame were set aside")
	assert.Equal(t, 5, run.TokensUsed("x"), "what was consumed replaces the estimate")
	assert.Equal(t, 429, run.Do("POST", "/echo/things/1", chat, "caller", "x").Status, "5 + 6 do not fit into 10")
	assert.Len(t, run.Backends.Seen(), 1)
	assert.Equal(t, 5, run.TokensUsed("x"), "a refused call counts nothing")
}

func TestATokenQuotaIsA403ByTheCalendar(t *testing.T) {
	run := apimtest.RunT(t, tokenLimited(`token-quota="150" token-quota-period="Hourly" estimate-prompt-tokens="false"`), callerKeyed)
	run.Backends.On("a.test", tokens(100, 100))
	run.Clock.Advance(38*time.Minute + 27*time.Second)
	assert.Equal(t, "150", run.Do("POST", "/echo/things/1", chat, "caller", "x").Header.Get("x-quota"))
	got := run.Do("POST", "/echo/things/1", chat, "caller", "x")
	assert.Equal(t, 403, got.Status)
	assert.Equal(t, `{ "statusCode": 403, "message": "Token quota is exceeded. Try again in 21 minutes and 33 seconds." }`, got.Body)
	run.Clock.Advance(21*time.Minute + 33*time.Second)
	assert.Equal(t, 200, run.Do("POST", "/echo/things/1", chat, "caller", "x").Status)
}

func TestCallsThatShareAKeyShareTheCounterAcrossScopes(t *testing.T) {
	limit := `<llm-token-limit counter-key="shared" tokens-per-minute="100" estimate-prompt-tokens="false" />`
	run := apimtest.RunT(t, service(nil, func(c *apim.Configuration) {
		c.APIs[0].Operations[1].Policy = sections(limit, "", "", "")
		other := c.APIs[0]
		other.ID, other.Path, other.Policy = "second", "second", sections(limit, "", "", "")
		c.APIs = append(c.APIs, other)
	}))
	run.Backends.On("a.test", tokens(100, 0))
	run.Do("POST", "/echo/things/1", chat)
	run.Records.Wait(1)
	assert.Equal(t, 429, run.Do("POST", "/second/things/1", chat).Status)
}

func TestAFailedCallCostsItsEstimateOnly(t *testing.T) {
	run := apimtest.RunT(t, tokenLimited(`tokens-per-minute="100" estimate-prompt-tokens="true"`), callerKeyed)
	run.Backends.On("a.test", apimtest.Respond(500, "no"))
	run.Do("POST", "/echo/things/1", chat, "caller", "x")
	run.Records.Wait(1)
	assert.Equal(t, 6, run.TokensUsed("x"))
}

func TestPeriodsBeginOnTheCalendarInUTC(t *testing.T) {
	for period, want := range map[string]string{"Daily": "12 hours", "Weekly": "2 days and 12 hours", "Monthly": "16 days and 12 hours", "Yearly": "350 days and 12 hours"} {
		run := apimtest.RunT(t, tokenLimited(`token-quota="1" token-quota-period="`+period+`" estimate-prompt-tokens="false"`), callerKeyed)
		run.Backends.On("a.test", tokens(1, 1))
		run.Do("POST", "/echo/things/1", chat, "caller", "x")
		assert.Contains(t, run.Do("POST", "/echo/things/1", chat, "caller", "x").Body, "Try again in "+want+".", period)
	}
}

func TestThePromptOfAStreamIsAlwaysEstimated(t *testing.T) {
	run := apimtest.RunT(t, tokenLimited(`tokens-per-minute="5" estimate-prompt-tokens="false"`), callerKeyed)
	got := run.Do("POST", "/echo/things/1", `{"stream":true,"messages":[{"role":"user","content":"one two three"}]}`, "caller", "x")
	assert.Equal(t, 429, got.Status, "six tokens do not fit into five")
	assert.Empty(t, run.Backends.Seen())
	assert.Equal(t, 200, run.Do("POST", "/echo/things/1", chat, "caller", "x").Status, "unlike those of a plain call")
}

func TestUnitsCountTogether(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		want   []int
	}{
		"calls":  {`<rate-limit-by-key calls="2" renewal-period="60" counter-key="all" />`, []int{200, 200, 429, 429}},
		"quota":  {`<quota-by-key calls="3" renewal-period="300" counter-key="all" />`, []int{200, 200, 200, 403}},
		"tokens": {`<llm-token-limit counter-key="all" tokens-per-minute="20" estimate-prompt-tokens="false" />`, []int{200, 200, 429, 429}},
	} {
		run := apimtest.RunT(t, service(sections(c.policy, "", "", ""), func(c *apim.Configuration) { c.Service.Units = 3 }))
		run.Backends.On("a.test", apimtest.Respond(200, `{"usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}}`, "Content-Type", "application/json"))
		var got []int
		for i := range c.want {
			got = append(got, run.Do("POST", "/echo/things/1", `{"messages":[]}`).Status)
			run.Records.Wait(i + 1)
		}
		assert.Equal(t, c.want, got, "%s: a caller has its limit once, not once for each unit", name)
	}
}

func TestOnlyALiteralIncrementHoldsCallsInParallel(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		passed int
	}{
		"expression": {`<rate-limit-by-key calls="6" renewal-period="60" counter-key="k" increment-count="@(weight)" />`, 4},
		"condition":  {`<rate-limit-by-key calls="6" renewal-period="60" counter-key="k" increment-count="3" increment-condition="@(context.Response.StatusCode == 200)" />`, 4},
		"literal":    {`<rate-limit-by-key calls="6" renewal-period="60" counter-key="k" increment-count="3" />`, 2},
	} {
		run := apimtest.RunT(t, service(sections(c.policy, "", "", "")), callerKeyed)
		arrived, release := make(chan struct{}), make(chan struct{})
		run.Backends.On("a.test", func(*http.Request, string) (*http.Response, error) {
			arrived <- struct{}{}
			<-release
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Header: http.Header{}}, nil
		})
		done := make(chan int, 4)
		passed := 0
		for range 4 {
			go func() { done <- run.Get("/echo/things/1").Status }()
			select {
			case <-arrived: // and works on it until all are there
				passed++
			case status := <-done:
				assert.Equal(t, 429, status, name)
			}
		}
		close(release)
		assert.Equal(t, c.passed, passed, "%s: calls that began before the first was answered", name)
	}
}

func TestAWaitIsAsLongAsWhatWasCountedAtOnce(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<choose>
		<when condition='`+callerKey[:len(callerKey)-1]+` == "large")'><rate-limit-by-key calls="10" renewal-period="60" counter-key="k" increment-count="9" remaining-calls-header-name="x-left" /></when>
		<otherwise><rate-limit-by-key calls="10" renewal-period="60" counter-key="k" increment-count="1" remaining-calls-header-name="x-left" /></otherwise>
	</choose>`, "", "", "")), with(apimtest.Expressions{
		callerKey[:len(callerKey)-1] + ` == "large")`: func(c *apim.Context) (any, error) { return c.Request.Header.Get("caller") == "large", nil },
	}))
	assert.Equal(t, "1", run.Get("/echo/things/1", "caller", "large").Header.Get("x-left"))
	run.Clock.Advance(20 * time.Second)
	assert.Equal(t, "0", run.Get("/echo/things/1").Header.Get("x-left"))
	refused := run.Get("/echo/things/1")
	assert.Equal(t, []any{429, "40"}, []any{refused.Status, refused.Header.Get("Retry-After")}, "nine leave the window together")
	run.Clock.Advance(40 * time.Second)
	assert.Equal(t, "8", run.Get("/echo/things/1").Header.Get("x-left"))
}
