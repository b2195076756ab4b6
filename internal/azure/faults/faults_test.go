package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/faults"
)

const (
	subscription = "11111111-2222-3333-4444-555555555555"
	group        = "/subscriptions/" + subscription + "/resourceGroups/rg"
	address      = group + "/providers/Microsoft.Network/publicIPAddresses/pip"
	groupType    = "Microsoft.Resources/resourceGroups"
	addressType  = "Microsoft.Network/publicIPAddresses"
)

// azure is an ARM behind a script.
type azure struct {
	*arm.Server
	script *faults.Script
	way    http.RoundTripper
	killed int
}

func newAzure(t *testing.T, rules ...faults.Rule) *azure {
	t.Helper()
	a := &azure{Server: arm.New(arm.Options{SubscriptionID: subscription})}
	var err error
	a.script, err = faults.New(rules...)
	require.NoError(t, err)
	a.way = a.script.Transport(a.Transport(), func() error { a.killed++; return nil })
	return a
}

func (a *azure) send(t *testing.T, method, id, body string) (*http.Response, error) {
	t.Helper()
	version := "2024-03-01"
	if strings.Contains(id, "Microsoft.Network") {
		version = "2024-05-01"
	}
	at := "https://management.azure.com" + id
	if !strings.Contains(id, "api-version") {
		at += "?api-version=" + version
	}
	r, err := http.NewRequestWithContext(context.Background(), method, at, strings.NewReader(body))
	require.NoError(t, err)
	return a.way.RoundTrip(r)
}

// status sends a request that is answered.
func (a *azure) status(t *testing.T, method, id, body string) (int, string) {
	t.Helper()
	resp, err := a.send(t, method, id, body)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

const (
	groupBody   = `{"location":"swedencentral"}`
	addressBody = `{"location":"swedencentral","sku":{"name":"Standard"},"properties":{"publicIPAllocationMethod":"Static"}}`
)

func (a *azure) exists(id string) bool { _, ok := a.Get(id); return ok }

func TestEveryFaultDoesWhatItSaysAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		rule   faults.Rule
		status int
		body   string
		err    error
		done   bool
		killed int
	}{
		"throttled": {faults.Rule{Fault: faults.Throttled}, 429, `"TooManyRequests"`, nil, false, 0},
		"refused": {
			faults.Rule{Fault: faults.Refused, Status: 400, Code: "InvalidParameters", Message: "no"}, 400,
			`{"code":"InvalidParameters","message":"no"}`, nil, false, 0,
		},
		"broken":       {faults.Rule{Fault: faults.Broken}, 500, `"InternalServerError"`, nil, false, 0},
		"timed out":    {faults.Rule{Fault: faults.TimedOut}, 0, "", os.ErrDeadlineExceeded, false, 0},
		"lost":         {faults.Rule{Fault: faults.Lost}, 0, "", syscall.ECONNRESET, true, 0},
		"killed":       {faults.Rule{Fault: faults.Killed}, 0, "", nil, false, 1},
		"killed after": {faults.Rule{Fault: faults.KilledAfter}, 0, "", nil, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAzure(t, c.rule)
			resp, err := a.send(t, http.MethodPut, group, groupBody)
			if c.status == 0 {
				require.Error(t, err)
				if c.err != nil {
					require.ErrorIs(t, err, c.err)
				}
			} else {
				require.NoError(t, err)
				text, readErr := io.ReadAll(resp.Body)
				require.NoError(t, errors.Join(readErr, resp.Body.Close()))
				assert.Equal(t, c.status, resp.StatusCode)
				assert.Contains(t, string(text), c.body)
			}
			assert.Equal(t, c.done, a.exists(group))
			assert.Equal(t, c.killed, a.killed)
			status, _ := a.status(t, http.MethodPut, group, groupBody)
			assert.Less(t, status, 300, "the next request is broken too")
		})
	}
}

func TestOnlyAThrottledRequestIsToldWhenToComeAgain(t *testing.T) {
	a := newAzure(t, faults.Rule{Fault: faults.Throttled, RetryAfter: 90 * time.Second})
	resp, err := a.send(t, http.MethodPut, group, groupBody)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, "90", resp.Header.Get("Retry-After"))
	for _, kind := range []faults.Kind{faults.Refused, faults.Broken} {
		resp, err := newAzure(t, faults.Rule{Fault: kind}).send(t, http.MethodPut, group, groupBody)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.NotContains(t, resp.Header, "Retry-After", kind)
	}
}

func TestAnOperationThatFailsLeavesTheResourceHalfMade(t *testing.T) {
	a := newAzure(t, faults.Rule{Fault: faults.Failed, Code: "AllocationFailed", Message: "no room"})
	status, _ := a.status(t, http.MethodPut, group, groupBody)
	assert.Equal(t, 201, status, "what is done at once cannot fail later")
	resp, err := a.send(t, http.MethodPut, address, addressBody)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 201, resp.StatusCode)
	_, operation, _ := strings.Cut(resp.Header.Get("Azure-AsyncOperation"), "management.azure.com")
	_, text := a.status(t, http.MethodGet, operation, "")
	var answer struct {
		Status string
		Error  struct{ Code, Message string }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &answer))
	assert.Equal(t, "Failed", answer.Status)
	assert.Equal(t, "AllocationFailed", answer.Error.Code)
	half, ok := a.Get(address)
	require.True(t, ok)
	assert.Equal(t, "Failed", half.Body["properties"].(map[string]any)["provisioningState"])
}

