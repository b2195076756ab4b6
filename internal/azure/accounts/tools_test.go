package accounts_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	client "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

// weather and clock are the functions of these tests.
var weather = shared.FunctionDefinitionParam{Name: "get_weather", Description: client.String("Tells the weather."), Parameters: shared.FunctionParameters{
	"type": "object", "required": []string{"city", "unit"}, "properties": map[string]any{
		"city": map[string]any{"type": "string"}, "unit": map[string]any{"type": "string", "enum": []string{"celsius"}}, "days": map[string]any{"type": "integer"}}}}

var timeOfDay = shared.FunctionDefinitionParam{Name: "get-time"}

const weatherArguments = `{"city":"text","unit":"celsius"}`

func chatTools() []client.ChatCompletionToolUnionParam {
	return []client.ChatCompletionToolUnionParam{client.ChatCompletionFunctionTool(weather), client.ChatCompletionFunctionTool(timeOfDay)}
}

func choice(word string) client.ChatCompletionToolChoiceOptionUnionParam {
	return client.ChatCompletionToolChoiceOptionUnionParam{OfAuto: param.NewOpt(word)}
}

func TestAModelCallsTheToolsThatTheClientChose(t *testing.T) {
	s, _ := service(t)
	named := client.ToolChoiceOptionFunctionToolChoice(client.ChatCompletionNamedToolChoiceFunctionParam{Name: "get-time"})
	allowed := client.ChatCompletionToolChoiceOptionUnionParam{OfAllowedTools: &client.ChatCompletionAllowedToolChoiceParam{AllowedTools: client.ChatCompletionAllowedToolsParam{
		Mode: "required", Tools: []map[string]any{{"type": "function", "function": map[string]any{"name": "get-time"}}}}}}
	both := accounts.MarkTool.With("get-time") + accounts.MarkTool.With("get_weather")
	for name, c := range official(t, s) {
		for _, tc := range []struct {
			prompt   string
			choice   client.ChatCompletionToolChoiceOptionUnionParam
			parallel bool
			calls    string
			finish   string
		}{
			{"x", client.ChatCompletionToolChoiceOptionUnionParam{}, true, "", "stop"},
			{"x", choice("auto"), true, "", "stop"},
			{"x", choice("required"), true, "get_weather" + weatherArguments, "tool_calls"},
			{"x", named, true, "get-time{}", "stop"},
			{"x", allowed, true, "get-time{}", "tool_calls"},
			{both, choice("auto"), true, "get-time{} get_weather" + weatherArguments, "tool_calls"},
			{both, choice("required"), false, "get-time{}", "tool_calls"},
			{both, choice("none"), true, "", "stop"},
			{accounts.MarkTool.With("other"), choice("auto"), true, "", "stop"},
		} {
			t.Run(fmt.Sprint(name, tc.prompt, tc.calls), func(t *testing.T) {
				params := client.ChatCompletionNewParams{Model: "chat", Messages: prompt(tc.prompt), Tools: chatTools(), ToolChoice: tc.choice,
					ParallelToolCalls: client.Bool(tc.parallel)}
				got, err := c.Chat.Completions.New(context.Background(), params)
				require.NoError(t, err)
				assert.Equal(t, tc.calls, callsOf(got.Choices[0].Message))
				assert.Equal(t, tc.finish, got.Choices[0].FinishReason)

				stream := c.Chat.Completions.NewStreaming(context.Background(), params)
				sum := client.ChatCompletionAccumulator{}
				for stream.Next() {
					require.True(t, sum.AddChunk(stream.Current()))
				}
				require.NoError(t, stream.Err())
				assert.Equal(t, tc.calls, callsOf(sum.Choices[0].Message))
				assert.Equal(t, tc.finish, sum.Choices[0].FinishReason)
				if tc.calls != "" {
					assert.Empty(t, sum.Choices[0].Message.Content)
				}
			})
		}
	}
}

func callsOf(m client.ChatCompletionMessage) string {
	var calls []string
	for _, c := range m.ToolCalls {
		calls = append(calls, c.Function.Name+c.Function.Arguments)
	}
	return strings.Join(calls, " ")
}

