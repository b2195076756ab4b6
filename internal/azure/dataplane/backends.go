package dataplane

import (
	"errors"
	"fmt"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/iso8601"
)

// backends are the service's backends and pools. A duration that cannot be read is an error: guessed, a drill would measure
// another stack.
func (r reader) backends() ([]apim.Backend, error) {
	var (
		backends []apim.Backend
		problems []error
	)
	for _, resource := range below(r.server, r.service, "backends") {
		p := properties(resource)
		backend := apim.Backend{
			ID: resource.Name, URL: p.at("url").text(),
			Headers: lists(p.at("credentials", "header")), Query: lists(p.at("credentials", "query")),
			Scheme: p.at("credentials", "authorization", "scheme").text(), Parameter: p.at("credentials", "authorization", "parameter").text(),
		}
		for _, member := range p.at("pool", "services").list() {
			backend.Pool = append(backend.Pool, apim.PoolMember{
				ID: member.at("id").text(), Priority: int(member.at("priority").number()), Weight: int(member.at("weight").number()),
			})
		}
		for _, rule := range p.at("circuitBreaker", "rules").list() {
			breaker, err := readBreaker(rule)
			if err != nil {
				problems = append(problems, fmt.Errorf("backend %s: %w", resource.Name, err))
			}
			backend.Breaker = &breaker
		}
		backends = append(backends, backend)
	}
	return backends, errors.Join(problems...)
}

// lists are lists of texts by name.
func lists(n node) map[string][]string {
	object, _ := n.value.(map[string]any)
	var out map[string][]string
	for name := range object {
		if out == nil {
			out = map[string][]string{}
		}
		out[name] = n.at(name).texts()
	}
	return out
}

func readBreaker(rule node) (apim.BreakerRule, error) {
	condition := rule.at("failureCondition")
	interval, intervalErr := orNothing(condition.at("interval").text())
	trip, tripErr := orNothing(rule.at("tripDuration").text())
	breaker := apim.BreakerRule{
		Name:             rule.at("name").text(),
		Count:            int(condition.at("count").number()),
		Percentage:       int(condition.at("percentage").number()),
		Interval:         interval,
		Trip:             trip,
		AcceptRetryAfter: rule.at("acceptRetryAfter").flag(),
		ErrorReasons:     condition.at("errorReasons").texts(),
	}
	for _, r := range condition.at("statusCodeRanges").list() {
		breaker.StatusCodes = append(breaker.StatusCodes, apim.StatusRange{Min: int(r.at("min").number()), Max: int(r.at("max").number())})
	}
	return breaker, errors.Join(intervalErr, tripErr)
}

// orNothing is a duration that may be left out.
func orNothing(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return iso8601.Parse(text)
}
