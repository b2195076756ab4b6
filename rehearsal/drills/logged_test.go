package drills

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/stacks"
)

// loggedDrills look at the rows of the known traffic.
var loggedDrills = []string{"logging", "chargeback", "privacy", "questions"}

func TestDrillsOnLogsHoldOnAHealthyDeploymentAndKeepTheRows(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	site.LogDir = t.TempDir()
	for _, name := range loggedDrills {
		o := byName(t, name).Run(context.Background(), &Env{Site: site})
		assert.Empty(t, o.Failures, name)
		assert.NotEmpty(t, o.Measured, name)
		shaped(t, byName(t, name), o.Measured)
	}
	result, err := logs.Query(t.Context(), site.LogDir, "ApiManagementGatewayLogs | count", t.Output())
	require.NoError(t, err)
	assert.EqualValues(t, len(site.evidence.made.visits), result.Rows[0][0])
}

func TestBothFlavoursGiveTheNumbersOfTheTrafficWhereBodiesAreKept(t *testing.T) {
	site := siteOf(t, deployed.New(t, deployed.With(func(s *stacks.Settings) { s.Logging.Bodies = "all" })))
	site.LogDir = t.TempDir()
	measured, failures := tried[QuestionsMeasured](t, questions(), &Env{Site: site})
	assert.Empty(t, failures)
	assert.Equal(t, len(site.questions(site.evidence.made.end)), measured.Compared)
	for _, name := range []string{"tokens-by-ip-and-model-bodies", "prompts-and-completions-bodies", "usage-and-cost-bodies", "content-filter-hits", "throttled-callers"} {
		assert.Positive(t, measured.Rows[name], name)
	}
	// Queries written for the architecture that this project stands in for: lower-case operation ids, nested parse_json, decimals.
	result, err := logs.Query(t.Context(), site.LogDir, `ApiManagementGatewayLogs
		| where tolower(OperationId) in ("completions_create", "chatcompletions_create") and ResponseCode == "200"
		| extend answer = parse_json(BackendResponseBody)
		| extend name = tostring(answer["model"]), key = substring(answer["model"], 0, indexof(answer["model"], "-", 0, -1, 2))
		| extend used = parse_json(answer["usage"])["total_tokens"]
		| where isnotempty(used)
		| summarize Tokens = sum(todecimal(used)) by CallerIpAddress, key, name`, t.Output())
	require.NoError(t, err)
	require.NotEmpty(t, result.Rows)
	for _, row := range result.Rows {
		assert.NotEmpty(t, row[0])
		assert.Regexp(t, `^gpt-4`, row[1])
		assert.NotEqual(t, "0", fmt.Sprint(row[3]))
	}
}

// exporting has an Event Hub.
func exporting(s *stacks.Settings) {
	s.Logging.EventHub = &stacks.EventHub{RetentionDays: 1, ThroughputUnits: 1}
}

func TestWholePromptsAndAnswersAreInTheEventHubWhereThereIsOne(t *testing.T) {
	site := siteOf(t, deployed.New(t, deployed.With(exporting)))
	logged, failures := tried[LoggingMeasured](t, logging(), &Env{Site: site})
	assert.Empty(t, failures)
	require.NotNil(t, logged.Exported)
	assert.Positive(t, *logged.Exported)
	assert.Len(t, logged.Named, 7)
	kept, failures := tried[PrivacyMeasured](t, privacy(), &Env{Site: site})
	assert.Empty(t, failures)
	assert.Positive(t, kept.EventsSearched)
	hunted, failures := tried[SecretsMeasured](t, secrets(), &Env{Site: site})
	assert.Empty(t, failures)
	assert.Positive(t, hunted.Searched.Events)
}

// rewritten is a diagnostic of an API after a change to its properties.
func rewritten(s *deployed.Site, change func(properties map[string]any)) {
	for _, r := range s.Resources("Microsoft.ApiManagement/service/apis/diagnostics") {
		properties := r.Body["properties"].(map[string]any)
		change(properties)
		s.Put(r.ID, map[string]any{"properties": properties})
	}
}

