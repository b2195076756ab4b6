package apim

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// nobodysHost is the answer to a call for a host name that is none of the service's. A service answers to its own names alone
// (Microsoft Learn: api-management/configure-custom-domain). Whether the answer is this one, which a path of no API gets, and that no
// row of the logs has the call, is unverified [M].
const nobodysHost = `{ "statusCode": 404, "message": "Resource not found" }`

func answerNobody(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(nobodysHost)))
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte(nobodysHost)) // the client went away, and with it the only reader of the error
}

// answersTo tells whether a Host header names the service.
func (s *Service) answersTo(host string) bool {
	if len(s.HostNames) == 0 {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return slices.Contains(s.HostNames, strings.ToLower(strings.TrimSuffix(host, ".")))
}
