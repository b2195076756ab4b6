package logs_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/queries"
)

// said makes a request of one message.
func said(text string) string {
	raw, err := json.Marshal([]map[string]string{{"role": "user", "content": text}})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func asked(text string) func(*apim.CallRecord) {
	return func(r *apim.CallRecord) { r.LLM.Request = text }
}

// pieces are the request's pieces of a call, and their sequence numbers.
func pieces(s *logs.Store) (texts []string, numbers []int) {
	for _, row := range s.Rows(logs.LLMLog) {
		list, ok := row["RequestMessages"].([]any)
		if !ok {
			continue
		}
		var b strings.Builder
		for _, m := range list {
			var part struct{ Content any }
			if err := json.Unmarshal(m.(json.RawMessage), &part); err != nil {
				panic(err)
			}
			text, _ := part.Content.(string)
			b.WriteString(text)
		}
		texts, numbers = append(texts, b.String()), append(numbers, row["SequenceNumber"].(int))
	}
	return texts, numbers
}

func TestALongMessageIsSplitInto32KBRowsWithSequenceNumbers(t *testing.T) {
	long := strings.Repeat("0123456789", 10_000)
	s := store(logs.Everything(), call(asked(said(long))))
	texts, numbers := pieces(s)
	assert.Greater(t, len(texts), 3)
	assert.Equal(t, long, strings.Join(texts, ""))
	for i, n := range numbers {
		assert.Equal(t, i+1, n)
	}
	for _, row := range s.Rows(logs.LLMLog) {
		assert.LessOrEqual(t, rowBytes(t, row), 32<<10)
	}
}

// rowBytes is the size of a row's messages as JSON, with no more escapes than JSON asks for.
func rowBytes(t testing.TB, row logs.Row) int {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(row["RequestMessages"]))
	return b.Len() - 1
}

func TestTheAuditQueryPutsALongMessageTogetherAgain(t *testing.T) {
	long := strings.Repeat("lorem ipsum ", 8_000)
	s := store(logs.Everything(), call(func(r *apim.CallRecord) {
		r.LLM.Response = strings.Replace(said(long), "user", "assistant", 1)
	}))
	assert.Equal(t, []string{"hello|" + long}, ask(t, s, audited(t)))
}

// audited is the query of prompts and answers, with no more than those.
func audited(t *testing.T) string {
	t.Helper()
	q, err := queries.Find("prompts-and-completions")
	require.NoError(t, err)
	return q.Text + "\n| project Prompt, Completion"
}

func TestTheAuditQueryBreaksLinesBetweenMessagesAndNotBetweenPieces(t *testing.T) {
	long := func(unit string) string { return strings.Repeat(unit, 70_000/len(unit)) }
	for name, messages := range map[string][]string{
		"short ones":               {"be brief", "hello", "again"},
		"a long one among others":  {"be brief", long("0123456789"), "again"},
		"its own line breaks":      {"be brief", long("one line\n"), "again"},
		"characters of more bytes": {"be brief", long("é"), "again"},
		"markup and escapes":       {"be brief", long("<a href=\"x\">\\</a>"), "again"},
		"two long ones":            {long("a"), long("b")},
		"three that share rows":    {strings.Repeat("a", 20_000), strings.Repeat("b", 20_000), strings.Repeat("c", 20_000)},
	} {
		t.Run(name, func(t *testing.T) {
			var sent []map[string]string
			for i, text := range messages {
				role := "user"
				if i == 0 && len(messages) > 2 {
					role = "system"
				}
				sent = append(sent, map[string]string{"role": role, "content": text})
			}
			raw, err := json.Marshal(sent)
			require.NoError(t, err)
			s := store(logs.Everything(), call(asked(string(raw))))
			got := ask(t, s, audited(t))
			require.Len(t, got, 1)
			prompt, _, _ := strings.Cut(got[0], "|")
			assert.Equal(t, strings.Join(messages, "\n"), prompt)
		})
	}
}

func TestAMessageThatBeginsInARowOfItsOwnBeginsALine(t *testing.T) {
	part := func(c string) string { return `[{"text":"` + strings.Repeat(c, 20_000) + `","type":"text"}]` }
	s := store(logs.Everything(), call(asked(`[{"role":"user","content":`+part("a")+`},{"role":"user","content":`+part("b")+`}]`)))
	assert.Equal(t, []string{part("a") + "\n" + part("b") + "|hi"}, ask(t, s, audited(t)))
}

func TestOnly2MBOfAMessageAreKept(t *testing.T) {
	s := store(logs.Everything(), call(asked(said(strings.Repeat("x", 3<<20)))))
	texts, _ := pieces(s)
	assert.InDelta(t, 2<<20, len(strings.Join(texts, "")), 100)
}

