package apim_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/azure/apim/document"
)

func sharp(d *apim.Deps) { d.Expressions = apim.CSharp() }

func TestExpressionsRunAsRealCSharpOnTheLiveContext(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`
		<set-variable name="doc" value="@(context.Request.Body.As<JObject>(preserveContent: true))" />
		<set-variable name="n" value="@((int)((JObject)context.Variables["doc"])["n"] + 1)" />
		<set-header name="x-n" exists-action="override"><value>@(context.Variables.GetValueOrDefault<int>("n").ToString())</value></set-header>
		<set-header name="x-id" exists-action="override"><value>@(context.Request.MatchedParameters["id"])</value></set-header>
		<set-header name="x-path" exists-action="override"><value>@(context.Request.Url.Path + "|" + context.Request.OriginalUrl.Path)</value></set-header>
		<set-query-parameter name="api" exists-action="override"><value>@(context.Api.Id)</value></set-query-parameter>
		<send-request mode="new" response-variable-name="side" ignore-error="false">
			<set-url>https://side.test/x</set-url><set-method>POST</set-method>
			<set-body>@("n=" + context.Variables["n"])</set-body>
		</send-request>
		<set-header name="x-side" exists-action="override"><value>@(((IResponse)context.Variables["side"]).Body.As<string>())</value></set-header>`,
		`<retry condition="@(context.Response == null || context.Response.StatusCode == 429 || context.Response.StatusCode >= 500)" count="2" interval="0">
			<forward-request buffer-request-body="true" /></retry>`,
		`<set-header name="x-status" exists-action="override"><value>@(context.Response.StatusCode.ToString())</value></set-header>
		<set-body>@{
			var o = context.Response.Body.As<JObject>();
			o["seen"] = true;
			return o.ToString(Newtonsoft.Json.Formatting.None);
		}</set-body>`, "")), sharp)
	run.Backends.On("a.test", apimtest.Fail("reset"), apimtest.Respond(503, "no"), apimtest.Respond(200, `{"ok":1}`, "Content-Type", "application/json"))
	run.Backends.On("side.test", apimtest.Respond(200, "beside"))

	got := run.Do("POST", "/echo/things/7", `{"n":41}`)
	require.Equal(t, 200, got.Status, got.Body)
	assert.JSONEq(t, `{"ok":1,"seen":true}`, got.Body)
	assert.Equal(t, "200", got.Header.Get("x-status"))
	seen := run.Backends.Seen()
	require.Len(t, seen, 4)
	assert.Equal(t, "n=42", seen[0].Body)
	last := seen[3]
	assert.Equal(t, "https://a.test/base/things/7?api=echo", last.URL)
	assert.Equal(t, "42", last.Header.Get("x-n"))
	assert.Equal(t, "7", last.Header.Get("x-id"))
	assert.Equal(t, "/things/7|/echo/things/7", last.Header.Get("x-path"))
	assert.Equal(t, "beside", last.Header.Get("x-side"))
	assert.Equal(t, `{"n":41}`, last.Body)
}

func TestAnExceptionInAnExpressionGoesToOnErrorWithItsPlace(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`
		<choose id="c1"><when condition="@(true)"><set-variable id="v" name="x" value="@(int.Parse("seven"))" /></when></choose>`, "", "",
		`<set-header name="x-error" exists-action="override"><value>@(context.LastError.Source + "," + context.LastError.Reason + "," + context.LastError.Section + "," + context.LastError.Scope + "," + context.LastError.Path + "," + context.LastError.PolicyId)</value></set-header>`)), sharp)
	got := run.Get("/echo/things/7")
	assert.Equal(t, 500, got.Status)
	assert.Regexp(t, `^\{ "statusCode": 500, "message": "Internal server error", "activityId": "[0-9a-f-]{36}" \}$`, got.Body)
	assert.Equal(t, "set-variable,ExpressionValueEvaluationFailure,inbound,api,choose[1]/when[1]/set-variable[1],v", got.Header.Get("x-error"))
}

func TestAConsumedBodyIsEmptyForTheBackend(t *testing.T) {
	for text, want := range map[string]string{
		`@(context.Request.Body.As<string>())`:                      "",
		`@(context.Request.Body.As<string>(preserveContent: true))`: "hello",
	} {
		run := apimtest.RunT(t, service(sections(`<set-variable name="b" value='`+text+`' />`, "", "", "")), sharp)
		run.Do("POST", "/echo/things/7", "hello")
		assert.Equal(t, want, run.Backends.Seen()[0].Body, text)
	}
}

func TestACompileErrorPointsIntoTheDocument(t *testing.T) {
	p := policy("<policies>\n  <inbound>\n    <set-variable name=\"x\" value=\"@(contxt.Api.Id)\" />\n  </inbound>\n</policies>")
	cfg := service(nil)
	err := apim.Check(context.Background(), *p, apim.Place{Scope: apim.APIScope}, &cfg, apim.Deps{Expressions: apim.CSharp()})
	var bad document.Errors
	require.ErrorAs(t, err, &bad)
	require.Len(t, bad, 1)
	assert.Equal(t, "test.xml", bad[0].File)
	assert.Equal(t, document.Pos{Line: 3, Column: 37}, bad[0].Pos)
	assert.Contains(t, bad[0].Detail(), "Error in element 'set-variable' on line 3, column 37: ")
	assert.Contains(t, err.Error(), "contxt")
}
