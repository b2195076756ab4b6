package cost_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"enterprise-openai/internal/words"
	"enterprise-openai/plan"
	"enterprise-openai/plan/cost"
)

var update = flag.Bool("update", false, "write the reports and the schema as they are now; read them before they are committed")

const root = "../.."

// aDay is when prices of June 2026 are younger than half a year, and those of February older.
var aDay = time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)

// priced is what a plan costs with the calls that a text describes; without one, those that are assumed.
func priced(t *testing.T, resources []plan.Resource, calls string) cost.Report {
	t.Helper()
	traffic, err := cost.DefaultTraffic()
	if calls != "" {
		traffic, err = cost.ParseTraffic("ours.yaml", []byte(calls))
	}
	require.NoError(t, err)
	report, err := cost.Of("dev", resources, traffic, aDay)
	require.NoError(t, err)
	return report
}

func ofStack(t *testing.T, stack string) []plan.Resource {
	t.Helper()
	resources, err := plan.Run(context.Background(), root, stack)
	require.NoError(t, err)
	return resources
}

func TestEveryTypeThatTheProgramCanDeclareHasACost(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "sdks", "resources.yaml"))
	require.NoError(t, err)
	var sdks struct {
		Modules []struct {
			Module, Provider string
			Resources        map[string]string
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &sdks))
	types := map[string]string{}
	for _, m := range sdks.Modules {
		for name, kind := range m.Resources {
			types[m.Module+":"+name] = m.Provider + "/" + kind
		}
	}
	rows, err := cost.Types()
	require.NoError(t, err)
	got := map[string]string{}
	for _, row := range rows {
		assert.NotContains(t, got, row.Token, "it has a row already")
		got[row.Token] = row.Type
	}
	assert.Equal(t, types, got, "every type needs a row in plan/cost/types.yaml, and no other does")
	for _, stack := range []string{"dev", "prod"} {
		for _, u := range priced(t, ofStack(t, stack), "").Unknown {
			assert.NotContains(t, u.Why, "no row", "%s: %s", stack, u.What)
		}
	}
}

func TestATypeWithoutARowIsListedAsUnknown(t *testing.T) {
	report := priced(t, []plan.Resource{{URN: "a", Name: "vault", Type: "azure-native:keyvault/v20230701:Vault"}, of("stack", "resources/v20240301:DeploymentStackAtResourceGroup", `{
		"template": {"resources": [{"type": "Microsoft.KeyVault/vaults", "name": "v"}]}}`)}, "")
	assert.Contains(t, report.Unknown, cost.Unknown{Component: "vault", What: "azure-native:keyvault/v20230701:Vault", Why: "the type has no row in plan/cost/types.yaml"})
	assert.Contains(t, report.Unknown, cost.Unknown{Component: "stack", What: "Microsoft.KeyVault/vaults", Why: "the type has no row in plan/cost/types.yaml"})
}

func TestTheReportsOfTheStacksAreAsTheyWereRead(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		report := priced(t, ofStack(t, stack), "")
		report.Stack = stack
		var out bytes.Buffer
		require.NoError(t, report.Print(&out))
		file := filepath.Join("testdata", stack+".txt")
		if *update {
			require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), out.String(), "read the change, then: go test ./plan/cost -update")
	}
}

func TestTheReadmeHasWhatTheCommandPrints(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	text := strings.Join(strings.Fields(string(readme)), " ")
	dollars := func(m cost.Money) string { return words.Thousands(int(math.Round(float64(m)))) }
	dev, prod := priced(t, ofStack(t, "dev"), ""), priced(t, ofStack(t, "prod"), "")
	assert.Contains(t, text, fmt.Sprintf("dev costs %s US dollars a month before the first call (%s of them the gateway",
		dollars(dev.Fixed), dollars(line(t, dev, "API Management unit, Developer").Month)))
	assert.Contains(t, text, fmt.Sprintf("prod %s: %s for provisioned units and %s for three Premium units", dollars(prod.Fixed),
		dollars(line(t, prod, "provisioned unit, DataZoneProvisionedManaged").Month), dollars(line(t, prod, "API Management unit, Premium").Month)))
}

