package apim_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/azure/apim/csharp"
)

// exchangeCount counts the exchanges with C#.
type exchangeCount struct{ total, before atomic.Int64 }

func (c *exchangeCount) option() csharp.Option {
	return csharp.WithExchanges(func([]csharp.Step) { c.total.Add(1) })
}

// begin begins to count anew.
func (c *exchangeCount) begin() { c.before.Store(c.total.Load()) }

// since is the number of exchanges since begin.
func (c *exchangeCount) since() int { return int(c.total.Load() - c.before.Load()) }

// looksEverywhere looks at each part of a context, and changes most of them between two looks.
var looksEverywhere = sections(`
	<set-variable name="kind" value="@(context.Request.Headers.GetValueOrDefault("x-kind", "none"))" />
	<set-variable name="n" value="@{
		var kind = (string)context.Variables["kind"];
		if (kind == "int") { return 5; }
		if (kind == "long") { return 5L; }
		if (kind == "double") { return 5.0; }
		if (kind == "text") { return "5"; }
		if (kind == "null") { return null; }
		return new JArray(5);
	}" />
	<choose><when condition="@((string)context.Variables["kind"] != "none")"><set-variable name="sometimes" value="@("set for " + context.Request.MatchedParameters["id"])" /></when></choose>
	<set-variable name="type" value="@(context.Variables["n"] is int ? "int" : context.Variables["n"] is long ? "long" : context.Variables["n"] is double ? "double" : context.Variables["n"] is string ? "text" : context.Variables["n"] == null ? "null" : "object")" />
	<set-variable name="cast" value="@{ try { return ((int)context.Variables["n"]).ToString(); } catch (Exception) { return "no int"; } }" />
	<set-variable name="list" value="@(JArray.Parse("[1]"))" />
	<set-variable name="grown" value="@{ var list = (JArray)context.Variables["list"]; list.Add(context.Request.MatchedParameters["id"]); return list.Count; }" />
	<set-header name="x-seen" exists-action="append"><value>@(context.Variables["type"] + "|" + context.Variables["cast"] + "|" + context.Variables.GetValueOrDefault("sometimes", "unset") + "|" + context.Variables["grown"])</value></set-header>
	<set-header name="x-kind" exists-action="override"><value>@(context.Request.Headers.GetValueOrDefault("X-KIND", "") + "+" + context.Request.Headers.ContainsKey("x-other"))</value></set-header>
	<set-header name="x-again" exists-action="override"><value>@(context.Request.Headers.GetValueOrDefault("x-kind", "none"))</value></set-header>
	<set-header name="x-who" exists-action="override"><value>@((context.Subscription == null ? "nobody" : context.Subscription.Id) + "|" + (context.Product == null ? "none" : context.Product.Name) + "|" + context.Operation.Id + "|" + context.Request.Method)</value></set-header>
	<set-header name="x-body" exists-action="override"><value>@(context.Request.Body == null ? "" : context.Request.Body.As<string>(preserveContent: true))</value></set-header>`,
	`<retry count="2" interval="0" condition="@(context.Response == null || context.Response.StatusCode >= 500)">
		<set-variable name="tries" value="@(context.Variables.GetValueOrDefault<int>("tries", 0) + 1)" />
		<set-header name="x-try" exists-action="override"><value>@(context.Variables["tries"] + (context.Response == null ? "" : " after " + context.Response.StatusCode + context.Response.Headers.GetValueOrDefault("x-why", "")))</value></set-header>
		<forward-request buffer-request-body="true" />
	</retry>`,
	`<set-header name="x-out" exists-action="override"><value>@(context.Response.StatusCode + context.Response.StatusReason + "|" + context.Variables["tries"] + "|" + context.Response.Headers.GetValueOrDefault("x-why", "-"))</value></set-header>
	<set-status code="@(context.Response.StatusCode == 200 ? 201 : context.Response.StatusCode)" reason="Any" />
	<set-header name="x-after" exists-action="override"><value>@(context.Response.StatusCode.ToString())</value></set-header>`,
	`<set-header name="x-error" exists-action="override"><value>@(context.LastError.Reason + "|" + context.Variables.GetValueOrDefault("tries", 0))</value></set-header>`)

