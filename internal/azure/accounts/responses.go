package accounts

import (
	"encoding/json"
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
	Output            []outputItem      `json:"output"`
	ParallelToolCalls bool              `json:"parallel_tool_calls"`
	Text              textOptions       `json:"text"`
	ToolChoice        string            `json:"tool_choice"`
	Tools             []any             `json:"tools"`
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
	var items []message
	if json.Unmarshal(r.Input, &items) != nil || len(items) == 0 {
		return false
	}
	for _, item := range items {
		if item.Role != "" { // function outputs and references have no role and no text
			r.Messages = append(r.Messages, item)
		}
	}
	return true
}

func (x *exchange) responses() *failure {
	if empty(x.req.Input) {
		return missing("input")
	}
	if !x.req.inputMessages() {
		return invalid("input", "invalid_type", "Invalid type for 'input': expected a string or an array of input items.")
	}
	own := x.req.Messages
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
	want, f := x.readFormat(text.Format, responseFormat)
	if f != nil {
		return f
	}
	answers, f := x.generate(x.req.chatText(), x.req.lastText(), promptTokens(x.d.Model, x.req.Messages), want)
	if f != nil {
		return f
	}
	plain := strings.ReplaceAll(x.id, "-", "")
	out := response{ID: "resp_" + plain, Object: "response", CreatedAt: x.created, Status: "in_progress", Model: x.d.Name,
		MaxOutputTokens: x.req.MaxOutputTokens, Output: []outputItem{}, ParallelToolCalls: true, ToolChoice: "auto", Tools: []any{},
		Temperature: 1, TopP: 1, Text: text, Metadata: map[string]string{}, Background: x.req.Background, Store: x.req.Store == nil || *x.req.Store}
	if x.req.Metadata != nil {
		out.Metadata = x.req.Metadata
	}
	if x.req.PreviousResponseID != "" {
		out.PreviousResponse = &x.req.PreviousResponseID
	}
	if x.req.Instructions != "" {
		out.Instructions = &x.req.Instructions
	}
	item := outputItem{ID: "msg_" + plain, Type: "message", Status: "in_progress", Role: "assistant", Content: []outputText{}}
	finished := out.finished(item, answers[0], x.book.Usage)
	x.store(finished, own, answers[0].text())
	switch {
	case x.req.Background: // has no usage until it is fetched
		out.Status = "queued"
		return x.answer(out)
	case x.req.Stream:
		x.streamResponse(out, item, answers[0])
		return nil
	}
	return x.answer(finished)
}

// finished fills in what is known at the end.
func (r response) finished(item outputItem, a answer, u Usage) response {
	item.Status, r.Status = "completed", "completed"
	if a.finish != "stop" {
		reason := map[string]string{"length": "max_output_tokens"}[a.finish]
		if reason == "" {
			reason = a.finish
		}
		item.Status, r.Status, r.IncompleteDetails = "incomplete", "incomplete", map[string]string{"reason": reason}
	}
	item.Content = []outputText{textPart(a.text())}
	r.Output = []outputItem{item}
	r.Usage = &responseUsage{u.Prompt, map[string]int{"cached_tokens": 0}, u.Completion, map[string]int{"reasoning_tokens": 0}, u.Total()}
	return r
}

func textPart(text string) outputText {
	return outputText{Type: "output_text", Annotations: []any{}, Logprobs: []any{}, Text: text}
}

// streamResponse sends the events of one text message in their documented order
// (OpenAI API reference: Responses, streaming events). This stream has no [DONE].
func (x *exchange) streamResponse(out response, item outputItem, a answer) {
	x.openStream()
	sequence := 0
	send := func(kind string, fields map[string]any) bool {
		fields["type"], fields["sequence_number"] = kind, sequence
		sequence++
		return x.event(kind, toJSON(fields))
	}
	inItem := func(fields map[string]any) map[string]any {
		fields["item_id"], fields["output_index"], fields["content_index"] = item.ID, 0, 0
		return fields
	}
	ok := send("response.created", map[string]any{"response": out}) &&
		send("response.in_progress", map[string]any{"response": out}) &&
		send("response.output_item.added", map[string]any{"output_index": 0, "item": item}) &&
		send("response.content_part.added", inItem(map[string]any{"part": textPart("")}))
	for _, piece := range a.pieces {
		ok = ok && send("response.output_text.delta", inItem(map[string]any{"delta": piece, "logprobs": []any{}}))
	}
	end := out.finished(item, a, x.book.Usage)
	last := "response.completed"
	if end.Status == "incomplete" {
		last = "response.incomplete"
	}
	_ = ok && send("response.output_text.done", inItem(map[string]any{"text": a.text(), "logprobs": []any{}})) &&
		send("response.content_part.done", inItem(map[string]any{"part": textPart(a.text())})) &&
		send("response.output_item.done", map[string]any{"output_index": 0, "item": end.Output[0]}) &&
		send(last, map[string]any{"response": end})
}
