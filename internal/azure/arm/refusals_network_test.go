package arm

import (
	"fmt"
	"strings"
	"testing"
)

// connection is the body of a private endpoint with one connection of the given properties.
func connection(target, group, more string) string {
	return `{"location":"swedencentral","properties":{"subnet":{"id":"` + network + `virtualNetworks/vnet/subnets/endpoints"},` +
		`"privateLinkServiceConnections":[{"name":"c","properties":{"privateLinkServiceId":"` + target + `","groupIds":["` + group + `"]` + more + `}}]}}`
}

// Limits are those of Azure/bicep-types-az network 2024-05-01, codes as cited beside the rules.
func TestSubnetsAreRefusedAsAzureRefusesThem(t *testing.T) {
	vnet := network + "virtualNetworks/new"
	one := func(name, prefix string) string {
		return `{"name":"` + name + `","properties":{"addressPrefix":"` + prefix + `"}}`
	}
	runRules(t, map[string]string{vnet: vnetWith(one("a", "10.20.0.0/24"))}, []rule{
		{
			name: "a subnet's name", path: vnet, body: vnetWith(one("a/b", "10.20.0.0/24")),
			status: 400, code: "InvalidResourceName", message: "Resource name 'a/b' is invalid",
		},
		{
			name: "one name twice", path: vnet, body: vnetWith(one("a", "10.20.0.0/25") + "," + one("A", "10.20.0.128/25")),
			status: 400, code: "InvalidRequestFormat", message: "properties.subnets: Subnet name 'A' is used twice.",
			accepted: vnetWith(one("a", "10.20.0.0/25") + "," + one("b", "10.20.0.128/25")),
		},
		{
			name: "a subnet larger than its network", path: vnet, body: vnetWith(one("a", "10.20.0.0/21")),
			status: 400, code: "NetcfgInvalidSubnet", message: "Subnet 'a' is not valid in virtual network 'new'.",
			accepted: vnetWith(one("a", "10.20.0.0/22")),
		},
		{
			name: "no prefix", path: vnet, body: vnetWith(`{"name":"a","properties":{}}`),
			status: 400, code: "InvalidCIDRNotation", message: "The address prefix  in resource " + vnet,
			accepted: vnetWith(`{"name":"a","properties":{"addressPrefixes":["10.20.0.0/24"]}}`),
		},
		{
			name: "routes, which are not modelled", path: vnet,
			body:   vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/24","routeTable":{"id":"` + network + `routeTables/out"}}}`),
			status: 400, code: "InvalidResourceReference", message: "routeTables/out referenced by resource " + vnet + " was not found (the embedded Azure does not model it)",
			accepted: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/24"}}`),
		},
		{
			name: "a group of another type", path: vnet,
			body:   vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/24","networkSecurityGroup":{"id":"` + network + `publicIPAddresses/pip"}}}`),
			status: 400, code: "InvalidResourceReference", message: "publicIPAddresses/pip",
			accepted: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/24","networkSecurityGroup":{"id":"` + network + `networkSecurityGroups/nsg"}}}`),
		},
		{
			name: "a child outside its network", path: network + "virtualNetworks/vnet/subnets/new",
			body: `{"properties":{"addressPrefix":"10.21.0.0/24"}}`, status: 400, code: "NetcfgInvalidSubnet",
			message: "Subnet 'new' is not valid in virtual network 'vnet'.", accepted: `{"properties":{"addressPrefix":"10.20.2.0/24"}}`,
		},
	})
}

func TestWhatSubnetsUseStays(t *testing.T) {
	runRules(t, nil, []rule{
		{
			name: "the address of a gateway", method: "DELETE", path: network + "publicIPAddresses/pip",
			status: 400, code: "PublicIPAddressCannotBeDeleted", message: "in use by " + service,
			freed: func(a *azure) { a.remove(service) },
		},
		{
			name: "the network's group", method: "DELETE", path: network + "networkSecurityGroups/nsg",
			status: 400, code: "InUseNetworkSecurityGroupCannotBeDeleted", message: "virtualNetworks/vnet/subnets/gateway",
			freed: func(a *azure) {
				a.remove(service)
				a.ok(network+"virtualNetworks/vnet/subnets/gateway", `{"properties":{"addressPrefix":"10.20.0.0/26"}}`)
			},
		},
	})
}

