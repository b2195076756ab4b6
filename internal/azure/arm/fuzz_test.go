package arm

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bodies are one accepted PUT of every kind of body; the fuzzer starts from them.
var bodies = [][2]string{
	{group, `{"location":"swedencentral"}`}, {network + "networkSecurityGroups/f", nsgBody}, {network + "virtualNetworks/ff", vnetBody},
	{network + "virtualNetworks/vnet/subnets/f", `{"properties":{"addressPrefix":"10.20.3.0/24"}}`},
	{network + "publicIPAddresses/f", `{"location":"swedencentral","sku":{"name":"Standard"},"properties":{"publicIPAllocationMethod":"Static"}}`},
	{network + "privateEndpoints/pe", peBody}, {network + "privateEndpoints/pe/privateDnsZoneGroups/default", zoneGroup},
	{network + "privateDnsZones/a.b", `{"location":"global"}`}, {network + "privateDnsZones/privatelink.openai.azure.com/virtualNetworkLinks/vnet", linkBody},
	{network + "privateDnsZones/privatelink.openai.azure.com/A/f", `{"properties":{"ttl":10,"aRecords":[{"ipv4Address":"10.0.0.1"}]}}`},
	{group + "/providers/Microsoft.EventHub/namespaces/evhns-new", namespaceBody}, {namespace + "/eventhubs/more", hubBody},
	{workspace, logsBody}, {component, insightBody}, {service + "/providers/Microsoft.Insights/diagnosticSettings/logs", settingBody},
	{group + "/providers/Microsoft.Authorization/roleAssignments/77777777-3333-3333-3333-333333333333", `{"properties":{"roleDefinitionId":"` + openAIUser + `","principalId":"88888888-3333-3333-3333-333333333333"}}`},
	{account, accountBody}, {account + "/deployments/ff", modelBody}, {account + "/raiPolicies/ff", `{"properties":{"basePolicyName":"Microsoft.Default"}}`},
	{service, serviceBody}, {service + "/namedValues/f", `{"properties":{"displayName":"f","value":"1"}}`}, {service + "/policyFragments/f", `{"properties":{"value":"<fragment />"}}`},
	{service + "/backends/f", backendBody}, {service + "/backends/p", poolBody}, {service + "/loggers/insights", `{"properties":{"loggerType":"applicationInsights","credentials":{"instrumentationKey":"x"}}}`},
	{service + "/diagnostics/azuremonitor", diagBody}, {service + "/apis/openai/diagnostics/azuremonitor", diagBody}, {service + "/apis/openai", apiBody}, {service + "/apis/openai/operations/chat", opBody},
	{service + "/apis/openai/policies/policy", policyBody}, {service + "/apis/openai/operations/chat/policies/policy", policyBody}, {service + "/products/gold/policies/policy", policyBody}, {service + "/policies/policy", policyBody},
	{service + "/groups/f", `{"properties":{"displayName":"f"}}`}, {service + "/identityProviders/aad", `{"properties":{"clientId":"x","clientSecret":"y"}}`},
	{service + "/products/f", `{"properties":{"displayName":"f"}}`}, {service + "/products/gold/apis/openai", ``}, {service + "/products/gold/groups/team", ``},
	{service + "/subscriptions/f", `{"properties":{"displayName":"f","scope":"/apis"}}`},
	{people, peopleBody}, {queryRule, with(queryBody, `,"actions":{"actionGroups":["`+people+`"]}`, ``)}, {metricRule, with(metricBody, `,"actions":[{"actionGroupId":"`+people+`"}]`, ``)}, {book, bookBody}, {search, searchBody}, {workspace + "/tables/AppMetrics", tableBody},
	{deployment, deploymentOf(templateOf(poolResource("f", "se"), ""), "")}, {stack, stackOf(templateOf(poolResource("f", "se"), ""), "delete")},
}

// TestEveryTypeHasAnAcceptedBody: whatever is registered can also be created, except for what only Azure makes.
func TestEveryTypeHasAnAcceptedBody(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range bodies {
		a := world(t)
		got := a.send(http.MethodPut, b[0], b[1])
		require.Less(t, got.status, 300, "%s: %s", b[0], got.raw)
		seen[text(got.body, "type")] = true
	}
	for _, kind := range registry {
		if !kind.row.ARM.BuiltIn {
			require.True(t, seen[kind.Type], kind.Type)
		}
	}
}

// FuzzBody: no body makes the server panic, whatever the type.
func FuzzBody(f *testing.F) {
	for i, b := range bodies {
		f.Add(uint8(i), b[1])
	}
	f.Add(uint8(0), `null`)
	f.Add(uint8(5), `{"properties":[]}`)
	f.Add(uint8(20), `{"properties":{"pool":{"services":[null,1]}}}`)
	a := world(f)
	saved := a.saved()
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		a := newAzure(t)
		if err := a.Load(strings.NewReader(saved)); err != nil {
			t.Fatal(err)
		}
		a.send(http.MethodPut, bodies[int(which)%len(bodies)][0], body)
	})
}
