package provider

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
)

func TestOnlyWhatAzcoreRetriesIsRetried(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		code   string
		after  string
		want   []time.Duration
	}{
		"server error":      {500, "InternalServerError", "", retryDelays},
		"throttled":         {429, "TooManyRequests", "", retryDelays},
		"told when":         {503, "ServiceUnavailable", "7", []time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second}},
		"another operation": {409, "AnotherOperationInProgress", "", retryDelays},
		"a second child of an account, at the same time": {409, "RequestConflict", "", nil},
		"two writes under one API":                       {409, "PessimisticConcurrencyConflict", "", nil},
		"the service is busy":                            {409, "ServiceLocked", "", nil},
		"an identity that is not yet known":              {400, "PrincipalNotFound", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.azure.answer = func(method, _ string, _ int) *http.Response {
				if method != http.MethodPut {
					return nil
				}
				resp := refuse(c.status, c.code, "no")
				resp.Header.Set("Retry-After", c.after)
				return resp
			}
			_, _, err := f.create(groupToken, props{"resourceGroupName": "rg", "location": "l"})
			assert.ErrorContains(t, err, c.code)
			assert.Equal(t, c.want, f.waited)
			assert.Equal(t, 1+len(c.want), f.azure.count("PUT"))
		})
	}
}

func TestAWaitIsReadAsAzcoreReadsIt(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	three := func(d time.Duration) []time.Duration { return []time.Duration{d, d, d} }
	for name, c := range map[string]struct {
		header map[string]string
		want   []time.Duration
	}{
		"seconds":                             {map[string]string{"Retry-After": "7"}, three(7 * time.Second)},
		"a date":                              {map[string]string{"Retry-After": "Sun, 29 Nov 2026 12:01:30 GMT"}, three(90 * time.Second)},
		"a date that is over":                 {map[string]string{"Retry-After": "Sun, 29 Nov 2026 11:59:00 GMT"}, retryDelays},
		"milliseconds":                        {map[string]string{"retry-after-ms": "1500"}, three(1500 * time.Millisecond)},
		"milliseconds of Microsoft's own":     {map[string]string{"x-ms-retry-after-ms": "250"}, three(250 * time.Millisecond)},
		"milliseconds before seconds":         {map[string]string{"Retry-After": "7", "retry-after-ms": "30"}, three(30 * time.Millisecond)},
		"what is no number":                   {map[string]string{"Retry-After": "soon"}, retryDelays},
		"a fraction is no number":             {map[string]string{"Retry-After": "1.5"}, retryDelays},
		"none":                                {map[string]string{"Retry-After": "0"}, retryDelays},
		"as long as the provider waits":       {map[string]string{"Retry-After": "120"}, three(120 * time.Second)},
		"longer than the provider waits":      {map[string]string{"Retry-After": "121"}, nil},
		"a date further off than it waits":    {map[string]string{"Retry-After": "Sun, 29 Nov 2026 12:02:01 GMT"}, nil},
		"milliseconds longer than it waits":   {map[string]string{"x-ms-retry-after-ms": "120001"}, nil},
		"what is no number, and milliseconds": {map[string]string{"retry-after-ms": "x", "x-ms-retry-after-ms": "40"}, three(40 * time.Millisecond)},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			var waited []time.Duration
			f.client = newClient(f.azure, func() time.Time { return now },
				func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil },
				func(*http.Response, error, time.Duration) {})
			f.azure.answer = func(method, _ string, _ int) *http.Response {
				if method != http.MethodPut {
					return nil
				}
				resp := refuse(429, "TooManyRequests", "no")
				for key, value := range c.header {
					resp.Header.Set(key, value)
				}
				return resp
			}
			_, _, err := f.create(groupToken, props{"resourceGroupName": "rg", "location": "l"})
			assert.ErrorContains(t, err, "TooManyRequests")
			assert.Equal(t, c.want, waited)
			assert.Equal(t, 1+len(c.want), f.azure.count("PUT"))
		})
	}
}

func TestARetryThatSucceedsIsNotNoticed(t *testing.T) {
	f := newFixture(t)
	f.azure.answer = func(method, _ string, attempt int) *http.Response {
		if method == http.MethodPut && attempt < 3 {
			return refuse(500, "InternalServerError", "no")
		}
		return nil
	}
	_, outputs, err := f.create(groupToken, props{"resourceGroupName": "rg", "location": "l"})
	assert.NoError(t, err)
	assert.Equal(t, "l", outputs["location"], "the body was sent again")
}

func TestEveryRetryIsToldWithItsCauseAndItsWait(t *testing.T) {
	f := newFixture(t)
	var told []string
	f.client = newClient(f.azure, time.Now, func(context.Context, time.Duration) error { return nil },
		func(resp *http.Response, err error, after time.Duration) {
			told = append(told, fmt.Sprint(resp.StatusCode, err, after))
		})
	f.azure.answer = func(method, _ string, attempt int) *http.Response {
		if method == http.MethodPut && attempt < 3 {
			return refuse(500, "InternalServerError", "no")
		}
		return nil
	}
	_, _, err := f.create(groupToken, props{"resourceGroupName": "rg", "location": "l"})
	assert.NoError(t, err)
	assert.Equal(t, []string{"500 <nil> 20s", "500 <nil> 1m0s"}, told)
}

func TestWhatAKilledEngineLeftInFlightHasEndedWhenItIsAbandoned(t *testing.T) {
	f := newFixture(t)
	waiting, ended := make(chan struct{}), make(chan error, 1)
	f.client = newClient(f.azure, time.Now, func(ctx context.Context, _ time.Duration) error {
		close(waiting)
		<-ctx.Done() // as long as the run goes on
		return ctx.Err()
	}, func(*http.Response, error, time.Duration) {})
	f.azure.answer = func(string, string, int) *http.Response { return refuse(500, "InternalServerError", "no") }
	go func() {
		_, err := f.Create(context.Background(), &pulumirpc.CreateRequest{
			Urn: urnOf(groupToken, "x"), Properties: wire(t, props{"resourceGroupName": "rg", "location": "l"}),
		})
		ended <- err
	}()
	<-waiting
	f.Abandon()
	f.mu.Lock()
	left := f.inFlight
	f.mu.Unlock()
	assert.Zero(t, left)
	assert.ErrorIs(t, <-ended, context.Canceled)
	f.azure.answer = nil
	_, _, err := f.create(groupToken, props{"resourceGroupName": "rg", "location": "l"})
	assert.NoError(t, err, "the next engine finds a provider that works")
}
