package cost

import (
	"fmt"
	"time"

	"enterprise-openai/internal/iso8601"
	"enterprise-openai/internal/jsonpath"
)

// meters find what a resource is charged by, for the rows of types.yaml that are priced.
var meters = map[string]func(*sheet, resource){
	"gateway":       (*sheet).gateway,
	"endpoint":      (*sheet).endpoint,
	"zone":          (*sheet).zone,
	"address":       (*sheet).address,
	"deployment":    (*sheet).deployment,
	"workspace":     (*sheet).workspace,
	"eventHubs":     (*sheet).eventHubs,
	"logAlert":      (*sheet).logAlert,
	"metricAlert":   (*sheet).metricAlert,
	"notifications": (*sheet).notifications,
}

func (s *sheet) gateway(r resource) {
	meter := "API Management unit, " + jsonpath.Text(r.values, "sku", "name")
	s.charge(r.component, Fixed, meter, r.region, HoursPerMonth*number(r.values, "sku", "capacity"))
	for _, entry := range jsonpath.List(r.values, "additionalLocations") {
		other, _ := entry.(map[string]any)
		s.charge(r.component, Fixed, meter, jsonpath.Text(other, "location"), HoursPerMonth*number(other, "sku", "capacity"))
	}
}

func (s *sheet) endpoint(r resource) {
	s.charge(r.component, Fixed, "Private endpoint", r.region, HoursPerMonth)
}

func (s *sheet) zone(r resource) {
	s.charge(r.component, Fixed, "Private DNS zone", r.region, 1)
	s.charge(r.component, Use, "Private DNS queries", r.region, 1)
}

func (s *sheet) address(r resource) {
	s.charge(r.component, Fixed, "Public IP address, "+jsonpath.Text(r.values, "sku", "name"), r.region, HoursPerMonth)
}

// logAlert is charged by how often it looks, and by the values of its dimensions beyond the first.
func (s *sheet) logAlert(r resource) {
	if jsonpath.At(r.values, "enabled") == false {
		return
	}
	every := jsonpath.Text(r.values, "evaluationFrequency")
	d, err := iso8601.Parse(every)
	if err != nil {
		s.unknown(r.component, r.name, "how often it looks is not in the plan")
		return
	}
	meter := "Log alert every 1 min"
	for _, minutes := range []int{5, 10, 15} {
		if d >= time.Duration(minutes)*time.Minute {
			meter = fmt.Sprintf("Log alert every %d min", minutes)
		}
	}
	s.charge(r.component, Fixed, meter, r.region, 1)
	for _, entry := range jsonpath.List(r.values, "criteria", "allOf") {
		criterion, _ := entry.(map[string]any)
		if len(jsonpath.List(criterion, "dimensions")) > 0 {
			s.charge(r.component, Use, "Log alert series", r.region, 1)
		}
	}
}

// metricAlert is charged by the series that it watches: for each resource and condition, the values of its dimensions.
func (s *sheet) metricAlert(r resource) {
	if jsonpath.At(r.values, "enabled") == false {
		return
	}
	series := 0
	for _, entry := range jsonpath.List(r.values, "criteria", "allOf") {
		criterion, _ := entry.(map[string]any)
		values := 1
		for _, d := range jsonpath.List(criterion, "dimensions") {
			dimension, _ := d.(map[string]any)
			chosen := jsonpath.List(dimension, "values")
			if len(chosen) == 1 && chosen[0] == "*" {
				s.unknown(r.component, "Metric alert series", "how many values "+jsonpath.Text(dimension, "name")+" has is not in the plan; one is counted")
				continue
			}
			values *= max(1, len(chosen))
		}
		series += values
	}
	s.charge(r.component, Fixed, "Metric alert series", r.region, float64(series*max(1, len(jsonpath.List(r.values, "scopes")))))
}

func (s *sheet) notifications(r resource) {
	s.charge(r.component, Use, "Alert notifications", r.region, 1)
}

// shared adds what the calls cost that is no resource's alone.
func (s *sheet) shared() {
	const component = "network"
	if len(s.declared.of("Microsoft.Network/privateEndpoints")) > 0 {
		home := ""
		if groups := s.declared.of("Microsoft.Resources/resourceGroups"); len(groups) > 0 {
			home = groups[0].region
		}
		s.charge(component, Use, "Private endpoint data", home, s.assumed.transferred()/gigabyte)
	}
	s.charge(component, Use, "Data transfer", "", 1)
	if len(s.declared.of(workspaces)) == 0 {
		s.unknown(component, "Log ingestion", "the rows go to a workspace that is not in the plan; its plan and region decide")
	}
}
