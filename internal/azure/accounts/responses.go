package accounts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

type outputText struct {
	Type        string `json:"type"`
	Annotations []any  `json:"annotations"`
	Logprobs    []any  `json:"logprobs"`
	Text        string `json:"text"`
}

type outputItem struct {
	ID      string       `json:"id"`
	Type    string       `json:"type"`
	Status  string       `json:"status"`
	Role    string       `json:"role"`
	Content []outputText `json:"content"`
}

// functionItem is a call of a function.
type functionItem struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Status    string `json:"status"`
	Arguments string `json:"arguments"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
}

// customItem is a call of a custom tool.
type customItem struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Status string `json:"status"`
	CallID string `json:"call_id"`
	Input  string `json:"input"`
	Name   string `json:"name"`
}

type responseUsage struct {
	InputTokens        int            `json:"input_tokens"`
	InputTokenDetails  map[string]int `json:"input_tokens_details"`
	OutputTokens       int            `json:"output_tokens"`
	OutputTokenDetails map[string]int `json:"output_tokens_details"`
	TotalTokens        int            `json:"total_tokens"`
}

// response is the object of the Responses API, with the fields that clients insist on.
type response struct {
	ID                string            `json:"id"`
	Object            string            `json:"object"`
	CreatedAt         int64             `json:"created_at"`
	Status            string            `json:"status"`
	Background        bool              `json:"background"`
	Error             any               `json:"error"`
	IncompleteDetails any               `json:"incomplete_details"`
	Instructions      *string           `json:"instructions"`
	MaxOutputTokens   *int              `json:"max_output_tokens"`
	Model             string            `json:"model"`
	Output            []any             `json:"output"`
	ParallelToolCalls bool              `json:"parallel_tool_calls"`
	Text              textOptions       `json:"text"`
	ToolChoice        json.RawMessage   `json:"tool_choice"`
	Tools             []json.RawMessage `json:"tools"`
	Temperature       float64           `json:"temperature"`
	TopP              float64           `json:"top_p"`
	Metadata          map[string]string `json:"metadata"`
	PreviousResponse  *string           `json:"previous_response_id"`
	Store             bool              `json:"store"`
	Usage             *responseUsage    `json:"usage"`
}

// textOptions is the text member of a response.
type textOptions struct {
	Format    json.RawMessage `json:"format"`
	Verbosity string          `json:"verbosity,omitempty"`
}

// textOptions reads the text member of a response; plain text is the default.
func (x *exchange) textOptions() (textOptions, *failure) {
	var t textOptions
	if !empty(x.req.Text) && json.Unmarshal(x.req.Text, &t) != nil {
		return t, invalid("text", "invalid_type", "Invalid type for 'text': expected an object.")
	}
	if empty(t.Format) {
		t.Format = json.RawMessage(`{"type":"text"}`)
	}
	return t, nil
}

// inputMessages reads the input of a response as chat messages.
func (r *request) inputMessages() bool {
	if r.Instructions != "" {
		r.Messages = append(r.Messages, message{Role: "system", Content: json.RawMessage(quote(r.Instructions))})
	}
	var text string
	if json.Unmarshal(r.Input, &text) == nil {
		r.Messages = append(r.Messages, message{Role: "user", Content: r.Input})
		return true
	}
	var items []inputItem
	if json.Unmarshal(r.Input, &items) != nil || len(items) == 0 {
		return false
	}
	for _, item := range items {
		if m := item.asMessage(); m.Role != "" { // references and reasoning have no role and no text
			r.Messages = append(r.Messages, m)
		}
	}
	return true
}

// inputItem is a message, a call of a tool, or what a tool gave.
type inputItem struct {
	message
	Type      string          `json:"type"`
	CallID    string          `json:"call_id"`
	Arguments string          `json:"arguments"`
	Input     string          `json:"input"`
	Output    json.RawMessage `json:"output"`
}

// asMessage is the item as a chat has it.
func (i inputItem) asMessage() message {
	switch i.Type {
	case "function_call", "custom_tool_call":
		c := toolCall{ID: i.CallID}
		if i.Type == "function_call" {
			c.Function.Name, c.Function.Arguments = i.Name, i.Arguments
		} else {
			c.Custom.Name, c.Custom.Input = i.Name, i.Input
		}
		return message{Role: "assistant", ToolCalls: []toolCall{c}}
	case "function_call_output", "custom_tool_call_output":
		return message{Role: "tool", Content: i.Output, ToolCallID: i.CallID, custom: i.Type == "custom_tool_call_output"}
	}
	return i.message
}

func (x *exchange) responses() *failure {
	if empty(x.req.Input) {
		return missing("input")
	}
	if !x.req.inputMessages() {
		return invalid("input", "invalid_type", "Invalid type for 'input': expected a string or an array of input items.")
	}
	own := slices.Clone(x.req.Messages) // what was sent, without the text of files
	if f := x.attach(x.req.Messages); f != nil {
		return f
	}
	if f := x.checkReasoning(); f != nil {
		return f
	}
	if f := x.continued(); f != nil {
		return f
	}
	if x.req.Background && x.req.Store != nil && !*x.req.Store {
		return invalid("background", "", "Background mode requires 'store' to be true.")
	}
	x.req.MaxTokens, x.req.MaxCompletionTokens, x.req.N, x.req.BestOf = nil, nil, nil, nil
	text, f := x.textOptions()
	if f != nil {
		return f
	}
	if f := checkOutputs(x.req.Messages); f != nil {
		return f
	}
	want, f := x.wishOf(text.Format, responseFormat)
	if f != nil {
		return f
	}
	answers, f := x.generate(x.req.chatText(), x.req.lastText(), promptTokens(x.d.Model, x.req.Messages), want)
	if f != nil {
		return f
	}
	out := x.started(text)
	items := x.outputItems(answers[0])
	finished := out.finished(items, answers[0], x.book.Usage)
	finished.Output = slices.Concat(x.thought(), finished.Output)
	x.store(finished, own, x.answered(answers[0]))
	switch {
	case x.req.Background: // has no usage until it is fetched
		out.Status = "queued"
		return x.answer(out)
	case x.req.Stream:
		x.streamResponse(out, finished, items, answers[0])
		return nil
	}
	return x.answer(finished)
}

// plainID is the part of ids that differs from call to call.
func (x *exchange) plainID() string { return strings.ReplaceAll(x.id, "-", "") }

// started is a response of which nothing is known but what was asked for.
func (x *exchange) started(text textOptions) response {
	out := response{ID: "resp_" + x.plainID(), Object: "response", CreatedAt: x.created, Status: "in_progress", Model: x.d.Name,
		MaxOutputTokens: x.req.MaxOutputTokens, Output: []any{}, ToolChoice: json.RawMessage(`"auto"`), Tools: []json.RawMessage{},
		ParallelToolCalls: x.req.ParallelToolCalls == nil || *x.req.ParallelToolCalls,
		Temperature:       1, TopP: 1, Text: text, Metadata: map[string]string{}, Background: x.req.Background, Store: x.req.Store == nil || *x.req.Store}
	if x.req.Metadata != nil {
		out.Metadata = x.req.Metadata
	}
	if x.req.PreviousResponseID != "" {
		out.PreviousResponse = &x.req.PreviousResponseID
	}
	if x.req.Instructions != "" {
		out.Instructions = &x.req.Instructions
	}
	if x.req.Tools != nil {
		out.Tools = x.req.Tools
	}
	if !empty(x.req.ToolChoice) {
		out.ToolChoice = x.req.ToolChoice
	}
	return out
}

// outputItems are the items of an answer: one message, or the calls.
func (x *exchange) outputItems(a answer) []any {
	if len(a.calls) == 0 {
		return []any{outputItem{ID: "msg_" + x.plainID(), Type: "message", Status: "completed", Role: "assistant", Content: []outputText{textPart(a.text())}}}
	}
	var items []any
	for j, made := range a.calls {
		id := fmt.Sprintf("%s%d", x.plainID(), j)
		if made.custom {
			items = append(items, customItem{ID: "ctc_" + id, Type: "custom_tool_call", Status: "completed", CallID: x.callID(0, j), Input: made.text(), Name: made.name})
			continue
		}
		items = append(items, functionItem{ID: "fc_" + id, Type: "function_call", Status: "completed", CallID: x.callID(0, j), Arguments: made.text(), Name: made.name})
	}
	return items
}

// answered is an answer as the next call reads it.
func (x *exchange) answered(a answer) message {
	m := message{Role: "assistant", Content: jsonText(a.text())}
	for j, made := range a.calls {
		c := toolCall{ID: x.callID(0, j)}
		if made.custom {
			c.Custom.Name, c.Custom.Input = made.name, made.text()
		} else {
			c.Function.Name, c.Function.Arguments = made.name, made.text()
		}
		m.ToolCalls = append(m.ToolCalls, c)
	}
	return m
}

// finished fills in what is known at the end.
func (r response) finished(items []any, a answer, u Usage) response {
	r.Status, r.Output = "completed", slices.Clone(items)
	if a.finish == "length" || a.finish == "content_filter" {
		reason := map[string]string{"length": "max_output_tokens"}[a.finish]
		if reason == "" {
			reason = a.finish
		}
		r.Status, r.IncompleteDetails = "incomplete", map[string]string{"reason": reason}
		if last := len(items) - 1; last >= 0 {
			r.Output[last] = withStatus(items[last], "incomplete")
		}
	}
	r.Usage = &responseUsage{u.Prompt, map[string]int{"cached_tokens": u.Cached}, u.Completion, map[string]int{"reasoning_tokens": 0}, u.Total()}
	return r
}

// withStatus is an item with another status.
func withStatus(item any, status string) any {
	switch v := item.(type) {
	case outputItem:
		v.Status = status
		return v
	case functionItem:
		v.Status = status
		return v
	case customItem:
		v.Status = status
		return v
	}
	return item
}

func textPart(text string) outputText {
	return outputText{Type: "output_text", Annotations: []any{}, Logprobs: []any{}, Text: text}
}
