package accounts_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	client "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

// recipe is what the answers of these tests are parsed into.
type recipe struct {
	Name  string
	Kind  string
	Steps []struct{ Text string }
	Next  *recipe
}

const recipeSchema = `{"type":"object","additionalProperties":false,"required":["name","kind","steps","next"],"properties":{
	"name":{"type":"string"},"kind":{"enum":["soup","cake"]},
	"steps":{"type":"array","minItems":2,"items":{"type":"object","additionalProperties":false,"required":["text"],"properties":{"text":{"type":"string","description":"über"}}}},
	"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}`

const recipeValue = `{"name":"text","kind":"soup","steps":[{"text":"text"},{"text":"text"}],"next":null}`

func TestAnAnswerHasTheFormatThatTheClientAskedFor(t *testing.T) {
	s, _ := service(t)
	ctx := context.Background()
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			params := client.ChatCompletionNewParams{Model: "chat", Messages: prompt("a recipe"), ResponseFormat: client.ChatCompletionNewParamsResponseFormatUnion{
				OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
					Name: "recipe", Schema: json.RawMessage(recipeSchema), Strict: client.Bool(true)}}}}
			got, err := c.Chat.Completions.New(ctx, params)
			require.NoError(t, err)
			var parsed recipe
			require.NoError(t, json.Unmarshal([]byte(got.Choices[0].Message.Content), &parsed))
			assert.Equal(t, "soup", parsed.Kind)
			assert.JSONEq(t, recipeValue, got.Choices[0].Message.Content)
			assert.Equal(t, "stop", got.Choices[0].FinishReason)
			assert.EqualValues(t, accounts.CountTokens("gpt-4o", recipeValue), got.Usage.CompletionTokens)

			stream := c.Chat.Completions.NewStreaming(ctx, params)
			sum := client.ChatCompletionAccumulator{}
			for stream.Next() {
				sum.AddChunk(stream.Current())
			}
			require.NoError(t, stream.Err())
			assert.Equal(t, recipeValue, sum.Choices[0].Message.Content)

			params.MaxCompletionTokens = client.Int(3)
			got, err = c.Chat.Completions.New(ctx, params)
			require.NoError(t, err)
			assert.Equal(t, "length", got.Choices[0].FinishReason)
			assert.True(t, strings.HasPrefix(recipeValue, got.Choices[0].Message.Content))
			assert.EqualValues(t, 3, got.Usage.CompletionTokens)

			params.ResponseFormat = client.ChatCompletionNewParamsResponseFormatUnion{OfJSONObject: &shared.ResponseFormatJSONObjectParam{}}
			params.Messages = prompt("answer in JSON")
			got, err = c.Chat.Completions.New(ctx, params)
			require.NoError(t, err)
			assert.JSONEq(t, `{}`, got.Choices[0].Message.Content)
		})
	}
}

func TestAResponseHasTheFormatThatTheClientAskedFor(t *testing.T) {
	s, _ := service(t)
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			var schema map[string]any
			require.NoError(t, json.Unmarshal([]byte(recipeSchema), &schema))
			params := responses.ResponseNewParams{Model: "chat", Input: responses.ResponseNewParamsInputUnion{OfString: client.String("a recipe")},
				Text: responses.ResponseTextConfigParam{Format: responses.ResponseFormatTextConfigUnionParam{OfJSONSchema: &responses.ResponseFormatTextJSONSchemaConfigParam{
					Name: "recipe", Schema: schema, Strict: client.Bool(true)}}}}
			got, err := c.Responses.New(context.Background(), params)
			require.NoError(t, err)
			assert.JSONEq(t, recipeValue, got.OutputText())
			assert.Equal(t, "recipe", got.Text.Format.Name)
			plain, err := c.Responses.New(context.Background(), responses.ResponseNewParams{Model: "chat", Input: params.Input})
			require.NoError(t, err)
			assert.Greater(t, got.Usage.InputTokens, plain.Usage.InputTokens+40, "the schema is read too")

			stream := c.Responses.NewStreaming(context.Background(), params)
			text := ""
			for stream.Next() {
				if event := stream.Current(); event.Type == "response.output_text.delta" {
					text += event.Delta
				}
			}
			require.NoError(t, stream.Err())
			assert.JSONEq(t, recipeValue, text)
		})
	}
}

