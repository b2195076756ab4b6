package provider

import "strings"

// networkKinds are networks, endpoints and private DNS.
func networkKinds() []kind {
	const net, dns = "2024-05-01", "2024-06-01"
	const zone = groupPath + "/providers/Microsoft.Network/privateDnsZones/{privateZoneName}"
	network := func(name, path string) kind {
		return kind{
			token: "azure-native:network/v20240501:" + name, apiVersion: net,
			path: groupPath + "/providers/Microsoft.Network/" + path, async: true, asyncDelete: true,
		}
	}
	private := func(name, path string) kind {
		return kind{token: "azure-native:network/v20240601:" + name, apiVersion: dns, path: zone + path}
	}
	vnet := network("VirtualNetwork", "virtualNetworks/{virtualNetworkName}")
	vnet.forceNew = []string{"location"}
	vnet.subresources = []string{"subnets", "virtualNetworkPeerings"}
	subnet := network("Subnet", "virtualNetworks/{virtualNetworkName}/subnets/{subnetName}")
	subnet.top = []string{"name", "type"}
	nsg := network("NetworkSecurityGroup", "networkSecurityGroups/{networkSecurityGroupName}")
	nsg.subresources = []string{"securityRules"}
	routes := network("RouteTable", "routeTables/{routeTableName}")
	routes.subresources = []string{"routes"}
	address := network("PublicIPAddress", "publicIPAddresses/{publicIpAddressName}")
	address.forceNew = []string{"location", "publicIPAddressVersion", "publicIPPrefix", "sku"}
	endpoint := network("PrivateEndpoint", "privateEndpoints/{privateEndpointName}")
	// pulumi-azure-native#3883: an endpoint cannot move to another subnet.
	endpoint.forceNew = []string{"subnet"}
	group := network("PrivateDnsZoneGroup", "privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}")
	group.top = []string{"name"}
	zones := private("PrivateZone", "")
	zones.async, zones.asyncDelete = true, true
	link := private("VirtualNetworkLink", "/virtualNetworkLinks/{virtualNetworkLinkName}")
	link.async, link.asyncDelete = true, true
	record := private("PrivateRecordSet", "/{recordType}/{relativeRecordSetName}")
	return []kind{vnet, subnet, nsg, routes, address, endpoint, group, zones, link, record}
}

// flattened are the object types whose `properties` the SDK lifts up, as it does with resources: resources that occur inside
// others. The keys of flattenedTop stay beside `properties`.
var flattened = set(
	"network:ApplicationGatewayIPConfiguration", "network:ApplicationSecurityGroup", "network:BackendAddressPool",
	"network:Delegation", "network:FlowLog", "network:FrontendIPConfiguration", "network:InboundNatRule",
	"network:IPConfiguration", "network:IPConfigurationProfile", "network:NatGateway", "network:NetworkInterface",
	"network:NetworkInterfaceIPConfiguration", "network:NetworkInterfaceTapConfiguration", "network:NetworkSecurityGroup",
	"network:PrivateDnsZoneConfig", "network:PrivateEndpoint", "network:PrivateEndpointConnection",
	"network:PrivateEndpointIPConfiguration", "network:PrivateLinkService", "network:PrivateLinkServiceConnection",
	"network:PrivateLinkServiceIpConfiguration", "network:PublicIPAddress", "network:ResourceNavigationLink",
	"network:Route", "network:RouteTable", "network:SecurityRule", "network:ServiceAssociationLink",
	"network:ServiceEndpointPolicy", "network:ServiceEndpointPolicyDefinition", "network:Subnet",
	"network:VirtualNetworkPeering", "network:VirtualNetworkTap",
	"apimanagement:RemotePrivateEndpointConnectionWrapper",
)

var flattenedTop = set("id", "name", "type", "etag", "location", "tags", "zones", "sku", "extendedLocation", "identity", "kind")

// isFlattened tells whether an object type's `properties` are lifted up.
func isFlattened(ref string) bool {
	// #/types/azure-native:network/v20240501:SubnetResponse → network:Subnet
	ref = strings.TrimPrefix(ref, "#/types/")
	parts := strings.Split(ref, ":")
	if len(parts) != 3 {
		return false
	}
	module, _, _ := strings.Cut(parts[1], "/")
	return flattened[module+":"+strings.TrimSuffix(parts[2], "Response")]
}

func set(keys ...string) map[string]bool {
	m := make(map[string]bool, len(keys))
	for _, k := range keys {
		m[k] = true
	}
	return m
}
