package accounts_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/ai/azopenai"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	client "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

// official returns OpenAI's own client for the dated surface and for v1, over TLS.
func official(t *testing.T, s *accounts.Service) map[string]client.Client {
	t.Helper()
	srv := server(t, s)
	return map[string]client.Client{
		"dated": client.NewClient(azure.WithEndpoint(srv.URL, "2025-03-01-preview"), azure.WithAPIKey(testKey), option.WithHTTPClient(srv.Client()), option.WithMaxRetries(0)),
		"v1":    client.NewClient(option.WithBaseURL(srv.URL+"/openai/v1/"), option.WithAPIKey(testKey), option.WithHTTPClient(srv.Client()), option.WithMaxRetries(0)),
	}
}

func prompt(text string) []client.ChatCompletionMessageParamUnion {
	return []client.ChatCompletionMessageParamUnion{client.SystemMessage("You are brief."), client.UserMessage(text)}
}

func TestTheOfficialClientChatsOnBothSurfaces(t *testing.T) {
	s, _ := service(t)
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			got, err := c.Chat.Completions.New(context.Background(), client.ChatCompletionNewParams{Model: "chat", Messages: prompt("say something about rivers"), N: client.Int(2)})
			require.NoError(t, err)
			require.Len(t, got.Choices, 2)
			text := got.Choices[0].Message.Content
			assert.Contains(t, text, "rivers")
			assert.Equal(t, "stop", got.Choices[0].FinishReason)
			assert.Equal(t, "gpt-4o-2024-08-06", got.Model)
			assert.Equal(t, accounts.DefaultAnswerTokens, accounts.CountTokens("gpt-4o", text))
			assert.EqualValues(t, 2*accounts.DefaultAnswerTokens, got.Usage.CompletionTokens)
			// 3 to begin, and for both messages 3, the role and the text, as OpenAI's cookbook counts.
			want := 3 + 2*3 + accounts.CountTokens("gpt-4o", "system") + accounts.CountTokens("gpt-4o", "You are brief.") +
				accounts.CountTokens("gpt-4o", "user") + accounts.CountTokens("gpt-4o", "say something about rivers")
			assert.EqualValues(t, want, got.Usage.PromptTokens)
			assert.Equal(t, got.Usage.PromptTokens+got.Usage.CompletionTokens, got.Usage.TotalTokens)
		})
	}
}

func TestTheOfficialClientStreamsWithUsageOnBothSurfaces(t *testing.T) {
	s, _ := service(t)
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			stream := c.Chat.Completions.NewStreaming(context.Background(), client.ChatCompletionNewParams{Model: "chat", Messages: prompt("tell me " + accounts.MarkAnswer.With("40")),
				StreamOptions: client.ChatCompletionStreamOptionsParam{IncludeUsage: client.Bool(true)}})
			sum := client.ChatCompletionAccumulator{}
			text := strings.Builder{}
			for stream.Next() {
				chunk := stream.Current()
				if len(chunk.Choices) > 0 {
					text.WriteString(chunk.Choices[0].Delta.Content)
				}
				sum.AddChunk(chunk)
			}
			require.NoError(t, stream.Err())
			assert.EqualValues(t, 40, sum.Usage.CompletionTokens)
			assert.Equal(t, 40, accounts.CountTokens("gpt-4o", text.String()))
			assert.Equal(t, "stop", sum.Choices[0].FinishReason)
		})
	}
}

func TestTheOfficialClientUsesEveryOtherOperation(t *testing.T) {
	s, _ := service(t)
	ctx := context.Background()
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			text, err := c.Completions.New(ctx, client.CompletionNewParams{Model: "old", Prompt: client.CompletionNewParamsPromptUnion{OfString: client.String("once upon a time")}, MaxTokens: client.Int(5)})
			require.NoError(t, err)
			assert.Equal(t, client.CompletionChoiceFinishReasonLength, text.Choices[0].FinishReason)
			assert.EqualValues(t, 5, text.Usage.CompletionTokens)

			vectors, err := c.Embeddings.New(ctx, client.EmbeddingNewParams{Model: "embed", Input: client.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"a cat", "a dog", "a cat"}}, Dimensions: client.Int(8)})
			require.NoError(t, err)
			require.Len(t, vectors.Data, 3)
			assert.Equal(t, vectors.Data[0].Embedding, vectors.Data[2].Embedding)
			assert.NotEqual(t, vectors.Data[0].Embedding, vectors.Data[1].Embedding)
			assert.Len(t, vectors.Data[0].Embedding, 8)
			assert.EqualValues(t, 6, vectors.Usage.TotalTokens)

			heard, err := c.Audio.Transcriptions.New(ctx, client.AudioTranscriptionNewParams{Model: "hear", File: client.File(strings.NewReader("RIFF"), "memo.wav", "audio/wav")})
			require.NoError(t, err)
			assert.Contains(t, heard.Text, "memo.wav")

			drawn, err := c.Images.Generate(ctx, client.ImageGenerateParams{Model: "draw", Prompt: "a boat", ResponseFormat: client.ImageGenerateParamsResponseFormatB64JSON})
			require.NoError(t, err)
			assert.NotEmpty(t, drawn.Data[0].B64JSON)

			if name == "v1" { // the stable dated version has neither
				spoken, err := c.Audio.Speech.New(ctx, client.AudioSpeechNewParams{Model: "speak", Input: "hello", Voice: client.AudioSpeechNewParamsVoiceUnion{OfString: client.String("alloy")}})
				require.NoError(t, err)
				assert.Equal(t, "audio/mpeg", spoken.Header.Get("Content-Type"))
				require.NoError(t, spoken.Body.Close())

				picture := client.ImageEditParamsImageUnion{OfFile: client.File(strings.NewReader("PNG"), "boat.png", "image/png")}
				edited, err := c.Images.Edit(ctx, client.ImageEditParams{Model: "paint", Prompt: "a boat", Image: picture})
				require.NoError(t, err)
				assert.NotEmpty(t, edited.Data[0].B64JSON)
			}

			models, err := c.Models.List(ctx)
			require.NoError(t, err)
			assert.Equal(t, "gpt-4o-2024-08-06", models.Data[0].ID)
			assert.Len(t, models.Data, 8, "two deployments of one model are one model")
			one, err := c.Models.Get(ctx, "whisper-001")
			require.NoError(t, err)
			assert.Equal(t, "whisper-001", one.ID)
		})
	}
}

