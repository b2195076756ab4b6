package apim_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/azure/apim/csharp"
)

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
	play := func(recall bool) (seen []string, exchanges int) {
		var made [][]int
		r := apimtest.RunT(t, service(looksEverywhere, func(c *apim.Configuration) {
			c.APIs[0].Operations = append(c.APIs[0].Operations, apim.Operation{ID: "other", Method: "POST", URLTemplate: "/others/{id}"})
			c.Products = []apim.Product{{ID: "p", Name: "P", Published: true, SubscriptionRequired: true, APIs: []string{"echo"}}}
			c.Subscriptions = []apim.Subscription{{ID: "red", Scope: "/products/p", State: "active", PrimaryKey: "k1"}, {ID: "blue", Scope: "/products/p", State: "active", PrimaryKey: "k2"}}
		}), func(d *apim.Deps) {
			d.Expressions = watched{apim.CSharp(), false, recall, &made}
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
		return seen, len(made)
	}
	plain, all := play(false)
	recalled, some := play(true)
	assert.Equal(t, plain, recalled)
	assert.Less(t, some, all*2/3, "%d exchanges instead of %d", some, all)
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

func TestACallOfADeployedStackAsksCSharpOnlyForWhatItsBodyAndTheTimeDecide(t *testing.T) {
	var made [][]int
	run := apimtest.RunT(t, deployed(t, "https://a.test"), func(d *apim.Deps) {
		d.Expressions, d.Identity = watched{apim.CSharp(), false, true, &made}, &identities{until: d.Clock.Now().Add(time.Hour)}
	})
	run.Backends.On("a.test", apimtest.Respond(200, `{"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`, "Content-Type", "application/json"))
	for i := range 3 {
		made = nil
		got := run.Do("POST", benchPath, fmt.Sprintf(`{"messages":[{"role":"user","content":"%d"}]}`, i), "api-key", benchKey, "Content-Type", "application/json")
		require.Equal(t, 200, got.Status, got.Body)
		run.Records.Wait(i + 1)
	}
	// The body, its encoding, what it gives twice, what it reaches, its size, which response it goes on with, whether it asks for a stream,
	// the time that is left, and the names of the answer's headers. Whatever depends on the caller alone is remembered.
	assert.Len(t, made, 9)
}
