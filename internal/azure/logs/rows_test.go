package logs_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
)

func TestNothingIsWrittenUnlessEveryResourceExistsAndTheMissingOneIsNamed(t *testing.T) {
	without := func(change func(*logs.Deployed)) logs.Deployed {
		d := logs.Everything()
		change(&d)
		return d
	}
	for name, c := range map[string]struct {
		pipeline     logs.Deployed
		call         func(*apim.CallRecord)
		gateway, llm int
		missing      []string
	}{
		"all there": {pipeline: logs.Everything(), gateway: 1, llm: 3},
		"no diagnostic setting": {pipeline: without(func(d *logs.Deployed) { d.Settings = nil }), missing: []string{
			"a diagnostic setting of the gateway with category GatewayLlmLogs (1 calls)", "a diagnostic setting of the gateway with category GatewayLogs (1 calls)"}},
		"no category for messages": {pipeline: without(func(d *logs.Deployed) { delete(d.Settings[""], logs.CategoryLLM) }), gateway: 1, missing: []string{
			"a diagnostic setting of the gateway with category GatewayLlmLogs (1 calls)"}},
		"no logger": {pipeline: without(func(d *logs.Deployed) { d.Loggers = nil }), missing: []string{
			`the logger "azuremonitor" that the diagnostic names (2 calls)`}},
		"no diagnostic": {pipeline: logs.Everything(), call: func(r *apim.CallRecord) { r.AzureMonitor, r.LLM = nil, nil }, missing: []string{
			`a diagnostic "azuremonitor" of API "openai" or of the service (2 calls)`, "largeLanguageModel"}},
		"no messages in the diagnostic": {pipeline: logs.Everything(), gateway: 1,
			call: func(r *apim.CallRecord) {
				r.AzureMonitor, r.LLM = monitor(func(d *apim.Diagnostic) { d.LLM = nil }), nil
			},
			missing: []string{"largeLanguageModel logs in the diagnostic of API openai (1 calls)"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := call()
			if c.call != nil {
				c.call(r)
			}
			s := store(c.pipeline, r)
			assert.Len(t, s.Rows(logs.GatewayLogs), c.gateway)
			assert.Len(t, s.Rows(logs.LLMLog), c.llm)
			assert.Empty(t, s.Rows(logs.Diagnostics))
			if name != "no diagnostic" {
				assert.Equal(t, c.missing, s.Missing())
			} else {
				assert.Contains(t, s.Missing(), c.missing[0])
			}
		})
	}
}

func TestARefusedCallMissesNoMessages(t *testing.T) {
	s := store(logs.Everything(), call(func(r *apim.CallRecord) {
		r.Attempts, r.ResponseCode, r.IsSuccess, r.LLM, r.APIID = nil, 404, false, nil, ""
		r.AzureMonitor = monitor(func(d *apim.Diagnostic) { d.LLM = nil })
	}))
	assert.Empty(t, s.Missing())
	assert.Len(t, s.Rows(logs.GatewayLogs), 1)
}

func TestWithoutDedicatedTablesRowsEndInAzureDiagnostics(t *testing.T) {
	pipeline := logs.Everything()
	pipeline.Settings[""] = map[string]logs.Setting{logs.CategoryGateway: {On: true}, logs.CategoryLLM: {On: true}}
	s := store(pipeline, call())
	assert.Empty(t, s.Rows(logs.GatewayLogs))
	assert.Empty(t, s.Rows(logs.LLMLog))
	assert.Equal(t, []string{"GatewayLogs|ChatCompletions_Create|200|203.0.113.7|true"}, ask(t, s,
		`AzureDiagnostics | where Category == "GatewayLogs" | project Category, operationId_s, responseCode_d, CallerIPAddress, isRequestSuccess_b`))
	assert.Equal(t, []string{"0|10|", "1||[{\"role\":\"user\",\"content\":\"hello\"}]", "2||"}, ask(t, s,
		`AzureDiagnostics | where Category == "GatewayLlmLogs" | project sequenceNumber_d, promptTokens_d, requestMessages_s`))
}

func TestABodyIsCutAt8192BytesWithoutHalfACharacter(t *testing.T) {
	s := store(logs.Everything(), call(func(r *apim.CallRecord) { r.RequestBody = strings.Repeat("a", 8191) + "é" }))
	body := s.Rows(logs.GatewayLogs)[0]["RequestBody"].(string)
	assert.Equal(t, strings.Repeat("a", 8191), body)
}

func TestAnEntryAbove32KBLosesItsBodiesAndTraces(t *testing.T) {
	large := func(r *apim.CallRecord) {
		r.RequestBody, r.ResponseBody = strings.Repeat("a", 8192), strings.Repeat("b", 8192)
		r.BackendRequestBody, r.BackendResponseBody = strings.Repeat("c", 8192), strings.Repeat("d", 8192)
	}
	row := store(logs.Everything(), call(large)).Rows(logs.GatewayLogs)[0]
	assert.Empty(t, row["RequestBody"].(string)+row["ResponseBody"].(string)+row["BackendRequestBody"].(string)+row["BackendResponseBody"].(string))
	assert.Nil(t, row["TraceRecords"])
	assert.Equal(t, 200, row["ResponseCode"])

	two := store(logs.Everything(), call(large, func(r *apim.CallRecord) { r.ResponseBody, r.BackendRequestBody = "", "" })).Rows(logs.GatewayLogs)[0]
	assert.Len(t, two["RequestBody"], 8192, "two bodies fit")
	assert.Len(t, two["BackendResponseBody"], 8192)
}

