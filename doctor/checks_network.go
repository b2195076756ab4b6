package doctor

import (
	"fmt"
	"net/netip"
	"slices"
)

var networkChecks = []Check{
	{
		ID: "overlap", Settings: "network.addressSpace",
		Looks:  "Address spaces that overlap with another environment's: the two can never be peered, nor reached from one hub (warning)",
		Source: "Microsoft Learn: virtual-network/virtual-network-peering-overview", Confidence: Documented,
		run: checkOverlap,
	},
	{
		ID: "public-range", Settings: "network.addressSpace",
		Looks:  "Address spaces that belong to others on the internet, who cannot be reached from inside (warning)",
		Source: "RFC 1918, RFC 6598", Confidence: Documented,
		run: checkPublicRange,
	},
	{
		ID: "hijack", Settings: "gateway.mode",
		Looks:  "Private zones that answer for services of everybody, so that all others end in \"no such host\" (error)",
		Source: "docs/decisions/0002-one-zone-per-gateway-host.md", Confidence: Derived,
		run: checkHijack,
	},
	{
		ID: "hub-zone", Settings: "network",
		Looks:  "A private zone of its own for Azure OpenAI, where a company may have a shared one (advice)",
		Source: "Microsoft Learn: private-link/private-endpoint-dns", Confidence: Documented,
		run: checkHubZone,
	},
}

func checkOverlap(x *examination) {
	mine := x.Settings.Network.AddressSpace
	for _, other := range x.Others {
		if theirs := other.Settings.Network.AddressSpace; mine.IsValid() && theirs.IsValid() && mine.Overlaps(theirs) {
			x.find(Warning, fmt.Sprintf("%s overlaps %s of %s: the two networks can never be peered, nor both be reached from one hub", mine, theirs, other.Stack),
				"give every environment a range of its own, before anything is deployed: a network in use cannot move", "network.addressSpace")
		}
	}
}

// privateRanges are not routed on the internet; Azure also takes the shared one of RFC 6598.
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"),
}

func checkPublicRange(x *examination) {
	space := x.Settings.Network.AddressSpace
	if !space.IsValid() || slices.ContainsFunc(privateRanges, func(r netip.Prefix) bool { return r.Bits() <= space.Bits() && r.Contains(space.Addr()) }) {
		return
	}
	x.find(Warning, fmt.Sprintf("%s is not a private range: the owner of those addresses cannot be reached from inside", space),
		"use a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16", "network.addressSpace")
}

// everybodys are the names below which others have their services. A private zone of this name answers for all of them.
var everybodys = []string{
	"azure-api.net", "portal.azure-api.net", "developer.azure-api.net", "management.azure-api.net", "scm.azure-api.net",
	"openai.azure.com", "cognitiveservices.azure.com", "azure.com", "windows.net", "microsoftonline.com",
}

func checkHijack(x *examination) {
	for _, zone := range x.Zones {
		if slices.Contains(everybodys, zone) {
			x.find(Error, fmt.Sprintf("the private zone %s answers for every service of that name in the world: calls from this network to a colleague's end in \"no such host\"", zone),
				"make a zone for each host name of your own instead", "gateway.mode")
		}
	}
}

func checkHubZone(x *examination) {
	const zone = "privatelink.openai.azure.com"
	if slices.Contains(x.Zones, zone) {
		x.find(Advice, fmt.Sprintf("the environment's network gets its own zone %s: accounts that others gave a private endpoint elsewhere are not found from inside, and a hub's zone does not know these accounts", zone),
			"nothing to do while the network stands alone; ask the owner of the hub's DNS before peering", "network")
	}
}
