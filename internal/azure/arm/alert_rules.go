package arm

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// longestShortName is what a text message shows of a group.
const longestShortName = 12

var emailShape = regexp.MustCompile(`^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+$`)

func checkReceivers(w *write) {
	if name := text(w.props, "groupShortName"); len(name) > longestShortName {
		w.bad("properties.groupShortName", "'%s' has more than %d characters.", name, longestShortName)
	}
	names := map[string]bool{}
	for _, list := range []string{"emailReceivers", "webhookReceivers"} {
		for i, receiver := range items(w.props, list) {
			path, name := fmt.Sprintf("properties.%s[%d]", list, i), text(receiver, "name")
			if name == "" || names[strings.ToLower(name)] {
				w.bad(path+".name", "Receiver names must be unique in an action group, and '%s' is not.", name)
			}
			names[strings.ToLower(name)] = true
			if list == "emailReceivers" && !emailShape.MatchString(text(receiver, "emailAddress")) {
				w.bad(path+".emailAddress", "'%s' is not an email address.", text(receiver, "emailAddress"))
			}
			if list == "webhookReceivers" && !strings.HasPrefix(text(receiver, "serviceUri"), "https://") {
				w.bad(path+".serviceUri", "'%s' is not an https address.", text(receiver, "serviceUri"))
			}
		}
	}
}

func checkSeverity(w *write) {
	if severity, ok := w.props["severity"].(float64); ok && (severity < 0 || severity > 4) {
		w.bad("properties.severity", "Severity %v is not 0 to 4.", severity)
	}
}

func (w *write) duration(key string, known []string) {
	if value := text(w.props, key); value != "" && !slices.Contains(known, value) {
		w.bad("properties."+key, "'%s' is not one of %s.", value, strings.Join(known, ", "))
	}
}

func checkQuerySchedule(w *write) {
	w.duration("evaluationFrequency", queryFrequencies)
	w.duration("windowSize", queryWindows)
	w.duration("overrideQueryTimeRange", queryRanges)
	w.duration("muteActionsDuration", queryMutes)
	if mitigates, sent := w.props["autoMitigate"].(bool); text(w.props, "muteActionsDuration") != "" && (mitigates || !sent) {
		w.bad("properties.muteActionsDuration", "Actions cannot be muted while alerts resolve by themselves (autoMitigate).")
	}
}

func checkMetricSchedule(w *write) {
	w.duration("evaluationFrequency", metricFrequencies)
	w.duration("windowSize", metricWindows)
}

// checkRuleScope: one resource of the type that the embedded Azure can judge.
func checkRuleScope(scopeType string) func(*write) {
	return func(w *write) {
		scopes := texts(w.props, "scopes")
		if len(scopes) != 1 {
			w.bad("properties.scopes", "A rule has exactly one scope, not %d.", len(scopes))
			return
		}
		if r := w.resolve(scopes[0]); r == nil {
			w.refuse(missing(scopes[0]))
		} else if !strings.EqualFold(r.Type, scopeType) {
			w.refuse(notModelled(http.StatusBadRequest, "BadRequest", "Rules on '%s' are not supported", r.Type))
		}
	}
}

