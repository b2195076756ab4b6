package accounts_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

func deployment(name, operation string) string {
	return "/openai/deployments/" + name + "/" + operation + "?api-version=" + apiVersion
}

func TestABadRequestIsA400ThatNamesTheParameter(t *testing.T) {
	chat := deployment("chat", "chat/completions")
	embed := deployment("embed", "embeddings")
	with := func(field string) string { return `{"messages":[{"role":"user","content":"x"}],` + field + `}` }
	s, _ := service(t)
	for _, tc := range []struct{ path, body, param, code string }{
		{chat, ``, "", ""},
		{chat, `not json`, "", ""},
		{chat, `{} {}`, "", ""},
		{chat, `[]`, "", ""},
		{chat, `{}`, "messages", "missing_required_parameter"},
		{chat, `{"messages":[]}`, "messages", "empty_array"},
		{chat, `{"messages":"x"}`, "messages", "invalid_type"},
		{chat, `{"messages":[{"role":"boss","content":"x"}]}`, "messages", "invalid_value"},
		{chat, `{"messages":[{"role":"user","content":7}]}`, "messages", "invalid_type"},
		{chat, with(`"max_tokens":0`), "max_tokens", "integer_below_min_value"},
		{chat, with(`"max_tokens":"5"`), "max_tokens", "invalid_type"},
		{chat, with(`"max_completion_tokens":-1`), "max_completion_tokens", "integer_below_min_value"},
		{chat, with(`"n":0`), "n", "integer_below_min_value"},
		{chat, with(`"n":129`), "n", "integer_above_max_value"},
		{chat, with(`"temperature":2.5`), "temperature", "decimal_out_of_range"},
		{deployment("reason", "chat/completions"), with(`"max_tokens":5`), "max_tokens", "unsupported_parameter"},
		{deployment("reason", "chat/completions"), with(`"temperature":0.1`), "temperature", "unsupported_value"},
		{deployment("old", "completions"), `{}`, "prompt", "missing_required_parameter"},
		{deployment("old", "completions"), `{"prompt":{}}`, "prompt", "invalid_type"},
		{embed, `{}`, "input", "missing_required_parameter"},
		{embed, `{"input":[]}`, "input", "invalid_type"},
		{embed, `{"input":"x","dimensions":0}`, "dimensions", "integer_out_of_range"},
		{embed, `{"input":"x","encoding_format":"hex"}`, "encoding_format", "invalid_value"},
		{embed, `{"input":[` + strings.Repeat(`"x",`, 2048) + `"x"]}`, "input", "array_above_max_length"},
		{deployment("draw", "images/generations"), `{}`, "prompt", "missing_required_parameter"},
		{deployment("draw", "images/generations"), `{"prompt":"x","n":2}`, "n", "integer_above_max_value"},
		{deployment("hear", "audio/transcriptions"), `{}`, "file", "invalid_type"},
		{"/openai/v1/images/edits", `{"model":"paint"}`, "file", "invalid_type"},
		{"/openai/v1/audio/speech", `{"model":"speak","voice":"alloy"}`, "input", "missing_required_parameter"},
		{"/openai/v1/audio/speech", `{"model":"speak","input":"x"}`, "voice", "missing_required_parameter"},
		{"/openai/v1/chat/completions", `{"messages":[]}`, "model", "missing_required_parameter"},
		{"/openai/v1/responses", `{"model":"chat"}`, "input", "missing_required_parameter"},
		{"/openai/v1/responses", `{"model":"chat","input":7}`, "input", "invalid_type"},
	} {
		got := post(t, s, tc.path, tc.body)
		require.Equal(t, http.StatusBadRequest, got.status, "%s %s: %s", tc.path, tc.body, got.body)
		var body struct {
			Error struct {
				Message     string
				Type        string
				Param, Code *string
			}
		}
		require.NoError(t, json.Unmarshal([]byte(got.body), &body), got.body)
		value := func(p *string) string {
			if p == nil {
				return ""
			}
			return *p
		}
		assert.Equal(t, []string{tc.param, tc.code, "invalid_request_error"}, []string{value(body.Error.Param), value(body.Error.Code), body.Error.Type}, "%s: %s", tc.body, got.body)
		assert.NotEmpty(t, body.Error.Message)
	}
}

func TestAModelRefusesOperationsItDoesNotHave(t *testing.T) {
	s, _ := service(t)
	got := post(t, s, deployment("embed", "chat/completions"), hello)
	assert.Equal(t, 400, got.status)
	assert.Equal(t, `{"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does not work with the specified model, text-embedding-3-small. Please choose different model and try again. You can learn more about which models can be used with each operation here: https://go.microsoft.com/fwlink/?linkid=2197993."}}`, got.body)
	got = post(t, s, deployment("chat", "embeddings"), `{"input":"x"}`)
	assert.Contains(t, got.body, "The embeddings operation does not work with the specified model, gpt-4o.")
}

func TestAFilteredPromptIsRefusedWithTheExactBody(t *testing.T) {
	s, _ := service(t)
	got := post(t, s, chatPath, `{"messages":[{"role":"user","content":"`+accounts.MarkFilter.With("violence")+`"}]}`)
	assert.Equal(t, 400, got.status)
	assert.JSONEq(t, `{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
		"type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{
		"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false},"self_harm":{"filtered":false,"severity":"safe"},
		"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":true,"severity":"high"}}}}}`, got.body)
	assert.Zero(t, s.Requests()[0].Usage.Total(), "a refused prompt is not billed")

	got = post(t, s, chatPath, `{"messages":[{"role":"user","content":"`+accounts.MarkFilterAnswer.With("hate")+`"}]}`)
	assert.Equal(t, 200, got.status)
	assert.Contains(t, got.body, `"finish_reason":"content_filter"`)
}

func FuzzRequestsNeverBreakTheService(f *testing.F) {
	for _, body := range []string{
		hello, `{"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:"}}]}],"stream":true,"stream_options":{"include_usage":true}}`,
		`{"input":[[1,2],[3]]}`, `{"prompt":[1,2,3],"best_of":3}`, `{"messages":[null]}`, `{"messages":[{"role":"user","content":"[[answer:999999999999999999]]"}]}`,
		`{"model":"chat","input":[{"role":"user","content":[{"type":"input_text","text":"hi"}]},{"type":"function_call_output","call_id":"1","output":"2"}]}`, `{"n":2,"max_tokens":1}`, `null`, `{"stream_options":7}`,
	} {
		f.Add(uint8(0), body)
	}
	paths := []string{chatPath, deployment("old", "completions"), deployment("embed", "embeddings"), "/openai/v1/responses", "/openai/v1/chat/completions", deployment("draw", "images/generations"), deployment("hear", "audio/translations")}
	s, _ := service(f, capacity(1_000_000))
	f.Fuzz(func(t *testing.T, path uint8, body string) {
		got := post(t, s, paths[int(path)%len(paths)], body)
		if got.status >= 500 {
			t.Errorf("%q answered %d: %s", body, got.status, got.body)
		}
		if got.status >= 400 && !json.Valid([]byte(got.body)) {
			t.Errorf("%q: error body %q is not JSON", body, got.body)
		}
	})
}