func TestTheJSONIsAsItsSchemaSays(t *testing.T) {
	schema, err := jsonschema.For[cost.Report](nil)
	require.NoError(t, err)
	schema.Schema = "https://json-schema.org/draft/2020-12/schema"
	schema.Title = "What a stack costs in a month"
	schema.Description = "What rehearse cost --json prints. Written by go test ./plan/cost -update."
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(schema))
	file := filepath.Join(root, "docs", "cost.schema.json")
	if *update {
		require.NoError(t, os.WriteFile(file, text.Bytes(), 0o600))
	}
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.JSONEq(t, text.String(), string(written), "run: go test ./plan/cost -update")

	resolved, err := schema.Resolve(nil)
	require.NoError(t, err)
	valid := func(report []byte) error {
		var value any
		require.NoError(t, json.Unmarshal(report, &value))
		return resolved.Validate(value)
	}
	for _, resources := range [][]plan.Resource{ofStack(t, "prod"), nil} {
		var out bytes.Buffer
		require.NoError(t, priced(t, resources, "").WriteJSON(&out))
		assert.NoError(t, valid(out.Bytes()))
		assert.NotContains(t, out.String(), ": null")
		assert.Error(t, valid(bytes.Replace(out.Bytes(), []byte(`"currency": "USD"`), []byte(`"currency": 1`), 1)))
	}
}

func TestOldPricesAreWarnedOf(t *testing.T) {
	traffic, err := cost.DefaultTraffic()
	require.NoError(t, err)
	endpoint := []plan.Resource{of("endpoint", "network/v20240501:PrivateEndpoint", `{}`)}
	for day, warned := range map[string]bool{"2026-08-16": false, "2026-08-17": true} {
		now, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		report, err := cost.Of("dev", endpoint, traffic, now)
		require.NoError(t, err)
		assert.Equal(t, warned, len(report.Warnings) == 1, "the price is of 2026-02-16, and this is %s: %v", day, report.Warnings)
		assert.Equal(t, day, report.Date)
	}
}

func TestWhatHasNoPriceIsInNoSum(t *testing.T) {
	report := priced(t, []plan.Resource{of("gateway", "apimanagement/v20240601preview:ApiManagementService", `{"sku": {"name": "PremiumV2", "capacity": 2}, "location": "eastus"}`)}, "")
	assert.Zero(t, report.Total)
	assert.Contains(t, report.Unknown, cost.Unknown{Component: "gateway", What: "API Management unit, PremiumV2", Why: "No source was found."})
	assert.Contains(t, report.Unknown, cost.Unknown{Component: "network", What: "Log ingestion", Why: "the rows go to a workspace that is not in the plan; its plan and region decide"})
}

func TestADifferenceNamesTheMetersThatChange(t *testing.T) {
	gateway := func(units int) []plan.Resource {
		return []plan.Resource{of("gateway", "apimanagement/v20240601preview:ApiManagementService",
			fmt.Sprintf(`{"sku": {"name": "Premium", "capacity": %d}, "location": "eastus"}`, units))}
	}
	one, two := priced(t, gateway(1), ""), priced(t, append(gateway(2), of("e", "network/v20240501:PrivateEndpoint", `{}`)), "")
	d := cost.Compare(one, two)
	// 730 × 3.829 = 2,795.17; an endpoint is 730 × 0.01 = 7.30.
	assert.Equal(t, "+2,802.47 USD a month whether anybody calls or not, 0.00 for the assumed calls", d.String())
	require.Len(t, d.Changes, 2)
	assert.Equal(t, "API Management unit, Premium", d.Changes[0].Meter)
	assert.InDelta(t, 2795.17, float64(d.Changes[0].After-d.Changes[0].Before), 0.001)
	assert.Equal(t, "-2,802.47 USD a month whether anybody calls or not, 0.00 for the assumed calls", cost.Compare(two, one).String())
	assert.Equal(t, "costs the same", cost.Compare(two, two).String())
}

// of is a resource with its inputs as JSON.
func of(name, kind, inputs string) plan.Resource {
	r := plan.Resource{URN: "urn:" + name, Name: name, Type: "azure-native:" + kind}
	if err := json.Unmarshal([]byte(inputs), &r.Inputs); err != nil {
		panic(err)
	}
	return r
}

// line is the only line of a meter.
func line(t *testing.T, report cost.Report, meter string) cost.Line {
	t.Helper()
	var found []cost.Line
	for _, l := range report.Lines {
		if l.Meter == meter {
			found = append(found, l)
		}
	}
	require.Len(t, found, 1, "%s in %v", meter, report.Lines)
	return found[0]
}
