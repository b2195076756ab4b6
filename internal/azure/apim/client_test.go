package apim_test

import (
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/tlsca"
)

func TestAnOpenAIClientTalksThroughTheGatewayOverTLS(t *testing.T) {
	ids := &identities{}
	run := apimtest.RunT(t, guarded(func(c *apim.Configuration) {
		a := &c.APIs[0]
		a.Path, a.KeyParameter = "openai", apim.KeyParameter{Header: "api-key", Query: "api-key"}
		a.Operations = []apim.Operation{{ID: "ChatCompletions_Create", Method: "POST", URLTemplate: "/deployments/{deployment-id}/chat/completions"}}
		a.Policy = sections(`<set-header name="api-key" exists-action="delete" /><authentication-managed-identity resource="https://cognitiveservices.azure.com" />
			<llm-token-limit counter-key="k" tokens-per-minute="20" estimate-prompt-tokens="false" />`, `<forward-request buffer-response="false" />`, "", "")
	}), func(d *apim.Deps) { d.Identity = ids })
	ca, err := tlsca.New()
	require.NoError(t, err)
	srv, err := apim.ListenAndServeTLS(t.Context(), run.Gateway, "127.0.0.1:0", ca)
	require.NoError(t, err)
	client := func(key string) openai.Client {
		return openai.NewClient(azure.WithEndpoint(srv.URL, "2024-10-21"), azure.WithAPIKey(key), option.WithHTTPClient(ca.Client()), option.WithMaxRetries(0))
	}
	ask := openai.ChatCompletionNewParams{Model: "gpt-4o", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("hello")}}

	run.Backends.On("a.test", tokens(3, 2))
	mine := client("key-gold")
	got, err := mine.Chat.Completions.New(t.Context(), ask)
	require.NoError(t, err)
	assert.Equal(t, "a b", got.Choices[0].Message.Content)
	sent := run.Backends.Seen()[0]
	assert.Equal(t, "https://a.test/base/deployments/gpt-4o/chat/completions?api-version=2024-10-21", sent.URL)
	assert.Empty(t, sent.Header.Get("api-key"), "the caller's key stays with the gateway")
	assert.Equal(t, "Bearer mi-token", sent.Header.Get("Authorization"))

	run.Backends.On("a.test", apimtest.Stream(`{"choices":[{"delta":{"content":"one "}}]}`, `{"choices":[{"delta":{"content":"two"}}]}`, `{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20}}`, `[DONE]`))
	stream := mine.Chat.Completions.NewStreaming(t.Context(), ask)
	text := ""
	for stream.Next() {
		if chunk := stream.Current(); len(chunk.Choices) > 0 {
			text += chunk.Choices[0].Delta.Content
		}
	}
	require.NoError(t, stream.Err())
	assert.Equal(t, "one two", text)
	run.Records.Wait(2)

	var refused *openai.Error
	_, err = mine.Chat.Completions.New(t.Context(), ask)
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 429, refused.StatusCode)
	assert.NotEmpty(t, refused.Response.Header.Get("Retry-After"))

	stranger := client("nobody")
	_, err = stranger.Chat.Completions.New(t.Context(), ask)
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 401, refused.StatusCode)
}