func TestAnEntryThatIsStillTooLargeIsDropped(t *testing.T) {
	s := store(logs.Everything(), call(func(r *apim.CallRecord) { r.URL = "https://x/?" + strings.Repeat("q", 33<<10) }))
	assert.Empty(t, s.Rows(logs.GatewayLogs))
	assert.Equal(t, []string{"gateway log entry above 32 KB even without bodies and traces (1 calls)"}, s.Dropped())
}

func TestARowHoldsTheLastAttemptAndTheOthersLiveOnAsTraces(t *testing.T) {
	s := store(logs.Everything(), call())
	assert.Equal(t, []string{"west-gpt-4o|200|https://west/|2"}, ask(t, s,
		`ApiManagementGatewayLogs | project BackendId, BackendResponseCode, BackendUrl, array_length(TraceRecords)`))
	assert.Equal(t, []string{"attempt|attempt 1 on gpt-4o: 429", "attempt|attempt 2 on gpt-4o: 200"}, ask(t, s,
		`ApiManagementGatewayLogs | mv-expand t = TraceRecords | project tostring(t.source), tostring(t.message)`))
}

func TestTheCallersAddressIsLoggedOnlyWhereTheDiagnosticSaysSo(t *testing.T) {
	quiet := monitor(func(d *apim.Diagnostic) { d.LogClientIP = false })
	s := store(logs.Everything(), call(func(r *apim.CallRecord) { r.AzureMonitor = quiet }))
	assert.NotContains(t, s.Rows(logs.GatewayLogs)[0], "CallerIpAddress")
}

func TestSamplingKeepsItsShareAndEveryError(t *testing.T) {
	some := monitor(func(d *apim.Diagnostic) { d.Sampled, d.SamplingPercentage, d.AlwaysLogErrors = true, 25, true })
	s := store(logs.Everything())
	for i := range 2000 {
		s.Record(call(func(r *apim.CallRecord) {
			r.CorrelationID, r.AzureMonitor = fmt.Sprintf("call-%d", i), some
			r.IsSuccess = i%2 == 0
		}))
	}
	kept := map[any]int{}
	for _, row := range s.Rows(logs.GatewayLogs) {
		kept[row["IsRequestSuccess"]]++
	}
	assert.Equal(t, 1000, kept[false], "errors")
	assert.InDelta(t, 250, kept[true], 50, "successes")
}

func TestAMetricWithSixDimensionsIsLost(t *testing.T) {
	insights := &apim.Diagnostic{ID: "applicationinsights", LoggerID: "applicationinsights", Metrics: true}
	five := map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}
	six := map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6"}
	s := store(logs.Everything(), call(func(r *apim.CallRecord) {
		r.ApplicationInsights = insights
		r.Metrics = []apim.Metric{{Name: "Total Tokens", Value: 15, Dimensions: five}, {Name: "Total Tokens", Value: 15, Dimensions: six}, {Name: "Other", Dropped: "metrics switched off"}}
	}))
	assert.Equal(t, []string{"Total Tokens|15|5"}, ask(t, s, `AppMetrics | project Name, Sum, Properties.e`))
	assert.Equal(t, []string{"metric Other: metrics switched off (1 calls)", "metric Total Tokens: 6 dimensions, of which Azure takes at most 5 (1 calls)"}, s.Dropped())
}

func TestMetricsNeedTheirOwnLoggerAndDiagnostic(t *testing.T) {
	metric := func(r *apim.CallRecord) { r.Metrics = []apim.Metric{{Name: "Total Tokens", Value: 15}} }
	s := store(logs.Everything(), call(metric))
	assert.Empty(t, s.Rows(logs.AppMetrics))
	assert.Equal(t, []string{`a diagnostic "applicationinsights" for custom metrics (1 calls)`}, s.Missing())
}

func TestAnAccountCountsByTheMinuteAndOnlyWhatItsSettingSends(t *testing.T) {
	s := store(logs.Everything("north"))
	for i, account := range []string{"north", "north", "north", "other"} {
		s.Account(logs.AccountCall{
			Time: noon.Add(time.Duration(i) * 25 * time.Second), Account: account, Deployment: "gpt-4o", Model: "gpt-4o", Operation: "ChatCompletions_Create",
			Status: 200 + 229*(i%2), PromptTokens: 10, CompletionTokens: 5, APIVersion: "2024-10-21",
		})
	}
	assert.Equal(t, []string{"AzureOpenAIRequests|3|3", "GeneratedTokens|10|2", "ProcessedPromptTokens|20|2", "TokenTransaction|30|2"}, ask(t, s,
		`AzureMetrics | where Resource == "NORTH" | summarize sum(Total), sum(Count) by MetricName | order by MetricName asc`))
	assert.Equal(t, []string{"RequestResponse|200|2", "AzureOpenAIRequestUsage|200|2", "RequestResponse|429|1"}, ask(t, s,
		`AzureDiagnostics | summarize count() by Category, ResultSignature`))
	assert.Equal(t, []string{"30"}, ask(t, s,
		`AzureDiagnostics | where Category == "AzureOpenAIRequestUsage" | summarize sum(tolong(parse_json(properties_s).totalTokens))`))
}