func TestTheOfficialClientUsesResponses(t *testing.T) {
	s, _ := service(t)
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			params := responses.ResponseNewParams{Model: "chat", Instructions: client.String("Be brief."), Input: responses.ResponseNewParamsInputUnion{OfString: client.String("count sheep")}}
			got, err := c.Responses.New(context.Background(), params)
			require.NoError(t, err)
			assert.Contains(t, got.OutputText(), "sheep")
			assert.EqualValues(t, accounts.DefaultAnswerTokens, got.Usage.OutputTokens)
			assert.EqualValues(t, "completed", got.Status)

			params.MaxOutputTokens = client.Int(7)
			stream := c.Responses.NewStreaming(context.Background(), params)
			var text, last string
			sequence := int64(0)
			for stream.Next() {
				event := stream.Current()
				assert.Equal(t, sequence, event.SequenceNumber)
				sequence++
				last = event.Type
				if event.Type == "response.output_text.delta" {
					text += event.Delta
				}
				if event.Type == "response.incomplete" {
					assert.Equal(t, text, event.Response.OutputText())
					assert.EqualValues(t, 7, event.Response.Usage.OutputTokens)
				}
			}
			require.NoError(t, stream.Err())
			assert.Equal(t, "response.incomplete", last, "max_output_tokens cut the answer")
		})
	}
}

// staticCredential is what azopenai gets instead of an identity.
type staticCredential string

func (c staticCredential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(c)}, nil
}

func TestAzopenaiChatsStreamsAndSeesErrorCodes(t *testing.T) {
	s, _ := service(t)
	srv := server(t, s)
	connect := func(token string) *azopenai.Client {
		c, err := azopenai.NewClient(srv.URL, staticCredential(token), &azopenai.ClientOptions{ClientOptions: azcore.ClientOptions{
			Transport: srv.Client(), Retry: policy.RetryOptions{MaxRetries: -1}}})
		require.NoError(t, err)
		return c
	}
	ctx := context.Background()
	messages := []azopenai.ChatRequestMessageClassification{&azopenai.ChatRequestUserMessage{Content: azopenai.NewChatRequestUserMessageContent("greet the sun")}}
	got, err := connect("gateway-token").GetChatCompletions(ctx, azopenai.ChatCompletionsOptions{DeploymentName: to.Ptr("chat"), Messages: messages, MaxTokens: to.Ptr[int32](4)}, nil)
	require.NoError(t, err)
	assert.Equal(t, azopenai.CompletionsFinishReasonTokenLimitReached, *got.Choices[0].FinishReason)
	assert.EqualValues(t, 4, *got.Usage.CompletionTokens)
	require.NotEmpty(t, got.PromptFilterResults)
	assert.False(t, *got.PromptFilterResults[0].ContentFilterResults.Hate.Filtered)

	stream, err := connect("gateway-token").GetChatCompletionsStream(ctx, azopenai.ChatCompletionsStreamOptions{DeploymentName: to.Ptr("chat"), Messages: messages}, nil)
	require.NoError(t, err)
	defer stream.ChatCompletionsStream.Close()
	text := ""
	for {
		event, err := stream.ChatCompletionsStream.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		for _, choice := range event.Choices {
			if choice.Delta.Content != nil {
				text += *choice.Delta.Content
			}
		}
	}
	assert.Equal(t, accounts.DefaultAnswerTokens, accounts.CountTokens("gpt-4o", text))

	_, err = connect("stranger-token").GetChatCompletions(ctx, azopenai.ChatCompletionsOptions{DeploymentName: to.Ptr("chat"), Messages: messages}, nil)
	var refused *azcore.ResponseError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "PermissionDenied", refused.ErrorCode)
	assert.Equal(t, http.StatusUnauthorized, refused.StatusCode)

	_, err = connect("gateway-token").GetChatCompletions(ctx, azopenai.ChatCompletionsOptions{DeploymentName: to.Ptr("chat"), Messages: []azopenai.ChatRequestMessageClassification{
		&azopenai.ChatRequestUserMessage{Content: azopenai.NewChatRequestUserMessageContent(accounts.MarkFilter.With("hate"))}}}, nil)
	var filtered *azopenai.ContentFilterResponseError
	require.ErrorAs(t, err, &filtered, "the SDK recognises the refusal by its exact body")
	assert.True(t, *filtered.ContentFilterResults.Hate.Filtered)
}

func TestTheOfficialClientSeesMessageAndCodeOfAnError(t *testing.T) {
	s, _ := service(t)
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			_, err := c.Chat.Completions.New(context.Background(), client.ChatCompletionNewParams{Model: "none", Messages: prompt("x")})
			var apiError *client.Error
			require.ErrorAs(t, err, &apiError)
			assert.Equal(t, 404, apiError.StatusCode)
			assert.Equal(t, "DeploymentNotFound", apiError.Code)
			assert.Contains(t, apiError.Message, "does not exist")
		})
	}
}
