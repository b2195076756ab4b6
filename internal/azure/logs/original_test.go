package logs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
)

// The two questions of the original architecture, asked the way its users ask them: JSON taken out of BackendResponseBody,
// numbers through decimal, operation ids in any case.
const (
	tokensByAddress = `ApiManagementGatewayLogs
| where tolower(OperationId) in ('completions_create', 'chatcompletions_create')
| where ResponseCode == '200'
| extend answer = parse_json(BackendResponseBody)
| extend model = tostring(answer['model']), family = substring(answer['model'], 0, indexof(answer['model'], '-', 0, -1, 2))
| extend used = parse_json(answer['usage'])
| extend ip = CallerIpAddress
| where model != ''
| summarize sum(todecimal(used['prompt_tokens'])), sum(todecimal(used['completion_tokens'])), sum(todecimal(used['total_tokens'])),
    avg(todecimal(used['total_tokens'])) by ip, model, family`
	promptText = `ApiManagementGatewayLogs
| where tolower(OperationId) == 'chatcompletions_create'
| extend model = tostring(parse_json(BackendResponseBody)['model'])
| extend text = substring(parse_json(parse_json(BackendResponseBody)['choices'])[0], 0, 100)
| project CallerIpAddress, model, text`
)

func TestTheOriginalArchitecturesQueriesAnswerOverRecordedCalls(t *testing.T) {
	s := store(logs.Everything(),
		call(),
		call(func(r *apim.CallRecord) { r.CorrelationID = "c2" }),
		call(func(r *apim.CallRecord) { r.CorrelationID, r.CallerIP = "c3", "203.0.113.8" }),
		call(func(r *apim.CallRecord) { r.CorrelationID, r.ResponseCode, r.BackendResponseBody = "c4", 429, "" }))
	assert.Equal(t, []string{
		"203.0.113.7|gpt-4o-2024-08-06|gpt-4o|20|10|30|15",
		"203.0.113.8|gpt-4o-2024-08-06|gpt-4o|10|5|15|15",
	}, ask(t, s, tokensByAddress))
	assert.Equal(t, `203.0.113.7|gpt-4o-2024-08-06|{"message":{"content":"hi"}}`, ask(t, s, promptText)[0])
}
