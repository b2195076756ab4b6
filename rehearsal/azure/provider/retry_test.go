package provider

import (
	"net/http"
	"testing"
	"time"

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
