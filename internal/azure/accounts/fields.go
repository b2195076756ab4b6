package accounts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// newField is a member of a body that the dated surface knows since an api-version.
type newField struct{ name, since string }

// newFields are those whose first api-version Microsoft names: Microsoft Learn, ai-services/openai/api-version-lifecycle, "Changes between
// 2024-09-01-preview and 2024-08-01-preview", "… 2024-12-01-preview and 2024-10-01-preview", "… 2025-01-01-preview and 2024-12-01-preview";
// how-to/function-calling for tools. That older versions refuse them is seen in openai/openai-python#1469 and #1724,
// Azure/azure-rest-api-specs#29545, run-llama/llama_index#9037 and #17731; null counts as absent (yaroslavyaroslav/OpenAI-sublime-text#146).
var newFields = map[kind][]newField{
	kindChat: {
		{"tools", "2023-12-01-preview"}, {"tool_choice", "2023-12-01-preview"},
		{"stream_options", "2024-09-01-preview"}, {"parallel_tool_calls", "2024-09-01-preview"}, {"max_completion_tokens", "2024-09-01-preview"},
		{"reasoning_effort", "2024-12-01-preview"}, {"store", "2024-12-01-preview"}, {"metadata", "2024-12-01-preview"},
		{"user_security_context", "2024-12-01-preview"},
		{"prediction", "2025-01-01-preview"},
		// The page names the model gpt-4o-audio-preview; azopenai 0.7.2, the first client of this version, adds its fields.
		{"modalities", "2025-01-01-preview"}, {"audio", "2025-01-01-preview"},
	},
	// [M] The page does not say whether it means completions, too.
	kindCompletion: {{"stream_options", "2024-09-01-preview"}},
}

// knownFields are all members of the bodies of operations that refuse others, seen for chats in lobehub/lobehub#10567 and for pictures
// in BerriAI/litellm#16059. They are those of OpenAI's own client (openai-go 3.96) and Azure's data_sources and user_security_context.
var knownFields = map[kind][]string{
	kindChat: strings.Fields(`audio data_sources frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens
		messages metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options
		prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream stream_options temperature
		tool_choice tools top_logprobs top_p user user_security_context verbosity web_search_options`),
	kindResponses: strings.Fields(`access_programs background context_management conversation include input instructions max_output_tokens
		max_tool_calls metadata model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options
		prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice tools
		top_logprobs top_p truncation user`),
	kindImages: strings.Fields(`background complexity frame_count frame_duration_ms model moderation n output_compression output_format
		partial_images prompt quality response_format safety_identifier size stream style svg user`),
}

// movedFields are members of chats that have another name in responses (cline/cline#5419).
var movedFields = map[string]string{"messages": "input", "max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens",
	"response_format": "text.format", "reasoning_effort": "reasoning.effort"}

// besideDataSources are members that a chat with data sources may not have (microsoft/semantic-kernel#10510 and
// microsoft/sample-app-aoai-chatGPT#1260).
var besideDataSources = []string{"max_completion_tokens", "store", "stream_options"}

// checkFields refuses members of the body that this operation does not know, or not in this api-version.
func (x *exchange) checkFields() *failure {
	var members map[string]json.RawMessage
	if json.Unmarshal(x.body, &members) != nil {
		return nil // a form, or refused already
	}
	has := func(name string) bool { return !empty(members[name]) }
	if f := x.tooNew(has); f != nil {
		return f
	}
	if x.call.op.kind == kindChat && has("data_sources") {
		if f := x.extra(has); f != nil {
			return f
		}
	}
	known := knownFields[x.call.op.kind]
	var strange []string
	for name := range members {
		if has(name) && !slices.Contains(known, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	if len(known) == 0 || len(strange) == 0 {
		return x.withoutStream(has)
	}
	name := strange[0]
	if to := movedFields[name]; to != "" && x.call.op.kind == kindResponses {
		return invalid("", "unsupported_parameter", "Unsupported parameter: '%s'. In the Responses API, this parameter has moved to '%s'. Try again with the new parameter. "+
			"See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create.", name, to)
	}
	return invalid(name, "unknown_parameter", "Unknown parameter: '%s'.", name)
}

// tooNew refuses what came with a later api-version.
func (x *exchange) tooNew(has func(string) bool) *failure {
	var names []string
	for _, field := range newFields[x.call.op.kind] {
		if !x.call.v1 && has(field.name) && x.call.apiVersion < field.since {
			names = append(names, field.name)
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		return nil
	case 1:
		return invalid("", "", "Unrecognized request argument supplied: %s", names[0])
	}
	return invalid("", "", "Unrecognized request arguments supplied: %s", strings.Join(names, ", "))
}

// extra refuses what the layer that reads data sources does not know.
func (x *exchange) extra(has func(string) bool) *failure {
	var problems []string
	for _, name := range besideDataSources {
		if has(name) {
			problems = append(problems, fmt.Sprintf("Validation error at #/%s: Extra inputs are not permitted", name))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return &failure{status: http.StatusBadRequest, body: fmt.Sprintf(`{"error":{"requestid":%s,"code":400,"message":%s}}`, quote(x.id), quote(strings.Join(problems, "\n")))}
}

// withoutStream refuses options of a stream in a call that is not streamed (BerriAI/litellm#5803).
func (x *exchange) withoutStream(has func(string) bool) *failure {
	kind := x.call.op.kind
	if (kind == kindChat || kind == kindCompletion) && has("stream_options") && !x.req.Stream {
		return invalid("stream_options", "", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
	}
	return nil
}