func TestMessagesOfEveryShapeAreKept(t *testing.T) {
	for request, want := range map[string]string{
		`[{"role":"user","content":[{"type":"text", "text":"look"}]}]`: `[{"type":"text","text":"look"}]`,
		`"a prompt"`:                    "a prompt",
		`["one","two"]`:                 `["one","two"]`,
		`[{"role":"user","content":"cu`: `[{"role":"user","content":"cu`,
	} {
		s := store(logs.Everything(), call(asked(request)))
		assert.Equal(t, []string{want}, ask(t, s, `ApiManagementGatewayLlmLog | mv-expand m = RequestMessages | where isnotnull(m) | project tostring(m.content)`), request)
	}
}

func TestMessagesKeepTheOrderOfTheirKeys(t *testing.T) {
	for request, want := range map[string]string{
		`[{"role":"user","content":"hi"}]`:                                    `[{"role":"user","content":"hi"}]`,
		`[{"content":"hi","role":"user"}]`:                                    `[{"content":"hi","role":"user"}]`,
		`[{"name":"x","content":[{"z":1, "a":{"y":2,"b":3}}],"role":"user"}]`: `[{"content":[{"z":1,"a":{"y":2,"b":3}}],"role":"user"}]`,
		`{"z":1,"a":"<b>"}`:                                                   `[{"role":"user","content":{"z":1,"a":"<b>"}}]`,
	} {
		s := store(logs.Everything(), call(asked(request)))
		query := `ApiManagementGatewayLlmLog | where SequenceNumber == 1 | project RequestMessages, tostring(RequestMessages)`
		assert.Equal(t, []string{want + "|" + want}, ask(t, s, query))
		dir := t.TempDir()
		require.NoError(t, s.Save(dir))
		saved, err := logs.Query(t.Context(), dir, query, io.Discard)
		require.NoError(t, err)
		assert.Equal(t, kql.JSON(want), saved.Rows[0][0], "as saved")
	}
}

func TestTokenCountsAreInOneRowOfACallOnly(t *testing.T) {
	s := store(logs.Everything(), call(asked(said(strings.Repeat("x", 100_000)))))
	assert.Equal(t, []string{"15|1"}, ask(t, s, `ApiManagementGatewayLlmLog | summarize sum(TotalTokens), countif(isnotempty(DeploymentName))`))
}

// The queries of Microsoft's own page and of neighbouring projects, in our words: they have to work on these rows.
func TestPublishedQueryPatternsWorkOnTheRows(t *testing.T) {
	s := store(logs.Everything(), call(), call(func(r *apim.CallRecord) { r.CorrelationID = "c2" }))
	for query, want := range map[string][]string{
		`ApiManagementGatewayLlmLog
| extend Q = parse_json(RequestMessages), A = parse_json(ResponseMessages)
| mv-expand Q
| mv-expand A
| project CorrelationId, Question = tostring(Q.content), Answer = tostring(A.content)
| summarize In = strcat_array(make_list(Question), " . "), Out = strcat_array(make_list(Answer), " . ") by CorrelationId
| where isnotempty(In) and isnotempty(Out)
| project trim(@"[ .]+", In), trim(@"[ .]+", Out)`: {"hello|hi", "hello|hi"},
		`let heads = ApiManagementGatewayLlmLog | where DeploymentName != '';
heads | join kind=leftouter ApiManagementGatewayLogs on CorrelationId
| project SubscriptionId = ApimSubscriptionId, DeploymentName, PromptTokens, CompletionTokens, TotalTokens
| summarize P = sum(PromptTokens), C = sum(CompletionTokens), T = sum(TotalTokens) by SubscriptionId, DeploymentName`: {"red-standard|gpt-4o|20|10|30"},
		`ApiManagementGatewayLogs | where TimeGenerated > ago(1d) | summarize Failed = countif(toint(ResponseCode) >= 400) * 100.0 / count() by bin(TimeGenerated, 5m) | render timechart`: {"2026-03-02T12:00:00Z|0"},
	} {
		assert.Equal(t, want, ask(t, s, query))
	}
}

func FuzzPieces(f *testing.F) {
	f.Add(said("hello"))
	f.Add(said(strings.Repeat("\u0001é\"", 9_000)))
	f.Add(`[{"role":"user"}]`)
	f.Add("{")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip("the gateway hands over valid text")
		}
		s := store(logs.Everything(), call(asked(text)))
		for _, row := range s.Rows(logs.LLMLog) {
			assert.LessOrEqual(t, rowBytes(t, row), 32<<10)
		}
		var whole []struct{ Content string }
		if json.Unmarshal([]byte(text), &whole) != nil || len(text) > 2<<20 {
			return
		}
		want := ""
		for _, m := range whole {
			want += m.Content
		}
		got, _ := pieces(s)
		assert.Equal(t, want, strings.Join(got, ""))
	})
}
