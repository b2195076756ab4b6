package accounts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/accounts"
)

// at is the path of a chat in an api-version.
func at(version string) string {
	return "/openai/deployments/chat/chat/completions?api-version=" + version
}

func TestAnApiVersionRefusesWhatCameLater(t *testing.T) {
	s, _ := service(t)
	chat := func(fields string) string { return `{"messages":[{"role":"user","content":"x"}],` + fields + `}` }
	tools := `"tools":[{"type":"function","function":{"name":"f"}}]`
	for _, tc := range []struct{ fields, before, since, want string }{
		{`"stream":true,"stream_options":{"include_usage":true}`, "2024-08-01-preview", "2024-09-01-preview", `{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error","param":null,"code":null}}`},
		{`"max_completion_tokens":5`, "2024-06-01", "2024-10-21", `Unrecognized request argument supplied: max_completion_tokens"`},
		{tools + `,"parallel_tool_calls":false`, "2024-06-01", "2024-10-21", `Unrecognized request argument supplied: parallel_tool_calls"`},
		{`"reasoning_effort":"low"`, "2024-10-21", "2024-12-01-preview", `Unrecognized request argument supplied: reasoning_effort"`},
		{`"store":true,"metadata":{}`, "2024-10-21", "2025-01-01-preview", `Unrecognized request arguments supplied: metadata, store"`},
		{tools + `,"tool_choice":"auto"`, "2023-07-01-preview", "2023-12-01-preview", `Unrecognized request arguments supplied: tool_choice, tools"`},
	} {
		got := post(t, s, at(tc.before), chat(tc.fields))
		assert.Equal(t, 400, got.status, tc.fields)
		assert.Contains(t, got.body, tc.want, tc.fields)
		got = post(t, s, at(tc.since), chat(tc.fields))
		assert.Equal(t, 200, got.status, "%s: %s", tc.fields, got.body)
		got = post(t, s, "/openai/v1/chat/completions", strings.Replace(chat(tc.fields), "{", `{"model":"chat",`, 1))
		assert.Equal(t, 200, got.status, "%s: %s", tc.fields, got.body)
	}
	assert.Equal(t, 200, post(t, s, at("2024-02-01"), chat(`"stream_options":null,"reasoning_effort":null,"zeta":null`)).status, "null is absent")
	old := deployment("old", "completions")
	assert.Equal(t, 400, post(t, s, strings.Replace(old, apiVersion, "2024-02-01", 1), `{"prompt":"x","stream":true,"stream_options":{}}`).status)
	assert.Equal(t, 200, post(t, s, old, `{"prompt":"x","stream":true,"stream_options":{}}`).status)
}

func TestWhatAnOperationDoesNotKnowIsRefused(t *testing.T) {
	s, _ := service(t, func(a *accounts.Account) { a.Deployments[5].Capacity = 100 })
	for _, tc := range []struct{ path, body, want string }{
		{chatPath, `{"messages":[{"role":"user","content":"x"}],"zeta":1,"apiMode":"x"}`, `{"error":{"message":"Unknown parameter: 'apiMode'.","type":"invalid_request_error","param":"apiMode","code":"unknown_parameter"}}`},
		{chatPath, `{"messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}`, `The 'stream_options' parameter is only allowed when 'stream' is enabled.","type":"invalid_request_error","param":"stream_options","code":null`},
		{chatPath, `{"messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{},"data_sources":[{}]}`, `"code":400,"message":"Validation error at #/stream_options: Extra inputs are not permitted"}}`},
		{"/openai/v1/images/generations", `{"model":"paint","prompt":"x","extra_body":{}}`, `Unknown parameter: 'extra_body'.`},
		{responsesPath, `{"model":"chat","input":"x","n":2}`, `Unknown parameter: 'n'.`},
		{responsesPath, `{"model":"chat","messages":[]}`, `Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to 'input'.`},
		{responsesPath, `{"model":"chat","input":"x","max_tokens":5}`, `has moved to 'max_output_tokens'`},
	} {
		got := post(t, s, tc.path, tc.body)
		assert.Equal(t, 400, got.status, tc.body)
		assert.Contains(t, got.body, tc.want, tc.body)
	}
}
