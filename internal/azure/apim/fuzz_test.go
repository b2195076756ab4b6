package apim_test

import (
	"context"
	"testing"

	"enterprise-openai/internal/azure/apim"
)

func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		inbound(`<base />`), inbound(`<choose><when condition="@(x)"><set-header name="a"><value>b</value></set-header></when></choose>`),
		inbound(`<retry count="1" interval="1" condition="true"><retry count="" interval="" condition="" /></retry>`), fullChain,
		inbound(`<cors><allowed-origins><origin>*</origin></allowed-origins><allowed-headers /></cors>`), inbound(`<rate-limit calls="-1" renewal-period="1e9" />`),
		inbound(entra), inbound(corsPolicy), inbound(`<wait><choose /></wait>`), inbound(`<include-fragment fragment-id="" />`), inbound(`<trace source="x" />`),
		inbound(`<set-body><a>{{x}}</a></set-body>`), inbound(`<mock-response status-code="x" index="99999999999999999999" />`), `<fragment><base /></fragment>`,
	} {
		f.Add(s)
	}
	cfg := service(nil)
	f.Fuzz(func(t *testing.T, text string) {
		for _, scope := range []apim.Scope{apim.Global, apim.ProductScope, apim.APIScope, apim.OperationScope, apim.ScopeFragment} {
			err := apim.Check(context.Background(), *policy(text), apim.Place{Scope: scope}, &cfg, apim.Deps{})
			if err != nil && err.Error() == "" {
				t.Error("an error without words")
			}
		}
	})
}

// fullChain is about what a deployed stack runs for one call: limits, identity,
// a pool with retry, headers, a trace, and some twenty expressions.
const fullChain = `<policies><inbound><base />
	<set-variable name="deployment" value="@(context.Request.MatchedParameters["id"])" />
	<set-variable name="caller" value="@(context.Subscription == null ? context.Request.IpAddress : context.Subscription.Id)" />
	<choose><when condition="@(context.Request.Headers.GetValueOrDefault("x-block","") == "1")"><return-response><set-status code="403" reason="Any" /></return-response></when></choose>
	<set-variable name="stream" value="@(context.Request.Body != null && context.Request.Body.As<JObject>(preserveContent: true).Value<bool?>("stream") == true)" />
	<llm-token-limit counter-key="@((string)context.Variables["caller"])" tokens-per-minute="100000000" estimate-prompt-tokens="false" remaining-tokens-header-name="x-left" />
	<rate-limit-by-key calls="100000" renewal-period="1" counter-key="@((string)context.Variables["caller"] + "|" + context.Api.Id)" />
	<llm-emit-token-metric><dimension name="API ID" /><dimension name="Team" value="@((string)context.Variables["caller"])" /><dimension name="Deployment" value="@((string)context.Variables["deployment"])" /></llm-emit-token-metric>
	<set-header name="api-key" exists-action="delete" /><set-header name="x-team" exists-action="override"><value>@((string)context.Variables["caller"])</value></set-header>
	<authentication-managed-identity resource="https://cognitiveservices.azure.com" />
	<set-variable name="started" value="@(DateTime.UtcNow)" /><set-variable name="attempt" value="@(0)" />
	<set-backend-service backend-id="pool" /></inbound>
	<backend><retry count="2" interval="0" first-fast-retry="true" condition="@(context.Response == null || context.Response.StatusCode == 429 || context.Response.StatusCode >= 500)">
	<set-variable name="attempt" value="@(context.Variables.GetValueOrDefault<int>("attempt") + 1)" />
	<choose><when condition="@((DateTime.UtcNow - (DateTime)context.Variables["started"]).TotalSeconds < 240)"><forward-request buffer-request-body="true" buffer-response="false" timeout="@(240 - (int)(DateTime.UtcNow - (DateTime)context.Variables["started"]).TotalSeconds)" /></when></choose>
	<trace source="attempt" severity="information"><message>@("attempt " + context.Variables["attempt"] + " " + context.Response.StatusCode)</message><metadata name="deployment" value="@((string)context.Variables["deployment"])" /></trace>
	</retry></backend>
	<outbound><base /><choose><when condition="@(context.Response.StatusCode == 401 || context.Response.StatusCode == 403)"><set-status code="502" reason="Bad Gateway" /></when></choose>
	<set-header name="x-attempts" exists-action="override"><value>@(context.Variables["attempt"].ToString())</value></set-header></outbound>
	<on-error><base /></on-error></policies>`