func TestAResultOfAToolIsAnsweredWithText(t *testing.T) {
	s, _ := service(t)
	ctx := context.Background()
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			params := client.ChatCompletionNewParams{Model: "chat", Messages: prompt("weather? " + accounts.MarkTool.With("get_weather")), Tools: chatTools()}
			got, err := c.Chat.Completions.New(ctx, params)
			require.NoError(t, err)
			call := got.Choices[0].Message.ToolCalls[0]
			params.Messages = append(params.Messages, got.Choices[0].Message.ToParam(), client.ToolMessage("sunny afternoon", call.ID))
			next, err := c.Chat.Completions.New(ctx, params)
			require.NoError(t, err)
			assert.Contains(t, next.Choices[0].Message.Content, "sunny")
			assert.Empty(t, next.Choices[0].Message.ToolCalls)
			assert.EqualValues(t, 3+accounts.CountTokens("gpt-4o", "assistant")+accounts.CountTokens("gpt-4o", "get_weather")+accounts.CountTokens("gpt-4o", weatherArguments)+
				3+accounts.CountTokens("gpt-4o", "tool")+accounts.CountTokens("gpt-4o", "sunny afternoon"), next.Usage.PromptTokens-got.Usage.PromptTokens)
		})
	}
}

func TestAResponseCallsToolsAndGoesOnWithTheirResults(t *testing.T) {
	s, _ := service(t)
	ctx := context.Background()
	tools := []responses.ToolUnionParam{{OfFunction: &responses.FunctionToolParam{Name: "get_weather", Parameters: weather.Parameters}},
		{OfCustom: &responses.CustomToolParam{Name: "write"}}}
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			params := responses.ResponseNewParams{Model: "chat", Tools: tools, Input: responses.ResponseNewParamsInputUnion{OfString: client.String("count rivers " + accounts.MarkTool.With("write") + accounts.MarkTool.With("get_weather"))}}
			got, err := c.Responses.New(ctx, params)
			require.NoError(t, err)
			require.Len(t, got.Output, 2)
			assert.Equal(t, "custom_tool_call", got.Output[0].Type)
			assert.Contains(t, got.Output[0].AsCustomToolCall().Input, "rivers")
			call := got.Output[1].AsFunctionCall()
			assert.Equal(t, []string{"get_weather", weatherArguments, "completed"}, []string{call.Name, call.Arguments, string(call.Status)})

			next := responses.ResponseNewParams{Model: "chat", Tools: tools, PreviousResponseID: client.String(got.ID), Input: responses.ResponseNewParamsInputUnion{
				OfInputItemList: responses.ResponseInputParam{functionOutput(call.CallID, "sunny afternoon")}}}
			_, err = c.Responses.New(ctx, next)
			var refused *client.Error
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, "No tool output found for function call "+got.Output[0].AsCustomToolCall().CallID+".", refused.Message)
			next.Input.OfInputItemList = append(responses.ResponseInputParam{customOutput(got.Output[0].AsCustomToolCall().CallID, "done")}, next.Input.OfInputItemList...)
			answer, err := c.Responses.New(ctx, next)
			require.NoError(t, err)
			assert.Contains(t, answer.OutputText(), "sunny")

			items, err := c.Responses.InputItems.List(ctx, answer.ID, responses.InputItemListParams{})
			require.NoError(t, err)
			require.Len(t, items.Data, 2)
			assert.Equal(t, []string{"custom_tool_call_output", "function_call_output"}, []string{items.Data[0].Type, items.Data[1].Type})
			assert.Equal(t, call.CallID, items.Data[1].CallID)
		})
	}
}

func functionOutput(id, text string) responses.ResponseInputItemUnionParam {
	return responses.ResponseInputItemUnionParam{OfFunctionCallOutput: &responses.ResponseInputItemFunctionCallOutputParam{CallID: param.NewOpt(id),
		Output: responses.ResponseInputItemFunctionCallOutputOutputUnionParam{OfString: param.NewOpt(text)}}}
}

func customOutput(id, text string) responses.ResponseInputItemUnionParam {
	return responses.ResponseInputItemUnionParam{OfCustomToolCallOutput: &responses.ResponseCustomToolCallOutputParam{CallID: id,
		Output: responses.ResponseCustomToolCallOutputOutputUnionParam{OfString: param.NewOpt(text)}}}
}

func TestAResponseStreamsTheArgumentsOfItsCalls(t *testing.T) {
	s, _ := service(t)
	for name, c := range official(t, s) {
		t.Run(name, func(t *testing.T) {
			stream := c.Responses.NewStreaming(context.Background(), responses.ResponseNewParams{Model: "chat", Input: responses.ResponseNewParamsInputUnion{OfString: client.String("x")},
				Tools:      []responses.ToolUnionParam{{OfFunction: &responses.FunctionToolParam{Name: "get_weather", Parameters: weather.Parameters}}},
				ToolChoice: responses.ResponseNewParamsToolChoiceUnion{OfToolChoiceMode: param.NewOpt(responses.ToolChoiceOptionsRequired)}})
			var kinds []string
			arguments, whole := "", ""
			var usage int64
			for sequence := int64(0); stream.Next(); sequence++ {
				event := stream.Current()
				assert.Equal(t, sequence, event.SequenceNumber)
				switch event.Type {
				case "response.function_call_arguments.delta":
					arguments += event.Delta
					continue
				case "response.function_call_arguments.done":
					whole = event.Arguments
				case "response.completed":
					usage = event.Response.Usage.OutputTokens
					assert.Equal(t, weatherArguments, event.Response.Output[0].AsFunctionCall().Arguments)
				}
				kinds = append(kinds, strings.TrimPrefix(event.Type, "response."))
			}
			require.NoError(t, stream.Err())
			assert.Equal(t, []string{"created", "in_progress", "output_item.added", "function_call_arguments.done", "output_item.done", "completed"}, kinds)
			assert.Equal(t, []string{weatherArguments, weatherArguments}, []string{arguments, whole})
			assert.EqualValues(t, accounts.CountTokens("gpt-4o", "get_weather")+accounts.CountTokens("gpt-4o", weatherArguments), usage)
		})
	}
}

