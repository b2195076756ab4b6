package stacks

import (
	"fmt"

	"enterprise-openai/infra"
	"enterprise-openai/queries"
)

// rulePlans are the log alerts that the settings allow for: an alert about what is not logged would never fire.
func (s Settings) rulePlans(alerts []queries.Alert, l queries.Lookups) ([]infra.RulePlan, error) {
	a := s.Alerts
	var plans []infra.RulePlan
	for _, alert := range alerts {
		alert.Text = queries.Fill(alert.Text, l)
		add := func(name, title string, severity int, threshold int) {
			plans = append(plans, infra.RulePlan{
				Name: name, Title: title, Alert: alert, Severity: severity, Threshold: float64(threshold),
			})
		}
		switch alert.Name {
		case "regional-failover":
			add(alert.Name, alert.Title, alert.Severity, a.Failovers)
		case "throttling":
			add(alert.Name, alert.Title, alert.Severity, a.ThrottledMinutes)
		case "quota":
			add("quota", "A quota is nearly used up", alert.Severity, a.QuotaPercent)
			add("quota-gone", alert.Title, alert.Severity-1, 100)
		case "abandoned-calls":
			add(alert.Name, alert.Title, alert.Severity, a.AbandonedCalls)
		case "uncounted-tokens":
			add(alert.Name, alert.Title, alert.Severity, a.UncountedPercent)
		case "audit-gap":
			if len(l.Audited) > 0 {
				add(alert.Name, alert.Title, alert.Severity, 1)
			}
		case "new-network":
			if s.Logging.ClientIP {
				add(alert.Name, alert.Title, alert.Severity, 1)
			}
		default:
			return nil, fmt.Errorf("alert %s: no setting says when it fires; add it to stacks/alerts.go, or remove queries/alerts/%s.kql", alert.Name, alert.Name)
		}
	}
	return plans, nil
}

// metricPlans are about the gateway itself. Metrics come within minutes, and also when the logs do not.
// Names: Microsoft Learn, azure-monitor/reference/supported-metrics/microsoft-apimanagement-service-metrics.
func (s Settings) metricPlans() []infra.MetricPlan {
	return []infra.MetricPlan{
		{
			Name: "server-errors", Title: "Callers see server errors",
			Description: "Answers with a status of 500 and above; errors-by-cause shows why.",
			Severity:    1, Metric: "Requests", Aggregation: "Total", Dimension: "GatewayResponseCodeCategory", Value: "5xx",
			Window: "PT5M", Threshold: float64(s.Alerts.ServerErrors),
		},
		{
			Name: "capacity", Title: "The gateway is at its capacity",
			Description: "Percent of what its units can do; more units, or fewer calls, help.",
			Severity:    2, Metric: "Capacity", Aggregation: "Average", Window: "PT30M", Threshold: float64(s.Alerts.CapacityPercent),
		},
	}
}
