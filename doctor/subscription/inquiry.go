package subscription

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"enterprise-openai/doctor"
)

// inquiry is one run.
type inquiry struct {
	*clients
	options     Options
	environment *doctor.Environment
	answer      doctor.Answer

	standing standing
	// offers are the models of each region that could be read.
	offers map[string][]offer
	// deleted are the soft-deleted names that were found, in lower case.
	deleted map[string]bool
}

func newInquiry(e *doctor.Environment, c *clients, o Options) *inquiry {
	return &inquiry{
		clients: c, options: o, environment: e,
		answer: doctor.Answer{Subscription: o.ID, Quota: doctor.Needs(e)},
		offers: map[string][]offer{}, deleted: map[string]bool{},
	}
}

// find notes a finding about settings.
func (q *inquiry) find(check string, severity doctor.Severity, message, remedy string, paths ...string) {
	q.answer.Findings = append(q.answer.Findings, doctor.Finding{
		Check: check, Severity: severity, Settings: q.environment.Places(paths...), Message: message, Remedy: remedy,
	})
}

// blind notes what could not be seen. The action is what Azure's roles call the permission to look.
func (q *inquiry) blind(what, action string, err error) {
	q.answer.NotChecked = append(q.answer.NotChecked, fmt.Sprintf("%s: %s.", what, q.why(err, action)))
}

// why is one sentence about why Azure did not answer.
func (q *inquiry) why(err error, action string) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("Azure did not answer within %s; try again", q.options.Patience)
	}
	var refused *azcore.ResponseError
	if !errors.As(err, &refused) {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return first
	}
	switch refused.StatusCode {
	case http.StatusForbidden, http.StatusUnauthorized:
		return fmt.Sprintf("the login may not look (%s); it needs %s, which role Contributor has", code(refused), action)
	case http.StatusTooManyRequests:
		return "Azure throttles, also after asking again; try again in a few minutes"
	case http.StatusConflict:
		if refused.ErrorCode == "MissingSubscriptionRegistration" {
			return "its resource provider is not registered"
		}
	}
	return fmt.Sprintf("Azure answered %d %s", refused.StatusCode, code(refused))
}

func code(e *azcore.ResponseError) string {
	if e.ErrorCode == "" {
		return http.StatusText(e.StatusCode)
	}
	return e.ErrorCode
}

// missing is true if Azure answered that the resource does not exist. Resource Manager answers 404 to an API version or a subscription that it does
// not know too, and then nothing is known about the resource (Azure/azure-sdk-for-js issue 15460).
func missing(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound &&
		refused.ErrorCode != "InvalidResourceType" && refused.ErrorCode != "SubscriptionNotFound"
}

// limited is a context that ends with the patience for one question.
func (q *inquiry) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, q.options.Patience)
}

// once makes one call with the timeout that is set.
func once[T any](ctx context.Context, q *inquiry, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := q.limited(ctx)
	defer cancel()
	return call(ctx)
}

// pages reads a list to its end.
func pages[T any](ctx context.Context, q *inquiry, pager *runtime.Pager[T], each func(T)) error {
	ctx, cancel := q.limited(ctx)
	defer cancel()
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return err
		}
		each(page)
	}
	return nil
}

// value is what a pointer of the SDK points to; it uses them for everything that may be absent.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
