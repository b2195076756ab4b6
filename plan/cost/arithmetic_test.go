package cost_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/plan/cost"
)

// Everything below is worked out by hand from the prices of queries/prices.json and a month of 730 hours, which is 30.41666 days. 24 calls a
// day are 730 calls a month.

func TestUnitsOfTheGatewayCostByTheHourInEveryRegion(t *testing.T) {
	report := priced(t, []plan.Resource{of("gateway", "apimanagement/v20240601preview:ApiManagementService", `{
		"sku": {"name": "Premium", "capacity": 3}, "location": "eastus",
		"additionalLocations": [{"location": "eastus", "sku": {"name": "Premium", "capacity": 1}}]}`)}, "")
	l := line(t, report, "API Management unit, Premium")
	assert.InDelta(t, 4*730, l.Quantity, 0)
	assert.InDelta(t, 11180.68, float64(l.Month), 0.001, "4 × 730 × 3.829")
	assert.Equal(t, cost.Fixed, l.Kind)
}

func TestARegionWithoutAPriceIsNamed(t *testing.T) {
	zone := []plan.Resource{
		of("group", "resources/v20240301:ResourceGroup", `{"location": "swedencentral"}`),
		of("zone", "network/v20240601:PrivateZone", `{"location": "global"}`),
	}
	l := line(t, priced(t, zone, ""), "Private DNS zone")
	assert.Equal(t, "germanywestcentral", l.Region, "the dearest known, 0.54")
	assert.InDelta(t, 0.54, float64(l.Month), 0)
	zone[0] = of("group", "resources/v20240301:ResourceGroup", `{"location": "westus"}`)
	assert.InDelta(t, 0.50, float64(line(t, priced(t, zone, ""), "Private DNS zone").Month), 0)
}

// pool is a model on three accounts: provisioned units first, then two accounts that share the overflow 3 to 1.
func pool() []plan.Resource {
	deployed := func(account, sku string, capacity string) plan.Resource {
		return of("account-"+account+"-chat", "cognitiveservices/v20241001:Deployment", `{
			"accountName": "${Account account-`+account+`.name}", "deploymentName": "chat",
			"properties": {"model": {"name": "gpt-5.4"}}, "sku": {"name": "`+sku+`", "capacity": `+capacity+`}}`)
	}
	backend := func(account string) plan.Resource {
		return of("backends-"+account+"-chat", "apimanagement/v20240601preview:Backend", `{"backendId": "`+account+`-chat"}`)
	}
	return []plan.Resource{
		deployed("units", "DataZoneProvisionedManaged", "50"), deployed("zone", "DataZoneStandard", "10"), deployed("global", "GlobalStandard", "10"),
		backend("units"), backend("zone"), backend("global"),
		of("pools", "resources/v20240301:DeploymentStackAtResourceGroup", `{"template": {"resources": [
			{"type": "Microsoft.ApiManagement/service/backends", "name": "g/pool-chat", "properties": {"pool": {"services": [
				{"id": "${Backend backends-units-chat.id}", "priority": 1, "weight": 1},
				{"id": "${Backend backends-zone-chat.id}", "priority": 2, "weight": 3},
				{"id": "${Backend backends-global-chat.id}", "priority": 2, "weight": 1}]}}}]}}`),
		of("product", "apimanagement/v20240601preview:Product", `{"productId": "gold"}`),
	}
}

