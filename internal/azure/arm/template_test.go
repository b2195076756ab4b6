package arm

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	deployment = group + "/providers/Microsoft.Resources/deployments/pools"
	stack      = group + "/providers/Microsoft.Resources/deploymentStacks/pools"
)

// templateOf wraps the parts of a template.
func templateOf(resources, more string) string {
	return `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0"` + more + `,"resources":[` + resources + `]}`
}

func deploymentOf(template, more string) string {
	return `{"properties":{"mode":"Incremental","template":` + template + more + `}}`
}

func stackOf(template, action string) string {
	return `{"location":"swedencentral","properties":{"actionOnUnmanage":{"resources":"` + action + `"},"denySettings":{"mode":"none"},"template":` + template + `}}`
}

func poolResource(name, member string) string {
	return `{"type":"Microsoft.ApiManagement/service/backends","apiVersion":"2024-06-01-preview","name":"gw-test/` + name + `","properties":{"type":"Pool","pool":{"services":[{"id":"[resourceId('Microsoft.ApiManagement/service/backends', 'gw-test', '` + member + `')]","priority":1}]}}}`
}

func TestATemplateIsExpandedInTheOrderOfItsDependencies(t *testing.T) {
	a := world(t)
	first := `{"type":"Microsoft.ApiManagement/service/backends","apiVersion":"2024-06-01-preview","name":"[concat(parameters('gateway'), '/late')]","dependsOn":["[resourceId('Microsoft.ApiManagement/service/backends', parameters('gateway'), variables('member'))]"],"properties":{"type":"Pool","description":"[[not an expression]","pool":{"services":[{"id":"[reference(variables('id'),'2024-06-01-preview','Full').id]","weight":"[parameters('weights')[1]]"}]}}}`
	second := `{"type":"Microsoft.ApiManagement/service/backends","apiVersion":"2024-06-01-preview","name":"[format('{0}/{1}', parameters('gateway'), variables('member'))]","properties":{"protocol":"http","url":"[format('https://{0}.openai.azure.com/{1}', toLower('AOAI'), resourceGroup().location)]"}}`
	more := `,"parameters":{"gateway":{"type":"string"},"weights":{"type":"array","defaultValue":[1,7]},"hush":{"type":"securestring"}},"variables":{"member":"m1","id":"[resourceId('Microsoft.ApiManagement/service/backends', parameters('gateway'), variables('member'))]"},"outputs":{"where":{"type":"string","value":"[reference(variables('id')).url]"}}`
	a.ok(deployment, deploymentOf(templateOf(first+","+second, more), `,"parameters":{"gateway":{"value":"gw-test"},"hush":{"value":"secret text"}}`))
	pool := a.get(service + "/backends/late")
	require.Equal(t, "[not an expression]", text(pool, "properties", "description"))
	require.Equal(t, float64(7), items(pool, "properties", "pool", "services")[0]["weight"])
	require.Equal(t, service+"/backends/m1", items(pool, "properties", "pool", "services")[0]["id"])
	got := a.send(http.MethodGet, deployment, "")
	require.Equal(t, "https://aoai.openai.azure.com/swedencentral", text(got.body, "properties", "outputs", "where", "value"))
	require.Equal(t, "Succeeded", text(got.body, "properties", "provisioningState"))
	require.NotContains(t, got.raw, "secret text")
	require.Len(t, items(got.body, "properties", "outputResources"), 2)
}

func TestADeploymentThatFailsSaysSoInItsOperation(t *testing.T) {
	a := world(t)
	got := a.send(http.MethodPut, deployment, deploymentOf(templateOf(poolResource("good", "se")+","+poolResource("bad", "none"), ""), ""))
	require.Equal(t, http.StatusCreated, got.status)
	poll := a.get(strings.TrimPrefix(got.header.Get("Azure-AsyncOperation"), "https://management.azure.com"))
	require.Equal(t, "Failed", poll["status"])
	require.Equal(t, "DeploymentFailed", text(poll, "error", "code"))
	require.Equal(t, "ValidationError", text(items(poll, "error", "details")[0], "code"))
	require.Equal(t, "Failed", text(a.get(deployment), "properties", "provisioningState"))
	a.get(service + "/backends/good")
	require.Equal(t, 404, a.send(http.MethodGet, service+"/backends/bad", "").status)
}

