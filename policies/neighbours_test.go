package policies_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest"
)

var update = flag.Bool("update", false, "write docs/neighbours.md anew")

// neighboursPage is written by TestOursIsAheadOfPublishedFailoverPolicies with -update.
const neighboursPage = "../docs/neighbours.md"

// rival is a way to fail over. The published ones are written anew from their rules: which answers are retried and how often, how
// long an attempt may take, and what opens a breaker.
type rival struct {
	name, rules string
	// retries is the condition of the retry; empty is the project's own policy.
	retries string
	count   int
	timeout int
	breaker policytest.Breaker
}

var rivals = []rival{
	{name: "ours", rules: "docs/decisions/0004"},
	{
		name: "AI-Gateway labs", rules: "backend-pool-load-balancing: 429 and 503 retried twice; breaker on 429",
		retries: `context.Response != null && (context.Response.StatusCode == 429 || context.Response.StatusCode == 503)`, count: 2, timeout: 300,
		breaker: policytest.Breaker{Count: 1, Interval: 5 * time.Minute, Trip: time.Minute, AcceptRetryAfter: true, Statuses: []string{"429"}},
	},
	{
		name: "AI hub gateway", rules: "citadel v1: 429 and 503 retried twice; breaker on three of 429, 500 to 503 in five minutes",
		retries: `context.Response != null && (context.Response.StatusCode == 429 || context.Response.StatusCode == 503)`, count: 2, timeout: 300,
		breaker: policytest.Breaker{Count: 3, Interval: 5 * time.Minute, Trip: time.Minute, AcceptRetryAfter: true, Statuses: []string{"429", "500-503"}},
	},
	{
		name: "Apim-Samples", rules: "inference-failover: 408, 409 with Retry-After, 429, 499, 500, 502 to 504 and no answer retried twice, 60 s an attempt; breaker on one of them",
		retries: `context.Response == null || new [] { 408, 429, 499, 500, 502, 503, 504 }.Contains(context.Response.StatusCode) || context.Response.StatusCode == 409 && context.Response.Headers.ContainsKey("Retry-After")`,
		count:   2, timeout: 60,
		breaker: policytest.Breaker{Count: 1, Interval: time.Minute, Trip: time.Minute, AcceptRetryAfter: true, Statuses: []string{"408", "429", "499-500", "502-504"}},
	},
}

// open puts two accounts behind the rival's policy: sweden, and france for when sweden is out.
func (r rival) open(t *testing.T, engine *policytest.Engine) *policytest.Gateway {
	t.Helper()
	pool := []policytest.Member{{Account: "sweden", Priority: 1}, {Account: "france", Priority: 2}}
	if r.retries == "" {
		s, err := engine.Project(t.Context(), policytest.Facts{Pools: map[string][]policytest.Member{"gpt-4o": pool}})
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, s.Close()) })
		return s
	}
	own := policytest.Own{Path: "openai", KeyRequired: true, KeyHeader: "Api-Key", Backends: map[string]policytest.Backend{
		"sweden": {URL: "https://sweden.test", Breaker: &r.breaker}, "france": {URL: "https://france.test", Breaker: &r.breaker}, "pool": {Pool: pool},
	}}
	s, err := engine.Own(t.Context(), own, map[string]string{"api.xml": fmt.Sprintf(`<policies><inbound><base /></inbound><backend>
<retry condition="@(%s)" count="%d" interval="0" first-fast-retry="true"><set-backend-service backend-id="pool" />
<forward-request timeout="%d" buffer-request-body="true" buffer-response="false" /></retry></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`,
		strings.NewReplacer("&", "&amp;", `"`, "&quot;").Replace(r.retries), r.count, r.timeout)})
	require.NoError(t, err, r.name)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// send makes a chat, streamed or not.
func send(t *testing.T, s *policytest.Gateway, stream bool) policytest.Outcome {
	t.Helper()
	o, err := s.Call(t.Context(), policytest.Call{
		Request: "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", Key: "red",
		JSON: map[string]any{"stream": stream, "messages": []any{map[string]any{"role": "user", "content": "hi"}}},
	})
	require.NoError(t, err)
	return o
}

// lost are the ways in which one account can fail.
func lost() map[string]policytest.Answer {
	missing := `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`
	all := map[string]policytest.Answer{
		"404 DeploymentNotFound": {Status: http.StatusNotFound, Body: &missing}, "409 with Retry-After": {Status: http.StatusConflict, Headers: map[string]string{"Retry-After": "1"}},
		"silent": {Silent: true},
	}
	for _, status := range []int{401, 403, 408, 429, 499, 500, 502, 503, 504} {
		all[fmt.Sprint(status)] = policytest.Answer{Status: status}
	}
	for _, fault := range []string{"refused", "reset", "dns", "tls"} {
		all[fault] = policytest.Answer{Fault: fault}
	}
	return all
}

// row is one line of the table: a figure for each rival, where less is better.
type row struct {
	what string
	// note is printed below the table. behind lets a rival be ahead; the note then says why.
	note   string
	behind bool
	of     func(t *testing.T, r rival, open func() *policytest.Gateway) float64
}

var ok = policytest.Answer{}

// many is an answer that is given so often that it lasts.
func many(a policytest.Answer) policytest.Answer { a.Times = 1000; return a }

