package apim_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"enterprise-openai/internal/azure/apim/apimtest"
)

func TestUnderAnyFaultsTheCallerGetsTheLastAnswerWithinTheBudget(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		retries := rapid.IntRange(1, 5).Draw(r, "retries")
		run := apimtest.RunT(t, pooled(retries), retryable)
		type fault struct {
			status int
			wait   string
		}
		for _, host := range []string{"a.test", "b.test", "c.test"} {
			var script []apimtest.Handler
			for i := range rapid.IntRange(1, 4).Draw(r, host) {
				f := fault{rapid.SampledFrom([]int{0, 200, 400, 429, 500, 503}).Draw(r, "status"), fmt.Sprint(rapid.IntRange(0, 90).Draw(r, "wait"))}
				if f.status == 0 {
					script = append(script, apimtest.Fail("reset"))
					continue
				}
				script = append(script, apimtest.Respond(f.status, fmt.Sprintf("%s %d", host, i), "Retry-After", f.wait))
			}
			run.Backends.On(host, script...)
		}
		for call := range rapid.IntRange(1, 4).Draw(r, "calls") {
			before := len(run.Backends.Seen())
			got := run.Do("POST", "/echo/things/1", "the body")
			rec := run.Records.Wait(call + 1)[call]
			seen := run.Backends.Seen()[before:]
			if len(seen) > retries+1 {
				r.Fatalf("%d attempts with %d retries", len(seen), retries)
			}
			if len(seen) != len(rec.Attempts) {
				r.Fatalf("%d attempts were made and %d recorded", len(seen), len(rec.Attempts))
			}
			for i, s := range seen {
				if s.Body != "the body" {
					r.Fatalf("attempt %d sent %q", i, s.Body)
				}
				last := i == len(seen)-1
				if a := rec.Attempts[i]; !last && a.Reason == "" && a.Status != 429 && a.Status != 503 {
					r.Fatalf("status %d was retried", a.Status)
				}
			}
			exhausted := rec.LastError != nil && rec.LastError.Reason == "BackendUnavailable"
			switch {
			case exhausted && got.Status != 503:
				r.Fatalf("a pool without members answered %d", got.Status)
			case !exhausted && len(seen) > 0 && rec.Attempts[len(seen)-1].Reason == "" && got.Status != rec.Attempts[len(seen)-1].Status:
				r.Fatalf("the last attempt ended in %d, the caller got %d", rec.Attempts[len(seen)-1].Status, got.Status)
			}
		}
	})
}
