package apim

import (
	"bytes"
	"encoding/json"
	"strings"
)

// maxObserved is how much is kept of what a model wrote. Azure logs at most
// 2 MB of a message (Microsoft Learn: api-management-howto-llm-logs). Tokens are
// counted of answers of any size.
const maxObserved = 2 << 20

// maxMember bounds what is read at once of an answer beside its text.
const maxMember = 64 << 10

// usage is what a backend's answer says about tokens, read as it passes.
type usage struct {
	prompt, completion, total int
	// found is true when the backend reported usage itself.
	found  bool
	stream bool
	status int
	model  string
	// text is what the model wrote, up to maxObserved.
	text strings.Builder

	json *sieve
	// said is what the object that passes has said so far; it counts when the object is complete.
	said said
	// field is what was read of the name of a line of an event stream, up to its colon.
	field []byte
}

// dataField begins a line of an event stream that holds data.
const dataField = "data:"

// watch takes the next bytes of the answer.
func (u *usage) watch(p []byte) {
	if u.json == nil {
		u.json = &sieve{form: answerForm, limit: maxObserved, take: u.take}
	}
	if !u.stream {
		u.json.feed(p)
		return
	}
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, []byte("\n"))
		u.line(line)
		if ended {
			u.event()
		}
		p = rest
	}
}

// line takes a part of a line of an event stream.
func (u *usage) line(p []byte) {
	if n := min(len(dataField)-len(u.field), len(p)); n > 0 {
		u.field = append(u.field, p[:n]...)
		p = p[n:]
	}
	if string(u.field) == dataField {
		u.json.feed(p)
	}
}

// event ends a line of an event stream.
func (u *usage) event() {
	u.field = u.field[:0]
	u.count()
}

// done reads what only makes sense as a whole.
func (u *usage) done() {
	if u.json != nil {
		u.count()
	}
}

// reported is a usage object, of chat completions or of responses.
type reported struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
	Input      int `json:"input_tokens"`
	Output     int `json:"output_tokens"`
}

// said is what one answer, or one event of an answer, says.
type said struct {
	model string
	usage *reported
	texts []string
	size  int
	// The responses API: a delta is text in events of one type only.
	kind, delta string
}

// The members that matter. The last usage counts, wherever it stands.
var (
	formOfModel = &form{name: "model", keep: true}
	formOfUsage = &form{name: "usage", keep: true}
	formOfText  = &form{name: "text", keep: true}
	formOfKind  = &form{name: "type", keep: true}
	formOfDelta = &form{name: "delta", keep: true}
	written     = &form{members: map[string]*form{"content": formOfText}}
	answerForm  = &form{members: map[string]*form{
		"model": formOfModel, "usage": formOfUsage, "type": formOfKind, "delta": formOfDelta,
		"choices":  {members: map[string]*form{"text": formOfText, "delta": written, "message": written}},
		"response": {members: map[string]*form{"model": formOfModel, "usage": formOfUsage}},
		"output":   {members: map[string]*form{"content": {members: map[string]*form{"text": formOfText}}}},
	}}
)

// take notes a member of the object that passes.
func (u *usage) take(f *form, raw []byte) {
	switch f {
	case formOfUsage:
		var r reported
		if len(raw) < maxMember && raw[0] == '{' && json.Unmarshal(raw, &r) == nil {
			u.said.usage = &r
		}
	case formOfText:
		u.say(stringOf(raw))
	case formOfDelta:
		u.said.delta = stringOf(raw)
	case formOfKind:
		u.said.kind = stringOf(raw)
	default:
		u.said.model = stringOf(raw)
	}
}

// stringOf is the text of a JSON string, also of one that was cut; of anything else it is empty.
func stringOf(raw []byte) string {
	var s string
	if len(raw) == 0 || raw[0] != '"' {
		return ""
	}
	// A cut may go through an escape, which has six characters at most, or two of them.
	for n := 0; n <= 12 && n < len(raw); n++ {
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
		if json.Unmarshal(append(bytes.Clone(raw[:len(raw)-n]), '"'), &s) == nil {
			return s
		}
	}
	return ""
}

// say adds what the model wrote.
func (u *usage) say(text string) {
	if room := maxObserved - u.text.Len() - u.said.size; len(text) > room {
		text = strings.ToValidUTF8(text[:max(room, 0)], "")
	}
	if text != "" {
		u.said.texts, u.said.size = append(u.said.texts, text), u.said.size+len(text)
	}
}

// count takes over what a complete object said, and begins with the next.
func (u *usage) count() {
	if strings.HasSuffix(u.said.kind, "output_text.delta") {
		u.say(u.said.delta)
	}
	now, whole := u.said, u.json.complete()
	u.said = said{}
	u.json.reset()
	if !whole {
		return
	}
	if now.model != "" {
		u.model = now.model
	}
	if r := now.usage; r != nil {
		u.prompt, u.completion = r.Prompt+r.Input, r.Completion+r.Output
		u.total = r.Total
		if u.total == 0 {
			u.total = u.prompt + u.completion
		}
		u.found = u.total > 0
	}
	for _, text := range now.texts {
		u.text.WriteString(text)
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
