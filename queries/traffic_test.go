package queries_test

import (
	"fmt"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
)

// The traffic that every query runs on: two days, three teams, one caller with a token alone, two accounts, and one
// of every way to fail.

// visit is a call as its test sees it; the rest of a record follows from it.
type visit struct {
	id, day, clock     string
	subscription       string
	product            string
	address            string
	deployment         string
	accounts           []string
	answers            []int
	status             int
	prompt, completion int
	change             func(*apim.CallRecord)
}

func at(day, clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-03-"+day+" "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

func refused(source, reason string) func(*apim.CallRecord) {
	return func(r *apim.CallRecord) {
		r.LastError = &apim.LastError{Source: source, Reason: reason, Message: reason, Section: "inbound", Scope: "api"}
	}
}

func streamed(r *apim.CallRecord) {
	r.LLM.Stream = true
	r.BackendResponseBody = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\ndata: [DONE]\n\n"
}

func withoutText(r *apim.CallRecord) {
	r.APIID, r.LLM.Request, r.LLM.Response, r.RequestBody, r.BackendResponseBody = "openai-private", "", "", "", ""
}

func notCounted(r *apim.CallRecord) {
	r.LLM = nil
	monitor := *r.AzureMonitor
	monitor.LLM = nil
	r.AzureMonitor = &monitor
}

const filtered = `{"error":{"code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,"severity":"high"},"violence":{"filtered":false,"severity":"safe"}}}}}`

var traffic = []visit{
	{"c01", "10", "09:00", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north"}, []int{200}, 200, 100, 20, nil},
	{"c02", "10", "09:05", "red-standard", "standard", "203.0.113.7", "gpt-4o-mini", []string{"west"}, []int{200}, 200, 200, 50, nil},
	{"c03", "10", "10:00", "blue-standard", "standard", "203.0.113.8", "gpt-4o", []string{"north", "west"}, []int{429, 200}, 200, 1000, 500, nil},
	{"c04", "11", "08:00", "blue-standard", "standard", "203.0.113.8", "gpt-4o", []string{"west"}, []int{200}, 200, 300, 100, streamed},
	{"c05", "11", "08:10", "", "", "203.0.113.9", "gpt-4o", []string{"north"}, []int{200}, 200, 40, 10, nil},
	{"c06", "11", "08:20", "red-standard", "standard", "203.0.113.7", "gpt-4o", nil, nil, 429, 0, 0, refused("llm-token-limit", "TokenLimitExceeded")},
	{"c07", "11", "08:21", "red-standard", "standard", "203.0.113.7", "gpt-4o", nil, nil, 429, 0, 0, refused("rate-limit-by-key", "RateLimitExceeded")},
	{"c08", "11", "08:30", "blue-standard", "standard", "203.0.113.8", "gpt-4o", nil, nil, 403, 0, 0, refused("llm-token-limit", "TokenQuotaExceeded")},
	{"c09", "11", "08:40", "blue-standard", "standard", "203.0.113.8", "gpt-4o", []string{"north", "west"}, []int{500, 503}, 503, 0, 0, nil},
	{"c10", "11", "08:50", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north", "west"}, []int{429, 429}, 429, 0, 0, nil},
	{"c11", "11", "09:00", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north"}, []int{400}, 400, 0, 0,
		func(r *apim.CallRecord) { r.BackendResponseBody = filtered }},
	{"c12", "11", "09:10", "green-private", "private", "203.0.113.6", "gpt-4o", []string{"north"}, []int{200}, 200, 60, 30, withoutText},
	{"c13", "11", "09:20", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"west"}, []int{200}, 200, 10, 5, notCounted},
	{"c14", "11", "09:30", "", "", "198.51.100.1", "gpt-4o", nil, nil, 401, 0, 0, refused("validate-jwt", "TokenNotPresent")},
	{"c16", "11", "09:50", "blue-standard", "standard", "203.0.113.8", "gpt-4o", []string{"north"}, []int{200}, 0, 80, 40, hungUp},
	{"c15", "11", "09:40", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"west"}, []int{401}, 502, 0, 0, nil},
}

var models = map[string]string{"gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18"}

// record makes the gateway's record of a visit.
func (v visit) record() *apim.CallRecord {
	r := &apim.CallRecord{
		CorrelationID: v.id, Region: "swedencentral", Time: at(v.day, v.clock), APIID: "openai", APIRevision: "1",
		OperationID: "ChatCompletions_Create", OperationName: "Chat", ProductID: v.product, SubscriptionID: v.subscription, CallerIP: v.address,
		Method: "POST", URL: "https://gateway/openai/deployments/" + v.deployment + "/chat/completions", ResponseCode: v.status, IsSuccess: v.status < 400,
		TotalTime: 30 * time.Millisecond, Cache: "none", RequestBody: `{"messages":[{"role":"user","content":"ask ` + v.id + `"}]}`,
		AzureMonitor: &apim.Diagnostic{
			ID: "azuremonitor", LoggerID: "azuremonitor", Verbosity: "information", LogClientIP: true,
			LLM: &apim.LLMLog{Enabled: true, RequestBytes: 262144, ResponseBytes: 262144},
		},
	}
	if v.subscription == "" && v.status == 200 {
		r.Traces = append(r.Traces, apim.TraceRecord{Source: "person", Severity: "information", Message: "11111111-1111-1111-1111-111111111111"})
	}
	for n, account := range v.accounts {
		r.Attempts = append(r.Attempts, apim.Attempt{
			BackendID: account + "-" + v.deployment, PoolID: "pool-" + v.deployment, Status: v.answers[n],
			URL: "https://contoso-" + account + ".openai.azure.com/openai/deployments/" + v.deployment + "/chat/completions",
		})
		r.Traces = append(r.Traces, apim.TraceRecord{
			Source: "attempt", Severity: "information", Message: fmt.Sprintf("attempt %d on %s: %d", n+1, v.deployment, v.answers[n]),
		})
		r.BackendTime = time.Duration(len(v.accounts)*100+v.prompt) * time.Millisecond
		r.TotalTime = r.BackendTime + 20*time.Millisecond
	}
	if v.prompt > 0 {
		model := models[v.deployment]
		r.BackendResponseBody = fmt.Sprintf(`{"model":%q,"choices":[{"message":{"role":"assistant","content":"answer %s"},"finish_reason":"stop"}],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`,
			model, v.id, v.prompt, v.completion, v.prompt+v.completion)
		r.LLM = &apim.LLMRecord{
			Deployment: v.deployment, Model: model, PromptTokens: v.prompt, CompletionTokens: v.completion, TotalTokens: v.prompt + v.completion,
			Request: `[{"role":"user","content":"ask ` + v.id + `"}]`, Response: `[{"role":"assistant","content":"answer ` + v.id + `"}]`,
		}
		r.ApplicationInsights = &apim.Diagnostic{ID: "applicationinsights", LoggerID: "applicationinsights", Metrics: true}
		caller := map[string]string{"Product": v.product, "Caller": v.subscription, "Deployment": v.deployment}
		if v.subscription == "" {
			caller["Product"], caller["Caller"] = "entra", "entra:11111111-1111-1111-1111-111111111111"
		}
		for name, value := range map[string]int{"Prompt Tokens": v.prompt, "Completion Tokens": v.completion, "Total Tokens": v.prompt + v.completion} {
			r.Metrics = append(r.Metrics, apim.Metric{Namespace: "enterprise-openai", Name: name, Value: float64(value), Dimensions: caller})
		}
	}
	if v.change != nil {
		v.change(r)
	}
	return r
}

// logged is the workspace after the traffic.
func logged(visits []visit) *logs.Store {
	s := logs.New(logs.Options{Pipeline: logs.Everything("contoso-north", "contoso-west"), SubscriptionID: "00000000-0000-0000-0000-000000000001"})
	for _, v := range visits {
		s.Record(v.record())
		for n, account := range v.accounts {
			call := logs.AccountCall{
				Time: at(v.day, v.clock), Account: "contoso-" + account, Deployment: v.deployment, Operation: "ChatCompletions_Create", Status: v.answers[n],
				FirstToken: time.Duration(100+10*n) * time.Millisecond,
			}
			if v.answers[n] == 200 {
				call.PromptTokens, call.CompletionTokens = v.prompt, v.completion
			}
			s.Account(call)
		}
	}
	return s
}
