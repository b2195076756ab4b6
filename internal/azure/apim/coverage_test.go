package apim_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

// smallest is the smallest valid form of every policy that is supported.
var smallest = map[string]string{
	"base": `<base />`, "choose": `<choose><when condition="true" /></choose>`, "include-fragment": `<include-fragment fragment-id="f" />`,
	"retry": `<retry count="1" interval="0" condition="false" />`, "wait": `<wait><choose><when condition="true" /></choose></wait>`,
	"set-variable": `<set-variable name="a" value="b" />`, "set-header": `<set-header name="a" exists-action="delete" />`,
	"set-query-parameter": `<set-query-parameter name="a" exists-action="delete" />`, "set-body": `<set-body>x</set-body>`, "set-method": `<set-method>GET</set-method>`,
	"set-status": `<set-status code="200" reason="Any" />`, "rewrite-uri": `<rewrite-uri template="/x" />`, "find-and-replace": `<find-and-replace from="a" to="b" />`,
	"return-response": `<return-response />`, "mock-response": `<mock-response />`,
	"rate-limit": `<rate-limit calls="1" renewal-period="1" />`, "rate-limit-by-key": `<rate-limit-by-key calls="1" renewal-period="1" counter-key="k" />`,
	"quota": `<quota calls="1" renewal-period="1" />`, "quota-by-key": `<quota-by-key calls="1" renewal-period="300" counter-key="k" />`,
	"limit-concurrency":               `<limit-concurrency key="k" max-count="1" />`,
	"authentication-managed-identity": `<authentication-managed-identity resource="r" />`, "authentication-basic": `<authentication-basic username="u" password="p" />`,
	"check-header": `<check-header name="a" failed-check-httpcode="401" failed-check-error-message="m" ignore-case="true" />`,
	"ip-filter":    `<ip-filter action="allow"><address>127.0.0.1</address></ip-filter>`, "validate-jwt": `<validate-jwt header-name="a" />`,
	"validate-azure-ad-token": `<validate-azure-ad-token tenant-id="t" />`, "forward-request": `<forward-request />`, "set-backend-service": `<set-backend-service backend-id="a" />`,
	"cache-lookup-value": `<cache-lookup-value key="k" variable-name="v" />`, "cache-store-value": `<cache-store-value key="k" value="v" duration="1" />`,
	"cache-remove-value": `<cache-remove-value key="k" />`, "cors": `<cors><allowed-origins><origin>*</origin></allowed-origins><allowed-headers><header>*</header></allowed-headers></cors>`,
	"send-request":         `<send-request mode="new" response-variable-name="r"><set-url>https://side.test</set-url></send-request>`,
	"send-one-way-request": `<send-one-way-request mode="new"><set-url>https://side.test</set-url></send-one-way-request>`,
	"log-to-eventhub":      `<log-to-eventhub logger-id="hub">x</log-to-eventhub>`, "trace": `<trace source="s"><message>m</message></trace>`,
	"emit-metric":     `<emit-metric name="m"><dimension name="API ID" /></emit-metric>`,
	"llm-token-limit": `<llm-token-limit counter-key="k" estimate-prompt-tokens="true" tokens-per-minute="1" />`, "azure-openai-token-limit": `<azure-openai-token-limit counter-key="k" estimate-prompt-tokens="true" tokens-per-minute="1" />`,
	"llm-emit-token-metric":          `<llm-emit-token-metric><dimension name="API ID" /></llm-emit-token-metric>`,
	"azure-openai-emit-token-metric": `<azure-openai-emit-token-metric><dimension name="API ID" /></azure-openai-emit-token-metric>`, "llm-content-safety": `<llm-content-safety backend-id="a" />`,
}

func TestEveryPolicyIsTakenWhereItsPageAllowsItAndNowhereElse(t *testing.T) {
	cfg := service(nil, func(c *apim.Configuration) {
		c.Fragments = []apim.Fragment{{ID: "f", Policy: *policy(`<fragment />`)}}
	})
	for _, p := range apim.Coverage() {
		text, ok := smallest[p.Name]
		if p.Support == apim.NotSupported {
			assert.False(t, ok, p.Name)
			text = "<" + p.Name + " />"
		} else {
			require.True(t, ok, "%s has no sample", p.Name)
		}
		for _, scope := range []apim.Scope{apim.Global, apim.ProductScope, apim.APIScope, apim.OperationScope} {
			for _, section := range []string{"inbound", "backend", "outbound", "on-error"} {
				doc := policy("<policies><" + section + ">" + text + "</" + section + "></policies>")
				err := apim.Check(context.Background(), *doc, apim.Place{Scope: scope}, &cfg, apim.Deps{})
				if want := p.Support != apim.NotSupported && slices.Contains(p.Sections, section) && slices.Contains(p.Scopes, scope.String()); want {
					assert.NoError(t, err, "%s in %s of %s", p.Name, section, scope)
				} else {
					assert.Error(t, err, "%s in %s of %s", p.Name, section, scope)
				}
			}
		}
	}
}

func TestEveryRequiredAttributeIsMissed(t *testing.T) {
	cfg := service(nil, func(c *apim.Configuration) {
		c.Fragments = []apim.Fragment{{ID: "f", Policy: *policy(`<fragment />`)}}
	})
	for _, p := range apim.Coverage() {
		if p.Support == apim.NotSupported || p.Name == "base" || p.Name == "forward-request" || p.Name == "return-response" || p.Name == "mock-response" || p.Name == "set-body" || p.Name == "set-method" {
			continue
		}
		doc := policy("<policies><" + p.Sections[0] + "><" + p.Name + " /></" + p.Sections[0] + "></policies>")
		scope := map[string]apim.Scope{"global": apim.Global, "product": apim.ProductScope}[p.Scopes[0]]
		assert.Error(t, apim.Check(context.Background(), *doc, apim.Place{Scope: scope}, &cfg, apim.Deps{}), "an empty <%s />", p.Name)
	}
}

// noting keeps the expressions it is asked to compile.
type noting struct{ list []apim.Expression }

func (n *noting) Compile(_ context.Context, list []apim.Expression) (apim.Program, error) {
	n.list = list
	return apimtest.Expressions{}.Compile(context.Background(), nil)
}

func TestASecretInAnExpressionIsMarkedForTheCompiler(t *testing.T) {
	cfg := service(nil, func(c *apim.Configuration) {
		c.NamedValues = []apim.NamedValue{{Name: "open", Value: "o"}, {Name: "hidden", Value: "h", Secret: true}}
	})
	e := &noting{}
	doc := policy(inbound(`<set-variable name="a" value='@("{{open}}")' /><set-variable name="b" value='@("{{hidden}}")' /><set-header name="c"><value>@("{{hidden}}")</value></set-header>`))
	require.NoError(t, apim.Check(context.Background(), *doc, apim.Place{Scope: apim.APIScope}, &cfg, apim.Deps{Expressions: e}))
	var got []bool
	for _, x := range e.list {
		got = append(got, x.Secret)
	}
	assert.Equal(t, []bool{false, true, true}, got)
	assert.Equal(t, `@("h")`, e.list[1].Text)
	assert.Equal(t, []apim.Wanted{apim.WantAny, apim.WantAny, apim.WantString}, []apim.Wanted{e.list[0].Want, e.list[1].Want, e.list[2].Want})
}
