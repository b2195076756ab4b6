package logs_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
)

// noon is the time of every call, so that results are the same each time.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const serviceID = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim"

// engine is one child process for all tests of this package.
var engine *kql.Engine

func TestMain(m *testing.M) {
	engine = logs.NewEngine(func() time.Time { return noon.Add(time.Hour) }, os.Stderr)
	m.Run()
	engine.Close()
}

// monitor is the diagnostic that this project deploys, with bodies and messages.
func monitor(changes ...func(*apim.Diagnostic)) *apim.Diagnostic {
	d := &apim.Diagnostic{
		ID: "azuremonitor", LoggerID: serviceID + "/loggers/azuremonitor", Verbosity: "information", LogClientIP: true,
		LLM: &apim.LLMLog{Enabled: true, RequestBytes: 262144, ResponseBytes: 262144},
	}
	for _, change := range changes {
		change(d)
	}
	return d
}

// call is a chat completion that one account answered.
func call(changes ...func(*apim.CallRecord)) *apim.CallRecord {
	r := &apim.CallRecord{
		CorrelationID: "c1", Region: "swedencentral", Time: noon, APIID: "openai", APIRevision: "1",
		OperationID: "ChatCompletions_Create", OperationName: "Creates a completion", ProductID: "standard",
		SubscriptionID: "red-standard", Method: "POST", URL: "https://apim/openai/deployments/gpt-4o/chat/completions",
		CallerIP: "203.0.113.7", ResponseCode: 200, IsSuccess: true, Cache: "none", TotalTime: 900 * time.Millisecond, BackendTime: 850 * time.Millisecond,
		RequestBody:         `{"messages":[{"role":"user","content":"hello"}]}`,
		BackendResponseBody: `{"model":"gpt-4o-2024-08-06","usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15},"choices":[{"message":{"content":"hi"}}]}`,
		Attempts: []apim.Attempt{
			{BackendID: "north-gpt-4o", Status: 429, Method: "POST", URL: "https://north/"},
			{BackendID: "west-gpt-4o", PoolID: "pool-gpt-4o", Status: 200, Method: "POST", URL: "https://west/"},
		},
		Traces: []apim.TraceRecord{
			{Source: "attempt", Severity: "information", Message: "attempt 1 on gpt-4o: 429"},
			{Source: "attempt", Severity: "information", Message: "attempt 2 on gpt-4o: 200"},
			{Source: "detail", Severity: "verbose", Message: "not for everyone"},
		},
		AzureMonitor: monitor(),
		LLM: &apim.LLMRecord{
			Deployment: "gpt-4o", Model: "gpt-4o-2024-08-06", APIVersion: "2024-10-21", RequestID: "r1", PromptTokens: 10, CompletionTokens: 5, TotalTokens: 15,
			Request: `[{"role":"user","content":"hello"}]`, Response: `[{"role":"assistant","content":"hi"}]`,
		},
	}
	for _, change := range changes {
		change(r)
	}
	return r
}

func store(pipeline logs.Pipeline, calls ...*apim.CallRecord) *logs.Store {
	s := logs.New(logs.Options{Pipeline: pipeline, ServiceID: serviceID, SubscriptionID: "00000000-0000-0000-0000-000000000001", WorkspaceID: "00000000-0000-0000-0000-000000000002"})
	for _, c := range calls {
		s.Record(c)
	}
	return s
}

// ask runs a query and gives its rows as text, a line each, cells apart by a bar.
func ask(t *testing.T, s *logs.Store, query string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	result, err := engine.Run(ctx, query, s.Tables())
	require.NoError(t, err)
	lines := []string{}
	for _, row := range result.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = kql.Text(cell)
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return lines
}
