package doctor

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/stacks"
)

func declares(kind string, n int) func(*Environment) {
	return func(e *Environment) { e.Declared = map[string]int{kind: n} }
}

func TestWhatAGatewayTakesIsCountedBeforeItRefuses(t *testing.T) {
	developer := gateway(func(g *stacks.Gateway) { g.SKU, g.Units, g.Zones = "Developer", 1, nil })
	const sla = "advice sla gateway.sku: Developer has no service level agreement, one unit that cannot be added to, and is down while it is changed; use Premium where people depend on it"
	examineAll(t, []ill{
		{"four fifths", changes{declares("Subscription", 60_000)}, []string{}},
		{"more", changes{declares("Subscription", 60_001)}, []string{
			"warning limits gateway.sku: the environment declares 60,001 subscriptions, Premium takes 75,000; plan for another tier, or a second environment"}},
		{"all", changes{declares("NamedValue", 18_000)}, []string{
			"warning limits gateway.sku: the environment declares 18,000 named values, Premium takes 18,000; plan for another tier, or a second environment"}},
		{"too many", changes{declares("Product", 2_001)}, []string{
			"error limits gateway.sku: the environment declares 2,001 products, Premium takes 2,000: API Management refuses the rest; use another tier, or a second environment"}},
		{"too many for Developer", changes{developer, declares("ApiOperation", 3_001)}, []string{
			"error limits gateway.sku: the environment declares 3,001 operations, Developer takes 3,000: API Management refuses the rest; use another tier, or a second environment", sla}},
	})
}

func TestAnUpgradeOfAccountsByMicrosoftIsForeseen(t *testing.T) {
	zones := func(names ...string) func(*Environment) { return func(e *Environment) { e.Zones = names } }
	found := func(e *Environment) []string {
		var lines []string
		for _, f := range Examine(e).Findings {
			if f.Check == "foundry" {
				lines = append(lines, f.text())
			}
		}
		return lines
	}
	assert.Equal(t, []string{
		"advice foundry accounts: Microsoft upgrades accounts of kind OpenAI to Foundry in groups, those with private networks not at first; afterwards the endpoint is made anew and needs " +
			"privatelink.cognitiveservices.azure.com and privatelink.services.ai.azure.com as well, or the gateway finds no account; " +
			"opt out on each account before: foundryAutoUpgrade.mode Disabled, api-version 2026-01-15-preview",
	}, found(healthy(t, zones("privatelink.openai.azure.com"))))
	assert.Empty(t, found(healthy(t, zones(foundryZones...))), "all three are there")
	assert.Empty(t, found(healthy(t)), "the zones belong to another subscription")
}

func TestTheShippedEnvironmentsFitTheirTiers(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		e, err := Load(context.Background(), root, stack, nil, aDay)
		require.NoError(t, err)
		for _, l := range limits {
			assert.Positive(t, e.Declared[l.kind], "%s: %s", stack, l.noun)
		}
		r := Examine(e)
		assert.Contains(t, r.NotChecked, lateGateway)
		for _, f := range r.Findings {
			assert.NotEqual(t, "limits", f.Check, f.Message)
		}
	}
}
