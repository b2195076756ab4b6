package dataplane

import (
	"net"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/arm"
)

// names resolves host names as a machine in a network does, or, without a network, as one on the internet.
type names struct {
	server *arm.Server
	// network is the ARM id of the virtual network; empty is the internet.
	network string
}

// public is the answer of public DNS: an address of Azure's, which one does not matter.
const public = "public"

// resolve gives the private address of a host, or public. In a network with a private zone for the name, the zone's word is
// final: a name without a record does not exist, unless the link has NxDomainRedirect
// (Microsoft Learn: private-link/private-endpoint-dns, dns/private-dns-fallback).
func (n names) resolve(host string) (string, error) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if address, final := n.inZones(host); final {
		return found(host, address)
	}
	alias, exists := n.publicly(host)
	if !exists {
		return found(host, "")
	}
	if alias != "" {
		if address, final := n.inZones(alias); final {
			return found(host, address)
		}
	}
	return public, nil
}

func found(host, address string) (string, error) {
	if address == "" {
		return "", &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return address, nil
}

// inZones resolves a name in the private zones that are linked to the network; final is false when none of them decides.
func (n names) inZones(host string) (address string, final bool) {
	if n.network == "" {
		return "", false
	}
	for _, zone := range n.server.Resources(zoneType) {
		domain := strings.ToLower(zone.Name)
		if host != domain && !strings.HasSuffix(host, "."+domain) {
			continue
		}
		link, linked := n.link(zone)
		if !linked {
			continue
		}
		label := strings.TrimSuffix(strings.TrimSuffix(host, domain), ".")
		if label == "" {
			label = "@"
		}
		if record, ok := n.server.Get(zone.ID + "/A/" + label); ok {
			for _, a := range properties(record).at("aRecords").list() {
				return a.at("ipv4Address").text(), true
			}
		}
		return "", !strings.EqualFold(properties(link).at("resolutionPolicy").text(), "NxDomainRedirect")
	}
	return "", false
}

func (n names) link(zone arm.Resource) (arm.Resource, bool) {
	for _, link := range n.server.Resources(linkType) {
		if within(link.ID, zone.ID) && strings.EqualFold(properties(link).at("virtualNetwork", "id").text(), n.network) {
			return link, true
		}
	}
	return arm.Resource{}, false
}

// publicly reports whether public DNS knows a host, and what it is an alias of: an account with a private endpoint is an alias
// into the private link zone for everybody, and only linked networks find something there.
func (n names) publicly(host string) (alias string, exists bool) {
	for _, service := range n.server.Resources(serviceType) {
		if host == gatewayHost(service) {
			// A service injected in internal mode is not in public DNS
			// (Microsoft Learn: api-management/api-management-using-with-internal-vnet).
			return "", !strings.EqualFold(properties(service).at("virtualNetworkType").text(), "Internal")
		}
	}
	for _, account := range n.server.Resources(accountType) {
		sub := strings.ToLower(properties(account).at("customSubDomainName").text())
		if sub == "" {
			continue
		}
		for _, suffix := range []string{"openai.azure.com", "cognitiveservices.azure.com"} {
			if host != sub+"."+suffix {
				continue
			}
			if !hasEndpoint(n.server, account.ID) {
				return "", true
			}
			return sub + ".privatelink." + suffix, true
		}
	}
	if namespace, ok := namespaceAt(n.server, host); ok {
		if !hasEndpoint(n.server, namespace.ID) {
			return "", true
		}
		return strings.ToLower(namespace.Name) + ".privatelink" + hubDomain, true
	}
	return "", false
}

func hasEndpoint(server *arm.Server, targetID string) bool {
	for _, endpoint := range server.Resources(endpointType) {
		if connects(endpoint, targetID) {
			return true
		}
	}
	return false
}

func gatewayHost(service arm.Resource) string {
	return strings.ToLower(strings.TrimPrefix(properties(service).at("gatewayUrl").text(), "https://"))
}

// gatewayHosts are the names of the gateway, its own and those that were configured; the portal's and the management's are others.
func gatewayHosts(service arm.Resource) []string {
	names := []string{gatewayHost(service)}
	for _, configured := range properties(service).at("hostnameConfigurations").list() {
		name := strings.ToLower(configured.at("hostName").text())
		if strings.EqualFold(configured.at("type").text(), "Proxy") && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
