package policies_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"enterprise-openai/policies/policytest"
)

// deadline is short enough for slow answers to meet it now and then.
const deadline = 60

// longestWait is the largest Retry-After that callers receive.
const longestWait = 60

// scene is one of the environments with random faults, and random calls to it.
type scene struct {
	facts   policytest.Facts
	scripts map[string][]policytest.Answer
	calls   []policytest.Call
}

func drawScene(t *rapid.T) scene {
	s := scene{scripts: map[string][]policytest.Answer{}, facts: rapid.SampledFrom(environments()).Draw(t, "environment")}
	for _, m := range s.facts.Pools["gpt-4o"] {
		s.scripts[m.Account] = rapid.SliceOfN(rapid.Custom(drawAnswer), 1, 6).Draw(t, "answers of "+m.Account)
	}
	s.calls = rapid.SliceOfN(rapid.Custom(drawCall), 1, 6).Draw(t, "calls")
	return s
}

// environments are pools of every size, whose accounts are equal, or come two by two, each with as many attempts as may be too few,
// enough or too many. They are few, because each is deployed and has its expressions compiled.
func environments() []policytest.Facts {
	var all []policytest.Facts
	for size := 1; size <= 4; size++ {
		for _, priority := range []func(i int) int{
			func(int) int { return 1 }, func(i int) int { return 1 + i/2 },
		} {
			f := policytest.Facts{MaxAttempts: 1 + len(all)%6, DeadlineSeconds: deadline, RetryAfterCapSeconds: longestWait}
			var members []policytest.Member
			for i := range size {
				members = append(members, policytest.Member{Account: "account" + strconv.Itoa(i), Priority: priority(i), Weight: 1 + (i+len(all))%3})
			}
			f.Pools = map[string][]policytest.Member{"gpt-4o": members, "small": members, "embed": members}
			all = append(all, f)
		}
	}
	return all
}

func drawAnswer(t *rapid.T) policytest.Answer {
	if rapid.IntRange(0, 5).Draw(t, "how") == 0 {
		return policytest.Answer{Fault: rapid.SampledFrom([]string{"refused", "reset", "dns", "tls"}).Draw(t, "fault")}
	}
	a := policytest.Answer{
		Status:  rapid.SampledFrom([]int{200, 200, 200, 400, 401, 403, 404, 408, 409, 413, 422, 429, 429, 429, 499, 500, 502, 503, 504}).Draw(t, "status"),
		Headers: map[string]string{},
		Slow:    rapid.SampledFrom([]time.Duration{0, 0, 0, time.Second, 25 * time.Second, 2 * deadline * time.Second}).Draw(t, "slow"),
	}
	if rapid.Bool().Draw(t, "with Retry-After") && a.Status != http.StatusOK {
		a.Headers["Retry-After"] = rapid.SampledFrom([]string{"0", "3", "70", "86400", "soon"}).Draw(t, "Retry-After")
	}
	if a.Status == http.StatusNotFound && rapid.Bool().Draw(t, "deployment missing") {
		a.Code = "DeploymentNotFound"
	}
	a.Cut = a.Status == http.StatusOK && rapid.IntRange(0, 4).Draw(t, "cut") == 0
	return a
}

func drawCall(t *rapid.T) policytest.Call {
	return policytest.Call{
		Wait: rapid.SampledFrom([]time.Duration{0, 0, 2 * time.Second, 11 * time.Second, time.Hour}).Draw(t, "wait"),
		Key:  rapid.SampledFrom([]string{"red", "blue"}).Draw(t, "team"),
		JSON: map[string]any{"messages": []any{}, "stream": rapid.Bool().Draw(t, "stream")},
	}
}

// property is what holds for every call, whatever backends do.
type property func(s scene, o policytest.Outcome) error