func TestConnectionsOfEndpointsAreRefusedAsAzureRefusesThem(t *testing.T) {
	pe, group := network+"privateEndpoints/new", network+"privateEndpoints/pe/privateDnsZoneGroups/default"
	message := func(length int) string { return `,"requestMessage":"` + strings.Repeat("x", length) + `"` }
	runRules(t, map[string]string{pe: connection(account, "account", ""), group: zoneGroup}, []rule{
		{
			name: "a request message of 141 characters", path: pe, body: connection(account, "account", message(141)),
			status: 400, code: "InvalidRequestFormat", message: "The request message has 141 characters, 140 are allowed.",
			accepted: connection(account, "account", message(140)),
		},
		{
			name: "two connections", path: pe,
			body:   with(connection(account, "account", ""), `[{"name"`, `[{"name":"b","properties":{}},{"name"`),
			status: 400, code: "InvalidRequestFormat", message: "A private endpoint has one connection, not 2.",
		},
		{
			name: "two groups", path: pe, body: connection(account, `account","portal`, ""),
			status: 400, code: "InvalidPrivateLinkServiceConnectionGroupId", message: "must be ['account']",
		},
		{
			name: "a service's group in another spelling", path: pe, body: connection(service, "gateways", ""),
			status: 400, code: "InvalidPrivateLinkServiceConnectionGroupId", message: "must be ['Gateway']",
			accepted: connection(service, "gateway", ""),
		},
		{
			name: "a nameless zone", path: group, body: with(zoneGroup, `"name":"openai",`, ``),
			status: 400, code: "InvalidRequestFormat", message: "properties.privateDnsZoneConfigs[0].name: Required property 'name' not found in JSON.",
		},
		{
			name: "a zone that is a network", path: group,
			body:   with(zoneGroup, "privateDnsZones/privatelink.openai.azure.com", "virtualNetworks/vnet"),
			status: 400, code: "InvalidResourceReference", message: "virtualNetworks/vnet referenced by resource " + group,
		},
	})
}

func TestRecordsAreRefusedAsAzureRefusesThem(t *testing.T) {
	record := func(ttl, addresses string) string {
		return `{"properties":{"ttl":` + ttl + `,"aRecords":[` + addresses + `]}}`
	}
	path, four := zone+"/A/x", `{"ipv4Address":"10.0.0.1"}`
	runRules(t, map[string]string{path: record("10", four)}, []rule{
		{
			name: "no address", path: path, body: record("10", ""), status: 400, code: "InvalidRequestContent",
			message: "A record set has one record at least. Path 'properties.aRecords'.",
		},
		{
			name: "an address of six", path: path, body: record("10", `{"ipv4Address":"fd00::1"}`), status: 400,
			code: "InvalidRequestContent", message: "'fd00::1' is not an IPv4 address.",
		},
		{
			name: "a life beyond what 31 bits hold", path: path, body: record("2147483648", four), status: 400,
			code: "InvalidRequestContent", message: "The TTL must be between 1 and 2147483647.", accepted: record("2147483647", four),
		},
	})
}

func TestEveryAddressOfASubnetIsGivenOnceAndAzuresAreNot(t *testing.T) {
	a := world(t)
	given := map[string]string{}
	for i := range 2 { // /29 has eight addresses, five of them Azure's, and one is taken
		name := fmt.Sprintf("%sprivateEndpoints/more%d", network, i)
		a.ok(name, peBody)
	}
	for _, pe := range a.Resources(endpointType) {
		address := text(pe.Private, "address")
		if other, taken := given[address]; taken {
			t.Errorf("%s and %s have the address %s", other, pe.ID, address)
		}
		given[address] = pe.ID
	}
	for _, want := range []string{"10.20.1.4", "10.20.1.5", "10.20.1.6"} {
		if given[want] == "" {
			t.Errorf("nobody has %s: %v", want, given)
		}
	}
	full := a.send("PUT", network+"privateEndpoints/more2", peBody)
	if full.code != "SubnetIsFull" {
		t.Errorf("the fourth endpoint was answered %s", full.raw)
	}
	a.remove(network + "privateEndpoints/more0")
	a.ok(network+"privateEndpoints/more2", peBody)
}
