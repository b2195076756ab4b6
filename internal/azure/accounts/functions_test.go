package accounts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnOldClientsFunctionsAreCalled(t *testing.T) {
	s, _ := service(t)
	body := func(prompt, fields string) string {
		return `{"messages":[{"role":"user","content":"` + prompt + `"}],"functions":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"]}}]` + fields + `}`
	}
	for _, tc := range []struct{ body, call, finish string }{
		{body("x", ""), "", "stop"},
		{body("x", `,"function_call":"auto"`), "", "stop"},
		{body("[[tool:f]][[tool:f]]", ""), `"function_call":{"name":"f","arguments":"{\"a\":false}"}`, "function_call"},
		{body("[[tool:f]]", `,"function_call":"none"`), "", "stop"},
		{body("x", `,"function_call":{"name":"f"}`), `"function_call":{"name":"f","arguments":"{\"a\":false}"}`, "stop"},
	} {
		got := post(t, s, chatPath, tc.body)
		require.Equal(t, 200, got.status, got.body)
		assert.Contains(t, got.body, `"finish_reason":"`+tc.finish+`"`, tc.body)
		assert.Contains(t, got.body, tc.call, tc.body)
		assert.Equal(t, tc.call != "", strings.Contains(got.body, "function_call\":{"), tc.body)
		assert.NotContains(t, got.body, "tool_calls")
	}
	got := post(t, s, chatPath, body("x", `,"stream":true,"function_call":{"name":"f"}`))
	assert.Contains(t, got.body, `"delta":{"function_call":{"name":"f","arguments":""}}`)
	assert.Contains(t, got.body, `"delta":{"function_call":{"arguments":"{\""}}`)
	assert.NotContains(t, got.body, "tool_calls")
	assert.Equal(t, 400, post(t, s, chatPath, body("x", `,"function_call":{"name":"g"}`)).status)
}