func TestAnOperationThatIsStuckNeverSaysThatItIsDone(t *testing.T) {
	a := newAzure(t, faults.Rule{Fault: faults.Stuck, Type: addressType})
	a.status(t, http.MethodPut, group, groupBody)
	resp, err := a.send(t, http.MethodPut, address, addressBody)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	for _, header := range []string{"Azure-AsyncOperation", "Location"} {
		_, operation, _ := strings.Cut(resp.Header.Get(header), "management.azure.com")
		_, text := a.status(t, http.MethodGet, operation, "")
		assert.JSONEq(t, `{"status":"InProgress"}`, text)
	}
}

func TestARuleBreaksOnlyWhatItMatches(t *testing.T) {
	for name, c := range map[string]struct {
		rule faults.Rule
		want []int // of PUT, GET, PUT, DELETE
	}{
		"every write":          {faults.Rule{Count: 9}, []int{400, 404, 400, 400}},
		"one method":           {faults.Rule{Method: "GET"}, []int{201, 400, 200, 200}},
		"the second":           {faults.Rule{Nth: 2}, []int{201, 200, 400, 200}},
		"another type":         {faults.Rule{Type: addressType, Count: 9}, []int{201, 200, 200, 200}},
		"its type":             {faults.Rule{Type: "microsoft.resources/RESOURCEGROUPS"}, []int{400, 404, 201, 200}},
		"another name":         {faults.Rule{Name: "rg?"}, []int{201, 200, 200, 200}},
		"its name":             {faults.Rule{Name: "R*"}, []int{400, 404, 201, 200}},
		"the second and third": {faults.Rule{Nth: 2, Count: 2}, []int{201, 200, 400, 400}},
	} {
		t.Run(name, func(t *testing.T) {
			c.rule.Fault = faults.Refused
			c.rule.Status = 400
			a := newAzure(t, c.rule)
			var got []int
			for _, method := range []string{http.MethodPut, http.MethodGet, http.MethodPut, http.MethodDelete} {
				status, _ := a.status(t, method, group, groupBody)
				got = append(got, status)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestWrongRulesAreRefusedTogetherAndTheOldOnesStay(t *testing.T) {
	a := newAzure(t, faults.Rule{Fault: faults.Lost})
	err := a.script.Set(faults.Rule{Fault: faults.Refused, Nth: -1}, faults.Rule{Fault: faults.Broken, Count: -1}, faults.Rule{Fault: "lots"})
	for _, problem := range []string{"nth: -1 is less than 1", "count: -1 is less than 1", `fault: "lots" is none`} {
		require.ErrorContains(t, err, problem)
	}
	_, err = a.send(t, http.MethodPut, group, groupBody)
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

func TestARuleCanCountForEveryResourceOnItsOwn(t *testing.T) {
	a := newAzure(t, faults.Rule{Fault: faults.Lost, Each: true})
	for _, id := range []string{group, group + "2"} {
		_, err := a.send(t, http.MethodPut, id, groupBody)
		require.ErrorIs(t, err, syscall.ECONNRESET)
		status, _ := a.status(t, http.MethodPut, id, groupBody)
		assert.Equal(t, 200, status)
	}
}

func TestWhatFaultsDidIsToldWithWhatItCost(t *testing.T) {
	a := newAzure(t, faults.Rule{Fault: faults.Throttled, Count: 2, Line: 4}, faults.Rule{Fault: faults.Lost, Type: addressType})
	for range 2 {
		resp, err := a.send(t, http.MethodPut, group, groupBody)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		a.script.Retried(resp, err, 10*time.Second)
	}
	a.status(t, http.MethodPut, group, groupBody)
	other, err := a.Transport().RoundTrip(httpGet(t, group))
	require.NoError(t, err)
	require.NoError(t, other.Body.Close())
	a.script.Retried(other, nil, time.Hour) // no fault of the script's
	var told []string
	for _, o := range a.script.Outcomes() {
		told = append(told, o.String())
	}
	assert.Equal(t, []string{
		"line 4, throttled: PUT " + groupType + " rg, PUT " + groupType + " rg; 2 retried, after 20s",
		"lost: never matched",
	}, told)

	_, err = a.send(t, http.MethodPut, address, addressBody)
	require.Error(t, err)
	a.script.Retried(nil, err, 20*time.Second)
	assert.Equal(t, "lost: PUT "+addressType+" pip; 1 retried, after 20s", a.script.Outcomes()[1].String())
}

func httpGet(t *testing.T, id string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://management.azure.com"+id+"?api-version=2024-03-01", nil)
	require.NoError(t, err)
	return r
}
