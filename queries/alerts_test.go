package queries_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/queries"
)

func TestEveryAlertSaysWhatItAsksAndWhen(t *testing.T) {
	all := queries.Alerts()
	require.Len(t, all, 7)
	for _, a := range all {
		assert.NotEmpty(t, a.Title, a.Name)
		assert.NotEmpty(t, a.Answers, a.Name)
		assert.Contains(t, []queries.Flavour{queries.Messages, queries.Any}, a.Flavour, a.Name)
		assert.True(t, a.Severity >= 0 && a.Severity <= 4, a.Name)
		assert.Regexp(t, `^PT\d+[MH]$`, a.Every, a.Name)
		assert.Regexp(t, `^PT\d+[MH]$`, a.Window, a.Name)
		assert.Contains(t, []string{"", "P2D"}, a.LooksBack, a.Name)
		assert.NotEmpty(t, a.Dimensions, a.Name)
		for _, need := range a.Needs {
			assert.Contains(t, a.Text, "let "+need+" = datatable(", a.Name)
		}
		// A portal that sees ago() makes the rule look back for two days.
		assert.NotContains(t, a.Text, "ago(", a.Name)
	}
}

func TestEveryAlertBindsToTheWorkspacesTables(t *testing.T) {
	for _, a := range queries.Alerts() {
		found, err := engine.Check(limited(t), a.Name+".kql", a.Text)
		require.NoError(t, err)
		assert.Empty(t, found, a.Name)
	}
}

func TestAnUnknownAlertIsToldTheKnownOnes(t *testing.T) {
	_, err := queries.FindAlert("quotas")
	assert.ErrorContains(t, err, "quota")
}

// many are visits a minute apart, the last one at a clock of today's.
func many(n int, clock string, v visit) []visit {
	end := at("11", clock)
	out := make([]visit, n)
	for i := range out {
		out[i] = v
		out[i].id = fmt.Sprintf("%s%d", v.id, i)
		out[i].day, out[i].clock = "11", end.Add(time.Duration(i+1-n)*time.Minute).Format("15:04")
	}
	return out
}

// left is what an answer reports of the quota.
func left(tokens string) func(*apim.CallRecord) {
	return func(r *apim.CallRecord) {
		r.ResponseHeaders = http.Header{"x-gateway-remaining-quota-tokens": {tokens}}
	}
}

func withoutMessages(r *apim.CallRecord) { r.LLM.Request, r.LLM.Response = "", "" }

