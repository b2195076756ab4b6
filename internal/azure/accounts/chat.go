package accounts

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// usageJSON is the usage object of chat and completions.
type usageJSON struct {
	CompletionTokens int `json:"completion_tokens"`
	PromptTokens     int `json:"prompt_tokens"`
	// PromptDetails is what models that remember prompts say.
	PromptDetails map[string]int `json:"prompt_tokens_details,omitempty"`
	TotalTokens   int            `json:"total_tokens"`
}

// usage is what the answer says that it cost.
func (x *exchange) usage() *usageJSON {
	u := usageJSON{CompletionTokens: x.book.Usage.Completion, PromptTokens: x.book.Usage.Prompt, TotalTokens: x.book.Usage.Total()}
	if cachesPrompts(x.d.Model) {
		u.PromptDetails = map[string]int{"audio_tokens": 0, "cached_tokens": x.book.Usage.Cached}
	}
	return &u
}

// chatMessage is an answer, or with Role empty a part of one.
type chatMessage struct {
	Role      string          `json:"role,omitempty"`
	Content   json.RawMessage `json:"content,omitempty"` // null beside calls
	Refusal   *string         `json:"refusal,omitempty"`
	ToolCalls []chatCall      `json:"tool_calls,omitempty"`
	// FunctionCall is the one call of a client that sent functions.
	FunctionCall *chatFunction `json:"function_call,omitempty"`
}

// chatCall is a call of a tool, or with Index a part of one.
type chatCall struct {
	Index    *int          `json:"index,omitempty"`
	ID       string        `json:"id,omitempty"`
	Type     string        `json:"type,omitempty"`
	Function *chatFunction `json:"function,omitempty"`
	Custom   *chatCustom   `json:"custom,omitempty"`
}

type chatFunction struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

type chatCustom struct {
	Name  string `json:"name,omitempty"`
	Input string `json:"input"`
}

var jsonNull = json.RawMessage("null")

func jsonText(text string) json.RawMessage { return json.RawMessage(quote(text)) }

type chatChoice struct {
	ContentFilterResults map[string]any `json:"content_filter_results,omitempty"`
	Delta                *chatMessage   `json:"delta,omitempty"`
	FinishReason         *string        `json:"finish_reason"`
	Index                int            `json:"index"`
	Logprobs             any            `json:"logprobs"`
	Message              *chatMessage   `json:"message,omitempty"`
}

type chatCompletion struct {
	Choices             []chatChoice    `json:"choices"`
	Created             int64           `json:"created"`
	ID                  string          `json:"id"`
	Model               string          `json:"model"`
	Object              string          `json:"object"`
	PromptFilterResults []promptVerdict `json:"prompt_filter_results,omitempty"`
	SystemFingerprint   string          `json:"system_fingerprint"`
	Usage               *usageJSON      `json:"usage,omitempty"`
}

// chatChunk is an event of a stream. Usage is a pointer to a pointer because it has three states: absent, null, given.
type chatChunk struct {
	Choices             []chatChoice    `json:"choices"`
	Created             int64           `json:"created"`
	ID                  string          `json:"id"`
	Model               string          `json:"model"`
	Object              string          `json:"object"`
	PromptFilterResults []promptVerdict `json:"prompt_filter_results,omitempty"`
	SystemFingerprint   *string         `json:"system_fingerprint,omitempty"`
	Usage               **usageJSON     `json:"usage,omitempty"`
}

// fullModel is how answers name the model: with its version.
func (d Deployment) fullModel() string {
	if d.Version == "" {
		return d.Model
	}
	return d.Model + "-" + d.Version
}

const fingerprint = "fp_rehearsal"

// generate does what all text operations share: check, admit, filter, answer.
func (x *exchange) generate(prompt, last string, promptCount int, want wish) ([]answer, *failure) {
	if f := x.req.check(x.d.Model); f != nil {
		return nil, f
	}
	limit := x.req.limit()
	each := limit
	if each == 0 {
		each = assumedAnswer
	}
	estimate := Usage{Prompt: x.s.deps.Estimate(x.d.Model, prompt+want.definitions), Completion: each * x.req.generations()}
	if f := x.admit(estimate); f != nil {
		return nil, f
	}
	if f := filterPrompt(prompt); f != nil {
		x.settle(estimate, Usage{})
		return nil, f
	}
	answers := make([]answer, x.req.choices())
	used := Usage{Prompt: promptCount + want.tokens, Cached: x.cached(want.definitions + prompt)}
	for i := range answers {
		switch {
		case len(want.calls) > 0:
			answers[i] = called(x.d.Model, want, limit)
		case want.value != "":
			answers[i] = spelled(x.d.Model, want.value, last, limit)
		default:
			answers[i] = compose(x.d.Model, last, limit)
		}
		used.Completion += answers[i].tokens()
	}
	x.settle(estimate, used)
	return answers, nil
}

