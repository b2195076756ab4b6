package drills

import (
	"fmt"
	"slices"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/iso8601"
	"enterprise-openai/internal/jsonpath"
)

// metricRule is a metric alert on the gateway, as far as the embedded gateway has the metric.
type metricRule struct {
	metric    string
	category  []any
	threshold float64
	window    time.Duration
}

func readMetricRule(properties map[string]any) (metricRule, error) {
	all := jsonpath.Objects(properties, "criteria", "allOf")
	if len(all) != 1 {
		return metricRule{}, fmt.Errorf("%d criteria", len(all))
	}
	c := all[0]
	r := metricRule{metric: fmt.Sprint(c["metricName"])}
	r.threshold, _ = c["threshold"].(float64)
	for _, dimension := range jsonpath.Objects(c, "dimensions") {
		if dimension["name"] == "GatewayResponseCodeCategory" {
			r.category = jsonpath.List(dimension, "values")
		}
	}
	var err error
	r.window, err = iso8601.Parse(fmt.Sprint(properties["windowSize"]))
	return r, err
}

// evaluate counts calls of the window as the metric Requests does. Of other metrics nothing is known here.
func (r *metricRule) evaluate(calls []*apim.CallRecord, now time.Time) []logs.Fired {
	if r.metric != "Requests" {
		return nil
	}
	count := 0.0
	for _, call := range calls {
		category := fmt.Sprintf("%dxx", call.ResponseCode/100)
		if call.Time.After(now.Add(-r.window)) && !call.Time.After(now) && (len(r.category) == 0 || slices.Contains(r.category, any(category))) {
			count++
		}
	}
	if count < r.threshold {
		return nil
	}
	return []logs.Fired{{Dimensions: []string{fmt.Sprint(r.category...)}, Value: count}}
}
