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
	f.client = newClient(f.azure, func(context.Context, time.Duration) error { return nil },
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
	f.client = newClient(f.azure, func(ctx context.Context, _ time.Duration) error {
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
