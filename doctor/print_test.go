package doctor

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/problem"
	"enterprise-openai/stacks"
)

// sample has every part of a report.
var sample = Report{
	Stack: "dev", Date: "2026-11-25",
	Findings: []Finding{
		{"retirement", Error, []Place{{"accounts[0].deployments[0].version", problem.Place{File: "Pulumi.dev.yaml", Line: 32}}, {"accounts[1].deployments[0].version", problem.Place{File: "Pulumi.dev.yaml", Line: 148}}},
			"gpt-4o 2024-11-20 was retired on 2026-10-01", "deploy another model"},
		{"sla", Advice, []Place{{"gateway.sku", problem.Place{}}}, "developer has no service level agreement", ""},
	},
	Quota: []Need{
		{Region: "francecentral", Model: "gpt-4o", Type: "Standard", Capacity: 1200, Quota: "Tokens Per Minute (thousands) - gpt-4o"},
		{Region: "swedencentral", Type: "ProvisionedManaged", Capacity: 100, Quota: "Regional Provisioned Throughput Unit"},
	},
	Knowledge:  []Source{{Title: "Model retirement schedule", Date: "2026-07-07", AgeDays: 141}},
	NotChecked: []string{"What only Azure knows."},
}

func printed(t *testing.T, r Report, style Style) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, r.Print(&out, style))
	return out.String()
}

const tail = `
Quota the subscription must have
  francecentral  Tokens Per Minute (thousands) - gpt-4o  1,200 thousand tokens/minute
  swedencentral  Regional Provisioned Throughput Unit    100 units

What it knows of models is from
  2026-07-07  Model retirement schedule, 141 days old

Not checked
  - What only Azure knows.

dev: 1 error, 0 warnings, 1 piece of advice
`

func TestInAPipeEverySettingIsALineThatToolsCanRead(t *testing.T) {
	assert.Equal(t, `Pulumi.dev.yaml:32: error: accounts[0].deployments[0].version: gpt-4o 2024-11-20 was retired on 2026-10-01; deploy another model [retirement]
Pulumi.dev.yaml:148: error: accounts[1].deployments[0].version: gpt-4o 2024-11-20 was retired on 2026-10-01; deploy another model [retirement]
Pulumi.dev.yaml: advice: gateway.sku: developer has no service level agreement [sla]
`+tail, printed(t, sample, Style{}))
}

func TestOnATerminalAFindingIsAParagraphThatFits(t *testing.T) {
	got := printed(t, sample, Style{Width: 50})
	assert.Equal(t, `rehearse doctor: dev, 2026-11-25

Errors (Azure refuses it, or it can never work)

  ✗ gpt-4o 2024-11-20 was retired on 2026-10-01.
    Pulumi.dev.yaml:32   accounts[0].deployments[0].version
    Pulumi.dev.yaml:148  accounts[1].deployments[0].version
    → Deploy another model.

Advice (good to know before)

  · Developer has no service level agreement.
    gateway.sku
`+tail, got)
	narrow := printed(t, sample, Style{Width: 34})
	assert.Contains(t, narrow, "  ✗ gpt-4o 2024-11-20 was retired\n    on 2026-10-01.\n")
}

func TestWhatIsWrongWithASubscriptionIsAtNoSetting(t *testing.T) {
	r := newReport("dev", aDay)
	used, limit := 1250, 3000
	r.Subscription = "id"
	r.Findings = []Finding{{"azure-roles", Error, []Place{{}}, "you may not give roles", "get Owner"}}
	r.Quota = []Need{{Region: "swedencentral", Quota: "Q", Capacity: 10, Used: &used, Limit: &limit}, {Region: "uksouth", Quota: "Q", Capacity: 10}}
	assert.Equal(t, `Pulumi.dev.yaml: error: you may not give roles; get Owner [azure-roles]

Quota the subscription must have, and has
  swedencentral  Q  10 thousand tokens/minute  1,250 of 3,000 used
  uksouth        Q  10 thousand tokens/minute  not reported

dev: 1 error, 0 warnings, 0 pieces of advice
`, printed(t, r, Style{}))
	assert.Contains(t, printed(t, r, Style{Width: 80}), "  ✗ You may not give roles.\n    → Get Owner.\n\nQuota")
}

func TestColourIsOnlyThereWhenAskedFor(t *testing.T) {
	assert.NotContains(t, printed(t, sample, Style{Width: 80}), "\x1b")
	assert.NotContains(t, printed(t, sample, Style{}), "\x1b")
	assert.Contains(t, printed(t, sample, Style{Width: 80, Colour: true}), "\x1b[31m✗\x1b[0m gpt-4o")
}

func TestTheJSONHasEverything(t *testing.T) {
	var out strings.Builder
	require.NoError(t, sample.WriteJSON(&out))
	var back Report
	require.NoError(t, json.Unmarshal([]byte(out.String()), &back))
	assert.Equal(t, sample, back)
	assert.Contains(t, out.String(), `"severity": "error"`)
}

func TestAnEmptyReportIsListsInJSON(t *testing.T) {
	var out strings.Builder
	require.NoError(t, newReport("dev", aDay).WriteJSON(&out))
	assert.NotContains(t, out.String(), "null")
}

func TestFindingsThatSayTheSameAreOneAndTheWorstComeFirst(t *testing.T) {
	at := func(path string, line int) []Place { return []Place{{path, problem.Place{File: "f", Line: line}}} }
	got := Sort([]Finding{
		{"a", Advice, at("x", 1), "m", "r"},
		{"b", Warning, at("y", 20), "m", "r"},
		{"b", Warning, at("z", 3), "m", "r"},
		{"c", Warning, at("w", 4), "m", "r"},
		{"d", Error, at("v", 99), "m", "r"},
		{"b", Warning, at("u", 5), "another", "r"},
	})
	assert.Equal(t, []Finding{
		{"d", Error, at("v", 99), "m", "r"},
		{"b", Warning, []Place{{"z", problem.Place{File: "f", Line: 3}}, {"y", problem.Place{File: "f", Line: 20}}}, "m", "r"},
		{"c", Warning, at("w", 4), "m", "r"},
		{"b", Warning, at("u", 5), "another", "r"},
		{"a", Advice, at("x", 1), "m", "r"},
	}, got)
}

func TestSettingsTheProgramRefusesAreTheReport(t *testing.T) {
	r := Refused("dev", aDay, []stacks.Problem{{Path: "gateway.sku", Where: problem.Place{File: "Pulumi.dev.yaml", Line: 7}, Message: `unknown value "Develper"`, Hint: `did you mean "Developer"?`}})
	assert.False(t, r.Healthy())
	assert.Equal(t, `Pulumi.dev.yaml:7: error: gateway.sku: unknown value "Develper"; did you mean "Developer"? [settings]

Not checked
  - Everything else: the program refuses these settings, and pulumi up would say the same.

dev: 1 error, 0 warnings, 0 pieces of advice
`, printed(t, r, Style{}))
}
