package doctor

import (
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/words"
	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

var serviceChecks = []Check{
	{
		ID: "limits", Settings: "gateway.sku",
		Looks:  "More operations, products, subscriptions or named values than the tier takes since March 2026 (error), or four fifths of them (warning)",
		Source: "Azure/API-Management release notes of March 2026, service limits of the classic tiers", Confidence: Documented,
		run: checkLimits,
	},
	{
		ID: "foundry", Settings: "accounts",
		Looks:  "Accounts of kind OpenAI, which Microsoft upgrades to Foundry by itself: their endpoint then needs three private zones (advice)",
		Source: "MicrosoftDocs/azure-ai-docs: upgrade-azure-openai-auto", Confidence: Documented,
		run: checkFoundry,
	},
}

// limit is how many of one kind a tier takes.
type limit struct {
	// kind is the resource type, as a plan has it, and noun its name in a sentence.
	kind, noun         string
	developer, premium int
}

// limits are enforced since March 2026 (Azure/API-Management, release notes).
var limits = []limit{
	{"ApiOperation", "operation", 3_000, 75_000},
	{"Product", "product", 100, 2_000},
	{"Subscription", "subscription", 10_000, 75_000},
	{"NamedValue", "named value", 5_000, 18_000},
}

func (l limit) of(sku stacks.GatewaySKU) int {
	if sku.HasZones() {
		return l.premium
	}
	return l.developer
}

// nearly is the part of a limit from which it is reported.
const nearly = 0.8

func checkLimits(x *examination) {
	sku := x.Settings.Gateway.SKU
	for _, l := range limits {
		n, most := x.Declared[l.kind], l.of(sku)
		message := fmt.Sprintf("the environment declares %s, %s takes %s", words.Count(n, l.noun), sku, words.Thousands(most))
		switch {
		case n > most:
			x.find(Error, message+": API Management refuses the rest", "use another tier, or a second environment", "gateway.sku")
		case float64(n) > nearly*float64(most):
			x.find(Warning, message, "plan for another tier, or a second environment", "gateway.sku")
		}
	}
}

// declaredKinds counts a plan's resources by the last part of their type.
func declaredKinds(p *plan.Plan) map[string]int {
	counts := map[string]int{}
	for _, r := range p.Resources {
		if strings.Contains(r.Type, ":apimanagement") {
			counts[r.Type[strings.LastIndexByte(r.Type, ':')+1:]]++
		}
	}
	return counts
}

// foundryZones are those that a private endpoint of an upgraded account needs (azure-ai-docs, upgrade-azure-openai-auto).
var foundryZones = []string{"privatelink.openai.azure.com", "privatelink.cognitiveservices.azure.com", "privatelink.services.ai.azure.com"}

func checkFoundry(x *examination) {
	var missing []string
	for _, zone := range foundryZones {
		if !slices.Contains(x.Zones, zone) {
			missing = append(missing, zone)
		}
	}
	if !slices.Contains(x.Zones, foundryZones[0]) || len(missing) == 0 {
		return
	}
	x.find(Advice, "Microsoft upgrades accounts of kind OpenAI to Foundry in groups, those with private networks not at first; afterwards the endpoint is made anew and needs "+
		strings.Join(missing, " and ")+" as well, or the gateway finds no account",
		"opt out on each account before: foundryAutoUpgrade.mode Disabled, api-version 2026-01-15-preview", "accounts")
}

// lateGateway stands in every report: no api-version that this project uses reports a gateway's release.
const lateGateway = "The gateway's update group: one of a late group may not have the release of June 2026, and then refuses llm-token-limit in a fragment (limits.xml). Portal: API Management, Service update settings."
