package arm

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func nsgWith(rules string) string {
	return `{"location":"swedencentral","properties":{"securityRules":[` + rules + `]}}`
}

func securityRule(name string, priority int, more string) string {
	return fmt.Sprintf(`{"name":"%s","properties":{"access":"Allow","direction":"Inbound","protocol":"Tcp","priority":%d,"sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"443"%s}}`, name, priority, more)
}

func vnetWith(subnets string) string {
	return `{"location":"swedencentral","properties":{"addressSpace":{"addressPrefixes":["10.20.0.0/22"]},"subnets":[` + subnets + `]}}`
}

func TestNetworksAreRefusedAsAzureRefusesThem(t *testing.T) {
	nsg, vnet, pip := network+"networkSecurityGroups/new", network+"virtualNetworks/new", network+"publicIPAddresses/new"
	runRules(t, map[string]string{nsg: nsgWith(securityRule("a", 100, "")), vnet: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/24"}}`), pip: strings.Replace(pipBody, "gw-test", "gw-other", 1)}, []rule{
		{name: "unknown property", path: nsg, body: `{"location":"swedencentral","properties":{"securityRulez":[]}}`, status: 400, code: "InvalidRequestFormat", message: "properties.securityRulez: Could not find member 'securityRulez'"},
		{name: "unknown property in a list", path: vnet, body: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/24","adressPrefixes":["x"]}}`), status: 400, code: "InvalidRequestFormat", message: "properties.subnets[0].properties.adressPrefixes"},
		{name: "wrong type", path: nsg, body: nsgWith(strings.Replace(securityRule("a", 100, ""), "100", `"100"`, 1)), status: 400, code: "InvalidRequestFormat", message: "properties.securityRules[0].properties.priority: Error converting value: a number is expected, not a string."},
		{name: "wrong enum", path: nsg, body: nsgWith(strings.Replace(securityRule("a", 100, ""), "Allow", "Permit", 1)), status: 400, code: "InvalidRequestFormat", message: "'Permit' is not one of Allow, Deny."},
		{name: "bad name", path: network + "networkSecurityGroups/-x", body: nsgBody, status: 400, code: "InvalidResourceName", at: nsg},
		{name: "no location", path: nsg, body: `{}`, status: 400, code: "LocationRequired"},
		{name: "no region", path: nsg, body: `{"location":"global"}`, status: 400, code: "LocationNotAvailableForResourceType"},
		{name: "moved", path: network + "networkSecurityGroups/nsg", body: strings.Replace(nsgBody, "swedencentral", "westeurope", 1), status: 409, code: "InvalidResourceLocation", message: "already exists in location 'swedencentral'", accepted: nsgBody},
		{name: "priority low", path: nsg, body: nsgWith(securityRule("a", 99, "")), status: 400, code: "SecurityRuleInvalidPriority", message: "99"},
		{name: "priority high", path: nsg, body: nsgWith(securityRule("a", 4097, "")), status: 400, code: "SecurityRuleInvalidPriority"},
		{name: "priority twice", path: nsg, body: nsgWith(securityRule("a", 100, "") + "," + securityRule("b", 100, "")), status: 400, code: "SecurityRuleConflict", message: "b conflicts with rule a"},
		{name: "both forms", path: nsg, body: nsgWith(securityRule("a", 100, `,"destinationPortRanges":["80"]`)), status: 400, code: "SecurityRuleParameterContainsDuplicates"},
		{name: "no ports", path: nsg, body: nsgWith(strings.Replace(securityRule("a", 100, ""), `"destinationPortRange":"443"`, `"description":"x"`, 1)), status: 400, code: "SecurityRuleMissingParameter"},
		{name: "no direction", path: nsg, body: nsgWith(strings.Replace(securityRule("a", 100, ""), `"direction":"Inbound",`, ``, 1)), status: 400, code: "InvalidRequestFormat", message: "direction"},
		{name: "long description", path: nsg, body: nsgWith(securityRule("a", 100, `,"description":"`+strings.Repeat("x", 141)+`"`)), status: 400, code: "InvalidRequestFormat", message: "141"},
		{name: "outside", path: vnet, body: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.30.0.0/24"}}`), status: 400, code: "NetcfgInvalidSubnet", message: "'a'"},
		{name: "overlap", path: vnet, body: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/24"}},{"name":"b","properties":{"addressPrefix":"10.20.0.128/25"}}`), status: 400, code: "NetcfgSubnetRangesOverlap", message: "'b'"},
		{name: "host bits", path: vnet, body: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.1/24"}}`), status: 400, code: "InvalidCIDRNotation"},
		{name: "tiny", path: vnet, body: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/30"}}`), status: 400, code: "NetcfgSubnetRangeOutsideVnet"},
		{name: "space", path: vnet, body: `{"location":"swedencentral","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0"]}}}`, status: 400, code: "InvalidAddressPrefixFormat"},
		{name: "no space", path: vnet, body: `{"location":"swedencentral"}`, status: 400, code: "InvalidRequestFormat", message: "properties.addressSpace.addressPrefixes"},
		{name: "unnamed subnet", path: vnet, body: vnetWith(`{"properties":{"addressPrefix":"10.20.0.0/24"}}`), status: 400, code: "InvalidRequestFormat", message: "properties.subnets[0].name"},
		{name: "missing group of a subnet", path: vnet, body: vnetWith(`{"name":"a","properties":{"addressPrefix":"10.20.0.0/24","networkSecurityGroup":{"id":"` + nsg + `"}}}`), status: 400, code: "InvalidResourceReference", message: nsg},
		{name: "subnet left out in use", path: network + "virtualNetworks/vnet", body: vnetWith(`{"name":"gateway","properties":{"addressPrefix":"10.20.0.0/26"}}`), status: 400, code: "InUseSubnetCannotBeDeleted", message: "endpoints", accepted: vnetBody},
		{name: "child overlaps", path: network + "virtualNetworks/vnet/subnets/new", body: `{"properties":{"addressPrefix":"10.20.0.32/27"}}`, status: 400, code: "NetcfgSubnetRangesOverlap", accepted: `{"properties":{"addressPrefix":"10.20.2.0/27"}}`},
		{name: "prefix of a used subnet", path: network + "virtualNetworks/vnet/subnets/endpoints", body: `{"properties":{"addressPrefix":"10.20.2.0/26"}}`, status: 400, code: "InUsePrefixCannotBeDeleted", accepted: `{"properties":{"addressPrefix":"10.20.1.0/29"}}`},
		{name: "delete used subnet", method: "DELETE", path: network + "virtualNetworks/vnet/subnets/gateway", status: 400, code: "InUseSubnetCannotBeDeleted", message: "gw-test", freed: func(a *azure) { a.remove(service) }},
		{name: "delete used network", method: "DELETE", path: network + "virtualNetworks/vnet", status: 400, code: "InUseSubnetCannotBeDeleted", freed: func(a *azure) {
			a.remove(service)
			a.remove(network + "privateEndpoints/pe")
			a.remove(zone + "/virtualNetworkLinks/vnet")
		}},
		{name: "delete used group", method: "DELETE", path: network + "networkSecurityGroups/nsg", status: 400, code: "InUseNetworkSecurityGroupCannotBeDeleted", freed: func(a *azure) { a.remove(service); a.remove(network + "virtualNetworks/vnet/subnets/gateway") }},
		{name: "delete used address", method: "DELETE", path: network + "publicIPAddresses/pip", status: 400, code: "PublicIPAddressCannotBeDeleted", freed: func(a *azure) { a.remove(service) }},
		{name: "dynamic standard address", path: pip, body: strings.Replace(pipBody, "Static", "Dynamic", 1), status: 400, code: "PublicIPAddressStandardSkuMustBeStatic"},
		{name: "label in use", path: pip, body: pipBody, status: 400, code: "DnsRecordInUse", message: "gw-test.swedencentral.cloudapp.azure.com"},
		{name: "bad label", path: pip, body: strings.Replace(pipBody, "gw-test", "GW", 1), status: 400, code: "InvalidDomainNameLabel"},
		{name: "sku changed", path: network + "publicIPAddresses/pip", body: strings.Replace(pipBody, `"Standard"`, `"Basic"`, 1), status: 400, code: "SkuCannotBeChangedOnUpdate", accepted: pipBody},
	})
}

func TestEndpointsAndZonesAreRefusedAsAzureRefusesThem(t *testing.T) {
	pe, zone := network+"privateEndpoints/new", network+"privateDnsZones/privatelink.openai.azure.com"
	runRules(t, map[string]string{pe: peBody, network + "privateEndpoints/pe": peBody, network + "privateEndpoints/pe/privateDnsZoneGroups/default": zoneGroup, network + "privateDnsZones/a.b": `{"location":"global"}`, zone + "/A/x": `{"properties":{"ttl":10,"aRecords":[{"ipv4Address":"10.0.0.1"}]}}`}, []rule{
		{name: "missing subnet", path: pe, body: strings.Replace(peBody, "subnets/endpoints", "subnets/none", 1), status: 400, code: "InvalidResourceReference", message: "subnets/none"},
		{name: "missing target", path: pe, body: strings.Replace(peBody, "aoai-se", "aoai-no", 1), status: 400, code: "InvalidResourceReference", message: "aoai-no"},
		{name: "other region", path: pe, body: strings.Replace(peBody, "swedencentral", "westeurope", 1), status: 400, code: "InvalidResourceReference", message: "same region"},
		{name: "group id", path: pe, body: strings.Replace(peBody, `["account"]`, `["openai"]`, 1), status: 400, code: "InvalidPrivateLinkServiceConnectionGroupId", message: "'account'"},
		{name: "unknown target", path: pe, body: strings.Replace(peBody, account, workspace, 1), status: 400, code: "PrivateLinkServiceIdNotSupported", message: "does not model it"},
		{name: "nameless connection", path: pe, body: strings.Replace(peBody, `"name":"aoai",`, ``, 1), status: 400, code: "InvalidRequestFormat", message: "name"},
		{name: "no connection", path: pe, body: `{"location":"swedencentral","properties":{"subnet":{"id":"` + network + `virtualNetworks/vnet/subnets/endpoints"}}}`, status: 400, code: "InvalidRequestFormat", message: "one connection, not 0"},
		{name: "no subdomain", prepare: func(a *azure) {
			a.ok(account+"2", `{"location":"swedencentral","kind":"OpenAI","sku":{"name":"S0"},"properties":{}}`)
		}, path: pe, body: strings.Replace(peBody, account, account+"2", 1), status: 400, code: "AccountCustomSubDomainNameRequired"},
		{name: "full subnet", prepare: func(a *azure) { a.ok(pe+"1", peBody); a.ok(pe+"2", peBody) }, path: pe, body: peBody, status: 400, code: "SubnetIsFull", message: "10.20.1.0/29", freed: func(a *azure) { a.remove(pe + "2") }},
		{name: "subnet changed", path: network + "privateEndpoints/pe", body: strings.Replace(peBody, "subnets/endpoints", "subnets/gateway", 1), status: 400, code: "PropertyChangeNotAllowed", message: "subnet.id"},
		{name: "second zone group", path: network + "privateEndpoints/pe/privateDnsZoneGroups/second", body: zoneGroup, status: 400, code: "PrivateEndpointCannotHaveMoreThanOnePrivateDnsZoneGroup", freed: func(a *azure) { a.remove(network + "privateEndpoints/pe/privateDnsZoneGroups/default") }},
		{name: "missing zone", path: network + "privateEndpoints/pe/privateDnsZoneGroups/default", body: strings.Replace(zoneGroup, "openai.azure.com", "nowhere.azure.com", 1), status: 400, code: "InvalidResourceReference", message: "nowhere"},
		{name: "empty zone group", path: network + "privateEndpoints/pe/privateDnsZoneGroups/default", body: `{"properties":{"privateDnsZoneConfigs":[]}}`, status: 400, code: "InvalidRequestFormat", message: "one zone at least"},
		{name: "regional zone", path: network + "privateDnsZones/a.b", body: `{"location":"westeurope"}`, status: 400, code: "LocationNotAvailableForResourceType", message: "'global'"},
		{name: "regional link", path: zone + "/virtualNetworkLinks/new", body: strings.Replace(linkBody, "global", "westeurope", 1), status: 400, code: "LocationNotAvailableForResourceType", at: network + "privateDnsZones/a.b/virtualNetworkLinks/new", accepted: linkBody, prepare: func(a *azure) { a.ok(network+"privateDnsZones/a.b", `{"location":"global"}`) }},
		{name: "zone of one label", path: network + "privateDnsZones/local", body: `{"location":"global"}`, status: 400, code: "InvalidResourceName", at: network + "privateDnsZones/a.b"},
		{name: "zone with an unknown property", path: network + "privateDnsZones/a.b", body: `{"location":"global","properties":{"colour":1}}`, status: 400, code: "InvalidRequestContent", message: "properties.colour"},
		{name: "link twice", path: zone + "/virtualNetworkLinks/new", body: linkBody, status: 409, code: "Conflict", message: "overlapping", freed: func(a *azure) { a.remove(zone + "/virtualNetworkLinks/vnet") }},
		{name: "link to nothing", path: zone + "/virtualNetworkLinks/new", body: strings.Replace(linkBody, "/vnet", "/none", 1), status: 400, code: "BadRequest", message: "none", freed: func(a *azure) { a.ok(network+"virtualNetworks/none", vnetWith("")) }},
		{name: "linked zone", method: "DELETE", path: zone, status: 409, code: "CannotDeleteResource", freed: func(a *azure) { a.remove(zone + "/virtualNetworkLinks/vnet") }},
		{name: "record without address", path: zone + "/A/x", body: `{"properties":{"ttl":10,"aRecords":[{"ipv4Address":"x"}]}}`, status: 400, code: "InvalidRequestContent", message: "properties.aRecords[0].ipv4Address"},
		{name: "record without TTL", path: zone + "/A/x", body: `{"properties":{"ttl":0,"aRecords":[{"ipv4Address":"10.0.0.1"}]}}`, status: 400, code: "InvalidRequestContent", message: "TTL"},
	})
}

func TestSubnetsAreTheSameInlineAndOnTheirOwn(t *testing.T) {
	a := world(t)
	subnet := a.get(network + "virtualNetworks/vnet/subnets/gateway")
	require.Equal(t, "10.20.0.0/26", text(subnet, "properties", "addressPrefix"))
	a.ok(network+"virtualNetworks/vnet/subnets/new", `{"properties":{"addressPrefix":"10.20.2.0/26"}}`)
	names := func() (out []string) {
		for _, s := range items(a.get(network+"virtualNetworks/vnet"), "properties", "subnets") {
			out = append(out, text(s, "name"))
		}
		return out
	}
	require.Equal(t, []string{"endpoints", "gateway", "new"}, names())
	a.ok(network+"virtualNetworks/vnet", strings.Replace(vnetBody, `,"subnets":[`, `,"virtualNetworkPeerings":[],"subnets":[`, 1))
	require.Equal(t, []string{"endpoints", "gateway"}, names(), "an inline list is the whole truth")
	a.ok(network+"virtualNetworks/vnet", `{"location":"swedencentral","properties":{"addressSpace":{"addressPrefixes":["10.20.0.0/22"]}}}`)
	require.Equal(t, []string{"endpoints", "gateway"}, names(), "no list leaves them alone")
}

func TestAnEndpointMakesItsTargetPrivatelyResolvable(t *testing.T) {
	a := world(t)
	pe := a.get(network + "privateEndpoints/pe")
	config := items(pe, "properties", "customDnsConfigs")
	require.Len(t, config, 1)
	require.Equal(t, "aoai-se.openai.azure.com", config[0]["fqdn"])
	require.Equal(t, []string{"10.20.1.4"}, texts(config[0], "ipAddresses"), "the first four addresses are Azure's")
	record := a.get(network + "privateDnsZones/privatelink.openai.azure.com/A/aoai-se")
	require.Equal(t, "10.20.1.4", text(items(record, "properties", "aRecords")[0], "ipv4Address"))
	require.Len(t, items(a.get(account), "properties", "privateEndpointConnections"), 1)

	a.ok(network+"privateEndpoints/second", peBody)
	second, _ := a.Get(network + "privateEndpoints/second")
	require.Equal(t, "10.20.1.5", second.Private["address"])

	a.remove(network + "privateEndpoints/pe")
	require.Equal(t, http.StatusNotFound, a.send(http.MethodGet, network+"privateDnsZones/privatelink.openai.azure.com/A/aoai-se", "").status)
	require.Len(t, items(a.get(account), "properties", "privateEndpointConnections"), 1)
}

func TestPublicAddressesAreOnesThatNobodyHas(t *testing.T) {
	a := world(t)
	pip := a.get(network + "publicIPAddresses/pip")
	require.True(t, strings.HasPrefix(text(pip, "properties", "ipAddress"), "203.0.113."))
	require.Equal(t, "gw-test.swedencentral.cloudapp.azure.com", text(pip, "properties", "dnsSettings", "fqdn"))
}
