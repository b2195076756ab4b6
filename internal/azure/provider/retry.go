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

// retryDelays are the provider's: azcore's three retries, with a base of 20 s and a ceiling of 120 s.
var retryDelays = []time.Duration{20 * time.Second, 60 * time.Second, 120 * time.Second}

// retryStatus are the statuses that azcore retries by default.
var retryStatus = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// retrier is the pipeline's retry policy.
type retrier struct {
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
		if after, ok := retryAfter(resp); ok {
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

func retryAfter(resp *http.Response) (time.Duration, bool) {
	if resp == nil {
		return 0, false
	}
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	return time.Duration(seconds) * time.Second, err == nil && seconds > 0
}
