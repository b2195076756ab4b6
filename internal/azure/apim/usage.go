package apim

import (
	"bytes"
	"encoding/json"
	"strings"
)

// maxObserved is how much of an answer is kept for counting. Azure logs at most
// 2 MB of a message (Microsoft Learn: api-management-howto-llm-logs).
const maxObserved = 2 << 20

// usage is what a backend's answer says about tokens, read as it passes.
type usage struct {
	prompt, completion, total int
	// found is true when the backend reported usage itself.
	found  bool
	stream bool
	status int
	model  string
	// text is what the model wrote.
	text strings.Builder

	line []byte
	body []byte
}

// watch takes the next bytes of the answer.
func (u *usage) watch(p []byte) {
	if !u.stream {
		if room := maxObserved - len(u.body); room > 0 {
			u.body = append(u.body, p[:min(room, len(p))]...)
		}
		return
	}
	for len(p) > 0 {
		nl := bytes.IndexByte(p, '\n')
		if nl < 0 {
			if len(u.line) < maxObserved {
				u.line = append(u.line, p...)
			}
			return
		}
		u.line = append(u.line, p[:nl]...)
		u.event(u.line)
		u.line = u.line[:0]
		p = p[nl+1:]
	}
}

// done reads what only makes sense as a whole.
func (u *usage) done() {
	if u.stream {
		u.event(u.line)
		u.line = nil
		return
	}
	u.read(u.body)
}

// event reads one line of an event stream.
func (u *usage) event(line []byte) {
	data, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r"), []byte("data:"))
	if !ok {
		return
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '{' {
		return
	}
	u.read(data)
}

// reported is a usage object, of chat completions or of responses.
type reported struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
	Input      int `json:"input_tokens"`
	Output     int `json:"output_tokens"`
}

// answer is what matters of an answer or of one chunk of it.
type answer struct {
	Model   string    `json:"model"`
	Usage   *reported `json:"usage"`
	Choices []struct {
		Text  string `json:"text"`
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
	} `json:"choices"`
	// The responses API.
	Type     string          `json:"type"`
	Delta    json.RawMessage `json:"delta"`
	Response *struct {
		Model string    `json:"model"`
		Usage *reported `json:"usage"`
	} `json:"response"`
	Output []struct {
		Content []struct {
			Text string `json:"text"`
		} `json:"content"`
	} `json:"output"`
}

func (u *usage) read(data []byte) {
	var a answer
	if json.Unmarshal(data, &a) != nil {
		return
	}
	if a.Response != nil {
		a.Usage, a.Model = a.Response.Usage, a.Response.Model
	}
	if a.Model != "" {
		u.model = a.Model
	}
	if r := a.Usage; r != nil {
		u.prompt, u.completion = r.Prompt+r.Input, r.Completion+r.Output
		u.total = r.Total
		if u.total == 0 {
			u.total = u.prompt + u.completion
		}
		u.found = u.total > 0
	}
	for _, c := range a.Choices {
		u.text.WriteString(c.Text + c.Delta.Content + c.Message.Content)
	}
	if strings.HasSuffix(a.Type, "output_text.delta") {
		var s string
		if json.Unmarshal(a.Delta, &s) == nil {
			u.text.WriteString(s)
		}
	}
	for _, o := range a.Output {
		for _, c := range o.Content {
			u.text.WriteString(c.Text)
		}
	}
}

// estimate fills in what the backend did not report.
func (u *usage) estimate(x *call) {
	if u.found || u.status < 200 || u.status > 299 {
		return
	}
	u.prompt = x.promptTokens()
	u.completion = x.gw.deps.Tokens.Count(u.model, u.text.String())
	u.total = u.prompt + u.completion
}
