package accounts

import (
	"encoding/json"
	"strings"
)

type textChoice struct {
	ContentFilterResults map[string]any `json:"content_filter_results,omitempty"`
	FinishReason         *string        `json:"finish_reason"`
	Index                int            `json:"index"`
	Logprobs             any            `json:"logprobs"`
	Text                 string         `json:"text"`
}

type textCompletion struct {
	Choices             []textChoice    `json:"choices"`
	Created             int64           `json:"created"`
	ID                  string          `json:"id"`
	Model               string          `json:"model"`
	Object              string          `json:"object"`
	PromptFilterResults []promptVerdict `json:"prompt_filter_results,omitempty"`
	Usage               **usageJSON     `json:"usage,omitempty"`
}

// texts reads a string or a list of strings; anything else is not ok. Lists of token ids are counted, not read.
func texts(raw json.RawMessage) (list []string, tokens int, ok bool) {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, 0, true
	}
	if json.Unmarshal(raw, &list) == nil {
		return list, 0, true
	}
	var ids []int
	if json.Unmarshal(raw, &ids) == nil {
		return []string{""}, len(ids), true
	}
	var batches [][]int
	if json.Unmarshal(raw, &batches) == nil {
		for _, b := range batches {
			tokens += len(b)
		}
		return make([]string, len(batches)), tokens, true
	}
	return nil, 0, false
}

func empty(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// defaultCompletionLimit is max_tokens of the legacy operation when the caller names none.
const defaultCompletionLimit = 16

func (x *exchange) completion() *failure {
	if empty(x.req.Prompt) {
		return missing("prompt")
	}
	prompts, tokens, ok := texts(x.req.Prompt)
	if !ok || len(prompts) == 0 {
		return invalid("prompt", "invalid_type", "Invalid type for 'prompt': expected a string, an array of strings, or an array of tokens.")
	}
	if x.req.limit() == 0 {
		limit := defaultCompletionLimit
		x.req.MaxTokens = &limit
	}
	prompt := strings.Join(prompts, "\n")
	for _, p := range prompts {
		tokens += CountTokens(x.d.Model, p)
	}
	answers, f := x.generate(prompt, prompts[len(prompts)-1], tokens, wish{})
	if f != nil {
		return f
	}
	out := textCompletion{Created: x.created, ID: "cmpl-" + x.id, Model: x.d.fullModel(), Object: "text_completion"}
	if x.req.Stream {
		x.streamCompletion(out, answers)
		return nil
	}
	usage := x.usage()
	out.Usage, out.PromptFilterResults = &usage, promptVerdicts()
	for i, a := range answers {
		out.Choices = append(out.Choices,
			textChoice{ContentFilterResults: verdicts(a.filtered), FinishReason: &a.finish, Index: i, Text: a.text()})
	}
	return x.answer(out)
}

func (x *exchange) streamCompletion(next textCompletion, answers []answer) {
	x.openStream()
	next.Usage = x.pendingUsage()
	first := next
	first.Choices, first.PromptFilterResults = []textChoice{}, promptVerdicts()
	if !x.chunk(first) {
		return
	}
	for i, a := range answers {
		for _, piece := range a.pieces {
			next.Choices = []textChoice{{Index: i, Text: piece, ContentFilterResults: verdicts("")}}
			if !x.chunk(next) {
				return
			}
		}
		next.Choices = []textChoice{{Index: i, FinishReason: &a.finish}}
		if !x.chunk(next) {
			return
		}
	}
	if next.Usage != nil {
		total := x.usage()
		next.Choices, next.Usage = []textChoice{}, &total
		x.chunk(next)
	}
	x.done()
}