func TestProvisionedUnitsCostByTheHourAndTheOverflowByTheToken(t *testing.T) {
	const calls = `
calls:
  - {deployment: chat, product: gold, callsPerDay: 24000, promptTokens: 1000, answerTokens: 100, cachedShare: 0.4, overflowShare: 0.2}
`
	report := priced(t, pool(), calls)
	assert.InDelta(t, 40150, float64(line(t, report, "provisioned unit, DataZoneProvisionedManaged").Month), 0.001, "50 × 730 × 1.1")
	// 730,000 calls a month; a fifth of them, 146,000, overflows, and three quarters of that, 109,500, go to the data zone at 1.1 times the rates.
	for meter, want := range map[string]float64{
		"gpt-5.4 input, DataZoneStandard":        109.5 * 0.6 * 2.5 * 1.1,
		"gpt-5.4 cached input, DataZoneStandard": 109.5 * 0.4 * 0.25 * 1.1,
		"gpt-5.4 output, DataZoneStandard":       10.95 * 15 * 1.1,
		"gpt-5.4 input, GlobalStandard":          36.5 * 0.6 * 2.5,
		"gpt-5.4 cached input, GlobalStandard":   36.5 * 0.4 * 0.25,
		"gpt-5.4 output, GlobalStandard":         3.65 * 15,
	} {
		l := line(t, report, meter)
		assert.InDelta(t, want, float64(l.Month), 0.001, meter)
		assert.Equal(t, cost.Use, l.Kind)
	}
	assert.InDelta(t, 40150, float64(report.Fixed), 0.001)
	// 180.675 + 12.045 + 180.675 to the data zone, 54.75 + 3.65 + 54.75 to the other.
	assert.InDelta(t, 486.545, float64(report.Use), 0.001)
	assert.InDelta(t, 40636.545, float64(report.Total), 0.001)
}

func TestWithoutOverflowTheFirstChoiceTakesEveryCall(t *testing.T) {
	report := priced(t, pool(), "each: {callsPerDay: 24000}")
	assert.Zero(t, report.Use, "units are paid by the hour")
	assert.Equal(t, []cost.Calls{{
		Deployment: "chat", CallsPerDay: 24000, PromptTokens: 1500, AnswerTokens: 300,
		Logged: map[string]float64{"ApiManagementGatewayLogs": 3000, "ApiManagementGatewayLlmLog": 9000, "AzureDiagnostics": 2000, "AppMetrics": 2000},
	}}, report.Assumed.Calls)
}

func TestLongPromptsCostMore(t *testing.T) {
	only := pool()[2:3]
	for tokens, want := range map[string]float64{"272000": 730 * 0.272 * 2.5, "272001": 730 * 0.272001 * 5} {
		report := priced(t, only, "calls: [{deployment: chat, callsPerDay: 24, promptTokens: "+tokens+", answerTokens: 0}]")
		assert.InDelta(t, want, float64(line(t, report, "gpt-5.4 input, GlobalStandard").Month), 0.001, tokens)
	}
}

func TestAModelOrTypeWithoutAPriceIsUnknown(t *testing.T) {
	image := of("account-a-image", "cognitiveservices/v20241001:Deployment", `{"accountName": "${Account account-a.name}", "deploymentName": "image",
		"properties": {"model": {"name": "gpt-image-1"}}, "sku": {"name": "GlobalStandard", "capacity": 1}}`)
	report := priced(t, []plan.Resource{image}, "")
	assert.Contains(t, report.Unknown, cost.Unknown{Component: "account-a-image", What: "tokens of gpt-image-1", Why: "queries/prices.json has no price of this model"})
	image.Inputs["sku"] = map[string]any{"name": "DeveloperTier", "capacity": 1.0}
	report = priced(t, []plan.Resource{image}, "")
	assert.Contains(t, report.Unknown, cost.Unknown{Component: "account-a-image", What: "deployment account-a-image", Why: "queries/prices.json has no deployment type DeveloperTier"})
}

