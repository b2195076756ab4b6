package apim

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/tiktoken-go/tokenizer"
)

// imageTokens is what one image counts in an estimate: Azure over-counts images
// up to this (Microsoft Learn: llm-token-limit-policy, "Usage notes").
const imageTokens = 1200

// messageTokens is what the frame of a chat message costs beside its text.
const messageTokens = 3

// Tiktoken counts with OpenAI's own vocabularies. The zero value is ready.
type Tiktoken struct {
	mu     sync.Mutex
	codecs map[tokenizer.Encoding]tokenizer.Codec
}

// Count counts the tokens of a text; a model that is not known counts as a
// current one.
func (t *Tiktoken) Count(model, text string) int {
	if text == "" {
		return 0
	}
	codec, err := t.codec(encodingOf(model))
	if err != nil {
		return len(text) / 4
	}
	n, err := codec.Count(text)
	if err != nil {
		return len(text) / 4
	}
	return n
}

func encodingOf(model string) tokenizer.Encoding {
	m := strings.ToLower(model)
	old := strings.HasPrefix(m, "gpt-4") && !strings.HasPrefix(m, "gpt-4o") && !strings.HasPrefix(m, "gpt-4.")
	if old || strings.HasPrefix(m, "gpt-3") || strings.HasPrefix(m, "gpt-35") || strings.HasPrefix(m, "text-embedding") {
		return tokenizer.Cl100kBase
	}
	return tokenizer.O200kBase
}

// codec loads a vocabulary once: loading takes tens of milliseconds.
func (t *Tiktoken) codec(e tokenizer.Encoding) (tokenizer.Codec, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.codecs[e]; c != nil {
		return c, nil
	}
	c, err := tokenizer.Get(e)
	if err != nil {
		return nil, err
	}
	if t.codecs == nil {
		t.codecs = map[tokenizer.Encoding]tokenizer.Codec{}
	}
	t.codecs[e] = c
	return c, nil
}

// prompt is what matters of a request to a model.
type prompt struct {
	Model    string          `json:"model"`
	Stream   bool            `json:"stream"`
	Messages json.RawMessage `json:"messages"`
	Input    json.RawMessage `json:"input"`
	Prompt   json.RawMessage `json:"prompt"`

	raw    []byte
	tokens int
}

// readPrompt reads the request's body as a prompt and keeps the body. A body
// that is no JSON is an empty prompt.
func (x *call) readPrompt() (*prompt, error) {
	data, err := x.Request.body.Read(true)
	if err != nil {
		return nil, broken(reasonClientFailure, err)
	}
	p := &prompt{raw: data, tokens: -1}
	_ = json.Unmarshal(data, p)
	if x.llm != nil {
		x.llm.prompt = p
	} else {
		x.llm = &llmCapture{prompt: p}
	}
	return p, nil
}

// promptTokens estimates the tokens of the prompt last read.
func (x *call) promptTokens() int {
	if x.llm == nil || x.llm.prompt == nil {
		return 0
	}
	p := x.llm.prompt
	if p.tokens < 0 {
		model := p.Model
		if model == "" {
			model = x.deployment()
		}
		p.tokens = p.count(func(s string) int { return x.gw.deps.Tokens.Count(model, s) })
	}
	return p.tokens
}

// count adds up the texts of a prompt, whichever way they are nested.
func (p *prompt) count(tokens func(string) int) int {
	n := 0
	for _, raw := range []json.RawMessage{p.Messages, p.Input, p.Prompt} {
		if len(raw) == 0 {
			continue
		}
		var v any
		if json.Unmarshal(raw, &v) == nil {
			n += countValue(v, tokens)
		}
	}
	return n
}

func countValue(v any, tokens func(string) int) int {
	switch t := v.(type) {
	case string:
		return tokens(t)
	case []any:
		n := 0
		for _, e := range t {
			n += countValue(e, tokens)
		}
		return n
	case float64:
		// A prompt may be given as token ids.
		return 1
	case map[string]any:
		n := 0
		if _, ok := t["role"]; ok {
			n += messageTokens
		}
		if kind, _ := t["type"].(string); strings.Contains(kind, "image") {
			return n + imageTokens
		}
		for _, k := range []string{"content", "text", "input_text"} {
			if e, ok := t[k]; ok {
				n += countValue(e, tokens)
			}
		}
		return n
	}
	return 0
}

// deployment is the model's deployment: of the path, or of the body.
func (x *call) deployment() string {
	for _, k := range []string{"deployment-id", "deploymentId", "deployment", "deployment-name"} {
		if v := x.Request.Matched[k]; v != "" {
			return v
		}
	}
	for i, s := range x.path {
		if s == "deployments" && i+1 < len(x.path) {
			return x.path[i+1]
		}
	}
	if x.llm != nil && x.llm.prompt != nil {
		return x.llm.prompt.Model
	}
	return ""
}

// llmCapture is what is kept of a conversation for the LLM log.
type llmCapture struct {
	prompt *prompt
	usage  *usage
}

// record makes the log entry; nil when nothing is to be logged.
func (l *llmCapture) record(x *call) *LLMRecord {
	m := x.rec.AzureMonitor
	if l == nil || l.usage == nil || m == nil || m.LLM == nil || !m.LLM.Enabled {
		return nil
	}
	u, p := l.usage, l.prompt
	r := &LLMRecord{
		Deployment: x.deployment(), Model: u.model, APIVersion: x.Request.OriginalURL.Query().Get("api-version"), RequestID: x.RequestID,
		Stream: u.stream, PromptTokens: u.prompt, CompletionTokens: u.completion, TotalTokens: u.total, Estimated: !u.found,
	}
	if p != nil && m.LLM.RequestBytes > 0 {
		for _, raw := range []json.RawMessage{p.Messages, p.Input, p.Prompt} {
			if len(raw) > 0 {
				r.Request = cut(raw, m.LLM.RequestBytes)
				break
			}
		}
	}
	if m.LLM.ResponseBytes > 0 && u.text.Len() > 0 {
		said, err := json.Marshal([]map[string]string{{"role": "assistant", "content": u.text.String()}})
		if err == nil {
			r.Response = cut(said, m.LLM.ResponseBytes)
		}
	}
	return r
}

// answer tells everyone who counts what the call consumed, once.
func (x *call) answer() {
	if u := x.usage; u != nil {
		u.estimate(x)
	}
	list := x.answered
	x.answered = nil
	for _, f := range list {
		f(x.usage)
	}
}