func TestAnAccountsRowsSayWhoseTheyAre(t *testing.T) {
	s := store(logs.Everything("north"))
	s.Account(logs.AccountCall{
		Time: noon, Account: "north", Region: "swedencentral", Operation: "ChatCompletions_Create", Status: 200, CallerIP: "10.1.2.34",
		CorrelationID: "c-1", Duration: 1500 * time.Millisecond, ResponseSize: 77, RequestSize: 33,
	})
	assert.Equal(t, []string{"swedencentral|10.1.2.***|c-1|1500|REHEARSAL|00000000-0000-0000-0000-000000000001|NORTH|MICROSOFT.COGNITIVESERVICES|77|Azure OpenAI API version v1"}, ask(t, s,
		`AzureDiagnostics | where Category == "RequestResponse" | extend p = parse_json(properties_s)
		| project location_s, CallerIPAddress, CorrelationId, DurationMs, ResourceGroup, SubscriptionId, Resource, ResourceProvider, p.responseLength, p.apiName`))
	assert.Equal(t, []string{"REHEARSAL|00000000-0000-0000-0000-000000000001|NORTH"}, ask(t, s,
		`AzureMetrics | distinct ResourceGroup, SubscriptionId, Resource`))
}

func TestColumnsOfEveryWorkspaceBind(t *testing.T) {
	for _, query := range []string{
		`AzureDiagnostics | where Level == "Error" or msg_s has "x" | project Message, ResultType, ResultDescription, OperationVersion, httpStatusCode_d, requestUri_s, AdditionalFields.x, clientIp_s, identity_claim_appid_g, isAccessPolicyMatch_b, startTime_t`,
		`AppMetrics | summarize sum(Sum) by ClientBrowser, ClientCity, ClientCountryOrRegion, ClientModel, ClientOS, ClientStateOrProvince, SessionId, UserAccountId, UserAuthenticatedId`,
	} {
		assert.Empty(t, ask(t, store(logs.Everything()), query), query)
	}
	for _, schema := range logs.Schema() {
		names := map[string]bool{}
		for _, c := range schema.Columns {
			assert.False(t, names[c.Name], "%s.%s twice", schema.Name, c.Name)
			names[c.Name] = true
		}
		if schema.Name == logs.Diagnostics {
			assert.Greater(t, len(names), 200)
		}
	}
}

func TestTheGatewaysRowsReadAsThoseOfAGatewayBehindTLS(t *testing.T) {
	s := store(logs.Everything(), call(func(r *apim.CallRecord) { r.URL = "http://apim/openai/v1/models" }), call(func(r *apim.CallRecord) {
		r.ClientTLS, r.RequestHeaders = "1.2", http.Header{"x-my-header": {"a"}}
	}))
	assert.Equal(t, []string{"https://apim/openai/v1/models|1.3|", `https://apim/openai/deployments/gpt-4o/chat/completions|1.2|{"x-my-header":"a"}`}, ask(t, s,
		`ApiManagementGatewayLogs | project Url, ClientTlsVersion, RequestHeaders`))
}

func TestRowsInAzureDiagnosticsSayWhoseTheyAre(t *testing.T) {
	pipeline := logs.Everything()
	pipeline.Settings[""] = map[string]logs.Setting{logs.CategoryGateway: {On: true}}
	assert.Equal(t, []string{"RG|00000000-0000-0000-0000-000000000001|APIM|SERVICE|MICROSOFT.APIMANAGEMENT"}, ask(t, store(pipeline, call()),
		`AzureDiagnostics | project ResourceGroup, SubscriptionId, Resource, ResourceType, ResourceProvider`))
}

func TestAMetricSaysWhereItComesFrom(t *testing.T) {
	s := logs.New(logs.Options{Pipeline: logs.Everything(), ServiceID: serviceID, InstrumentationKey: "k"})
	s.Record(call(func(r *apim.CallRecord) {
		r.ApplicationInsights = &apim.Diagnostic{ID: "applicationinsights", LoggerID: "applicationinsights", Metrics: true}
		r.Metrics = []apim.Metric{{Name: "Total Tokens", Value: 15}}
	}))
	assert.Equal(t, []string{"apim.azure-api.net swedencentral|true|k"}, ask(t, s, `AppMetrics | project AppRoleName, SDKVersion startswith "apim:", IKey`))
}

func TestRecordsMayComeFromManyCallsAtOnce(t *testing.T) {
	s := store(logs.Everything("north"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				s.Record(call())
				s.Account(logs.AccountCall{Time: noon, Account: "north", Status: 200})
			}
		})
	}
	all.Wait()
	require.Len(t, s.Rows(logs.GatewayLogs), 400)
}
