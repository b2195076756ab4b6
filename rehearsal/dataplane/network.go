package dataplane

import (
	"strings"

	"enterprise-openai/rehearsal/azure/arm"
)

const (
	endpointType = "Microsoft.Network/privateEndpoints"
	groupType    = endpointType + "/privateDnsZoneGroups"
	zoneType     = "Microsoft.Network/privateDnsZones"
	linkType     = zoneType + "/virtualNetworkLinks"
)

// privately says whether a service reaches an account through a private endpoint, and if not, what is missing. It takes an
// approved endpoint, an entry of it in the zone that the account's public name is an alias into, and that zone linked to the
// network the service stands in (Microsoft Learn: private-link/private-endpoint-dns). Without them the name resolves to the
// public address.
func privately(server *arm.Server, service arm.Resource, accountID string) (bool, string) {
	subnet := properties(service).at("virtualNetworkConfiguration", "subnetResourceId").text()
	network, _, injected := strings.Cut(subnet, "/subnets/")
	if !injected || strings.EqualFold(properties(service).at("virtualNetworkType").text(), "None") {
		return false, "the gateway stands in no virtual network"
	}
	missing := "the account has no approved private endpoint"
	for _, endpoint := range server.Resources(endpointType) {
		if !connects(endpoint, accountID) {
			continue
		}
		missing = "the private endpoint has no entry in zone " + openAIZone
		for _, zone := range zonesOf(server, endpoint) {
			if !strings.EqualFold(part(zone, "privateDnsZones"), openAIZone) {
				continue
			}
			missing = "zone " + openAIZone + " is not linked to the gateway's network"
			if linked(server, zone, network) {
				return true, ""
			}
		}
	}
	return false, missing
}

// openAIZone is the zone that <account>.openai.azure.com is an alias into.
const openAIZone = "privatelink.openai.azure.com"

func connects(endpoint arm.Resource, accountID string) bool {
	for _, connection := range properties(endpoint).at("privateLinkServiceConnections").list() {
		p := connection.at("properties")
		status := p.at("privateLinkServiceConnectionState", "status").text()
		if strings.EqualFold(p.at("privateLinkServiceId").text(), accountID) && (status == "" || status == "Approved") {
			return true
		}
	}
	return false
}

func zonesOf(server *arm.Server, endpoint arm.Resource) []string {
	var zones []string
	for _, group := range server.Resources(groupType) {
		if !within(group.ID, endpoint.ID) {
			continue
		}
		for _, config := range properties(group).at("privateDnsZoneConfigs").list() {
			zones = append(zones, config.at("properties", "privateDnsZoneId").text())
		}
	}
	return zones
}

func linked(server *arm.Server, zone, network string) bool {
	for _, link := range server.Resources(linkType) {
		if within(link.ID, zone) && strings.EqualFold(properties(link).at("virtualNetwork", "id").text(), network) {
			return true
		}
	}
	return false
}
