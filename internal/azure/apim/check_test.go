package apim_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/document"
)

// check saves a document at a scope and gives the details of the refusal.
func check(t *testing.T, scope apim.Scope, text string) []string {
	t.Helper()
	cfg := service(nil, func(c *apim.Configuration) {
		c.Fragments = []apim.Fragment{
			{ID: "good", Policy: *policy(`<fragment><set-variable name="a" value="b" /></fragment>`)},
			{ID: "nested", Policy: *policy(`<fragment><include-fragment fragment-id="good" /></fragment>`)},
			{ID: "with-base", Policy: *policy(`<fragment><base /></fragment>`)},
			{ID: "inbound-only", Policy: *policy(`<fragment><rewrite-uri template="/x" /></fragment>`)},
		}
		c.NamedValues = []apim.NamedValue{{ID: "nv1", Name: "known", Value: "v"}}
	})
	err := apim.Check(context.Background(), *policy(text), apim.Place{Scope: scope}, &cfg, apim.Deps{})
	if err == nil {
		return nil
	}
	var errs document.Errors
	require.ErrorAs(t, err, &errs)
	var out []string
	for _, e := range errs {
		out = append(out, e.Detail())
	}
	return out
}

func inbound(policies string) string {
	return "<policies><inbound>" + policies + "</inbound></policies>"
}