func TestAFormatThatAzureRefusesIsRefused(t *testing.T) {
	s, _ := service(t, func(a *accounts.Account) {
		a.Deployments = append(a.Deployments, accounts.Deployment{Name: "first", Model: "gpt-4o", Version: "2024-05-13", SKU: "Standard", Capacity: 10})
	})
	chat := func(format string) string {
		return `{"messages":[{"role":"user","content":"x"}],"response_format":` + format + `}`
	}
	schema := func(schema string) string {
		return `{"type":"json_schema","json_schema":{"name":"out","strict":true,"schema":` + schema + `}}`
	}
	response := func(format string) string { return `{"model":"chat","input":"x","text":{"format":` + format + `}}` }
	for _, tc := range []struct{ path, body, want string }{
		{chatPath, chat(`{}`), `"param":"response_format.type"`},
		{chatPath, chat(`"json_object"`), `"code":"invalid_type"`},
		{chatPath, chat(`{"type":"xml"}`), `Invalid value: 'xml'.`},
		{chatPath, chat(`{"type":"json_object"}`), `'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.`},
		{chatPath, chat(`{"type":"json_schema"}`), `"param":"response_format.json_schema"`},
		{chatPath, chat(`{"type":"json_schema","json_schema":{"schema":{}}}`), `"param":"response_format.json_schema.name"`},
		{chatPath, chat(schema(`{"type":"array"}`)), `Invalid schema for response_format 'out': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.","type":"invalid_request_error","param":"response_format","code":null`},
		{chatPath, chat(schema(`{"type":"object","properties":{}}`)), `In context=(), 'additionalProperties' is required to be supplied and to be false.`},
		{chatPath, chat(schema(`{"type":"object","properties":{"a":{"type":"object"}},"additionalProperties":false,"required":["a"]}`)), `In context=('properties', 'a'), 'additionalProperties'`},
		{chatPath, chat(schema(`{"type":"object","properties":{"a":{"type":"array","items":{"properties":{"b":{}},"additionalProperties":false}}},"additionalProperties":false,"required":["a"]}`)), `In context=('properties', 'a', 'items'), 'required' is required to be supplied and to be an array including every key in properties. Missing 'b'.`},
		{chatPath, chat(schema(`{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"$ref":"#"}}}`)), `no finite value`},
		{deployment("old", "chat/completions"), chat(schema(`{}`)), `is not supported with this model`},
		{deployment("first", "chat/completions"), chat(schema(`{}`)), `is not supported with this model`},
		{"/openai/deployments/chat/chat/completions?api-version=2024-06-01", chat(schema(`{}`)), `{"error":{"code":"BadRequest","message":"response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later"}}`},
		{responsesPath, response(`{"type":"json_object"}`), `Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.`},
		{responsesPath, response(`{"type":"json_schema","schema":{}}`), `"param":"text.format.name"`},
		{responsesPath, response(`{"type":"json_schema","name":"out"}`), `"param":"text.format.schema"`},
		{responsesPath, response(`{"type":"json_schema","name":"out","strict":true,"schema":{"type":"object"}}`), `"param":"text.format.schema","code":"invalid_json_schema"`},
		{responsesPath, `{"model":"chat","input":"x","text":"json"}`, `"param":"text"`},
	} {
		got := post(t, s, tc.path, tc.body)
		assert.Equal(t, 400, got.status, tc.body)
		assert.Contains(t, got.body, tc.want, tc.body)
	}
	assert.Equal(t, 200, post(t, s, chatPath, chat(`{"type":"text"}`)).status)
	assert.Equal(t, 200, post(t, s, chatPath, chat(`null`)).status)
}

func TestCharactersOfSeveralTokensAreNotTornApart(t *testing.T) {
	s, _ := service(t)
	got := post(t, s, chatPath, `{"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"out","schema":{"type":"object","properties":{"a":{"const":"𒀀🜁𓂀 end"}},"required":["a"]}}}}`)
	require.Equal(t, 200, got.status, got.body)
	assert.NotContains(t, got.body, `\ufffd`)
	assert.Contains(t, got.body, "𒀀")
	list := events(t, got.body)
	var last struct {
		Usage struct {
			Completion int `json:"completion_tokens"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(list[len(list)-2]), &last))
	assert.Equal(t, accounts.CountTokens("gpt-4o", `{"a":"𒀀🜁𓂀 end"}`), last.Usage.Completion)
}