var rows = []row{
	{
		what: fmt.Sprintf("of %d faults of one account: those that reach a caller", len(lost())),
		note: "ours lets through the silent account of a call that is not streamed, because a long answer looks the same; failover.attemptSeconds ends that wait.",
		of: func(t *testing.T, _ rival, open func() *policytest.Gateway) float64 {
			reached := 0
			for _, answer := range lost() {
				s := open()
				s.Script("sweden", many(answer))
				if send(t, s, false).Status != http.StatusOK {
					reached++
				}
			}
			return float64(reached)
		},
	},
	{what: "a silent account: seconds that the first stream waits", of: func(t *testing.T, _ rival, open func() *policytest.Gateway) float64 {
		s := open()
		s.Script("sweden", many(policytest.Answer{Silent: true}))
		return send(t, s, true).Took.Seconds()
	}},
	{what: "a silent account: seconds that the next ten streams wait together", of: func(t *testing.T, _ rival, open func() *policytest.Gateway) float64 {
		s := open()
		s.Script("sweden", many(policytest.Answer{Silent: true}))
		send(t, s, true)
		waited := 0.0
		for range 10 {
			waited += send(t, s, true).Took.Seconds()
		}
		return waited
	}},
	{what: "every account takes 90 s: calls of 10 that get no answer", of: func(t *testing.T, _ rival, open func() *policytest.Gateway) float64 {
		s := open()
		s.Script("sweden", many(policytest.Answer{Slow: 90 * time.Second}))
		s.Script("france", many(policytest.Answer{Slow: 90 * time.Second}))
		return unanswered(t, s, 10, 0)
	}},
	{what: "one account out for ten minutes: calls of 300 that get no answer", of: func(t *testing.T, _ rival, open func() *policytest.Gateway) float64 {
		s := open()
		s.Script("sweden", many(policytest.Answer{Status: http.StatusBadGateway}))
		return unanswered(t, s, 300, 2*time.Second)
	}},
	{
		what:   "one account out for ten minutes: calls of 300 that are offered to it",
		behind: true,
		note:   "a breaker of ours closes after ten seconds, so that one odd 502 takes an account away for ten seconds and not for a minute; callers notice an attempt more, and no failure.",
		of: func(t *testing.T, _ rival, open func() *policytest.Gateway) float64 {
			s := open()
			s.Script("sweden", many(policytest.Answer{Status: http.StatusBadGateway}))
			offered := 0
			for range 300 {
				s.Clock.Advance(2 * time.Second)
				for _, seen := range send(t, s, false).Seen {
					if seen.Account == "sweden" {
						offered++
					}
				}
			}
			return float64(offered)
		},
	},
	{what: "a prompt that makes every model fail (500): calls of another team that get no answer in the minute after, of 10", of: func(t *testing.T, _ rival, open func() *policytest.Gateway) float64 {
		s := open()
		failed := `{"error":{"code":"model_error","message":"The model failed.","type":"server_error"}}`
		for _, account := range []string{"sweden", "france"} {
			s.Script(account, policytest.Answer{Status: http.StatusInternalServerError, Body: &failed}, many(ok))
		}
		send(t, s, false)
		return unanswered(t, s, 10, 5*time.Second)
	}},
	{what: "every account at its limit for 30 s: answers of 10 that do not say when to come again", of: func(t *testing.T, _ rival, open func() *policytest.Gateway) float64 {
		s := open()
		limited := many(policytest.Answer{Status: http.StatusTooManyRequests, Headers: map[string]string{"Retry-After": "30"}})
		s.Script("sweden", limited)
		s.Script("france", limited)
		silent := 0
		for range 10 {
			o := send(t, s, false)
			if o.Status != http.StatusTooManyRequests || o.Header.Get("Retry-After") == "" {
				silent++
			}
		}
		return float64(silent)
	}},
}

// unanswered is how many calls are not answered with 200.
func unanswered(t *testing.T, s *policytest.Gateway, calls int, apart time.Duration) float64 {
	t.Helper()
	failed := 0
	for range calls {
		s.Clock.Advance(apart)
		if send(t, s, false).Status != http.StatusOK {
			failed++
		}
	}
	return float64(failed)
}

func TestOursIsAheadOfPublishedFailoverPolicies(t *testing.T) {
	engine := newEngine(t)
	var table strings.Builder
	for _, r := range rows {
		var least float64
		fmt.Fprintf(&table, "| %s |", r.what)
		for i, rival := range rivals {
			figure := r.of(t, rival, func() *policytest.Gateway { return rival.open(t, engine) })
			if i == 0 {
				least = figure
			}
			if !r.behind {
				assert.LessOrEqual(t, least, figure, "%s: %s is ahead", r.what, rival.name)
			}
			fmt.Fprintf(&table, " %.4g |", figure)
		}
		table.WriteString("\n")
	}
	for _, r := range rows {
		if r.note != "" {
			fmt.Fprintf(&table, "\n%s: %s\n", strings.ToUpper(r.what[:1])+r.what[1:], r.note)
		}
	}
	page := neighboursHead() + table.String()
	if *update {
		require.NoError(t, os.WriteFile(neighboursPage, []byte(page), 0o600))
	}
	have, err := os.ReadFile(neighboursPage)
	require.NoError(t, err)
	assert.Equal(t, page, string(have), "run go test ./policies -run PublishedFailover -update, and read the difference")
}

func neighboursHead() string {
	var out strings.Builder
	out.WriteString("# Failover beside published policies\n\n<!-- Written by go test ./policies -run PublishedFailover -update. -->\n\n" +
		"Each policy serves two accounts, the second of a lower priority, in the embedded gateway, on a modelled clock. The published ones are\n" +
		"written anew from their rules as they were in August 2026; what they do beside failover is left out. Less is better in every row.\n\n")
	for _, r := range rivals[1:] {
		fmt.Fprintf(&out, "- **%s**, %s.\n", r.name, r.rules)
	}
	out.WriteString("\n| |")
	for _, r := range rivals {
		out.WriteString(" " + r.name + " |")
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(rivals)) + "\n")
	return out.String()
}
