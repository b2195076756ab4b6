package stacks

import "slices"

// unavailable is a setting that can be written but is not built yet.
type unavailable struct {
	path string
	used func(Settings) bool
	hint string
}

// notYet lists what is not built yet. Building one is deleting its line; the settings reference follows.
var notYet = []unavailable{
	{path: "edge", used: func(s Settings) bool { return s.Edge != nil }, hint: "remove it"},
	{path: "egress", used: func(s Settings) bool { return s.Egress != nil }, hint: "remove it"},
	{path: "network.existing", used: func(s Settings) bool { return s.Network.Existing != nil }, hint: "remove it; a virtual network is created"},
	{path: "gateway.regions", used: func(s Settings) bool { return len(s.Gateway.Regions) > 0 }, hint: "remove it; accounts may be in any region"},
	{path: "gateway.mode", used: func(s Settings) bool { return s.Gateway.Mode == ModeIntegrated }, hint: "use external or internal"},
	{path: "gateway.sku", used: func(s Settings) bool { return slices.Contains(newTiers, s.Gateway.SKU) }, hint: "use Developer or Premium"},
}

// newTiers are the v2 tiers that can reach private accounts once mode integrated is built.
var newTiers = []GatewaySKU{SKUStandardV2, SKUPremiumV2}

const unavailableMessage = "is not available yet"

// checkUnavailable refuses what is not built, rather than deploying something else in silence.
func checkUnavailable(c *check) {
	for _, u := range notYet {
		if u.used(c.s) {
			c.add(u.path, unavailableMessage, u.hint)
		}
	}
}
