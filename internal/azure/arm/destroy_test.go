package arm

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const zone = network + "privateDnsZones/privatelink.openai.azure.com"

func TestWhatIsInUseOrTakenIsRefused(t *testing.T) {
	elsewhere := strings.Replace(account, "/resourceGroups/", "/resourceGroups/other-", 1)
	secondNetwork := strings.ReplaceAll(strings.ReplaceAll(vnetBody, "10.20.", "10.30."), `,"networkSecurityGroup":{"id":"`+network+`networkSecurityGroups/nsg"}`, "")
	runRules(t, nil, []rule{
		{name: "the endpoints' subnet", method: "DELETE", path: network + "virtualNetworks/vnet/subnets/endpoints", status: 400, code: "InUseSubnetCannotBeDeleted", message: "privateEndpoints/pe", freed: func(a *azure) { a.remove(network + "privateEndpoints/pe") }},
		{
			name: "a second diagnostic setting for the same sink", path: service + "/providers/Microsoft.Insights/diagnosticSettings/again", body: settingBody,
			status: 409, code: "Conflict", message: "is already used in diagnostic setting 'logs' for category 'GatewayLogs'",
			freed: func(a *azure) { a.remove(service + "/providers/Microsoft.Insights/diagnosticSettings/logs") },
		},
		{
			name: "a zone named twice", prepare: func(a *azure) { a.remove(network + "privateEndpoints/pe/privateDnsZoneGroups/default") },
			path: network + "privateEndpoints/pe/privateDnsZoneGroups/default", body: `{"properties":{"privateDnsZoneConfigs":[` + zoneConfig("a") + `,` + zoneConfig("b") + `]}}`,
			status: 400, code: "DuplicatePrivateDnsZone", accepted: zoneGroup,
		},
		{name: "the network of a link", prepare: func(a *azure) {
			a.ok(network+"virtualNetworks/second", secondNetwork)
			a.ok(network+"privateDnsZones/other.example", `{"location":"global"}`)
			a.ok(network+"privateDnsZones/other.example/virtualNetworkLinks/second", strings.Replace(linkBody, "virtualNetworks/vnet", "virtualNetworks/second", 1))
		}, method: "DELETE", path: network + "virtualNetworks/second", status: 400, code: "InUseVirtualNetworkCannotBeDeleted", message: "other.example", freed: func(a *azure) {
			a.remove(network + "privateDnsZones/other.example/virtualNetworkLinks/second")
		}},
		{name: "the subdomain of a deleted account", prepare: func(a *azure) {
			a.remove(network + "privateEndpoints/pe")
			a.remove(account)
			a.ok(strings.Split(elsewhere, "/providers/")[0], `{"location":"swedencentral"}`)
		}, path: elsewhere, body: accountBody, status: 409, code: "CustomDomainInUse", message: "'aoai-se' is not available as it's already used by a resource",
			freed: func(a *azure) { a.now = a.now.Add(keepDeleted) }},
	})
}

func zoneConfig(name string) string {
	return `{"name":"` + name + `","properties":{"privateDnsZoneId":"` + zone + `"}}`
}

// TestTheProgramsOrderOfDestructionMeetsNoRefusal deletes what the engine deletes, in its order: what depends on others first; what
// lives in the gateway or an account goes with it.
func TestTheProgramsOrderOfDestructionMeetsNoRefusal(t *testing.T) {
	a := world(t)
	for _, id := range []string{
		service + "/providers/Microsoft.Insights/diagnosticSettings/logs",
		account + "/providers/Microsoft.Authorization/roleAssignments/33333333-3333-3333-3333-333333333333",
		service, network + "publicIPAddresses/pip",
		network + "privateEndpoints/pe/privateDnsZoneGroups/default", network + "privateEndpoints/pe", account,
		zone + "/virtualNetworkLinks/vnet", zone, network + "virtualNetworks/vnet", network + "networkSecurityGroups/nsg",
		component, workspace, group,
	} {
		a.remove(id)
	}
	require.Empty(t, a.Resources(""))
	require.Len(t, a.SoftDeleted(), 2, "the gateway and the account keep their names")
	a.now = a.now.Add(48 * time.Hour)
	require.Empty(t, a.SoftDeleted())
	a.ok(group, `{"location":"swedencentral"}`)
	require.Equal(t, http.StatusCreated, a.send(http.MethodPut, account, accountBody).status)
}