func TestRecallingChangesNothing(t *testing.T) {
	play := func(expressions func(...csharp.Option) apim.Expressions) (seen []string, exchanges int) {
		made := &exchangeCount{}
		r := apimtest.RunT(t, service(looksEverywhere, func(c *apim.Configuration) {
			c.APIs[0].Operations = append(c.APIs[0].Operations, apim.Operation{ID: "other", Method: "POST", URLTemplate: "/others/{id}"})
			c.Products = []apim.Product{{ID: "p", Name: "P", Published: true, SubscriptionRequired: true, APIs: []string{"echo"}}}
			c.Subscriptions = []apim.Subscription{{ID: "red", Scope: "/products/p", State: "active", PrimaryKey: "k1"}, {ID: "blue", Scope: "/products/p", State: "active", PrimaryKey: "k2"}}
		}), func(d *apim.Deps) {
			d.Expressions = expressions(made.option())
		})
		random := rand.New(rand.NewPCG(7, 11))
		pick := func(list ...string) string { return list[random.IntN(len(list))] }
		for range 120 {
			var answers []apimtest.Handler
			for range 3 {
				answers = append(answers, map[string]apimtest.Handler{
					"ok": apimtest.Respond(200, "ok"), "busy": apimtest.Respond(429, "", "x-why", "busy"),
					"down": apimtest.Respond(503, "", "x-why", pick("late", "full")), "reset": apimtest.Fail("reset"),
				}[pick("ok", "ok", "busy", "down", "reset")])
			}
			r.Backends.On("a.test", answers...)
			headers := []string{}
			if key := pick("", "k1", "k2"); key != "" {
				headers = append(headers, "Ocp-Apim-Subscription-Key", key)
			}
			if kind := pick("", "int", "long", "double", "text", "null", "object"); kind != "" {
				headers = append(headers, "x-kind", kind)
			}
			got := r.Do(pick("POST", "POST", "GET"), "/echo/"+pick("things", "others")+"/"+pick("7", "8"), pick("", "one", "two"), headers...)
			seen = append(seen, fmt.Sprint(got.Status, got.Body != "", got.Header["X-Out"], got.Header["X-After"], got.Header["X-Error"]))
		}
		for _, s := range r.Backends.Seen() {
			seen = append(seen, fmt.Sprint(s.Header["X-Seen"], s.Header["X-Kind"], s.Header["X-Again"], s.Header["X-Who"], s.Header["X-Body"], s.Header["X-Try"], s.Body))
		}
		return seen, made.since()
	}
	plain, all := play(apim.PlainCSharp)
	recalled, some := play(apim.CSharp)
	assert.Equal(t, plain, recalled)
	assert.Less(t, some, all/3, "%d exchanges instead of %d", some, all)
	together := strings.Join(plain, "\n")
	for _, reached := range []string{"int|5|", "long|no int", "object|no int", "unset", "set for 8", "blue|P|other|POST", "nobody|none|get|GET", "2 after 503full", "+False"} {
		if !strings.Contains(together, reached) {
			t.Errorf("no call reaches %q", reached)
		}
	}
}

