package provider

import "strings"

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
