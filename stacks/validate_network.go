package stacks

import (
	"fmt"
	"net/netip"
)

const (
	networkPath  = "network.addressSpace"
	gatewayPath  = "network.gatewaySubnet"
	endpointPath = "network.endpointSubnet"
	// smallestSubnet is Azure's, and the least an injected gateway takes
	// (Microsoft Learn: api-management/virtual-network-injection-resources).
	smallestSubnet = 29
	// largestNetwork is the shortest prefix this project accepts; Azure takes /8 as the largest private range.
	largestNetwork = 8
	// reservedAddresses are the first four and the last of every subnet
	// (Microsoft Learn: virtual-network/virtual-networks-faq).
	reservedAddresses = 5
)

// forbiddenRanges cannot be part of a virtual network (Microsoft Learn: virtual-network/virtual-networks-faq).
var forbiddenRanges = []netip.Prefix{
	netip.MustParsePrefix("224.0.0.0/4"),
	netip.MustParsePrefix("255.255.255.255/32"),
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("168.63.129.16/32"),
}

// checkAddressSpace looks at each range by itself.
func checkAddressSpace(c *check) {
	for _, r := range []struct {
		path string
		cidr netip.Prefix
	}{
		{networkPath, c.s.Network.AddressSpace},
		{gatewayPath, c.s.Network.GatewaySubnet},
		{endpointPath, c.s.Network.EndpointSubnet},
	} {
		switch {
		case !r.cidr.IsValid() || !r.cidr.Addr().Is4():
			c.add(r.path, "is not an IPv4 range", "use a CIDR such as 10.20.0.0/22")
			continue
		case r.cidr != r.cidr.Masked():
			c.add(r.path, r.cidr.String()+" is an address inside a range, not the range", "did you mean "+r.cidr.Masked().String()+"?")
		case r.cidr.Bits() > smallestSubnet || r.cidr.Bits() < largestNetwork:
			c.add(r.path, fmt.Sprintf("/%d is outside /%d to /%d", r.cidr.Bits(), largestNetwork, smallestSubnet), "")
		}
		for _, forbidden := range forbiddenRanges {
			if r.cidr.Overlaps(forbidden) {
				c.add(r.path, r.cidr.String()+" overlaps "+forbidden.String()+", which Azure keeps for itself",
					"use a private range such as 10.20.0.0/22")
			}
		}
	}
}

// checkSubnets looks at how the ranges lie to each other.
func checkSubnets(c *check) {
	network, gateway, endpoints := c.s.Network.AddressSpace, c.s.Network.GatewaySubnet, c.s.Network.EndpointSubnet
	inside := func(path string, subnet netip.Prefix) {
		if network.IsValid() && subnet.IsValid() && (subnet.Bits() < network.Bits() || !network.Contains(subnet.Addr())) {
			c.add(path, fmt.Sprintf("%s is not inside the address space %s", subnet, network), "choose a range inside it, or enlarge "+networkPath)
		}
	}
	inside(gatewayPath, gateway)
	inside(endpointPath, endpoints)
	if gateway.IsValid() && endpoints.IsValid() && gateway.Overlaps(endpoints) {
		c.add(endpointPath, fmt.Sprintf("%s overlaps the gateway's subnet %s", endpoints, gateway), "choose ranges that share no address")
	}
}

// checkSubnetSizes counts addresses: a subnet cannot be resized while something is in it.
func checkSubnetSizes(c *check) {
	size := func(path string, subnet netip.Prefix, needed int, why string) {
		if !subnet.IsValid() || !subnet.Addr().Is4() || needed > 1<<(32-largestNetwork) {
			return
		}
		if has := 1 << (32 - subnet.Bits()); has < needed {
			c.add(path, fmt.Sprintf("%s has %d addresses, %d are needed: %s", subnet, has, needed, why),
				fmt.Sprintf("use at least /%d", prefixFor(needed)))
		}
	}
	g := c.s.Gateway
	perUnit, balancer := g.SKU.AddressesPerUnit(), 0
	if g.Mode.IsInternal() {
		balancer = 1
	}
	if g.Units > 0 && g.Units < 1<<20 {
		size(gatewayPath, c.s.Network.GatewaySubnet, reservedAddresses+g.Units*perUnit+balancer,
			fmt.Sprintf("%d are Azure's, %d per unit, %d for the internal load balancer", reservedAddresses, perUnit, balancer))
	}
	hub, hubs := 0, ""
	if c.s.Logging.EventHub != nil {
		hub, hubs = 1, ", one for the event hub"
	}
	size(endpointPath, c.s.Network.EndpointSubnet, reservedAddresses+len(c.s.Accounts)+hub,
		fmt.Sprintf("%d are Azure's, one per account%s", reservedAddresses, hubs))
}

// prefixFor is the smallest subnet with so many addresses.
func prefixFor(addresses int) int {
	bits := smallestSubnet
	for 1<<(32-bits) < addresses {
		bits--
	}
	return bits
}