func TestRowsCostWhenTheyArriveAndWhileTheyStay(t *testing.T) {
	workspace := of("monitoring", "operationalinsights/v20230901:Workspace", `{"location": "westeurope", "retentionInDays": 61, "workspaceCapping": {"dailyQuotaGb": -1}}`)
	tables := of("tables", "resources/v20240301:DeploymentStackAtResourceGroup", `{"template": {"resources": [
		{"type": "Microsoft.OperationalInsights/workspaces/tables", "name": "w/Long", "properties": {"plan": "Analytics", "retentionInDays": -1, "totalRetentionInDays": 365}},
		{"type": "Microsoft.OperationalInsights/workspaces/tables", "name": "w/Cheap", "properties": {"plan": "Basic", "retentionInDays": 30, "totalRetentionInDays": 30}}]}}`)
	// 730,000 calls of these bytes are 1, 2, 3 and 4 GB a month.
	const calls = `
calls:
  - deployment: chat
    callsPerDay: 24000
logged:
  {ApiManagementGatewayLogs: 1369.8630137, ApiManagementGatewayLlmLog: 0, AzureDiagnostics: 0, AppMetrics: 2739.7260274, Long: 4109.5890411, Cheap: 5479.4520548}
`
	report := priced(t, append(pool(), workspace, tables), calls)
	month := 730.0 / 24
	for meter, want := range map[string]float64{
		"Log ingestion, Analytics": (1 + 2 + 3) * 2.99,
		"Log ingestion, Basic":     4 * 0.65,
		// Thirty days beyond the 31 that ingestion includes, of 1 and 3 GB; Application Insights' rows are free for 90.
		"Log retention":           (1 + 3) * 30 / month * 0.13,
		"Long-term log retention": 3 * (365 - 61) / month * 0.026,
	} {
		assert.InDelta(t, want, float64(line(t, report, meter).Month), 0.0001, meter)
	}

	workspace.Inputs["workspaceCapping"] = map[string]any{"dailyQuotaGb": 10 / month / 2}
	capped := priced(t, append(pool(), workspace, tables), calls)
	assert.InDelta(t, (1+2+3)*2.99/2, float64(line(t, capped, "Log ingestion, Analytics").Month), 0.0001, "half of it arrives")
	require.NotEmpty(t, capped.Warnings)
	assert.Contains(t, capped.Warnings[0], "daily cap")
}

func TestAnEventIsCountedForEachPromptAndAnswer(t *testing.T) {
	hub := of("export", "eventhub/v20240101:Namespace", `{"location": "eastus", "sku": {"name": "Standard", "capacity": 2}}`)
	report := priced(t, append(pool(), hub), "calls: [{deployment: chat, callsPerDay: 24000}]")
	assert.InDelta(t, 43.8, float64(line(t, report, "Event Hubs throughput unit, Standard").Month), 0.0001, "2 × 730 × 0.03")
	assert.InDelta(t, 1.46*0.028, float64(line(t, report, "Event Hubs events, Standard").Month), 0.0001)
}

func TestWhatPassesAnEndpointCostsByTheGigabyte(t *testing.T) {
	report := priced(t, append(pool(), of("e", "network/v20240501:PrivateEndpoint", `{}`)), "calls: [{deployment: chat, callsPerDay: 24000, promptTokens: 900, answerTokens: 100}]")
	assert.InDelta(t, 730*0.01, float64(line(t, report, "Private endpoint").Month), 0.0001)
	assert.InDelta(t, 2.92*0.01, float64(line(t, report, "Private endpoint data").Month), 0.0001, "730,000 calls of 1,000 tokens of 4 bytes")
}

func TestAlertsCostByHowOftenTheyLookAndByWhatTheyWatch(t *testing.T) {
	rule := func(name, every, enabled string) plan.Resource {
		return of(name, "insights/v20231201:ScheduledQueryRule", `{"evaluationFrequency": "`+every+`", "enabled": `+enabled+`,
			"criteria": {"allOf": [{"dimensions": [{"name": "Caller", "values": ["*"]}]}]}}`)
	}
	report := priced(t, []plan.Resource{
		rule("a", "PT1M", "true"), rule("b", "PT5M", "true"), rule("c", "PT10M", "true"), rule("d", "PT1H", "true"), rule("e", "PT1M", "false"),
		of("m", "insights/v20180301:MetricAlert", `{"enabled": true, "scopes": ["x", "y"], "criteria": {"allOf": [{}, {"dimensions": [{"name": "code", "values": ["4xx", "5xx"]}]}]}}`),
	}, "")
	assert.InDelta(t, 3.0, float64(line(t, report, "Log alert every 1 min").Month), 0)
	assert.InDelta(t, 1.5, float64(line(t, report, "Log alert every 5 min").Month), 0)
	assert.InDelta(t, 1.0, float64(line(t, report, "Log alert every 10 min").Month), 0)
	assert.InDelta(t, 0.5, float64(line(t, report, "Log alert every 15 min").Month), 0)
	assert.InDelta(t, 0.6, float64(line(t, report, "Metric alert series").Month), 0.0001, "one and two series on two resources")
}