func TestALimitCutsTheArgumentsOfACall(t *testing.T) {
	s, _ := service(t)
	tools := `"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"const":"a long text of words"}},"required":["a"]}}}],"tool_choice":"required"`
	got := post(t, s, chatPath, `{"messages":[{"role":"user","content":"x"}],"max_tokens":5,`+tools+`}`)
	assert.Contains(t, got.body, `"finish_reason":"length"`)
	assert.Contains(t, got.body, `"completion_tokens":5`)
	assert.Contains(t, got.body, `"content":null`)
	assert.Contains(t, got.body, `"arguments":"{\"a\":\"`)
	assert.NotContains(t, got.body, `words\"}`)
}

func TestDefinitionsOfToolsArePartOfThePrompt(t *testing.T) {
	s, _ := service(t)
	count := func(path, body string) int {
		got := post(t, s, path, body)
		require.Equal(t, 200, got.status, got.body)
		return s.Requests()[len(s.Requests())-1].Usage.Prompt
	}
	function := `"name":"get_current_weather","description":"Get the current weather in a given location","parameters":{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},"unit":{"type":"string","description":"The unit of temperature to return","enum":["celsius","fahrenheit"]}},"required":["location"]}`
	messages := `"messages":[{"role":"system","content":"You are a helpful assistant that can answer to questions about the weather."},{"role":"user","content":"What's the weather like in San Francisco?"}]`
	// The cookbook's own example: 101 tokens with gpt-4o, 105 with gpt-3.5-turbo, by the formula and by OpenAI's service.
	assert.Equal(t, 101, count(chatPath, `{`+messages+`,"tools":[{"type":"function","function":{`+function+`}}]}`))
	assert.Equal(t, 105, count(deployment("old", "chat/completions"), `{`+messages+`,"tools":[{"type":"function","function":{`+function+`}}]}`))

	plain := count(responsesPath, `{"model":"chat","input":"x"}`)
	words := strings.Repeat("more ", 3000)
	assert.Greater(t, count(responsesPath, `{"model":"chat","input":"x","tools":[{"type":"function","name":"f","description":"`+words+`"}]}`), plain+3000)
	for _, schema := range []string{
		`{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string","description":"%s"}}}}}`,
		`{"type":"object","properties":{"a":{"type":"array","items":{"description":"%s"}}}}`,
		`{"type":"object","properties":{"a":{"anyOf":[{"type":"null","description":"%s"}]}}}`,
		`{"type":"object","$defs":{"a":{"description":"%s"}}}`,
	} {
		assert.Greater(t, count(responsesPath, `{"model":"chat","input":"x","tools":[{"type":"function","name":"f","parameters":`+fmt.Sprintf(schema, words)+`}]}`), plain+3000, schema)
	}
	small := count(responsesPath, `{"model":"chat","input":"x","tools":[{"type":"custom","name":"f"}]}`)
	assert.Greater(t, small, plain)
}

func TestDefinitionsOfToolsCountAtAdmission(t *testing.T) {
	s, _ := service(t, capacity(5))
	body := func(words int) string {
		return `{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","description":"` + strings.Repeat("word ", words) + `"}}]}`
	}
	assert.Equal(t, 429, post(t, s, chatPath, body(6000)).status, "6,000 words do not fit into 5,000 tokens a minute")
	assert.Equal(t, 200, post(t, s, chatPath, body(10)).status)
}

