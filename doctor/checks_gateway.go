package doctor

import (
	"fmt"
	"net/netip"
	"strings"

	"enterprise-openai/internal/words"
)

var gatewayChecks = []Check{
	{
		ID: "sla", Settings: "gateway.sku",
		Looks:  "A Developer gateway: no service level agreement, one unit, down while it is changed (warning in production, else advice)",
		Source: "Microsoft Learn: api-management/api-management-features", Confidence: Documented,
		run: checkServiceLevel,
	},
	{
		ID: "zones", Settings: "gateway.zones",
		Looks:  "A Premium gateway of one unit, or without chosen zones (warning in production, else advice)",
		Source: "Microsoft Learn: reliability/reliability-api-management", Confidence: Documented,
		run: checkZones,
	},
	{
		ID: "public", Settings: "gateway.mode",
		Looks:  "A gateway that the internet can reach (warning in production, else advice)",
		Source: "Microsoft Learn: api-management/virtual-network-concepts", Confidence: Documented,
		run: checkPublic,
	},
	{
		ID: "hosts", Settings: "gateway.mode",
		Looks:  "A gateway whose host names no public DNS knows (advice)",
		Source: "Microsoft Learn: api-management/api-management-using-with-internal-vnet", Confidence: Documented,
		run: checkHosts,
	},
	{
		ID: "one-gateway", Settings: "location",
		Looks:  "Accounts in several regions behind a gateway in one (advice, in production)",
		Source: "gateway.regions is not available yet", Confidence: Derived,
		run: checkOneGateway,
	},
	{
		ID: "room", Settings: "network.gatewaySubnet, network.endpointSubnet",
		Looks:  "Subnets without room for twice the units, or three more accounts: they cannot be resized while in use (advice)",
		Source: "Microsoft Learn: api-management/virtual-network-injection-resources, virtual-network/virtual-networks-faq", Confidence: Documented,
		run: checkRoom,
	},
}

func checkServiceLevel(x *examination) {
	if !x.Settings.Gateway.SKU.HasSLA() {
		x.find(x.orAdvice(), "Developer has no service level agreement, one unit that cannot be added to, and is down while it is changed",
			"use Premium where people depend on it", "gateway.sku")
	}
}

func checkZones(x *examination) {
	g := x.Settings.Gateway
	switch {
	case !g.SKU.HasZones():
	case g.Units == 1:
		x.find(x.orAdvice(), "one unit is in one datacentre: when that fails, so does every call",
			`use zones ["1", "2", "3"] and 3 units`, "gateway.units")
	case len(g.Zones) == 0:
		x.find(x.orAdvice(), fmt.Sprintf("without zones Azure spreads the %d units as well as it can, and promises nothing", g.Units),
			`use zones ["1", "2", "3"] and a multiple of 3 units`, "gateway.zones")
	case len(g.Zones) == 1:
		x.find(x.orAdvice(), "all units are in zone "+g.Zones[0]+": when its datacentre fails, so does every call",
			`use zones ["1", "2", "3"] and a multiple of 3 units`, "gateway.zones")
	}
}

func checkPublic(x *examination) {
	if x.Settings.Gateway.Mode.IsPublic() {
		x.find(x.orAdvice(), "external opens port 443 of the gateway to the internet: a leaked key works from anywhere",
			"use internal where callers have a way in through peering, VPN or ExpressRoute", "gateway.mode")
	}
}

func checkHosts(x *examination) {
	if !x.Settings.Gateway.Mode.IsInternal() {
		return
	}
	var hosts []string
	for _, zone := range x.Zones {
		if under(zone, "azure-api.net") {
			hosts = append(hosts, zone)
		}
	}
	if len(hosts) == 0 {
		return
	}
	x.find(Advice, fmt.Sprintf("internal: the gateway's %s are in private zones that only the environment's own network sees; a caller elsewhere gets \"no such host\"", words.Count(len(hosts), "host name")),
		"after pulumi up, link those zones to the callers' network, or let their DNS server forward to this one", "gateway.mode")
}

func checkOneGateway(x *examination) {
	regions := map[string]bool{}
	for _, a := range x.Settings.Accounts {
		regions[a.Location] = true
	}
	if x.production() && len(regions) > 1 {
		x.find(Advice, fmt.Sprintf("the models are in %d regions, the gateway is in %s alone: when that region fails, nobody gets an answer", len(regions), x.Settings.Location),
			"know it; a second gateway region is not available in this program yet, a second stack elsewhere is a way out", "location")
	}
}

// Addresses of a subnet that are not the gateway's or an endpoint's to have, as stacks.Validate counts them.
const reserved = 5

func checkRoom(x *examination) {
	g := x.Settings.Gateway
	balancer := 0
	if g.Mode.IsInternal() {
		balancer = 1
	}
	const moreAccounts = 3
	for _, s := range []struct {
		path, growth string
		subnet       netip.Prefix
		needed       int
	}{
		{"network.gatewaySubnet", fmt.Sprintf("%d units", 2*g.Units), x.Settings.Network.GatewaySubnet, reserved + 2*g.Units*g.SKU.AddressesPerUnit() + balancer},
		{"network.endpointSubnet", fmt.Sprintf("%d accounts", len(x.Settings.Accounts)+moreAccounts), x.Settings.Network.EndpointSubnet, reserved + len(x.Settings.Accounts) + moreAccounts},
	} {
		if !s.subnet.IsValid() || s.subnet.Bits() > 32 {
			continue
		}
		if has := 1 << (32 - s.subnet.Bits()); has < s.needed {
			x.find(Advice, fmt.Sprintf("%s has %d addresses, %s would need %d; a subnet in use cannot be resized", s.subnet, has, s.growth, s.needed),
				"make it larger now, while nothing is in it", s.path)
		}
	}
}

// under reports whether a zone is a name, or below it.
func under(zone, parent string) bool { return zone == parent || strings.HasSuffix(zone, "."+parent) }
