package accounts_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

// thinking gives an account a model that reasons, and a name.
func thinking(name string) func(*accounts.Account) {
	return func(a *accounts.Account) { a.Name, a.Deployments[0].Model = name, "gpt-5-mini" }
}

func TestReasoningIsReadByTheAccountThatMadeIt(t *testing.T) {
	east, _ := service(t, func(a *accounts.Account) { a.Deployments[0].Model = "gpt-5-mini" })
	west, _ := service(t, thinking("aoai-west"))
	const wish = `"model":"chat","store":false,"include":["reasoning.encrypted_content"]`
	first := post(t, east, responsesPath, `{`+wish+`,"input":"hi"}`)
	require.Equal(t, 200, first.status, first.body)
	var response struct{ Output []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(first.body), &response))
	require.Len(t, response.Output, 2)
	assert.Contains(t, string(response.Output[0]), `"type":"reasoning"`)
	assert.Contains(t, string(response.Output[1]), `"type":"message"`)

	next := `{` + wish + `,"input":[` + string(response.Output[0]) + `,{"role":"user","content":"more"}]}`
	assert.Equal(t, 200, post(t, east, responsesPath, next).status)
	foreign := post(t, west, strings.Replace(responsesPath, "east", "west", 1), next)
	assert.Equal(t, 400, foreign.status, foreign.body)
	assert.Contains(t, foreign.body, `"code":"invalid_encrypted_content"`)
	for _, broken := range []string{"gAAAA", "gAAAAA!", "gAAAAAeA"} {
		assert.Equal(t, 400, post(t, east, responsesPath, `{`+wish+`,"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"`+broken+`"}]}`).status, broken)
	}

	streamed := post(t, east, responsesPath, `{`+wish+`,"input":"hi","stream":true}`)
	assert.Contains(t, streamed.body, `"output_index":0,"sequence_number":2,"type":"response.output_item.added"`)
	assert.Contains(t, streamed.body, `"output_index":1`)
	assert.NotContains(t, post(t, east, responsesPath, `{"model":"chat","input":"hi"}`).body, "encrypted_content", "nobody asked for it")
}
