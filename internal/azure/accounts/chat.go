package accounts

// usageJSON is the usage object of chat and completions.
type usageJSON struct {
	CompletionTokens int `json:"completion_tokens"`
	PromptTokens     int `json:"prompt_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

func (u Usage) json() *usageJSON { return &usageJSON{u.Completion, u.Prompt, u.Total()} }

// chatMessage is an answer, or with Role empty a part of one.
type chatMessage struct {
	Role    string  `json:"role,omitempty"`
	Content *string `json:"content,omitempty"`
	Refusal *string `json:"refusal,omitempty"`
}

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
	used := Usage{Prompt: promptCount + want.tokens}
	for i := range answers {
		if want.value != "" {
			answers[i] = spelled(x.d.Model, want.value, last, limit)
		} else {
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
	want, f := x.readFormat(x.req.ResponseFormat, chatFormat)
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
		PromptFilterResults: promptVerdicts(), SystemFingerprint: fingerprint, Usage: x.book.Usage.json()}
	for i, a := range answers {
		text := a.text()
		out.Choices = append(out.Choices, chatChoice{ContentFilterResults: verdicts(a.filtered), FinishReason: &a.finish, Index: i,
			Message: &chatMessage{Role: "assistant", Content: &text}})
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
		empty := ""
		if !x.delta(next, chatChoice{Index: i, Delta: &chatMessage{Role: "assistant", Content: &empty}}) {
			return
		}
		for _, piece := range a.pieces {
			if !x.delta(next, chatChoice{Index: i, Delta: &chatMessage{Content: &piece}, ContentFilterResults: verdicts("")}) {
				return
			}
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
		total := x.book.Usage.json()
		next.Choices, next.Usage = []chatChoice{}, &total
		x.chunk(next)
	}
	x.done()
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
