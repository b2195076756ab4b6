package arm

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// operationOf is the status that the operation of an accepted write ends with, and its refusals.
func (a *azure) operationOf(got answer) (status string, refusals []string) {
	a.t.Helper()
	require.Less(a.t, got.status, 300, got.raw)
	poll := a.get(strings.TrimPrefix(got.header.Get("Azure-AsyncOperation"), "https://management.azure.com"))
	for _, d := range items(poll, "error", "details") {
		refusals = append(refusals, text(d, "code")+": "+text(d, "message"))
	}
	return text(poll, "status"), refusals
}

// singleBackend is a template's backend.
func singleBackend(name, more string) string {
	return `{"type":"Microsoft.ApiManagement/service/backends","apiVersion":"2024-06-01-preview","name":"gw-test/` + name + `"` + more +
		`,"properties":{"protocol":"http","url":"https://a.example.com"}}`
}

func TestTemplatesThatCannotBePlannedAreRefused(t *testing.T) {
	good := deploymentOf(templateOf(singleBackend("new", ""), ""), "")
	plan := func(name, resources, more, message string) rule {
		return rule{name: name, path: deployment, body: deploymentOf(templateOf(resources, more), ""), status: 400, code: "InvalidTemplate", message: message}
	}
	runRules(t, map[string]string{deployment: good}, []rule{
		plan("an unknown section", "", `,"languageVersion":"2.0"`, "The template property 'languageVersion' is not modelled by the embedded Azure"),
		plan("a resource without a type", `{"apiVersion":"2024-06-01-preview","name":"x"}`, "", "a resource has a type, an apiVersion and a name"),
		plan("a name that is no text", `{"type":"Microsoft.ApiManagement/service","apiVersion":"1","name":5}`, "", "a resource has a type, an apiVersion and a name"),
		plan("an empty name", `{"type":"Microsoft.ApiManagement/service/backends","apiVersion":"1","name":"gw-test/"}`, "", "'' is not a name"),
		plan("a scope that is none", singleBackend("new", `,"scope":"/nowhere"`), "", "starts with /subscriptions/<id>"),
		plan("a type from no parameter", with(singleBackend("new", ""), `"Microsoft.ApiManagement/service/backends"`, `"[parameters('x')]"`), "", "the template parameter 'x' is not found"),
		plan("dependencies from no variable", singleBackend("new", `,"dependsOn":["[variables('x')]"]`), "", "the template variable 'x' is not found"),
		plan("a default that is wrong", "", `,"parameters":{"p":{"type":"string","defaultValue":"[nope()]"}}`, "the template function 'nope' is not modelled"),
		plan("two that wait for each other", singleBackend("one", `,"dependsOn":["two"]`)+","+singleBackend("two", `,"dependsOn":["one"]`), "", "Circular dependency"),
	})
}

func TestADeploymentGoesOnWithoutWhatDependsOnAFailure(t *testing.T) {
	a := world(t)
	first := with(singleBackend("first", ""), `"protocol":"http",`, "")
	second := singleBackend("second", `,"dependsOn":["first"]`)
	third := singleBackend("third", `,"dependsOn":["second"]`)
	status, refusals := a.operationOf(a.send(http.MethodPut, deployment, deploymentOf(templateOf(first+","+second+","+third+","+singleBackend("apart", ""), ""), "")))
	assert.Equal(t, "Failed", status)
	require.Len(t, refusals, 1, "what was not tried did not fail")
	assert.True(t, strings.HasPrefix(refusals[0], "ValidationError: "), refusals[0])
	for name, there := range map[string]bool{"first": false, "second": false, "third": false, "apart": true} {
		_, found := a.Get(service + "/backends/" + name)
		assert.Equal(t, there, found, name)
	}
	status, refusals = a.operationOf(a.send(http.MethodPut, deployment,
		deploymentOf(templateOf(singleBackend("first", "")+","+second+","+third, ""), "")))
	assert.Equal(t, "Succeeded", status, refusals)
	assert.Len(t, items(a.get(deployment), "properties", "outputResources"), 3)
}

func TestAValueThatCannotBeEvaluatedFailsItsResourceAlone(t *testing.T) {
	for name, c := range map[string]struct{ expression, says string }{
		"a resource that is not there": {"[reference('/subscriptions/x').url]", "the resource '/subscriptions/x' is not found; if this template makes it, dependsOn must name it"},
		"no arguments":                 {"[reference()]", "a resource id is expected"},
		"a group with an argument":     {"[resourceGroup('x').location]", "no arguments are expected"},
		"a subscription with one":      {"[subscription('x').id]", "no arguments are expected"},
		"a number where a text goes":   {"[toLower(1)]", "one text is expected"},
		"a parameter without a name":   {"[parameters()]", "one text is expected"},
		"two variables at once":        {"[variables('a','b')]", "one text is expected"},
		"a member of a text":           {"[toLower('A').b]", "there is no 'b' in its result"},
		"an index below zero":          {"[concat(createArray())[-1]]", "'createArray' is not modelled"},
		"a mixture":                    {"[concat(resourceGroup().tags, 'x')[0]]", "there is no '0' in its result"},
	} {
		t.Run(name, func(t *testing.T) {
			a := world(t)
			wrong := with(singleBackend("wrong", ""), "https://a.example.com", c.expression)
			status, refusals := a.operationOf(a.send(http.MethodPut, deployment, deploymentOf(templateOf(wrong+","+singleBackend("right", ""), ""), "")))
			assert.Equal(t, "Failed", status)
			require.Len(t, refusals, 1)
			assert.Contains(t, refusals[0], "InvalidTemplate: Deployment template validation failed: ")
			assert.Contains(t, refusals[0], c.says)
			_, there := a.Get(service + "/backends/right")
			assert.True(t, there)
			_, there = a.Get(service + "/backends/wrong")
			assert.False(t, there)
		})
	}
}

