package logs_test

import (
	"encoding/json"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
)

// TestEveryValueOfARowHasTheTypeOfItsColumn looks at every kind of row: dedicated and not, of a call with everything and of a refusal.
// A value of another type is null to a query, which nobody notices.
func TestEveryValueOfARowHasTheTypeOfItsColumn(t *testing.T) {
	everything := func(r *apim.CallRecord) {
		r.RequestHeaders, r.ResponseHeaders = http.Header{"A": {"1"}}, http.Header{"B": {"2"}}
		r.BackendRequestHeaders, r.BackendResponseHeaders = http.Header{"C": {"3"}}, http.Header{"D": {"4"}}
		r.LastError = &apim.LastError{Source: "s", Reason: "r", Message: "m", Section: "inbound", Scope: "api"}
		r.Errors = []apim.LastError{*r.LastError}
		r.ApplicationInsights = &apim.Diagnostic{ID: "applicationinsights", LoggerID: "applicationinsights", Metrics: true}
		r.Metrics = []apim.Metric{{Name: "Total Tokens", Value: 15, Dimensions: map[string]string{"a": "1"}}}
	}
	refused := func(r *apim.CallRecord) { r.Attempts, r.LLM, r.ResponseCode, r.IsSuccess = nil, nil, 401, false }
	undedicated := logs.Everything("north")
	undedicated.Settings[""] = map[string]logs.Setting{logs.CategoryGateway: {On: true}, logs.CategoryLLM: {On: true}}
	seen := map[string]map[string]bool{}
	for _, pipeline := range []logs.Deployed{logs.Everything("north"), undedicated} {
		s := store(pipeline, call(everything), call(refused))
		for range 2 { // the second adds to the first one's metrics
			s.Account(logs.AccountCall{
				Time: noon, Account: "north", Region: "swedencentral", Deployment: "gpt-4o", Operation: "x", CallerIP: "10.1.2.34", ObjectID: "o",
				Status: 200, Duration: time.Second, PromptTokens: 1, CompletionTokens: 2, FirstToken: time.Second,
			})
		}
		for _, table := range logs.Schema() {
			if seen[table.Name] == nil {
				seen[table.Name] = map[string]bool{}
			}
			types := map[string]string{}
			for _, c := range table.Columns {
				types[c.Name] = c.Type
			}
			for _, row := range s.Rows(table.Name) {
				for name, value := range row {
					require.Contains(t, types, name, "no column of %s", table.Name)
					assert.True(t, fits(t, value, types[name]), "%s.%s is %s, not %T %v", table.Name, name, types[name], value, value)
					seen[table.Name][name] = seen[table.Name][name] || value != nil
				}
			}
		}
	}
	for table, columns := range map[string][]string{
		logs.GatewayLogs: {"BackendResponseCode", "TraceRecords", "RequestHeaders", "BackendResponseHeaders", "Errors", "LastErrorElapsed", "CallerIpAddress"},
		logs.LLMLog:      {"PromptTokens", "RequestMessages", "ResponseMessages", "SequenceNumber", "IsStreamCompletion"},
		logs.Diagnostics: {"DurationMs", "responseCode_d", "traceRecords_s", "requestMessages_s", "isRequestSuccess_b", "sequenceNumber_d", "properties_s"},
		logs.Metrics:     {"Total", "Count", "Average"},
		logs.AppMetrics:  {"Sum", "ItemCount", "Properties"},
	} {
		for _, name := range columns {
			assert.True(t, seen[table][name], "no row of %s had a %s: the test proves nothing about it", table, name)
		}
	}
}

// fits reports whether a value, as it is written to a run's files, is one of a Kusto type.
func fits(t *testing.T, value any, kind string) bool {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	var v any
	require.NoError(t, json.Unmarshal(text, &v))
	if v == nil || kind == "dynamic" {
		return true
	}
	switch kind {
	case "bool":
		_, is := v.(bool)
		return is
	case "real":
		_, is := v.(float64)
		return is
	case "int", "long":
		number, is := v.(float64)
		return is && number == math.Trunc(number) && (kind == "long" || math.Abs(number) <= math.MaxInt32)
	}
	s, is := v.(string)
	switch kind {
	case "datetime":
		_, err = time.Parse(time.RFC3339Nano, s)
	case "guid":
		err = uuid.Validate(s)
	case "string":
	default:
		require.Fail(t, "an unknown type", kind)
	}
	return is && err == nil
}
