package provider

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// retryCeiling is the provider's MaxRetryDelay. An answer that asks for more is not tried again at all (azcore
// runtime/policy_retry.go: "the retry-after delay exceeds the cap so don't retry").
const retryCeiling = 120 * time.Second

// retryDelays are the provider's: azcore's three retries, with a base of 20 s and a ceiling of 120 s.
var retryDelays = []time.Duration{20 * time.Second, 60 * time.Second, 120 * time.Second}

// retryStatus are the statuses that azcore retries by default.
var retryStatus = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// retrier is the pipeline's retry policy.
type retrier struct {
	now     func() time.Time
	wait    func(context.Context, time.Duration) error
	retried func(resp *http.Response, err error, after time.Duration)
}

// Do sends a request up to four times.
func (r retrier) Do(req *policy.Request) (*http.Response, error) {
	ctx := req.Raw().Context()
	for attempt := 0; ; attempt++ {
		if err := req.RewindBody(); err != nil {
			return nil, err
		}
		resp, err := req.Clone(ctx).Next()
		if attempt == len(retryDelays) || ctx.Err() != nil || !retryable(resp, err) {
			return resp, err
		}
		delay := retryDelays[attempt]
		if after := retryAfter(resp, r.now()); after > retryCeiling {
			return resp, err
		} else if after > 0 {
			delay = after
		}
		r.retried(resp, err, delay)
		if resp != nil {
			runtime.Drain(resp)
		}
		if err := r.wait(ctx, delay); err != nil {
			return nil, err
		}
	}
}

// retryable: of all conflicts only AnotherOperationInProgress is worth waiting for. RequestConflict (a second child of an
// OpenAI account), PessimisticConcurrencyConflict and ServiceLocked (API Management) are not retried: a program has to
// order such resources itself.
func retryable(resp *http.Response, err error) bool {
	if err != nil {
		return true
	}
	if slices.Contains(retryStatus, resp.StatusCode) {
		return true
	}
	if resp.StatusCode != http.StatusConflict {
		return false
	}
	var full *azcore.ResponseError
	return errors.As(runtime.NewResponseError(resp), &full) && full.ErrorCode == "AnotherOperationInProgress"
}

// waitHeaders are read in this order, the first that says something counts (azcore internal/shared: RetryAfter).
var waitHeaders = []struct {
	name string
	unit time.Duration
}{{"Retry-After-Ms", time.Millisecond}, {"X-Ms-Retry-After-Ms", time.Millisecond}, {headerRetryAfter, time.Second}}

const headerRetryAfter = "Retry-After"

// retryAfter is how long an answer asks to wait; zero when it does not say.
func retryAfter(resp *http.Response, now time.Time) time.Duration {
	if resp == nil {
		return 0
	}
	for _, header := range waitHeaders {
		value := resp.Header.Get(header.name)
		if count, err := strconv.Atoi(value); err == nil && count > 0 {
			return time.Duration(count) * header.unit
		}
		if header.name != headerRetryAfter {
			continue
		}
		if at, err := time.Parse(time.RFC1123, value); err == nil && at.After(now) {
			return at.Sub(now)
		}
	}
	return 0
}