func TestWhatChangesByItselfIsEvaluatedEachTime(t *testing.T) {
	run := apimtest.RunT(t, service(sections("", "", `
		<set-header name="x-time" exists-action="override"><value>@(DateTime.UtcNow.ToString("HH:mm"))</value></set-header>
		<set-header name="x-elapsed" exists-action="override"><value>@(context.Variables.Count + " " + context.Elapsed.TotalSeconds)</value></set-header>
		<set-header name="x-id" exists-action="override"><value>@(context.RequestId.ToString())</value></set-header>
		<set-header name="x-body" exists-action="override"><value>@(context.Response.Body.As<string>(preserveContent: true))</value></set-header>`, "")), sharp, func(d *apim.Deps) {
		d.Expressions = apim.CSharp(csharp.WithClock(d.Clock.Now))
	})
	seen := map[string]bool{}
	for i := range 3 {
		run.Backends.On("a.test", apimtest.Respond(200, fmt.Sprint("answer ", i)))
		got := run.Get("/echo/things/1")
		for _, name := range []string{"x-time", "x-id", "x-body"} {
			value := got.Header.Get(name)
			require.NotEmpty(t, value)
			assert.False(t, seen[name+value], "%s was %s before", name, value)
			seen[name+value] = true
		}
		run.Clock.Advance(time.Minute)
	}
}

func TestACallOfADeployedStackTakesOneExchangeWithCSharp(t *testing.T) {
	made := &exchangeCount{}
	run := apimtest.RunT(t, deployed(t, "https://a.test"), func(d *apim.Deps) {
		d.Expressions, d.Identity = apim.CSharp(made.option()), &identities{until: d.Clock.Now().Add(time.Hour)}
	})
	run.Backends.On("a.test", apimtest.Respond(200, `{"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`, "Content-Type", "application/json"))
	// What follows what is learnt from the calls.
	for i := range 4 {
		made.begin()
		got := run.Do("POST", benchPath, fmt.Sprintf(`{"messages":[{"role":"user","content":"%d"}]}`, i), "api-key", benchKey, "Content-Type", "application/json")
		require.Equal(t, 200, got.Status, got.Body)
		run.Records.Wait(i + 1)
	}
	// The one for the body takes all with it that depends on it, and the time that is left. Whatever depends on the caller alone is
	// remembered.
	assert.Equal(t, 1, made.since())
}

