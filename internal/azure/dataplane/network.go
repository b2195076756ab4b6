package dataplane

import (
	"fmt"
	"net"
	"os"
	"strings"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/arm"
)

const (
	endpointType = "Microsoft.Network/privateEndpoints"
	zoneType     = "Microsoft.Network/privateDnsZones"
	linkType     = zoneType + "/virtualNetworkLinks"
)

// Place is where a caller stands.
type Place int

const (
	// Outside is the internet.
	Outside Place = iota
	// Inside is a machine in the virtual network the gateway is injected into.
	Inside
)

// String names the place as reports do.
func (p Place) String() string {
	if p == Inside {
		return "inside"
	}
	return "outside"
}

// reach is where a host name leads.
type reach struct {
	// account is the account reached, or empty when it is the gateway.
	account string
	via     accounts.Arrival
}

// lookup is a question to the network, and way its answer.
type lookup struct {
	from Place
	host string
}

type way struct {
	to  reach
	err error
}

// reach finds what answers under a host name. Answers hold until something is written to the resource manager. Its errors
// are those of a dialler.
func (p *Plane) reach(from Place, host string) (reach, error) {
	key := lookup{from, strings.ToLower(host)}
	p.ways.Lock()
	defer p.ways.Unlock()
	if w, known := p.ways.known[key]; known {
		return w.to, w.err
	}
	to, err := p.find(from, key.host)
	if p.ways.known == nil {
		p.ways.known = map[lookup]way{}
	}
	p.ways.known[key] = way{to, err}
	return to, err
}

func (p *Plane) forgetWays() {
	p.ways.Lock()
	defer p.ways.Unlock()
	p.ways.known = nil
}

func (p *Plane) find(from Place, host string) (reach, error) {
	server := p.options.ARM
	resolver := names{server: server}
	if from == Inside {
		resolver.network = gatewayNetwork(server)
	}
	address, err := resolver.resolve(host)
	if err != nil {
		return reach{}, err
	}
	if account, ok := p.Models.ByHost(host); ok {
		if address == public {
			return reach{account.Name, accounts.Public}, nil
		}
		return reach{account.Name, accounts.PrivateEndpoint}, endpointAt(server, resolver.network, address,
			func(endpoint arm.Resource) bool { return connectsName(endpoint, account.Name) })
	}
	for _, service := range server.Resources(serviceType) {
		private := properties(service).at("privateIPAddresses").texts()
		if host == gatewayHost(service) && (address == public || len(private) > 0 && private[0] == address) {
			return reach{}, nil
		}
	}
	return reach{}, unreachable(address)
}

// endpointAt checks that a private endpoint that leads where it should has the address and stands in the network: networks
// that are not the same are not connected.
func endpointAt(server *arm.Server, network, address string, leads func(endpoint arm.Resource) bool) error {
	for _, endpoint := range server.Resources(endpointType) {
		at, _ := endpoint.Private["address"].(string)
		subnet := properties(endpoint).at("subnet", "id").text()
		if at == address && within(subnet, network) && leads(endpoint) {
			return nil
		}
	}
	return unreachable(address)
}

// unreachable is an address that does not answer.
func unreachable(address string) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s:443: %w", address, os.ErrDeadlineExceeded)}
}

// gatewayNetwork is the virtual network a service is injected into, or empty.
func gatewayNetwork(server *arm.Server) string {
	for _, service := range server.Resources(serviceType) {
		if strings.EqualFold(properties(service).at("virtualNetworkType").text(), "None") {
			continue
		}
		network, _, injected := strings.Cut(properties(service).at("virtualNetworkConfiguration", "subnetResourceId").text(), "/subnets/")
		if injected {
			return network
		}
	}
	return ""
}

// connects reports whether a private endpoint leads to an account or a namespace: it is approved, or needs no approval.
func connects(endpoint arm.Resource, targetID string) bool {
	p := properties(endpoint)
	for _, connection := range append(p.at("privateLinkServiceConnections").list(), p.at("manualPrivateLinkServiceConnections").list()...) {
		status := connection.at("properties", "privateLinkServiceConnectionState", "status").text()
		if strings.EqualFold(connection.at("properties", "privateLinkServiceId").text(), targetID) && (status == "" || status == "Approved") {
			return true
		}
	}
	return false
}

func connectsName(endpoint arm.Resource, account string) bool {
	p := properties(endpoint)
	for _, connection := range append(p.at("privateLinkServiceConnections").list(), p.at("manualPrivateLinkServiceConnections").list()...) {
		if id := connection.at("properties", "privateLinkServiceId").text(); strings.EqualFold(part(id, "accounts"), account) {
			return connects(endpoint, id)
		}
	}
	return false
}