func (x *exchange) chat() *failure {
	if f := x.req.checkMessages(); f != nil {
		return f
	}
	x.req.modernised()
	want, f := x.wishOf(x.req.ResponseFormat, chatFormat)
	if f != nil {
		return f
	}
	answers, f := x.generate(x.req.chatText(), x.req.lastText(), promptTokens(x.d.Model, x.req.Messages), want)
	if f != nil {
		return f
	}
	if x.req.Stream {
		x.streamChat(answers)
		return nil
	}
	out := chatCompletion{Created: x.created, ID: "chatcmpl-" + x.id, Model: x.d.fullModel(), Object: "chat.completion",
		PromptFilterResults: promptVerdicts(), SystemFingerprint: fingerprint, Usage: x.usage()}
	for i, a := range answers {
		message := &chatMessage{Role: "assistant", Content: jsonText(a.text())}
		if len(a.calls) > 0 {
			message.Content, message.ToolCalls = jsonNull, x.chatCalls(i, a)
			message = x.oldFashioned(message)
		}
		out.Choices = append(out.Choices, chatChoice{ContentFilterResults: verdicts(a.filtered), FinishReason: &a.finish, Index: i, Message: message})
	}
	return x.answer(out)
}

// streamChat sends the prompt's verdict, then for each choice a role, its tokens and a reason, then the usage if it was
// asked for (Microsoft Learn: ai-services/openai/concepts/content-streaming).
func (x *exchange) streamChat(answers []answer) {
	x.openStream()
	usage := x.pendingUsage()
	if !x.chunk(chatChunk{Choices: []chatChoice{}, PromptFilterResults: promptVerdicts(), Usage: usage}) {
		return
	}
	system := fingerprint
	next := chatChunk{Created: x.created, ID: "chatcmpl-" + x.id, Model: x.d.fullModel(), Object: "chat.completion.chunk",
		SystemFingerprint: &system, Usage: usage}
	for i, a := range answers {
		if !x.streamChoice(next, i, a) {
			return
		}
		last := chatChoice{Index: i, Delta: &chatMessage{}, FinishReason: &a.finish}
		if a.filtered != "" {
			last.ContentFilterResults = verdicts(a.filtered)
		}
		if !x.delta(next, last) {
			return
		}
	}
	if usage != nil {
		total := x.usage()
		next.Choices, next.Usage = []chatChoice{}, &total
		x.chunk(next)
	}
	x.done()
}

// streamChoice sends the role, then the tokens of a text or of calls.
func (x *exchange) streamChoice(next chatChunk, i int, a answer) bool {
	first := &chatMessage{Role: "assistant", Content: jsonText("")}
	if len(a.calls) > 0 {
		first.Content = jsonNull
	}
	if !x.delta(next, chatChoice{Index: i, Delta: first}) {
		return false
	}
	for _, piece := range a.pieces {
		if !x.delta(next, chatChoice{Index: i, Delta: &chatMessage{Content: jsonText(piece)}, ContentFilterResults: verdicts("")}) {
			return false
		}
	}
	for j, made := range a.calls {
		head := x.chatCall(i, j, made, "")
		head.Index = &j
		if !x.delta(next, chatChoice{Index: i, Delta: x.oldFashioned(&chatMessage{ToolCalls: []chatCall{head}})}) {
			return false
		}
		for _, piece := range made.pieces {
			part := chatCall{Index: &j, Function: &chatFunction{Arguments: piece}}
			if made.custom {
				part = chatCall{Index: &j, Custom: &chatCustom{Input: piece}}
			}
			if !x.delta(next, chatChoice{Index: i, Delta: x.oldFashioned(&chatMessage{ToolCalls: []chatCall{part}})}) {
				return false
			}
		}
	}
	return true
}

// chatCalls are the calls of one choice.
func (x *exchange) chatCalls(choice int, a answer) []chatCall {
	var calls []chatCall
	for j, made := range a.calls {
		calls = append(calls, x.chatCall(choice, j, made, made.text()))
	}
	return calls
}

func (x *exchange) chatCall(choice, j int, made madeCall, arguments string) chatCall {
	c := chatCall{ID: x.callID(choice, j), Type: "function", Function: &chatFunction{Name: made.name, Arguments: arguments}}
	if made.custom {
		c.Type, c.Function, c.Custom = "custom", nil, &chatCustom{Name: made.name, Input: arguments}
	}
	return c
}

// callID is the id of a call: another one for every call.
func (x *exchange) callID(choice, j int) string {
	id := uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s/%d/%d", x.id, choice, j))
	return "call_" + strings.ReplaceAll(id.String(), "-", "")[:24]
}

func (x *exchange) delta(next chatChunk, c chatChoice) bool {
	next.Choices = []chatChoice{c}
	return x.chunk(next)
}

// pendingUsage is "usage":null for streams that will end with their usage, and nothing for others.
func (x *exchange) pendingUsage() **usageJSON {
	if !x.req.wantsUsage() {
		return nil
	}
	var none *usageJSON
	return &none
}
