package policytest

import (
	"encoding/json"
	"net/http"
	"strings"

	"enterprise-openai/internal/azure/accounts"
)

// What every answer that a script does not spell out reports as usage.
const (
	promptTokens     = 10
	completionTokens = 5
)

// unheardOf is a header that Azure has not thought of yet.
const unheardOf = "X-Ms-Not-Yet-Known"

// defaultAnswer is the response that an answer leaves open: an account's headers, and a model's or an error's body.
func defaultAnswer(account, id string, status int, a Answer, req *http.Request, body []byte) (http.Header, [][]byte) {
	header := http.Header{}
	for _, name := range append([]string{unheardOf}, accounts.KnownHeaders...) {
		header.Set(name, account)
	}
	header.Set("Content-Type", "application/json")
	switch {
	case a.Body != nil:
		return header, [][]byte{[]byte(a.Repeat.in(*a.Body))}
	case a.Events != nil:
		header.Set("Content-Type", "text/event-stream")
		return header, events(a.Events, a.Repeat)
	case a.Code != "" || status >= http.StatusBadRequest:
		return header, [][]byte{errorBody(account, a.Code, status)}
	case status == http.StatusNoContent:
		return header, nil
	}
	if stream, _ := field(body, "stream").(bool); stream {
		header.Set("Content-Type", "text/event-stream")
		return header, streamed(body, id, strings.HasSuffix(req.URL.Path, "/responses"))
	}
	return header, [][]byte{spoken(req.URL.Path, id, field(body, "metadata"))}
}

// errorBody names the account, so that a case sees whether the caller gets the name.
func errorBody(account, code string, status int) []byte {
	code = or(code, http.StatusText(status))
	return encode(map[string]any{"error": map[string]any{"code": code, "message": code + " says https://" + account + ".openai.azure.com"}})
}

var chatUsage = map[string]any{
	"prompt_tokens": promptTokens, "completion_tokens": completionTokens, "total_tokens": promptTokens + completionTokens,
}

// spoken is a complete answer, in the shape of the operation.
func spoken(path, id string, metadata any) []byte {
	switch {
	case strings.HasSuffix(path, "/embeddings"):
		return encode(map[string]any{
			"object": "list", "model": "embed",
			"data":  []any{map[string]any{"object": "embedding", "index": 0, "embedding": []float64{0.25, 0.5}}},
			"usage": map[string]any{"prompt_tokens": promptTokens, "total_tokens": promptTokens},
		})
	case strings.HasSuffix(path, "/responses") || strings.Contains(path, "/responses/"):
		return encode(response(id, metadata))
	case strings.Contains(path, "/audio/"):
		return encode(map[string]any{"text": "Hello there"})
	default:
		return encode(map[string]any{
			"id": "chat-1", "object": "chat.completion", "model": "gpt-4o", "usage": chatUsage,
			"choices": []any{map[string]any{
				"index": 0, "finish_reason": "stop", "message": map[string]any{"role": "assistant", "content": "Hello there"},
			}},
		})
	}
}

func response(id string, metadata any) map[string]any {
	return map[string]any{
		"id": id, "object": "response", "metadata": metadata, "model": "gpt-4o", "status": "completed",
		"output": []any{map[string]any{"type": "message", "content": []any{map[string]any{"type": "output_text", "text": "Hello there"}}}},
		"usage": map[string]any{
			"input_tokens": promptTokens, "output_tokens": completionTokens, "total_tokens": promptTokens + completionTokens,
		},
	}
}

// streamed is the same answer in events, with the usage if include_usage is set.
func streamed(body []byte, id string, responses bool) [][]byte {
	if responses {
		return events([]string{
			`{"type":"response.output_text.delta","delta":"Hello"}`, `{"type":"response.output_text.delta","delta":" there"}`,
			string(encode(map[string]any{"type": "response.completed", "response": response(id, field(body, "metadata"))})),
		}, nil)
	}
	list := []string{
		`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"}}]}`,
		`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" there"},"finish_reason":"stop"}]}`,
	}
	if wanted, _ := field(body, "stream_options", "include_usage").(bool); wanted {
		list = append(list, string(encode(map[string]any{"object": "chat.completion.chunk", "choices": []any{}, "usage": chatUsage})))
	}
	return events(append(list, "[DONE]"), nil)
}

func events(data []string, repeat *Repeat) [][]byte {
	var out [][]byte
	for _, d := range data {
		out = append(out, []byte("data: "+repeat.in(d)+"\n\n"))
	}
	return out
}

// encode is for values made here, which are always JSON.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return data
}