func TestAToolThatAzureRefusesIsRefused(t *testing.T) {
	s, _ := service(t)
	chat := func(fields string) string { return `{"messages":[{"role":"user","content":"x"}],` + fields + `}` }
	function := func(inside string) string {
		return chat(`"tools":[{"type":"function","function":{` + inside + `}}],"tool_choice":"required"`)
	}
	tools := `"tools":[{"type":"function","function":{"name":"f"}}]`
	response := func(fields string) string { return `{"model":"chat","input":"x",` + fields + `}` }
	list := strings.TrimSuffix(strings.Repeat(`{"type":"function","function":{"name":"f"}},`, 129), ",")
	for _, tc := range []struct{ path, body, want string }{
		{chatPath, chat(`"tools":[]`), `"param":"tools","code":"empty_array"`},
		{chatPath, chat(`"tools":{}`), `"param":"tools","code":"invalid_type"`},
		{chatPath, chat(`"tools":[7]`), `"param":"tools[0]","code":"invalid_type"`},
		{chatPath, chat(`"tools":[` + list + `]`), `"code":"array_above_max_length"`},
		{chatPath, chat(`"tools":[{}]`), `"param":"tools[0].type"`},
		{chatPath, chat(`"tools":[{"type":"web_search"}]`), `"param":"tools[0].type","code":"invalid_value"`},
		{chatPath, chat(`"tools":[{"type":"function"}]`), `"param":"tools[0].function"`},
		{chatPath, function(`"description":"x"`), `"param":"tools[0].function.name"`},
		{chatPath, function(`"name":"a b"`), `Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`},
		{chatPath, function(`"name":"` + strings.Repeat("a", 65) + `"`), `"code":"string_above_max_length"`},
		{chatPath, function(`"name":"f","parameters":[]`), `Invalid schema for function 'f': [] is not of type 'object', 'boolean'.","type":"invalid_request_error","param":"tools[0].function.parameters","code":"invalid_function_parameters"`},
		{chatPath, function(`"name":"f","parameters":{}`), `got 'type: \"None\"'.`},
		{chatPath, function(`"name":"f","strict":true,"parameters":{"type":"object"}`), `In context=(), 'additionalProperties' is required`},
		{chatPath, function(`"name":"f","parameters":{"type":"object","required":["a"],"properties":{"a":false}}`), `no value satisfies it`},
		{chatPath, chat(`"tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar"}}}],"tool_choice":"required"`), `grammar of 'f'`},
		{chatPath, chat(`"tool_choice":"auto"`), `Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.`},
		{chatPath, chat(`"parallel_tool_calls":true`), `'parallel_tool_calls' is only allowed when 'tools' are specified.`},
		{chatPath, chat(tools + `,"tool_choice":"always"`), `'$.tool_choice' is invalid.`},
		{chatPath, chat(tools + `,"tool_choice":{"type":"function"}`), `'$.tool_choice' is invalid.`},
		{chatPath, chat(tools + `,"tool_choice":{"type":"function","function":{"name":"g"}}`), `"param":"tool_choice"`},
		{"/openai/deployments/chat/chat/completions?api-version=2024-02-01", chat(tools + `,"tool_choice":"required"`), `{"error":{"code":"BadRequest","message":"tool_choice value as required is enabled only for api versions 2024-06-01 and later"}}`},
		{responsesPath, response(`"tool_choice":"required"`), `Tool choice 'required' must be specified with 'tools' parameter.`},
		{responsesPath, response(`"tool_choice":{"type":"function","name":"f"}`), `Tool choice 'function' not found in 'tools' parameter.`},
		{responsesPath, `{"model":"chat","input":[{"type":"function_call_output","call_id":"call_1","output":"x"}]}`, `No tool call found for function call output with call_id call_1.`},
		{chatPath, `{"messages":[{"role":"tool","tool_call_id":"call_1","content":"x"}]}`, `messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.","type":"invalid_request_error","param":"messages.[0].role","code":null`},
		{chatPath, `{"messages":[{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"x"}]}`, `The following tool_call_ids did not have response messages: call_1","type":"invalid_request_error","param":"messages.[1].role"`},
	} {
		got := post(t, s, tc.path, tc.body)
		assert.Equal(t, 400, got.status, tc.body)
		assert.Contains(t, got.body, tc.want, tc.body)
	}
	assert.Equal(t, 200, post(t, s, responsesPath, response(`"tools":[],"tool_choice":"auto","parallel_tool_calls":true`)).status)
	assert.Equal(t, 200, post(t, s, responsesPath, response(`"tools":[{"type":"web_search"}]`)).status)
}

func TestIdsOfCallsDiffer(t *testing.T) {
	s, _ := service(t)
	got := post(t, s, chatPath, `{"n":2,"messages":[{"role":"user","content":"[[tool:f]][[tool:f]]"}],"tools":[{"type":"function","function":{"name":"f"}}]}`)
	var body struct {
		Choices []struct {
			Message struct {
				Calls []struct{ ID string } `json:"tool_calls"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &body))
	ids := map[string]bool{}
	for _, c := range body.Choices {
		for _, call := range c.Message.Calls {
			ids[call.ID] = true
		}
	}
	assert.Len(t, ids, 4)
}
