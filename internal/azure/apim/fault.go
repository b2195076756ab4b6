package apim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Reasons of LastError (Microsoft Learn: api-management-error-handling-policies).
const (
	reasonOperationNotFound = "OperationNotFound"
	reasonKeyNotFound       = "SubscriptionKeyNotFound"
	reasonKeyInvalid        = "SubscriptionKeyInvalid"
	reasonClientFailure     = "ClientConnectionFailure"
	reasonBackendFailure    = "BackendConnectionFailure"
	reasonTimeout           = "Timeout"
	reasonExpression        = "ExpressionValueEvaluationFailure"
	reasonRateLimit         = "RateLimitExceeded"
	reasonQuota             = "QuotaExceeded"
	// [M] unverified: the page names no reason for these.
	reasonBackendUnavailable = "BackendUnavailable"
	reasonTokenLimit         = "TokenLimitExceeded"
	reasonTokenQuota         = "TokenQuotaExceeded"
	reasonConcurrency        = "ConcurrencyLimitExceeded"
	reasonIdentity           = "ManagedIdentityFailure"
	reasonContentSafety      = "RequestBlocked"
	reasonErrorStatus        = "ErrorStatusCode"
)

// fault is an error that sends a call to on-error.
type fault struct {
	last   LastError
	status int
	// statusText is the reason phrase where it is not the usual one.
	statusText string
	// message is the caller's message where it is not LastError's.
	message string
	header  http.Header
	// response is what the caller gets instead of the default body.
	response *Response
	// disclosed faults show their message to the caller; others are an
	// "Internal server error" with an activity id.
	disclosed bool
	// transport is true for a backend that gave no answer: retry looks at it.
	transport bool
	cause     error
}

// Error is for logs and tests.
func (f *fault) Error() string {
	return fmt.Sprintf("%s: %s: %s", f.last.Source, f.last.Reason, f.last.Message)
}

// Unwrap gives the cause.
func (f *fault) Unwrap() error { return f.cause }

// refuse makes the fault of a policy that turns a caller away.
func refuse(status int, reason, message string) *fault {
	return &fault{status: status, disclosed: true, last: LastError{Reason: reason, Message: message}}
}

// broken makes the fault of something that did not work; the caller sees no more
// than that (500 Internal server error).
func broken(reason string, cause error) *fault {
	return &fault{status: http.StatusInternalServerError, cause: cause, last: LastError{Reason: reason, Message: cause.Error()}}
}

// errStop ends the pipeline: the response is ready
// (Microsoft Learn: return-response-policy, mock-response-policy).
var errStop = errors.New("response returned")

func (x *call) expressionFailed(cause error) *fault {
	f := broken(reasonExpression, cause)
	f.last.Message = "Expression evaluation failed. " + cause.Error()
	return f
}

// asFault turns any error of a step into a fault.
func asFault(err error) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	return broken("InternalError", err)
}

// locate notes where a fault happened, unless an inner step did already.
func (x *call) locate(err error, s *step) error {
	if errors.Is(err, errStop) {
		return err
	}
	f := asFault(err)
	if f.last.Section != "" {
		return f
	}
	if f.last.Source == "" {
		f.last.Source = s.name
	}
	f.last.Path, f.last.PolicyID = s.meta.path, s.meta.id
	f.last.Scope, f.last.Section = s.meta.scope.String(), s.meta.section.String()
	return f
}

// defaultResponse is what a caller gets when no policy says otherwise. The
// spaces in the bodies are Azure's.
func (x *call) defaultResponse(f *fault) *Response {
	if f.response != nil {
		return f.response
	}
	header := http.Header{"Content-Type": {"application/json"}}
	var body string
	if f.disclosed {
		message := f.message
		if message == "" {
			message = f.last.Message
		}
		body = fmt.Sprintf(`{ "statusCode": %d, "message": %s }`, f.status, quoted(message))
	} else {
		body = fmt.Sprintf(`{ "statusCode": %d, "message": "Internal server error", "activityId": %s }`, f.status, quoted(x.RequestID))
	}
	for k, v := range f.header {
		header[k] = v
	}
	r := NewResponse(f.status, header, []byte(body))
	if f.statusText != "" {
		r.Reason = f.statusText
	}
	return r
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}