func checkConditions(w *write) {
	conditions := items(w.props, "criteria", "allOf")
	if len(conditions) != 1 {
		w.bad("properties.criteria.allOf", "A log alert has exactly one condition, not %d.", len(conditions))
		return
	}
	c, path := conditions[0], "properties.criteria.allOf[0]"
	for _, key := range []string{"query", "timeAggregation", "operator"} {
		if text(c, key) == "" {
			w.bad(path+"."+key, "Required property '%s' not found in JSON.", key)
		}
	}
	if c["threshold"] == nil {
		w.bad(path+".threshold", "Required property 'threshold' not found in JSON.")
	}
	if counts := strings.EqualFold(text(c, "timeAggregation"), "Count"); !counts && text(c, "metricMeasureColumn") == "" {
		w.bad(path+".metricMeasureColumn", "'%s' needs a column to measure.", text(c, "timeAggregation"))
	}
	w.dimensions(c, path)
	periods := object(c, "failingPeriods")
	number, least := numberOr(periods, "numberOfEvaluationPeriods", 1), numberOr(periods, "minFailingPeriodsToAlert", 1)
	if number < 1 || number > 6 || least < 1 || least > number {
		w.bad(path+".failingPeriods", "%v of %v periods: there are 1 to 6 periods, and no more of them can fail.", least, number)
	}
	if skip, _ := w.props["skipQueryValidation"].(bool); !skip && w.s.options.CheckQuery != nil && len(w.found) == 0 {
		if err := w.s.options.CheckQuery(text(c, "query")); err != nil {
			w.refuse(refusal(http.StatusBadRequest, "BadRequest", "The query could not be validated: %v", err).at(path + ".query"))
		}
	}
}

func (w *write) dimensions(c map[string]any, path string) {
	for i, d := range items(c, "dimensions") {
		if text(d, "name") == "" || text(d, "operator") == "" || len(texts(d, "values")) == 0 {
			w.bad(fmt.Sprintf("%s.dimensions[%d]", path, i), "A dimension has a name, an operator and values.")
		}
	}
}

func numberOr(m map[string]any, key string, otherwise float64) float64 {
	if n, ok := m[key].(float64); ok {
		return n
	}
	return otherwise
}

func (w *write) actionGroup(id string) {
	if w.resolve(id, actionGroupType) == nil {
		w.refuse(missing(id))
	}
}

func checkRuleActions(w *write) {
	for _, id := range texts(w.props, "actions", "actionGroups") {
		w.actionGroup(id)
	}
}

func checkMetricActions(w *write) {
	for _, action := range items(w.props, "actions") {
		w.actionGroup(text(action, "actionGroupId"))
	}
}

// gatewayMetrics are metrics of an API Management service with their dimensions (Microsoft Learn:
// azure-monitor/reference/supported-metrics/microsoft-apimanagement-service-metrics).
var gatewayMetrics = map[string][]string{
	"Capacity": {"Location"},
	"Requests": {"Location", "Hostname", "LastErrorReason", "BackendResponseCode", "GatewayResponseCode", "BackendResponseCodeCategory",
		"GatewayResponseCodeCategory", "ApiId"},
	"Duration":        {"Location", "Hostname", "ApiId"},
	"BackendDuration": {"Location", "Hostname", "ApiId"},
}

func checkMetrics(w *write) {
	if text(w.props, "criteria", "odata.type") == "" {
		w.bad("properties.criteria['odata.type']", "Required property 'odata.type' not found in JSON.")
	}
	criteria := items(w.props, "criteria", "allOf")
	if len(criteria) == 0 {
		w.bad("properties.criteria.allOf", "A metric alert needs a criterion.")
	}
	for i, c := range criteria {
		path := fmt.Sprintf("properties.criteria.allOf[%d]", i)
		for _, key := range []string{"name", "metricName", "operator", "timeAggregation", "criterionType"} {
			if text(c, key) == "" {
				w.bad(path+"."+key, "Required property '%s' not found in JSON.", key)
			}
		}
		if c["threshold"] == nil {
			w.bad(path+".threshold", "Required property 'threshold' not found in JSON.")
		}
		w.dimensions(c, path)
		dimensions, known := gatewayMetrics[text(c, "metricName")]
		if !known {
			w.refuse(refusal(http.StatusBadRequest, "BadRequest", "Couldn't find a metric named '%s'. Make sure the name is correct.", text(c, "metricName")))
			return
		}
		for _, d := range items(c, "dimensions") {
			if !slices.Contains(dimensions, text(d, "name")) {
				w.refuse(refusal(http.StatusBadRequest, "BadRequest", "The metric '%s' has no dimension '%s'.", text(c, "metricName"), text(d, "name")))
			}
		}
	}
}
