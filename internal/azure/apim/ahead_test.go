package apim_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

// watched counts the exchanges with the evaluator; single hides that it can
// evaluate several expressions at once. Only with recall it may know values
// without evaluating.
type watched struct {
	apim.Expressions
	single    bool
	recall    bool
	exchanges *[][]int
}

func (w watched) Compile(ctx context.Context, list []apim.Expression) (apim.Program, error) {
	p, err := w.Expressions.Compile(ctx, list)
	return watchedProgram{p, w}, err
}

type watchedProgram struct {
	apim.Program
	w watched
}

func (p watchedProgram) Open(ctx context.Context, c *apim.Context) apim.Session {
	s := watchedSession{p.Program.Open(ctx, c), p.w}
	if p.w.single {
		return s
	}
	if p.w.recall {
		return watchedRecall{watchedBatch{s}}
	}
	return watchedBatch{s}
}

type watchedSession struct {
	apim.Session
	w watched
}

func (s watchedSession) Eval(ctx context.Context, id int) (any, error) {
	*s.w.exchanges = append(*s.w.exchanges, []int{id})
	return s.Session.Eval(ctx, id)
}

type watchedBatch struct{ watchedSession }

func (s watchedBatch) EvalAll(ctx context.Context, ids []int) ([]apim.Outcome, error) {
	*s.w.exchanges = append(*s.w.exchanges, ids)
	return s.Session.(apim.Batch).EvalAll(ctx, ids)
}

type watchedRecall struct{ watchedBatch }

func (s watchedRecall) Recall(id int) (any, bool) {
	return s.Session.(interface{ Recall(id int) (any, bool) }).Recall(id)
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
	run := func(single bool) (seen, [][]int) {
		var exchanges [][]int
		r := apimtest.RunT(t, service(sections(inboundPolicies, backend, outbound, "")), func(d *apim.Deps) {
			d.Expressions = watched{apim.CSharp(), single, false, &exchanges}
		})
		r.Backends.On("a.test", apimtest.Respond(503, ""), apimtest.Fail("reset"), apimtest.Respond(200, "ok"))
		got := r.Do("POST", "/echo/things/7", "hello", "x-in", "5")
		out := seen{answer: got.Body}
		require.Equal(t, 200, got.Status, got.Body)
		for _, s := range r.Backends.Seen() {
			out.requests = append(out.requests, strings.Join([]string{s.Body, s.Header.Get("x-in"), strings.Join(s.Header.Values("x-c"), ","), s.Header.Get("x-n"), s.Header.Get("x-api")}, "|"))
		}
		return out, exchanges
	}
	one, alone := run(true)
	several, together := run(false)
	assert.Equal(t, one, several)
	assert.Equal(t, []string{"hello|51|seven 51/5,hello|1|echopost", "hello|51|seven 51/5,hello|2|echopost", "hello|51|seven 51/5,hello|3|echopost"}, several.requests)
	assert.Equal(t, "seven 51/5 n was 2", several.answer)
	assert.Less(t, len(together), len(alone)-5, "%d exchanges instead of %d", len(together), len(alone))
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
