package faults

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"enterprise-openai/internal/azure/arm"
)

// Outcome is what a rule did.
type Outcome struct {
	Rule
	// Number is the rule's place in the script, from 1.
	Number int
	// Broke is how many requests it broke, Requests the first of them.
	Broke    int
	Requests []string
	// Types is how often it broke a request to each ARM type.
	Types map[string]int
	// Retries is how often the provider tried again because of it, Waited how long it waited before that, on a modelled clock.
	Retries int
	Waited  time.Duration
}

// mostRequests is how many requests are listed one by one.
const mostRequests = 3

// broke counts a request that the rule broke.
func (w *atWork) broke(method string, id arm.ID) {
	o := &w.outcome
	o.Broke++
	o.Types[id.Type]++
	if o.Broke <= mostRequests {
		o.Requests = append(o.Requests, method+" "+id.Type+" "+id.Name())
	}
}

// String says what the rule is, what it did and what that cost.
func (o Outcome) String() string {
	text := string(o.Fault)
	if o.Line > 0 {
		text = fmt.Sprintf("line %d, %s", o.Line, o.Fault)
	}
	if o.Broke == 0 {
		return text + ": never matched"
	}
	text += ": " + strings.Join(o.Requests, ", ")
	if more := o.Broke - len(o.Requests); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if o.Retries > 0 {
		text += fmt.Sprintf("; %d retried, after %s", o.Retries, o.Waited)
	}
	return text
}

// Outcomes is what every rule did, in their order.
func (s *Script) Outcomes() []Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Outcome, 0, len(s.rules))
	for _, rule := range s.rules {
		o := rule.outcome
		o.Types = maps.Clone(o.Types)
		all = append(all, o)
	}
	return all
}

// Retried counts a request that is tried again, with its answer or error and the wait. It is the provider's Retried option.
func (s *Script) Retried(resp *http.Response, err error, after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rule *atWork
	var broken *brokenError
	switch {
	case errors.Is(err, errKilled): // nobody is left to try again
		return
	case errors.As(err, &broken):
		rule = broken.rule
	case resp != nil:
		number, err := strconv.Atoi(resp.Header.Get(ruleHeader))
		if err != nil || number > len(s.rules) {
			return
		}
		rule = s.rules[number-1]
	default:
		return
	}
	rule.outcome.Retries++
	rule.outcome.Waited += after
}