func TestEveryDrillOnLogsSaysWhatIsBroken(t *testing.T) {
	for name, c := range map[string]struct {
		drill   string
		options []deployed.Option
		then    func(*deployed.Site)
		says    string
	}{
		"no role on the Event Hub": {"logging", []deployed.Option{deployed.With(exporting)}, func(s *deployed.Site) { s.Delete(s.HubRole) },
			"missing: the role Azure Event Hubs Data Sender of the gateway's identity on event hub prompts-and-answers"},
		"no zone for the Event Hub": {"logging", []deployed.Option{deployed.With(exporting)}, func(s *deployed.Site) { s.Delete(s.HubLink) },
			"missing: a way from the gateway to aoai-test-evhns-site.servicebus.windows.net"},
		"answers that are not exported": {"logging", []deployed.Option{deployed.With(exporting), replaced("deployments", "<set-variable name=\"part\" value=\"answer\" />\n\t\t<include-fragment fragment-id=\"export\" />", "")}, nil,
			`the answer of the call "plain" of team search on product standard is not in the Event Hub`},
		"text of everybody in the Event Hub": {"privacy", []deployed.Option{deployed.With(exporting), replaced("export", `!(bool)JObject.Parse((string)context.Variables["rules"])["keepsText"]`, "false")}, nil,
			"text of a confidential product is in the Event Hub"},
		"responses that accounts store": {"privacy", []deployed.Option{replaced("usage", `"{" + owner + "}" : "false"`, `"{" + owner + "}" : "true"`)}, nil,
			"an account stores a response of the confidential product"},
		"keys in the Event Hub": {"secrets", []deployed.Option{deployed.With(exporting), replaced("export", `text.Substring(from, to - from)`, `text.Substring(from, to - from) + context.Subscription.Key`)}, nil,
			"the client's key of product standard is in the log record"},
		"no diagnostic setting": {"logging", nil, func(s *deployed.Site) { s.Delete(s.Logs) },
			"missing: a diagnostic setting of the gateway with category GatewayLlmLogs"},
		"shared tables": {"logging", nil, func(s *deployed.Site) {
			s.Put(s.Logs, `{"properties":{"workspaceId":"`+s.Workspace+`","logs":[{"category":"GatewayLogs","enabled":true},{"category":"GatewayLlmLogs","enabled":true}]}}`)
		}, "missing: the destination type Dedicated"},
		"no logs of language models": {"logging", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) { delete(p, "largeLanguageModel") })
		}, "missing: largeLanguageModel logs in the diagnostic of API openai"},
		"no text": {"logging", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) { p["largeLanguageModel"] = map[string]any{"logs": "enabled"} })
		}, `is logged with prompt ""`},
		"text that is cut": {"logging", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) {
				for _, side := range []string{"requests", "responses"} {
					if messages, ok := p["largeLanguageModel"].(map[string]any)[side].(map[string]any); ok {
						messages["maxSizeInBytes"] = 8192
					}
				}
			})
		}, `the call "over 32 KB, streamed" of team search on product standard is logged with prompt`},
		"no address": {"logging", nil, func(s *deployed.Site) { rewritten(s, func(p map[string]any) { p["logClientIp"] = false }) },
			`source address "" instead of "203.0.113.1"`},
		"half of the calls": {"chargeback", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) {
				p["sampling"] = map[string]any{"samplingType": "fixed", "percentage": 50}
			})
		}, " charged for, "},
		"half of the bill": {"chargeback", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) {
				p["sampling"] = map[string]any{"samplingType": "fixed", "percentage": 50}
			})
		}, "where queries/prices.json makes it"},
		"an account that counts for itself": {"chargeback", nil, func(s *deployed.Site) {
			s.Delete(s.AccountLogs("sweden"))
			s.Delete(s.AccountLogs("france"))
		}, "tokens that account aoai-test-oai-france-site did not count"},
		"messages of everybody": {"privacy", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) {
				all := map[string]any{"messages": "all", "maxSizeInBytes": 262144}
				p["largeLanguageModel"] = map[string]any{"logs": "enabled", "requests": all, "responses": all}
			})
		}, "text of a confidential product is in column RequestMessages of table ApiManagementGatewayLlmLog"},
		"bodies of everybody": {"privacy", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) {
				p["backend"] = map[string]any{"response": map[string]any{"body": map[string]any{"bytes": 8192}}}
			})
		}, "text of a confidential product is in column BackendResponseBody of table ApiManagementGatewayLogs"},
		"a search for nothing": {"privacy", nil, func(s *deployed.Site) {
			rewritten(s, func(p map[string]any) { p["largeLanguageModel"] = map[string]any{"logs": "enabled"} })
		}, "the search proves nothing"},
		"a table that forgets too early": {"logging", nil, func(s *deployed.Site) {
			s.Settings.Logging.Tables = []stacks.Table{{Name: logs.LLMLog, RetentionDays: 90}}
		}, "table ApiManagementGatewayLlmLog has retentionInDays 30, where the settings say 90"},
		"a question without an address": {"questions", nil, func(s *deployed.Site) { rewritten(s, func(p map[string]any) { p["logClientIp"] = false }) },
			`tokens-by-ip-and-model: PromptTokens, CompletionTokens, TotalTokens of "", gpt-4o-2024-11-20 are `},
		"a question without metrics": {"questions", nil, func(s *deployed.Site) { s.Delete(s.Service + "/diagnostics/applicationinsights") },
			"tokens-by-caller: PromptTokens, CompletionTokens of assistants, gpt-4o are nowhere, where the traffic had"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deployed.New(t, c.options...)
			if c.then != nil {
				c.then(d)
			}
			failures := failuresOf(t, c.drill, &Env{Site: siteOf(t, d)})
			assert.Contains(t, strings.Join(failures, "\n"), c.says)
		})
	}
}

func TestStreamsArriveInGroupsWhereAnswersAreLogged(t *testing.T) {
	site := siteOf(t, deployed.New(t, deployed.With(func(s *stacks.Settings) { s.Logging.Bodies = "all" })))
	measured, failures := tried[StreamingMeasured](t, streaming(), &Env{Site: site})
	assert.Empty(t, failures)
	held := measured.EventsHeldBack
	for _, p := range site.Settings.Products {
		if private(p) {
			assert.Zero(t, held[p.Name], p.Name)
		} else {
			assert.Equal(t, loggedGroup-1, held[p.Name], p.Name)
		}
	}
}