func TestTemplatesAreRefusedByName(t *testing.T) {
	resource := func(more string) string { return with(poolResource("new", "se"), `"properties"`, more+`,"properties"`) }
	cases := []rule{}
	add := func(name, template, message string) {
		cases = append(cases, rule{name: name, path: deployment, body: deploymentOf(template, ""), status: 400, code: "InvalidTemplate", message: message})
	}
	add("copy", templateOf(resource(`"copy":{"name":"c","count":2}`), ""), "'copy'")
	add("condition", templateOf(resource(`"condition":true`), ""), "'condition'")
	add("nested resources", templateOf(resource(`"resources":[]`), ""), "'resources'")
	add("user functions", templateOf("", `,"functions":[]`), "'functions'")
	add("function", templateOf(poolResource("[uniqueString('x')]", "se"), ""), "'gw-test/[uniqueString('x')]' has")
	add("unknown function", templateOf(with(poolResource("new", "se"), "resourceId(", "uniqueString("), ""), "")
	add("symbolic names", `{"$schema":"x","contentVersion":"1.0.0.0","resources":{}}`, "symbolic names")
	add("no schema", `{"contentVersion":"1.0.0.0","resources":[]}`, "'$schema'")
	add("missing parameter", templateOf("", `,"parameters":{"p":{"type":"string"}}`), "'p' is not provided")
	add("dependency on nothing", templateOf(resource(`"dependsOn":["x"]`), ""), "'x' is not defined in the template")
	add("twice", templateOf(poolResource("new", "se")+","+poolResource("new", "se"), ""), "multiple times")
	add("circle", templateOf(resource(`"dependsOn":["new"]`), ""), "Circular")
	add("segments", templateOf(with(poolResource("new", "se"), "gw-test/new", "new"), ""), "segments")
	add("no version", templateOf(with(poolResource("new", "se"), `"apiVersion":"2024-06-01-preview",`, ``), ""), "apiVersion")
	add("syntax", templateOf(with(poolResource("new", "se"), `"gw-test/new"`, `"[concat('gw-test']"`), ""), "is not closed")
	cases = append(cases[:4], cases[6:]...) // the two about functions are tested where they are evaluated
	cases = append(cases,
		rule{name: "complete mode", path: deployment, body: with(deploymentOf(templateOf("", ""), ""), "Incremental", "Complete"), status: 400, code: "InvalidDeployment", message: "does not model it"},
		rule{name: "location", path: deployment, body: with(deploymentOf(templateOf("", ""), ""), `{`, `{"location":"swedencentral",`), status: 400, code: "InvalidDeployment", message: "'location' property is not allowed"},
		rule{name: "unknown parameter", path: deployment, body: deploymentOf(templateOf("", ""), `,"parameters":{"p":{"value":1}}`), status: 400, code: "InvalidTemplate", message: "'p'"},
		rule{name: "unknown property", path: deployment, body: deploymentOf(templateOf("", ""), `,"templateLink":{"uri":"x"}`), status: 400, code: "InvalidRequestContent", message: "templateLink"},
		rule{name: "stack without action", path: stack, body: `{"properties":{"denySettings":{"mode":"none"},"template":` + templateOf("", "") + `}}`, status: 400, code: "InvalidRequestContent", message: "actionOnUnmanage"},
		rule{name: "stack action", path: stack, body: stackOf(templateOf("", ""), "purge"), status: 400, code: "InvalidRequestContent", message: "'purge' is not one of delete, detach."},
	)
	runRules(t, map[string]string{deployment: deploymentOf(templateOf(poolResource("new", "se"), ""), ""), stack: stackOf(templateOf("", ""), "detach")}, cases)
}

func TestAnUnknownFunctionIsNamed(t *testing.T) {
	a := world(t)
	got := a.send(http.MethodPut, deployment, deploymentOf(templateOf(with(poolResource("new", "se"), "resourceId(", "uniqueString("), ""), ""))
	poll := a.get(strings.TrimPrefix(got.header.Get("Azure-AsyncOperation"), "https://management.azure.com"))
	require.Contains(t, text(items(poll, "error", "details")[0], "message"), "'uniqueString' is not modelled")
}

func TestAStackDeletesWhatLeftItsTemplateWhenToldTo(t *testing.T) {
	a := world(t)
	both := templateOf(poolResource("one", "se")+","+poolResource("two", "se"), "")
	a.ok(stack, stackOf(both, "delete"))
	require.Len(t, items(a.get(stack), "properties", "resources"), 2)
	a.ok(stack, stackOf(templateOf(poolResource("one", "se"), ""), "delete"))
	require.Equal(t, 404, a.send(http.MethodGet, service+"/backends/two", "").status)
	require.Equal(t, service+"/backends/two", text(items(a.get(stack), "properties", "deletedResources")[0], "id"))

	a.ok(stack, stackOf(both, "delete"))
	a.ok(stack, stackOf(templateOf(poolResource("two", "se"), ""), "detach"))
	a.get(service + "/backends/one")
	require.Equal(t, service+"/backends/one", text(items(a.get(stack), "properties", "detachedResources")[0], "id"))

	a.remove(stack)
	a.get(service + "/backends/two") // a DELETE without unmanageAction only detaches
	a.ok(stack, stackOf(templateOf(poolResource("two", "se"), ""), "delete"))
	a.remove(stack + "?unmanageAction.Resources=delete&api-version=2024-03-01")
	require.Equal(t, 404, a.send(http.MethodGet, service+"/backends/two", "").status)
}