func TestSavingRefusesWhatAzureWouldRefuse(t *testing.T) {
	for _, c := range []struct {
		name  string
		scope apim.Scope
		text  string
		want  string
	}{
		{"unknown policy", apim.APIScope, inbound(`<set-haeder name="x" />`), "Error in element 'set-haeder' on line 1, column 20: Unknown policy 'set-haeder'"},
		{"unknown section", apim.APIScope, `<policies><inbuond /></policies>`, "Error in element 'inbuond' on line 1, column 11: 'inbuond' is not a section of a policy document"},
		{"section twice", apim.APIScope, `<policies><inbound /><inbound /></policies>`, "The section 'inbound' appears twice"},
		{"wrong root", apim.APIScope, `<policy />`, "The root element is 'policy'"},
		{"text in a section", apim.APIScope, inbound(`hello`), "The element cannot contain text"},
		{"text among sections", apim.APIScope, `<policies>hello<inbound /></policies>`, "The element cannot contain text"},
		{"unknown attribute", apim.APIScope, inbound(`<set-header name="x" exist-action="skip" />`), "Unrecognized attribute 'exist-action'"},
		{"missing attribute", apim.APIScope, inbound(`<set-variable name="x" />`), "Error in element 'set-variable' on line 1, column 20: Required attribute 'value' not found"},
		{"bad enum", apim.APIScope, inbound(`<set-header name="x" exists-action="replace"><value>1</value></set-header>`), "The value 'replace' of the attribute 'exists-action' is not valid"},
		{"bad boolean", apim.APIScope, `<policies><backend><forward-request buffer-response="yes" /></backend></policies>`, "The value 'yes' of the attribute 'buffer-response' is not valid"},
		{"bad number", apim.APIScope, `<policies><backend><forward-request timeout="soon" /></backend></policies>`, "The value 'soon' of the attribute 'timeout' is not a number"},
		{"expression not allowed", apim.APIScope, inbound(`<set-variable name="@(1)" value="x" />`), "Policy expressions are not allowed in the attribute 'name'"},
		{"wrong section", apim.APIScope, `<policies><outbound><rewrite-uri template="/x" /></outbound></policies>`, "Error in element 'rewrite-uri' on line 1, column 21: Policy is not allowed in the section 'outbound'"},
		{"forward outside backend", apim.APIScope, inbound(`<forward-request />`), "Policy is not allowed in the section 'inbound'"},
		{"quota outside product", apim.APIScope, inbound(`<quota calls="1" renewal-period="60" />`), "Policy 'quota' is not allowed in the scope 'api'"},
		{"rate-limit at global", apim.Global, inbound(`<rate-limit calls="1" renewal-period="60" />`), "Policy 'rate-limit' is not allowed in the scope 'global'"},
		{"unknown child", apim.APIScope, inbound(`<choose><if condition="true" /></choose>`), "The element 'choose' has an invalid child element 'if'"},
		{"children out of order", apim.APIScope, inbound(`<choose><otherwise /><when condition="true" /></choose>`), "The child element 'when' of 'choose' is out of order"},
		{"child twice", apim.APIScope, inbound(`<choose><when condition="true" /><otherwise /><otherwise /></choose>`), "The element 'otherwise' may appear only once in 'choose'"},
		{"child missing", apim.APIScope, inbound(`<choose />`), "'when' is missing"},
		{"policy inside choose", apim.APIScope, inbound(`<choose><when condition="true"><nope /></when></choose>`), "Unknown policy 'nope'"},
		{"not modelled", apim.APIScope, inbound(`<validate-content />`), "The policy 'validate-content' is not modelled"},
		{"missing named value", apim.APIScope, inbound(`<set-variable name="x" value="{{gone}}" />`), "Error in element 'set-variable' on line 1, column 50: Cannot find a property 'gone'"},
		{"missing backend", apim.APIScope, inbound(`<set-backend-service backend-id="gone" />`), "Backend with id 'gone' could not be found"},
		{"two targets", apim.APIScope, inbound(`<set-backend-service backend-id="a" base-url="https://x.test" />`), "Exactly one of the attributes 'base-url' and 'backend-id' is required"},
		{"missing fragment", apim.APIScope, inbound(`<include-fragment fragment-id="gone" />`), "Policy fragment 'gone' could not be found"},
		{"fragment in fragment", apim.APIScope, inbound(`<include-fragment fragment-id="nested" />`), "A fragment cannot include another fragment"},
		{"base in fragment", apim.APIScope, inbound(`<include-fragment fragment-id="with-base" />`), "A fragment cannot contain 'base'"},
		{"fragment in the wrong section", apim.APIScope, `<policies><outbound><include-fragment fragment-id="inbound-only" /></outbound></policies>`, "Policy is not allowed in the section 'outbound'"},
		{"missing logger", apim.APIScope, inbound(`<log-to-eventhub logger-id="gone">x</log-to-eventhub>`), "Logger 'gone' could not be found"},
		{"too many retries", apim.APIScope, `<policies><backend><retry count="51" interval="1" condition="false"><forward-request /></retry></backend></policies>`, "The value '51' of the attribute 'count' is out of range"},
		{"token limit without limit", apim.APIScope, inbound(`<llm-token-limit counter-key="k" estimate-prompt-tokens="true" />`), "One of the attributes 'tokens-per-minute' and 'token-quota' is required"},
		{"quota without period", apim.APIScope, inbound(`<llm-token-limit counter-key="k" estimate-prompt-tokens="true" token-quota="5" />`), "go together"},
		{"misspelt consumed header", apim.APIScope, inbound(`<llm-token-limit counter-key="k" estimate-prompt-tokens="true" tokens-per-minute="5" consumed-tokens-header-name="x" />`), "Unrecognized attribute 'consumed-tokens-header-name'"},
		{"singular estimate", apim.APIScope, inbound(`<llm-token-limit counter-key="k" estimate-prompt-token="true" tokens-per-minute="5" />`), "Unrecognized attribute 'estimate-prompt-token'"},
		{"long rate period", apim.APIScope, inbound(`<rate-limit-by-key calls="1" renewal-period="301" counter-key="k" />`), "'renewal-period' is out of range"},
		{"short key quota", apim.APIScope, inbound(`<quota-by-key calls="1" renewal-period="60" counter-key="k" />`), "'renewal-period' is out of range"},
		{"quota without limit", apim.ProductScope, inbound(`<quota renewal-period="60" />`), "One of the attributes 'calls' and 'bandwidth' is required"},
		{"jwt without a place", apim.APIScope, inbound(`<validate-jwt />`), "One of 'header-name', 'query-parameter-name' and 'token-value' is required"},
		{"jwt from two places", apim.APIScope, inbound(`<validate-jwt header-name="a" token-value="b" />`), "The token can come from one place only"},
		{"entra without a tenant", apim.APIScope, inbound(`<validate-azure-ad-token />`), "Required attribute 'tenant-id' not found"},
		{"dimension without value", apim.APIScope, inbound(`<emit-metric name="m"><dimension name="Team" /></emit-metric>`), "The dimension 'Team' has no value and is not built in"},
		{"trace without message", apim.APIScope, inbound(`<trace source="m"><metadata name="a" value="b" /></trace>`), "'message' is missing"},
		{"trace with text and message", apim.APIScope, inbound(`<trace source="m">a<message>b</message></trace>`), "The element cannot contain text"},
		{"liquid", apim.APIScope, inbound(`<set-body template="liquid">x</set-body>`), "Liquid templates in set-body are not modelled"},
		{"wait holds three policies", apim.APIScope, inbound(`<wait><set-variable name="a" value="b" /></wait>`), "The element 'wait' has an invalid child element 'set-variable'"},
		{"send-request without url", apim.APIScope, inbound(`<send-request mode="new" response-variable-name="r" />`), "A new request needs the element 'set-url'"},
		{"empty ip-filter", apim.APIScope, inbound(`<ip-filter action="allow" />`), "The element 'ip-filter' has incomplete content"},
		{"not XML", apim.APIScope, `<policies><inbound>`, "The element has no end tag"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := check(t, c.scope, c.text)
			require.NotEmpty(t, got, "the document was taken")
			assert.Contains(t, strings.Join(got, "\n"), c.want)
		})
	}
}

