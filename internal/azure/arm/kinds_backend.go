package arm

import (
	"fmt"
	"net/http"
	"strings"

	"enterprise-openai/internal/iso8601"
)

func isPool(props map[string]any) bool { return strings.EqualFold(text(props, "type"), "Pool") }

// checkBackend tells the two kinds of backend apart. The texts about pools were read from a reported deployment
// (MicrosoftDocs/azure-docs issue 122455).
func checkBackend(w *write) {
	if isPool(w.props) {
		checkPool(w)
		return
	}
	if w.props["pool"] != nil {
		w.bad("pool", "Pool is not supported for a backend of type Single.") // [M]: text
	}
	address := text(w.props, "url")
	switch {
	case address == "":
		w.bad("url", "Url is required.")
	case !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://"):
		w.bad("url", "Url '%s' is not an absolute http or https address.", address)
	}
	if text(w.props, "protocol") == "" {
		w.bad("protocol", "Protocol is required.")
	}
}

// maxPoolMembers: Microsoft Learn, api-management/backends, load-balanced pool.
const maxPoolMembers = 30

func checkPool(w *write) {
	if w.props["url"] != nil {
		w.bad("url", "Url is not supported for backend pool.")
	}
	if w.props["protocol"] != nil {
		w.bad("protocol", "Protocol is not supported for backend pool.")
	}
	if w.props["circuitBreaker"] != nil {
		w.bad("circuitBreaker", "Circuit breaker is not supported for backend pool.") // [M]: text
	}
	members := items(w.props, "pool", "services")
	if len(members) < 1 || len(members) > maxPoolMembers {
		w.bad("pool.services", "A backend pool has 1 to %d services, not %d.", maxPoolMembers, len(members))
	}
	seen := map[string]bool{}
	for i, member := range members {
		path := fmt.Sprintf("pool.services[%d]", i)
		id := text(member, "id")
		backend := w.resolve(id, backendType)
		switch {
		case backend == nil || !isWithin(backend.ID, serviceID(w.id)):
			w.bad(path+".id", "Backend with id '%s' not found.", id) // [M]: text
		case isPool(backend.props()):
			w.bad(path+".id", "Backend '%s' is a pool; the services of a pool are of type Single.", id) // [M]: text
		case seen[strings.ToLower(backend.ID)]:
			w.bad(path+".id", "Backend '%s' is in the pool twice.", id) // [M]: text
		default:
			seen[strings.ToLower(backend.ID)] = true
		}
		for _, key := range []string{"priority", "weight"} {
			if n, ok := member[key].(float64); ok && (n < 0 || n > 100) {
				w.bad(path+"."+key, "The value must be 0 to 100, it is %v.", n)
			}
		}
	}
}

func validDuration(s string) bool {
	_, err := iso8601.Parse(s)
	return err == nil
}

// checkBreaker: one rule is what the service takes today, whatever the schema allows (Microsoft Learn: api-management/backends).
func checkBreaker(w *write) {
	rules := items(w.props, "circuitBreaker", "rules")
	if len(rules) > 1 {
		w.bad("circuitBreaker.rules", "A circuit breaker has one rule, not %d.", len(rules))
	}
	for i, rule := range rules {
		path := fmt.Sprintf("circuitBreaker.rules[%d]", i)
		if trip := text(rule, "tripDuration"); !validDuration(trip) {
			w.bad(path+".tripDuration", "'%s' is not an ISO 8601 duration such as PT1M.", trip)
		}
		condition := object(rule, "failureCondition")
		if interval := text(condition, "interval"); !validDuration(interval) {
			w.bad(path+".failureCondition.interval", "'%s' is not an ISO 8601 duration such as PT1M.", interval)
		}
		if (condition["count"] == nil) == (condition["percentage"] == nil) {
			w.bad(path+".failureCondition", "A failure condition has a count or a percentage.")
		}
		checkConditionLists(w, path+".failureCondition", condition)
	}
}

// maxConditions: Azure/bicep-types-az, CircuitBreakerFailureCondition.
const maxConditions = 10

func checkConditionLists(w *write, path string, condition map[string]any) {
	ranges, reasons := items(condition, "statusCodeRanges"), texts(condition, "errorReasons")
	if len(ranges)+len(reasons) == 0 {
		w.bad(path, "A failure condition names status codes or error reasons.") // [M]
	}
	if len(ranges) > maxConditions || len(reasons) > maxConditions {
		w.bad(path, "A failure condition has at most %d status code ranges and %d error reasons.", maxConditions, maxConditions)
	}
	for i, r := range ranges {
		low, high := number(r["min"]), number(r["max"])
		if low < 200 || high > 599 || low > high {
			w.bad(fmt.Sprintf("%s.statusCodeRanges[%d]", path, i), "A range of status codes lies within 200 and 599, not %v to %v.", low, high)
		}
	}
	for i, reason := range reasons {
		if len(reason) > 200 {
			w.bad(fmt.Sprintf("%s.errorReasons[%d]", path, i), "An error reason has at most 200 characters.")
		}
	}
}

func fillBackend(w *write) {
	if isPool(w.props) {
		return
	}
	w.props["type"] = "Single"
	if tls, ok := w.props["tls"].(map[string]any); ok {
		setDefault(tls, "validateCertificateChain", true)
		setDefault(tls, "validateCertificateName", true)
	}
}

// noPoolMember keeps the members of pools [M: text].
func noPoolMember(rm *removal) *Error {
	for _, r := range rm.s.ofType(backendType, serviceID(rm.id)) {
		for _, member := range items(r.props(), "pool", "services") {
			id := text(member, "id")
			if strings.EqualFold(id, rm.rec.ID) || strings.EqualFold(strings.Trim(id, "/"), "backends/"+rm.id.Name()) {
				e := refusal(http.StatusBadRequest, "ValidationError", "%s", apimStyle.message)
				e.Details = []*Error{{Code: "ValidationError", Message: fmt.Sprintf("Backend '%s' cannot be deleted: the backend pool '%s' uses it.", rm.id.Name(), r.id().Name())}}
				return e
			}
		}
	}
	return nil
}
