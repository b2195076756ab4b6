package tokens

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

// Prompt is what matters of a request to a model.
type Prompt struct {
	Model    string          `json:"model"`
	Stream   bool            `json:"stream"`
	Messages json.RawMessage `json:"messages"`
	Input    json.RawMessage `json:"input"`
	Prompt   json.RawMessage `json:"prompt"`

	// Raw is the whole body.
	Raw []byte `json:"-"`

	counted bool
	tokens  int
}

// ReadPrompt reads a request's body. What is no JSON is an empty prompt.
func ReadPrompt(body []byte) *Prompt {
	p := &Prompt{Raw: body}
	_ = json.Unmarshal(body, p)
	return p
}

// Conversation is what was sent as messages, input or prompt, or nil.
func (p *Prompt) Conversation() json.RawMessage {
	for _, raw := range []json.RawMessage{p.Messages, p.Input, p.Prompt} {
		if len(raw) > 0 {
			return raw
		}
	}
	return nil
}

// Texts are all texts of the prompt.
func (p *Prompt) Texts() []string {
	var texts []string
	p.count(func(text string) int { texts = append(texts, text); return 0 })
	return texts
}

// Tokens estimates the tokens of the prompt, once.
func (p *Prompt) Tokens(count func(string) int) int {
	if !p.counted {
		p.counted, p.tokens = true, p.count(count)
	}
	return p.tokens
}

// count adds up the texts of a prompt, whichever way they are nested.
func (p *Prompt) count(tokens func(string) int) int {
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