func TestEvaluatingAheadChangesNothingButTheNumberOfExchanges(t *testing.T) {
	// Each policy changes what a later expression reads, or does not.
	const inboundPolicies = `
		<set-variable name="a" value="@(context.Request.Headers.GetValueOrDefault("x-in", "0"))" />
		<set-variable name="id" value="@(context.Request.MatchedParameters["id"])" />
		<set-header name="x-in" exists-action="override"><value>@(context.Variables["a"] + "1")</value></set-header>
		<set-variable name="b" value="@(context.Request.Headers.GetValueOrDefault("x-in", "0") + "/" + context.Variables["a"])" />
		<choose>
			<when condition="@((string)context.Variables["b"] == "never")"><set-variable name="c" value="@(int.Parse("x"))" /></when>
			<when condition="@((string)context.Variables["id"] == "7")"><set-variable name="c" value="@("seven " + context.Variables["b"])" /></when>
			<otherwise><set-variable name="c" value="@("other")" /></otherwise>
		</choose>
		<set-variable name="n" value="@(0)" />
		<set-variable name="body" value="@(context.Request.Body.As<string>(preserveContent: true))" />
		<set-header name="x-c" exists-action="override"><value>@((string)context.Variables["c"])</value><value>@((string)context.Variables["body"])</value></set-header>`
	const backend = `<retry count="3" interval="0" condition="@(context.Response == null || context.Response.StatusCode != 200)">
			<set-variable name="n" value="@((int)context.Variables["n"] + 1)" />
			<choose><when condition="@((int)context.Variables["n"] == 2)"><set-variable name="second" value="@("n was " + context.Variables["n"])" /></when></choose>
			<set-header name="x-n" exists-action="override"><value>@(context.Variables["n"].ToString())</value></set-header>
			<set-header name="x-api" exists-action="override"><value>@(context.Api.Id + context.Operation.Id)</value></set-header>
			<forward-request buffer-request-body="true" />
		</retry>`
	const outbound = `<set-header name="x-status" exists-action="override"><value>@(context.Response.StatusCode + " " + context.Variables["n"] + " " + context.Variables["second"])</value></set-header>
		<set-status code="201" reason="Any" /><set-header name="x-status2" exists-action="override"><value>@(context.Response.StatusCode.ToString())</value></set-header>
		<choose><when condition="@(true)"><return-response><set-body>@(context.Variables["c"] + " " + context.Variables.GetValueOrDefault<string>("second"))</set-body></return-response></when></choose>
		<set-variable name="never" value="@(int.Parse("thrown in vain"))" />`
	type seen struct {
		answer   string
		requests []string
	}
	const calls = 4
	run := func(expressions func(...csharp.Option) apim.Expressions) (out []seen, exchanges int) {
		made := &exchangeCount{}
		r := apimtest.RunT(t, service(sections(inboundPolicies, backend, outbound, "")), func(d *apim.Deps) { d.Expressions = expressions(made.option()) })
		for i := range calls {
			made.begin()
			before := len(r.Backends.Seen())
			r.Backends.On("a.test", apimtest.Respond(503, ""), apimtest.Fail("reset"), apimtest.Respond(200, "ok"))
			// No two calls have the same body, so that what depends on it cannot be recalled.
			got := r.Do("POST", "/echo/things/7", fmt.Sprint("hello ", i), "x-in", fmt.Sprint(i))
			require.Equal(t, 200, got.Status, got.Body)
			one := seen{answer: got.Body}
			for _, s := range r.Backends.Seen()[before:] {
				one.requests = append(one.requests, strings.Join([]string{s.Body, s.Header.Get("x-in"), strings.Join(s.Header.Values("x-c"), ","), s.Header.Get("x-n"), s.Header.Get("x-api")}, "|"))
			}
			out = append(out, one)
		}
		return out, made.since()
	}
	one, alone := run(apim.PlainCSharp)
	several, together := run(apim.CSharp)
	assert.Equal(t, one, several)
	assert.Equal(t, []string{"hello 3|31|seven 31/3,hello 3|1|echopost", "hello 3|31|seven 31/3,hello 3|2|echopost", "hello 3|31|seven 31/3,hello 3|3|echopost"}, several[3].requests)
	assert.Equal(t, "seven 31/3 n was 2", several[3].answer)
	assert.Less(t, together, alone/4, "%d exchanges instead of %d", together, alone)
}

func TestACounterConditionWaitsForTheResponse(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<rate-limit-by-key calls="1" renewal-period="60" counter-key="@(context.Api.Id)" increment-condition="@(context.Response.StatusCode == 200)" />
		<set-variable name="x" value="@(context.Api.Id)" />`, "", "", "")), sharp)
	run.Backends.On("a.test", apimtest.Respond(404, ""), apimtest.Respond(200, ""))
	var got []int
	for i := range 3 {
		got = append(got, run.Get("/echo/things/1").Status)
		run.Records.Wait(i + 1)
	}
	assert.Equal(t, []int{404, 200, 429}, got)
}

func TestACachedObjectOutlivesItsCall(t *testing.T) {
	run := apimtest.RunT(t, service(nil, func(c *apim.Configuration) {
		c.APIs[0].Operations = []apim.Operation{
			{ID: "w", Method: "GET", URLTemplate: "/w", Policy: sections(`<cache-store-value key="k" value="@(JArray.Parse("[1,2,3]"))" duration="60" />`, "", "", "")},
			{ID: "r", Method: "GET", URLTemplate: "/r", Policy: sections(`<cache-lookup-value key="k" variable-name="v" /><return-response><set-body>@(((JArray)context.Variables["v"]).Count.ToString())</set-body></return-response>`, "", "", "")},
		}
	}), sharp)
	run.Get("/echo/w")
	assert.Equal(t, "3", run.Get("/echo/r").Body)
}
