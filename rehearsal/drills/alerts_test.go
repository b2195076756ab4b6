package drills

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/queries"
	"enterprise-openai/stacks"
)

const insightsOfTests = deployed.Group + "/providers/Microsoft.Insights/"

// watching wants alerts, and quotas of a month that a few large answers use up.
func watching(s *stacks.Settings) {
	for i := range s.Products {
		s.Products[i].TokenQuota = stacks.TokenQuota{Tokens: 1_000_000, Period: "Monthly"}
	}
	s.Alerts = &stacks.Alerts{Emails: []string{"a@example.com"}, Failovers: 2, ThrottledMinutes: 2, ServerErrors: 2, QuotaPercent: 80, AbandonedCalls: 2, UncountedPercent: 5, CapacityPercent: 80}
}

// thresholds of the rules, as watching has them.
var thresholds = map[string]float64{"regional-failover": 2, "throttling": 2, "quota": 80, "quota-gone": 100, "audit-gap": 1, "abandoned-calls": 2, "uncounted-tokens": 5, "new-network": 1}

// withAlerts is the fixture with a rule for every alert, and the people that they tell.
func withAlerts(t *testing.T) *deployed.Site {
	t.Helper()
	d := withLogs(t, deployed.With(watching))
	for _, r := range d.Resources("Microsoft.ApiManagement/service/apis/diagnostics") {
		properties := r.Body["properties"].(map[string]any)
		properties["frontend"] = map[string]any{"response": map[string]any{"headers": []string{"x-gateway-remaining-quota-tokens"}}}
		d.Put(r.ID, map[string]any{"properties": properties})
	}
	d.Put(insightsOfTests+"actionGroups/people", `{"location":"global","properties":{"groupShortName":"people","enabled":true,"emailReceivers":[{"name":"a","emailAddress":"a@example.com"}]}}`)
	lookups, err := d.Settings.Lookups()
	require.NoError(t, err)
	for _, a := range queries.Alerts() {
		putRule(d, a.Name, a, lookups)
		if a.Name == "quota" {
			putRule(d, "quota-gone", a, lookups)
		}
	}
	putMetric(d, 2)
	return d
}

// putMetric is the rule on server errors.
func putMetric(d *deployed.Site, threshold int) {
	d.Put(insightsOfTests+"metricAlerts/x-alert-server-errors-x", map[string]any{"location": "global", "properties": map[string]any{
		"severity": 1, "enabled": true, "scopes": []string{deployed.Service}, "evaluationFrequency": "PT5M", "windowSize": "PT5M",
		"criteria": map[string]any{"odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []any{map[string]any{
			"name": "server-errors", "metricName": "Requests", "operator": "GreaterThanOrEqual", "threshold": threshold, "timeAggregation": "Total", "criterionType": "StaticThresholdCriterion",
			"dimensions": []any{map[string]any{"name": "GatewayResponseCodeCategory", "operator": "Include", "values": []string{"5xx"}}},
		}}},
		"actions": []any{map[string]any{"actionGroupId": insightsOfTests + "actionGroups/people"}},
	}})
}

func putRule(d *deployed.Site, name string, a queries.Alert, l queries.Lookups) {
	dimensions := []any{}
	for _, dimension := range a.Dimensions {
		dimensions = append(dimensions, map[string]any{"name": dimension, "operator": "Include", "values": []string{"*"}})
	}
	properties := map[string]any{
		"severity": a.Severity, "enabled": true, "scopes": []string{workspaceOfTests}, "evaluationFrequency": a.Every, "windowSize": a.Window, "skipQueryValidation": true,
		"criteria": map[string]any{"allOf": []any{map[string]any{
			"query": queries.Fill(a.Text, l), "metricMeasureColumn": queries.ValueColumn, "timeAggregation": "Maximum", "operator": "GreaterThanOrEqual",
			"threshold": thresholds[name], "dimensions": dimensions,
		}}},
		"actions": map[string]any{"actionGroups": []string{insightsOfTests + "actionGroups/people"}},
	}
	if a.LooksBack != "" {
		properties["overrideQueryTimeRange"] = a.LooksBack
	}
	d.Put(ruleOfTests(name), map[string]any{"location": "swedencentral", "properties": properties})
}

func ruleOfTests(name string) string {
	return insightsOfTests + "scheduledQueryRules/x-alert-" + name + "-x"
}

func TestAlertsFireOnTheirCausesAlone(t *testing.T) {
	measured, failures := byName(t, "alerts").Run(context.Background(), &Env{Site: siteOf(t, withAlerts(t))})
	assert.Empty(t, failures)
	assert.Equal(t, []string{"a@example.com"}, measured["told"])
	fired := measured["fired"].(map[string][]string)
	for _, cause := range []string{"a region fails", "every account is full", "a product's limit", "server errors", "a quota is used up", "messages are missing", "a key goes elsewhere", "callers hang up"} {
		assert.NotEmpty(t, fired[cause], cause)
	}
	assert.Empty(t, fired["nothing"])
}

func TestTheAlertsDrillSaysWhatIsBroken(t *testing.T) {
	d := withAlerts(t)
	lookups, err := d.Settings.Lookups()
	require.NoError(t, err)
	for _, a := range queries.Alerts() {
		switch a.Name {
		case "throttling": // would need more than happens
			a.Text += "| where Value > 100"
			putRule(d, a.Name, a, lookups)
		case "audit-gap": // forgets the APIs that keep messages
			putRule(d, a.Name, a, queries.Lookups{})
		}
	}
	putMetric(d, 1)
	d.Delete(ruleOfTests("quota-gone"))
	d.Put(insightsOfTests+"actionGroups/people", `{"location":"global","properties":{"groupShortName":"people","enabled":true,"emailReceivers":[{"name":"b","emailAddress":"b@example.com"}]}}`)
	_, failures := byName(t, "alerts").Run(context.Background(), &Env{Site: siteOf(t, d)})
	for _, says := range []string{
		"abandoned-calls, audit-gap, new-network, quota, regional-failover, throttling, uncounted-tokens, server-errors: " +
			"the alerts go to b@example.com, where the settings name a@example.com",
		"accounts that are full for minutes: rule throttling did not fire",
		"a call without messages: rule audit-gap did not fire",
		"one error less than is told: rule server-errors fired (5xx: 1), which it should not",
		"no tokens left: there is no rule quota-gone",
	} {
		assert.Contains(t, failures, says)
	}
}
