package drills

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

// watching wants alerts, and quotas of a month that a few large answers use up.
func watching(s *stacks.Settings) {
	for i := range s.Products {
		s.Products[i].TokenQuota = stacks.TokenQuota{Tokens: 1_000_000, Period: "Monthly"}
	}
	s.Alerts = &stacks.Alerts{Emails: []string{"a@example.com"}, Failovers: 2, ThrottledMinutes: 2, ServerErrors: 2, QuotaPercent: 80, AbandonedCalls: 2, UncountedPercent: 5, CapacityPercent: 80}
}

// withAlerts has a rule for every alert, and people that they tell.
func withAlerts(t *testing.T) *deployed.Site {
	t.Helper()
	return deployed.New(t, deployed.With(watching))
}

func TestAlertsFireOnTheirCausesAlone(t *testing.T) {
	measured, failures := tried[AlertsMeasured](t, alerts(), &Env{Site: siteOf(t, withAlerts(t))})
	assert.Empty(t, failures)
	assert.Equal(t, []string{"a@example.com"}, measured.Notified)
	for _, cause := range []string{"a region fails", "every account is full", "a product's limit", "server errors", "a quota is used up", "messages are missing", "a key goes elsewhere", "callers hang up"} {
		assert.NotEmpty(t, measured.Fired[cause], cause)
	}
	assert.Empty(t, measured.Fired["nothing"])
}

// asks changes the query of a rule.
func asks(properties map[string]any, change func(query string) string) {
	criterion := properties["criteria"].(map[string]any)["allOf"].([]any)[0].(map[string]any)
	criterion["query"] = change(criterion["query"].(string))
}

// audited is the table of the APIs that keep messages, in a query.
var audited = regexp.MustCompile(`(let Audited = [^\[]*\[)[^\]]*`)

func TestTheAlertsDrillSaysWhatIsBroken(t *testing.T) {
	d := withAlerts(t)
	d.Change(d.ID("ScheduledQueryRule", "alerts-throttling"), func(p map[string]any) { // would need more than happens
		asks(p, func(query string) string { return query + "| where Value > 100" })
	})
	d.Change(d.ID("ScheduledQueryRule", "alerts-audit-gap"), func(p map[string]any) { // forgets the APIs that keep messages
		asks(p, func(query string) string { return audited.ReplaceAllString(query, "$1") })
	})
	d.Change(d.ID("MetricAlert", "alerts-server-errors"), func(p map[string]any) {
		p["criteria"].(map[string]any)["allOf"].([]any)[0].(map[string]any)["threshold"] = 1
	})
	d.Delete(d.ID("ScheduledQueryRule", "alerts-quota-gone"))
	d.Change(d.ID("ActionGroup", "alerts"), func(p map[string]any) {
		p["emailReceivers"] = []any{map[string]any{"name": "b", "emailAddress": "b@example.com"}}
	})
	failures := failuresOf(t, "alerts", &Env{Site: siteOf(t, d)})
	for _, says := range []string{
		"abandoned-calls, audit-gap, new-network, quota, regional-failover, throttling, uncounted-tokens, capacity, server-errors: " +
			"the alerts go to b@example.com, where the settings name a@example.com",
		"accounts that are full for minutes: rule throttling did not fire",
		"a call without messages: rule audit-gap did not fire",
		"one error less than is told: rule server-errors fired (5xx: 1), which it should not",
		"no tokens left: there is no rule quota-gone",
	} {
		assert.Contains(t, failures, says)
	}
}