func TestSavingTakesWhatAzureTakes(t *testing.T) {
	for name, text := range map[string]string{
		"an id on any policy": inbound(`<set-variable id="i" name="x" value="y" />`),
		"a known named value": inbound(`<set-variable name="x" value="{{known}}" />`),
		"a fragment":          inbound(`<include-fragment fragment-id="good" />`),
		"markup in set-body":  inbound(`<set-body><a b="c">text</a></set-body>`),
		"comments":            `<!-- c --><policies><!-- c --><inbound><!-- c --></inbound></policies>`,
		"plain text with @":   inbound(`<set-variable name="x" value="a@(b)" />`),
	} {
		assert.Empty(t, check(t, apim.APIScope, text), name)
	}
}

func TestAllProblemsOfADocumentAreReportedAtOnceInOrder(t *testing.T) {
	got := check(t, apim.APIScope, "<policies>\n<inbound>\n<nope />\n<set-variable name=\"x\" />\n</inbound>\n<outbound>\n<rewrite-uri template=\"/\" />\n</outbound>\n</policies>")
	require.Len(t, got, 3)
	assert.Contains(t, got[0], "on line 3")
	assert.Contains(t, got[1], "on line 4")
	assert.Contains(t, got[2], "on line 7")
}

func TestAMisspellingIsMetWithTheNearestName(t *testing.T) {
	cfg := service(nil)
	err := apim.Check(context.Background(), *policy(inbound(`<set-haeder />`)), apim.Place{Scope: apim.APIScope}, &cfg, apim.Deps{})
	assert.ErrorContains(t, err, `did you mean "set-header"?`)
	assert.ErrorContains(t, err, "test.xml:1:20: ")
	assert.ErrorContains(t, err, "\n  |                    ^")
}

func TestAFragmentIsCheckedOnItsOwn(t *testing.T) {
	assert.Empty(t, check(t, apim.ScopeFragment, `<fragment><rewrite-uri template="/x" /><set-variable name="a" value="b" /></fragment>`))
	assert.Contains(t, check(t, apim.ScopeFragment, `<policies />`)[0], "The root element is 'policies'")
	assert.Contains(t, check(t, apim.ScopeFragment, `<fragment><base /></fragment>`)[0], "A fragment cannot contain 'base'")
	assert.Contains(t, check(t, apim.ScopeFragment, `<fragment><nope /></fragment>`)[0], "Unknown policy 'nope'")
}

func TestADocumentAboveAzuresSizeIsRefused(t *testing.T) {
	got := check(t, apim.APIScope, inbound("<!--"+strings.Repeat("x", 256<<10)+"-->"))
	require.Len(t, got, 1)
	assert.Contains(t, got[0], "more than the 262144 allowed")
}

func TestEveryPolicyOfTheReferenceIsListedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range apim.Coverage() {
		assert.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
		assert.NotEmpty(t, p.Chapter, p.Name)
		assert.Contains(t, p.Page, "https://learn.microsoft.com/azure/api-management/", p.Name)
		if p.Support != apim.Supported {
			assert.NotEmpty(t, p.Note, "%s: what is missing must be said", p.Name)
		}
		assert.NotEmpty(t, p.Sections, p.Name)
		assert.NotEmpty(t, p.Scopes, p.Name)
	}
	for _, name := range []string{"base", "choose", "set-variable", "set-header", "set-query-parameter", "set-body", "set-method", "set-status", "rewrite-uri",
		"set-backend-service", "forward-request", "retry", "return-response", "include-fragment", "trace", "rate-limit-by-key", "rate-limit", "quota", "quota-by-key",
		"llm-token-limit", "azure-openai-token-limit", "llm-emit-token-metric", "azure-openai-emit-token-metric", "emit-metric", "authentication-managed-identity",
		"validate-azure-ad-token", "validate-jwt", "check-header", "ip-filter", "cors", "cache-lookup-value", "cache-store-value", "cache-remove-value", "send-request",
		"send-one-way-request", "log-to-eventhub", "limit-concurrency", "find-and-replace", "mock-response", "wait", "llm-content-safety"} {
		assert.True(t, seen[name], name)
	}
}
