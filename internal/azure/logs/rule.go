package logs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/internal/iso8601"
	"enterprise-openai/internal/jsonpath"
)

// Rule is a log alert (Microsoft.Insights/scheduledQueryRules) as far as it decides whether somebody is notified.
type Rule struct {
	Query string
	// Measure is the column that is compared; Aggregation how rows of one combination of dimensions become one number.
	Measure, Aggregation string
	Dimensions           []string
	Operator             string
	Threshold            float64
	// Range is how much of the logs the query sees.
	Range time.Duration
}

// Fired is one alert: a combination of dimensions whose number is beyond the threshold.
type Fired struct {
	// Dimensions are their values, in the rule's order.
	Dimensions []string
	Value      float64
}

// String reads as an email's subject would.
func (f Fired) String() string {
	return fmt.Sprintf("%s: %v", strings.Join(f.Dimensions, ", "), f.Value)
}

// aggregations and operators of a rule in KQL (Azure/bicep-types-az microsoft.insights/2023-12-01).
var (
	aggregations = map[string]string{"Count": "count", "Average": "avg", "Minimum": "min", "Maximum": "max", "Total": "sum"}
	operators    = map[string]string{"Equals": "==", "GreaterThan": ">", "GreaterThanOrEqual": ">=", "LessThan": "<", "LessThanOrEqual": "<="}
)

// Evaluate asks the rule once, over the rows of its range before a time. Its numbers are aggregated by dimensions and
// not by time: with one evaluation period there is one number for each combination [M].
func (r Rule) Evaluate(ctx context.Context, engine *kql.Engine, tables []kql.Table, now time.Time) ([]Fired, error) {
	aggregate, operator := aggregations[r.Aggregation], operators[r.Operator]
	if aggregate == "" || operator == "" {
		return nil, fmt.Errorf("rule: %q of %q is not modelled", r.Operator, r.Aggregation)
	}
	text := fmt.Sprintf("%s\n| summarize Measured = todouble(%s(%s))", r.Query, aggregate, r.Measure)
	if len(r.Dimensions) > 0 {
		text += " by " + strings.Join(r.Dimensions, ", ")
	}
	text += fmt.Sprintf("\n| where Measured %s %v", operator, r.Threshold)
	result, err := engine.RunAt(ctx, now, text, Between(tables, now.Add(-r.Range), now))
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	measured := slices.IndexFunc(result.Columns, func(c kql.Column) bool { return c.Name == "Measured" })
	var fired []Fired
	for _, cells := range result.Rows {
		f := Fired{}
		for i, c := range result.Columns {
			if i != measured && slices.Contains(r.Dimensions, c.Name) {
				f.Dimensions = append(f.Dimensions, kql.Text(cells[i]))
			}
		}
		f.Value, _ = cells[measured].(float64)
		fired = append(fired, f)
	}
	slices.SortFunc(fired, func(a, b Fired) int { return slices.Compare(a.Dimensions, b.Dimensions) })
	return fired, nil
}

// Between gives the rows of a time range, its end included.
func Between(tables []kql.Table, from, to time.Time) []kql.Table {
	out := make([]kql.Table, len(tables))
	for i, t := range tables {
		out[i] = kql.Table{Schema: t.Schema}
		at := slices.IndexFunc(t.Columns, func(c kql.Column) bool { return c.Name == "TimeGenerated" })
		for _, cells := range t.Rows {
			written, _ := cells[at].(string)
			if when, err := time.Parse(time.RFC3339Nano, written); err == nil && when.After(from) && !when.After(to) {
				out[i].Rows = append(out[i].Rows, cells)
			}
		}
	}
	return out
}

// ReadRule reads the properties of a deployed rule.
func ReadRule(properties map[string]any) (Rule, error) {
	conditions := jsonpath.Objects(properties, "criteria", "allOf")
	if len(conditions) != 1 {
		return Rule{}, fmt.Errorf("rule: %d conditions", len(conditions))
	}
	c := conditions[0]
	r := Rule{
		Query: jsonpath.Text(c, "query"), Measure: jsonpath.Text(c, "metricMeasureColumn"),
		Aggregation: jsonpath.Text(c, "timeAggregation"), Operator: jsonpath.Text(c, "operator"),
	}
	r.Threshold, _ = c["threshold"].(float64)
	for _, dimension := range jsonpath.Objects(c, "dimensions") {
		r.Dimensions = append(r.Dimensions, jsonpath.Text(dimension, "name"))
	}
	window := jsonpath.Text(properties, "overrideQueryTimeRange")
	if window == "" {
		window = jsonpath.Text(properties, "windowSize")
	}
	var err error
	r.Range, err = iso8601.Parse(window)
	return r, err
}