var properties = map[string]property{
	"429 is sent only if every attempt was answered 429": func(_ scene, o policytest.Outcome) error {
		for _, a := range o.Record.Attempts {
			if o.Status == http.StatusTooManyRequests && a.Status != http.StatusTooManyRequests {
				return fmt.Errorf("429 although %s answered %d %s", a.BackendID, a.Status, a.Reason)
			}
		}
		return nil
	},
	"429 and 503 say how long to wait, within the cap": func(s scene, o policytest.Outcome) error {
		if o.Status != http.StatusTooManyRequests && o.Status != http.StatusServiceUnavailable {
			return nil
		}
		if n, err := strconv.Atoi(o.Header.Get("Retry-After")); err != nil || n < 1 || n > s.facts.RetryAfterCapSeconds {
			return fmt.Errorf("Retry-After %q", o.Header.Get("Retry-After"))
		}
		return nil
	},
	"backends' refusals are never reported as the caller's": func(_ scene, o policytest.Outcome) error {
		if o.Status == http.StatusUnauthorized || o.Status == http.StatusForbidden {
			return fmt.Errorf("%d for a good key", o.Status)
		}
		return nil
	},
	"502 is sent only if every attempt was refused": func(_ scene, o policytest.Outcome) error {
		for _, a := range o.Record.Attempts {
			if o.Status == http.StatusBadGateway && a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
				return fmt.Errorf("502 although %s answered %d", a.BackendID, a.Status)
			}
		}
		return nil
	},
	"nothing is sent again once an answer has begun": func(_ scene, o policytest.Outcome) error {
		for i, a := range o.Record.Attempts {
			if a.Status == http.StatusOK && i != len(o.Record.Attempts)-1 {
				return fmt.Errorf("attempt %d was answered 200 and followed by another", i+1)
			}
		}
		return nil
	},
	"attempts stay within the budget": func(s scene, o policytest.Outcome) error {
		// One more than there are members, when they are called by name.
		if budget := min(s.facts.MaxAttempts, len(s.facts.Pools["gpt-4o"])+1); len(o.Seen) > budget {
			return fmt.Errorf("%d attempts, at most %d are allowed", len(o.Seen), budget)
		}
		return nil
	},
	"every attempt has the same body and the gateway's identity": func(_ scene, o policytest.Outcome) error {
		for _, seen := range o.Seen {
			if seen.Body != o.Seen[0].Body || seen.Header.Get("Api-Key") != "" || seen.Header.Get("Authorization") != "Bearer "+policytest.IdentityToken+"-for-https://cognitiveservices.azure.com" {
				return fmt.Errorf("%s saw %v and %q", seen.Account, seen.Header, seen.Body)
			}
		}
		return nil
	},
	"a call ends with its deadline": func(_ scene, o policytest.Outcome) error {
		// The deadline is in whole seconds, counted down from the whole seconds that have passed.
		if o.Took > (deadline+1)*time.Second {
			return fmt.Errorf("took %s", o.Took)
		}
		return nil
	},
	"errors have OpenAI's shape": func(_ scene, o policytest.Outcome) error {
		var body struct {
			Error struct{ Code, Message string }
		}
		if o.Status >= http.StatusBadRequest && !o.Cut && (json.Unmarshal([]byte(o.Body), &body) != nil || body.Error.Code == "" || body.Error.Message == "") {
			return fmt.Errorf("%d %q", o.Status, o.Body)
		}
		return nil
	},
	"what the gateway cannot serve it does not blame on the caller": func(_ scene, o policytest.Outcome) error {
		known := []int{200, 400, 404, 409, 413, 422, 429, 500, 502, 503}
		if !slices.Contains(known, o.Status) {
			return fmt.Errorf("status %d", o.Status)
		}
		return nil
	},
}

func TestWhateverBackendsDoTheContractHolds(t *testing.T) {
	engine := newEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		gateway, err := engine.Project(t.Context(), s.facts)
		require.NoError(t, err)
		defer gateway.Close()
		for account, answers := range s.scripts {
			gateway.Script(account, answers...)
		}
		for i, call := range s.calls {
			gateway.Clock.Advance(call.Wait)
			outcome, err := gateway.Call(t.Context(), call)
			require.NoError(t, err)
			for name, holds := range properties {
				if err := holds(s, outcome); err != nil {
					t.Errorf("call %d: %s: %v; attempts %v", i+1, name, err, outcome.Record.Attempts)
				}
			}
		}
	})
}