// The same calls with and without what an alert is about; now is noon.
var (
	moved       = visit{"m", "", "", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north", "west"}, []int{500, 200}, 200, 10, 5, nil}
	spilled     = visit{"s", "", "", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north", "west"}, []int{429, 200}, 200, 10, 5, nil}
	refusedOnce = visit{"l", "", "", "red-standard", "standard", "203.0.113.7", "gpt-4o", nil, nil, 429, 0, 0, refused("llm-token-limit", "TokenLimitExceeded")}
	full        = visit{"f", "", "", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north", "west"}, []int{429, 429}, 429, 0, 0, nil}
	plain       = visit{"p", "", "", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north"}, []int{200}, 200, 10, 5, nil}
)

// abandoned is a call whose client hung up while an account worked on it: billed, and in no log of tokens.
var abandoned = visit{"h", "", "", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north"}, []int{200}, 0, 10, 5, hungUp}

func hungUp(r *apim.CallRecord) {
	r.IsSuccess, r.LLM, r.BackendResponseBody, r.Metrics = false, nil, "", nil
	r.LastError = &apim.LastError{Source: "forward-request", Reason: "ClientConnectionFailure", Message: "hung up", Section: "backend", Scope: "api"}
}

func changed(v visit, change func(*visit)) visit {
	change(&v)
	return v
}

func TestAlertsFireOnTheirCauseAndOnNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		alert     string
		threshold float64
		visits    []visit
		fired     []logs.Fired
	}{
		"calls that left a region":          {"regional-failover", 3, many(3, "11:59", moved), []logs.Fired{{Dimensions: []string{"gpt-4o"}, Value: 3}}},
		"too few of them":                   {"regional-failover", 3, many(2, "11:59", moved), nil},
		"as many, a quarter of an hour ago": {"regional-failover", 3, many(3, "11:44", moved), nil},
		"calls that left a full account":    {"regional-failover", 3, many(9, "11:59", spilled), nil},
		"calls that nobody could answer":    {"regional-failover", 3, many(3, "11:59", changed(moved, func(v *visit) { v.answers, v.status, v.prompt = []int{500, 503}, 503, 0 })), []logs.Fired{{Dimensions: []string{"gpt-4o"}, Value: 3}}},
		"refusals for minutes, by cause":    {"throttling", 5, append(many(5, "11:59", refusedOnce), many(6, "11:59", full)...), []logs.Fired{{Dimensions: []string{"the models: every account at its limit"}, Value: 6}, {Dimensions: []string{"tokens per minute"}, Value: 5}}},
		"two causes, neither for long":      {"throttling", 5, append(many(4, "11:59", refusedOnce), many(4, "11:59", full)...), nil},
		"many refusals in one minute":       {"throttling", 5, append(append(append(many(2, "11:59", refusedOnce), many(2, "11:59", changed(refusedOnce, func(v *visit) { v.id = "x" }))...), many(2, "11:59", changed(refusedOnce, func(v *visit) { v.id = "y" }))...), many(2, "11:59", changed(refusedOnce, func(v *visit) { v.id = "z" }))...), nil},
		"a quota that is nearly gone":       {"quota", 80, many(2, "11:59", changed(plain, func(v *visit) { v.change = left("400") })), []logs.Fired{{Dimensions: []string{"red-standard", "standard"}, Value: 80}}},
		"a quota that is not":               {"quota", 80, many(2, "11:59", changed(plain, func(v *visit) { v.change = left("401") })), nil},
		"a quota that began anew":           {"quota", 80, append(many(1, "11:30", changed(plain, func(v *visit) { v.change = left("0") })), many(1, "11:40", changed(plain, func(v *visit) { v.id, v.change = "q", left("1990") }))...), nil},
		"a quota that is gone": {"quota", 100, many(1, "11:59", changed(plain, func(v *visit) {
			v.accounts, v.answers, v.prompt, v.status, v.change = nil, nil, 0, 403, refused("llm-token-limit", "TokenQuotaExceeded")
		})), []logs.Fired{{Dimensions: []string{"red-standard", "standard"}, Value: 100}}},
		"a person's quota that is gone": {"quota", 100, many(1, "11:59", changed(plain, func(v *visit) {
			v.subscription, v.product, v.accounts, v.answers, v.prompt, v.status, v.change = "", "", nil, nil, 0, 403, refused("llm-token-limit", "TokenQuotaExceeded")
		})), []logs.Fired{{Dimensions: []string{"(token)", ""}, Value: 100}}},
		"a call without messages":               {"audit-gap", 1, many(1, "11:40", changed(plain, func(v *visit) { v.change = withoutMessages })), []logs.Fired{{Dimensions: []string{"openai"}, Value: 1}}},
		"a call that was not even counted":      {"audit-gap", 1, many(1, "11:40", changed(plain, func(v *visit) { v.change = notCounted })), []logs.Fired{{Dimensions: []string{"openai"}, Value: 1}}},
		"one whose messages may still come":     {"audit-gap", 1, many(1, "11:55", changed(plain, func(v *visit) { v.change = withoutMessages })), nil},
		"a call whose text is not to be logged": {"audit-gap", 1, many(1, "11:40", changed(plain, func(v *visit) { v.change = withoutText })), nil},
		"a call with messages":                  {"audit-gap", 1, many(1, "11:40", plain), nil},
		"a key from a new network":              {"new-network", 1, append(many(1, "09:00", plain), many(1, "11:30", changed(plain, func(v *visit) { v.id, v.address = "n", "198.51.100.9" }))...), []logs.Fired{{Dimensions: []string{"red-standard", "198.51.100.0/24"}, Value: 1}}},
		"a key from another address nearby":     {"new-network", 1, append(many(1, "09:00", plain), many(1, "11:30", changed(plain, func(v *visit) { v.id, v.address = "n", "203.0.113.200" }))...), nil},
		"a network that another key uses":       {"new-network", 1, append(append(many(1, "09:00", plain), many(1, "09:00", changed(plain, func(v *visit) { v.id, v.subscription, v.address = "b", "blue-standard", "198.51.100.9" }))...), many(1, "11:30", changed(plain, func(v *visit) { v.id, v.address = "n", "198.51.100.9" }))...), []logs.Fired{{Dimensions: []string{"red-standard", "198.51.100.0/24"}, Value: 1}}},
		"a key that is used for the first time": {"new-network", 1, many(1, "11:30", plain), nil},
		"an address of the new kind":            {"new-network", 1, append(many(1, "09:00", plain), many(1, "11:30", changed(plain, func(v *visit) { v.id, v.address = "n", "2001:db8::1" }))...), []logs.Fired{{Dimensions: []string{"red-standard", "2001:db8::1"}, Value: 1}}},
		"callers that hang up":                  {"abandoned-calls", 2, many(2, "11:59", abandoned), []logs.Fired{{Dimensions: []string{"red-standard"}, Value: 2}}},
		"one that hangs up once":                {"abandoned-calls", 2, append(many(1, "11:59", abandoned), many(5, "11:59", plain)...), nil},
		"one that hung up before its call left": {"abandoned-calls", 1, many(1, "11:59", changed(abandoned, func(v *visit) { v.accounts, v.answers = nil, nil })), nil},
		"a person that hangs up":                {"abandoned-calls", 1, many(1, "11:59", changed(abandoned, func(v *visit) { v.subscription = "" })), []logs.Fired{{Dimensions: []string{"(token)"}, Value: 1}}},
		"an account of which nothing is logged": {"uncounted-tokens", 5, many(1, "11:50", changed(abandoned, func(v *visit) { v.prompt, v.completion = 500, 500 })), []logs.Fired{{Dimensions: []string{"contoso-north"}, Value: 100}}},
		"accounts that count more than the log": {"uncounted-tokens", 5, append(many(1, "11:50", changed(abandoned, func(v *visit) { v.prompt, v.completion = 500, 500 })), many(1, "11:40", changed(plain, func(v *visit) { v.prompt, v.completion = 500, 500 }))...), []logs.Fired{{Dimensions: []string{"contoso-north"}, Value: 50}}},
		"accounts that count little more":       {"uncounted-tokens", 5, many(1, "11:50", changed(abandoned, func(v *visit) { v.prompt, v.completion = 500, 499 })), nil},
		"accounts that count as the log does":   {"uncounted-tokens", 5, many(9, "11:59", changed(plain, func(v *visit) { v.prompt, v.completion = 5000, 500 })), nil},
		"a person without a key":                {"new-network", 1, append(many(1, "09:00", changed(plain, func(v *visit) { v.subscription = "" })), many(1, "11:30", changed(plain, func(v *visit) { v.id, v.subscription, v.address = "n", "", "198.51.100.9" }))...), nil},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.fired, evaluated(t, c.alert, c.threshold, logged(c.visits)))
		})
	}
}

// evaluated runs an alert at noon as a rule would.
func evaluated(t *testing.T, alert string, threshold float64, s *logs.Store) []logs.Fired {
	t.Helper()
	a, err := queries.FindAlert(alert)
	require.NoError(t, err)
	window := a.LooksBack
	if window == "" {
		window = a.Window
	}
	dimensions := make([]any, len(a.Dimensions))
	for i, name := range a.Dimensions {
		dimensions[i] = map[string]any{"name": name}
	}
	rule, err := logs.ReadRule(map[string]any{"windowSize": window, "criteria": map[string]any{"allOf": []any{map[string]any{
		"query": queries.Fill(a.Text, lookups), "metricMeasureColumn": queries.ValueColumn, "timeAggregation": "Maximum", "operator": "GreaterThanOrEqual",
		"threshold": threshold, "dimensions": dimensions,
	}}}})
	require.NoError(t, err)
	fired, err := rule.Evaluate(limited(t), engine, s.Tables(), today)
	require.NoError(t, err)
	return fired
}

func TestNoAlertFiresInAnEmptyWorkspace(t *testing.T) {
	for _, a := range queries.Alerts() {
		assert.Empty(t, evaluated(t, a.Name, 0, logs.New(logs.Options{})), a.Name)
	}
}