func TestOutputsThatCannotBeEvaluatedFailTheDeploymentAfterItsResources(t *testing.T) {
	a := world(t)
	got := a.send(http.MethodPut, deployment, deploymentOf(templateOf(singleBackend("new", ""), `,"outputs":{"o":{"type":"string","value":"[variables('none')]"}}`), ""))
	status, refusals := a.operationOf(got)
	assert.Equal(t, "Failed", status)
	assert.Equal(t, []string{"DeploymentOutputEvaluationFailed: Unable to evaluate template outputs: 'template output 'o': " +
		"template function 'variables': the template variable 'none' is not found'."}, refusals)
	a.get(service + "/backends/new")
}

func TestExpressionsThatCannotBeReadSayWhere(t *testing.T) {
	for source, says := range map[string]string{
		"concat('a',)":                "an argument is missing at position 12",
		"concat('a' 'b')":             "the call of concat is not closed",
		"concat('a').":                "a member name is missing at position 13",
		"concat('a')[0":               "the index at position 14 is not closed",
		"concat('a')[":                "it ends where a value belongs",
		"concat":                      `"concat" is not a call: a bracket is missing at position 7`,
		"1-2":                         `"1-2" is not a number`,
		"99999999999999999999":        `"99999999999999999999" is not a number`,
		"concat('a') concat('b')":     `unexpected "concat('b')" at position 13`,
		"{}":                          `unexpected "{" at position 1`,
		"ä()":                         "at position 1",
		"'it''s":                      "the quote at position 1 is not closed",
		strings.Repeat("concat(", 70): "nested deeper than 64",
	} {
		_, err := parseExpression(source)
		assert.ErrorContains(t, err, says, source)
	}
	//nolint:gocritic // the white space around an expression is what is tested
	for source, want := range map[string]any{"-5": -5.0, " 'a' ": "a", "'it''s'": "it's", "''": ""} {
		e, err := parseExpression(source)
		require.NoError(t, err, source)
		assert.Equal(t, want, e.literal, source)
	}
}

func TestReferencesGiveTheWholeResourceWhereItIsAskedFor(t *testing.T) {
	a := world(t)
	id, err := ParseID(group)
	require.NoError(t, err)
	scope := &templateScope{s: a.Server, group: id}
	for expression, want := range map[string]any{
		"[reference('" + service + "/backends/se').url]":                                 "https://aoai-se.openai.azure.com/openai",
		"[reference('" + service + "/backends/se','2024-06-01-preview').protocol]":       "http",
		"[reference('" + service + "/backends/se','2024-06-01-preview','Full').name]":    "se",
		"[reference('" + service + "/backends/se','2024-06-01-preview','Partial').type]": "Single",
		"[resourceGroup().location]":                                                     "swedencentral",
		"[subscription().tenantId]":                                                      testTenant,
		"[concat(resourceGroup().tags.env, '!')]":                                        "dev!",
	} {
		got, err := scope.value(expression)
		require.NoError(t, err, expression)
		assert.Equal(t, want, got, expression)
	}
	_, err = scope.value("[reference('" + service + "','1','Full','more')]")
	assert.ErrorContains(t, err, "a resource id is expected")
}

func TestStacksDeleteInTheReverseOfTheirMaking(t *testing.T) {
	a := world(t)
	member := singleBackend("member", "")
	pool := with(poolResource("pooled", "member"), `"properties"`, `"dependsOn":["member"],"properties"`)
	a.ok(stack, stackOf(templateOf(pool+","+member, ""), "delete"))
	require.Equal(t, []string{service + "/backends/member", service + "/backends/pooled"}, idsOf(a.get(stack), "resources"))
	// In the order of their making the member would be refused: the pool uses it.
	a.ok(stack, stackOf(templateOf("", ""), "delete"))
	assert.Equal(t, []string{service + "/backends/pooled", service + "/backends/member"}, idsOf(a.get(stack), "deletedResources"))
	assert.Equal(t, "Succeeded", text(a.get(stack), "properties", "provisioningState"))
}

func TestAStackThatIsDeletedWithItsResourcesStaysWhileOneIsUsed(t *testing.T) {
	runRules(t, nil, []rule{{
		name: "a member of a pool beside the stack", prepare: func(a *azure) {
			a.ok(stack, stackOf(templateOf(singleBackend("m", ""), ""), "delete"))
			a.ok(service+"/backends/outside", with(poolBody, "backends/se", "backends/m"))
		},
		method: "DELETE", path: stack + "?unmanageAction.Resources=delete", status: 400, code: "ValidationError",
		message: "Backend 'm' cannot be deleted: the backend pool 'outside' uses it.",
		freed:   func(a *azure) { a.remove(service + "/backends/outside") },
	}})
}

func TestAStackThatFailsLetsNothingGo(t *testing.T) {
	a := world(t)
	a.ok(stack, stackOf(templateOf(singleBackend("kept", ""), ""), "delete"))
	status, refusals := a.operationOf(a.send(http.MethodPut, stack, stackOf(templateOf(with(singleBackend("bad", ""), `"protocol":"http",`, ""), ""), "delete")))
	assert.Equal(t, "Failed", status)
	assert.Len(t, refusals, 1)
	a.get(service + "/backends/kept")
}

// idsOf are the ids of a list of a stack.
func idsOf(stack map[string]any, list string) []string {
	var ids []string
	for _, entry := range items(stack, "properties", list) {
		ids = append(ids, text(entry, "id"))
	}
	return ids
}
