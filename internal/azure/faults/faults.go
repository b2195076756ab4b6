// Package faults breaks requests to Azure Resource Manager by a script, as Azure and the network between break them.
//
//	faults.go     what a script says: rules, which requests they match, what becomes of those
//	read.go       a script from a YAML file; docs/faults.md describes it
//	transport.go  the way to ARM on which it happens
//	outcome.go    what every rule did, and what that cost
package faults

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/problem"
)

// Kind is a way to break a request.
type Kind string

const (
	// Throttled is answered 429 with Retry-After.
	Throttled Kind = "throttled"
	// Refused is answered with Status, Code and Message; nothing is done.
	Refused Kind = "refused"
	// Broken is answered 500; nothing is done.
	Broken Kind = "broken"
	// TimedOut is never answered; nothing is done.
	TimedOut Kind = "timed-out"
	// Lost is done, but the answer does not arrive.
	Lost Kind = "lost"
	// Failed is accepted, and the operation that it starts ends in Failed, with Code and Message.
	Failed Kind = "failed"
	// Stuck is accepted and done, but its operation never ends: the provider gives up polling after a while.
	Stuck Kind = "stuck"
	// Killed kills the engine before the request is sent.
	Killed Kind = "killed"
	// KilledAfter kills the engine after the request was done, before it hears of it.
	KilledAfter Kind = "killed-after"
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{Throttled, Refused, Broken, TimedOut, Lost, Failed, Stuck, Killed, KilledAfter}
}

// Rule says which requests are broken, and how.
type Rule struct {
	Fault Kind
	// Method is PUT, DELETE and so on; empty matches everything that writes.
	Method string
	// Type is an ARM type, compared without case; empty matches every type.
	Type string
	// Name is a pattern for the resource's own name, the last of its id, with * and ?; empty matches every name.
	Name string
	// Nth is the first match that is broken, counted from 1; 0 is 1. A retry is one more match.
	Nth int
	// Count is how many matches are broken from then on; 0 is 1.
	Count int
	// Each counts for every resource on its own, not for all together.
	Each bool
	// Status is that of Refused; 0 is 409.
	Status int
	// Code and Message are those of Refused and Failed; empty ones become Conflict, or InternalServerError, and a text.
	Code, Message string
	// RetryAfter is what Throttled tells; 0 is 10 seconds.
	RetryAfter time.Duration
	// Line is where the rule is in its file; 0 when it is in none.
	Line int
}

// writes are the methods that a rule without a method matches.
var writes = []string{http.MethodPut, http.MethodPatch, http.MethodPost, http.MethodDelete}

// complete fills in what a rule leaves out and says what is wrong with it.
func (r *Rule) complete() error {
	var problems []error
	bad := func(key, format string, args ...any) {
		problems = append(problems, problem.Problem{Where: problem.Place{Line: r.Line}, Path: key, Message: fmt.Sprintf(format, args...)})
	}
	if !slices.Contains(Kinds(), r.Fault) {
		bad("fault", "%q is none; there are %s", r.Fault, join(Kinds()))
	}
	r.Method = strings.ToUpper(r.Method)
	if r.Method != "" && !slices.Contains(append(writes, http.MethodGet, http.MethodHead), r.Method) {
		bad("method", "%q is no method of Azure Resource Manager; there are GET, HEAD, %s", r.Method, strings.Join(writes, ", "))
	}
	if _, err := path.Match(r.Name, ""); err != nil {
		bad("name", "%q is no pattern: %v", r.Name, err)
	}
	if r.Type != "" && !arm.Knows(r.Type) {
		bad("type", "%q is not modelled; the types are listed in docs/rehearsal.md", r.Type)
	}
	for _, n := range []struct {
		key   string
		value *int
	}{{"nth", &r.Nth}, {"count", &r.Count}} {
		if *n.value < 0 {
			bad(n.key, "%d is less than 1", *n.value)
		}
		*n.value = max(*n.value, 1)
	}
	r.fill(bad)
	return errors.Join(problems...)
}

// fill sets what a fault tells, and refuses what it does not.
func (r *Rule) fill(bad func(key, format string, args ...any)) {
	if r.Status != 0 && r.Fault != Refused {
		bad("status", "only a request that is %s has one", Refused)
	}
	if (r.Code != "" || r.Message != "") && r.Fault != Refused && r.Fault != Failed {
		bad("code", "only what is %s or %s has a code and a message", Refused, Failed)
	}
	if r.RetryAfter != 0 && r.Fault != Throttled {
		bad("retryAfter", "only a request that is %s has one", Throttled)
	}
	if (r.Fault == Failed || r.Fault == Stuck) && r.Method != "" && r.Method != http.MethodPut {
		bad("method", "only a PUT starts an operation that can end in %s", r.Fault)
	}
	switch r.Fault {
	case Throttled:
		r.RetryAfter = orElse(r.RetryAfter, 10*time.Second)
		if r.RetryAfter < time.Second {
			bad("retryAfter", "%s is less than a second, which Azure cannot say", r.RetryAfter)
		}
	case Refused:
		r.Status, r.Code = orElse(r.Status, http.StatusConflict), orElse(r.Code, "Conflict")
		r.Message = orElse(r.Message, "The request was refused by the script of faults.")
		if r.Status < 400 || r.Status > 599 {
			bad("status", "%d is no refusal", r.Status)
		}
	case Failed:
		r.Method = http.MethodPut
		r.Code = orElse(r.Code, "InternalServerError")
		r.Message = orElse(r.Message, "The operation was ended by the script of faults.")
	case Stuck:
		r.Method = http.MethodPut
	case Broken, TimedOut, Lost, Killed, KilledAfter:
	}
}

// matches says whether a request is one of those that a rule is about.
func (r *Rule) matches(method string, id arm.ID) bool {
	if r.Method == "" && !slices.Contains(writes, method) || r.Method != "" && r.Method != method {
		return false
	}
	if r.Type != "" && !strings.EqualFold(r.Type, id.Type) {
		return false
	}
	if (r.Fault == Failed || r.Fault == Stuck) && !arm.LongRunning(id.Type) {
		return false
	}
	if r.Name == "" {
		return true
	}
	fits, _ := path.Match(strings.ToLower(r.Name), strings.ToLower(id.Name())) // the pattern was tried in complete
	return fits
}

func orElse[T comparable](value, other T) T {
	var none T
	if value == none {
		return other
	}
	return value
}

func join(kinds []Kind) string {
	texts := make([]string, len(kinds))
	for i, k := range kinds {
		texts[i] = string(k)
	}
	return strings.Join(texts, ", ")
}
