package logs

import (
	"fmt"
	"path"

	"enterprise-openai/internal/azure/apim"
)

// maxDimensions is how many dimensions a custom metric may have; one more, and it is not ingested
// (Microsoft Learn: api-management/emit-metric-policy).
const maxDimensions = 5

// metrics writes a call's custom metrics. They need an Application Insights logger and a diagnostic with metrics switched on.
func (s *Store) metrics(r *apim.CallRecord) {
	for _, m := range r.Metrics {
		switch {
		case m.Dropped != "":
			s.dropped[fmt.Sprintf("metric %s: %s", m.Name, m.Dropped)]++
		case r.ApplicationInsights == nil:
			s.missing[fmt.Sprintf("a diagnostic %q for custom metrics", apim.DiagnosticApplicationInsights)]++
		case !s.options.Pipeline.Logger(loggerID(r.ApplicationInsights)):
			s.missing[fmt.Sprintf("the logger %q that the diagnostic names", loggerID(r.ApplicationInsights))]++
		case len(m.Dimensions) > maxDimensions:
			s.dropped[fmt.Sprintf("metric %s: %d dimensions, of which Azure takes at most %d", m.Name, len(m.Dimensions), maxDimensions)]++
		default:
			s.write(AppMetrics, s.options.ComponentID, s.metricRow(r, m))
		}
	}
}

// What the gateway says of itself in Application Insights. [M] unverified: the form of the role's name, and the number of the
// gateway's build, which changes with every release.
const (
	roleFormat = "%s.azure-api.net %s"
	sdkVersion = "apim:0.0.0.0"
)

// roleName is the gateway in a region.
func roleName(serviceID, region string) string {
	return fmt.Sprintf(roleFormat, path.Base(serviceID), region)
}

func (s *Store) metricRow(r *apim.CallRecord, m apim.Metric) Row {
	properties := map[string]any{}
	for name, value := range m.Dimensions {
		properties[name] = value
	}
	return Row{
		"AppRoleName": roleName(s.options.ServiceID, r.Region), "AppRoleInstance": roleName(s.options.ServiceID, r.Region), "SDKVersion": sdkVersion, "IKey": s.options.InstrumentationKey,
		"TimeGenerated": stamp(r.Time), "Name": m.Name, "ItemCount": 1, "Sum": m.Value, "Min": m.Value, "Max": m.Value,
		"Properties": properties, "OperationId": r.CorrelationID, "OperationName": r.OperationName,
	}
}