func TestAStackKeepsWhatItCannotDelete(t *testing.T) {
	a := world(t)
	member := `{"type":"Microsoft.ApiManagement/service/backends","apiVersion":"2024-06-01-preview","name":"gw-test/m","properties":{"protocol":"http","url":"https://x"}}`
	a.ok(stack, stackOf(templateOf(member, ""), "delete"))
	a.ok(service+"/backends/outside", with(poolBody, "backends/se", "backends/m"))
	got := a.send(http.MethodPut, stack, stackOf(templateOf("", ""), "delete"))
	require.Equal(t, http.StatusOK, got.status)
	now := a.get(stack)
	require.Equal(t, "Failed", text(now, "properties", "provisioningState"))
	require.Equal(t, service+"/backends/m", text(items(now, "properties", "failedResources")[0], "id"))
	require.Len(t, items(now, "properties", "resources"), 1, "it stays managed")
}

func TestADeletedDeploymentLeavesItsResources(t *testing.T) {
	a := world(t)
	a.ok(deployment, deploymentOf(templateOf(poolResource("one", "se"), ""), ""))
	a.remove(deployment)
	a.get(service + "/backends/one")
}

func TestExpressions(t *testing.T) {
	a := world(t)
	id, err := ParseID(group)
	require.NoError(t, err)
	scope := &templateScope{s: a.Server, group: id, parameters: map[string]any{"p": map[string]any{"list": []any{"a", "b"}}}, variables: map[string]any{"v": "[variables('V')]", "n": "it''s"}}
	for source, want := range map[string]any{
		`[concat('a', 1, parameters('P').list[1])]`: "a1b",
		`[format('{1}{0}{1}', 'x', 'y')]`:           "yxy",
		`['it''s']`:                                 "it's",
		`[variables('n')]`:                          "it''s",
		`[resourceId('other', 'Microsoft.Network/virtualNetworks', 'v')]`:                   root + "/resourceGroups/other/providers/Microsoft.Network/virtualNetworks/v",
		`[resourceId('9', 'other', 'Microsoft.Network/virtualNetworks/subnets', 'v', 's')]`: "/subscriptions/9/resourceGroups/other/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
		`[subscription().subscriptionId]`:                                                   testSubscription,
		`[[concat('a')]`:                                                                    "[concat('a')]",
		`plain`:                                                                             "plain",
		`[toLower(concat('A','B'))]`:                                                        "ab",
	} {
		got, err := scope.value(source)
		require.NoError(t, err, source)
		require.Equal(t, want, got, source)
	}
	for source, message := range map[string]string{
		`[variables('v')]`: "refers to itself", `[variables('x')]`: "'x' is not found", `[parameters('x')]`: "'x' is not found",
		`[concat('a'`: "", `[nope()]`: "'nope' is not modelled", `[parameters('p').none]`: "no 'none'", `[parameters('p').list[5]]`: "no '5'",
		`[concat('a')x]`: "unexpected", `[]`: "ends where", `[format('{3}')]`: "no argument for {3}", `[resourceId('a')]`: "type and a name",
		`[resourceId('Microsoft.Network/virtualNetworks', 'a', 'b')]`: "segments", `['open]`: "not closed", `[reference('/x')]`: "not found", `[name]`: "not a call",
	} {
		got, err := scope.value(source)
		if message == "" { // without its last bracket it is a text
			require.NoError(t, err)
			require.Equal(t, source, got)
			continue
		}
		require.ErrorContains(t, err, message, source)
	}
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{"concat('a', 'b')", "parameters('p').a[0]['x']", "format('{0}', 1)", "'", "a(", "((", "-1", "reference(resourceId('a/b','c')).d", strings.Repeat("a(", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := parseExpression(source)
		if (e == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", source, e, err)
		}
	})
}

func FuzzID(f *testing.F) {
	for _, seed := range []string{group, service + "/backends/x", service + "/providers/Microsoft.Insights/diagnosticSettings/x", root + "/providers/a/b/c", "/", "//", "subscriptions/providers/providers/a/b/c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		id, err := ParseID(source)
		if err != nil {
			return
		}
		again, err := ParseID(id.String())
		if err != nil || again.Key() != id.Key() || again.Type != id.Type {
			t.Errorf("%q is read as %q and then as %q (%v)", source, id, again, err)
		}
		id.Parent()
	})
}

func FuzzPolicyText(f *testing.F) {
	for _, seed := range []string{`<policies a="@(1 < 2)" />`, `@{ return "}"; }`, `@(@"a""b")`, `@('`, `{{a}}`, "<!-- {{a}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		escapeExpressions(document)
		references(document, valueReference)
		references(document, backendReference)
	})
}
