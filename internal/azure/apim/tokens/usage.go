package tokens

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

// Usage is what a backend's answer says about tokens, read as it passes.
type Usage struct {
	Prompt, Completion, Total int
	// Found is true when the backend reported usage itself.
	Found  bool
	Stream bool
	Status int
	Model  string
	// text is what the model wrote, up to maxObserved.
	text strings.Builder

	json *sieve
	// object is what was read of the object that passes; it counts when the object is complete.
	object object
	// field is what was read of the name of a line of an event stream, up to its colon.
	field []byte
}

// dataField begins a line of an event stream that holds data.
const dataField = "data:"

// Watch takes the next bytes of the answer.
func (u *Usage) Watch(p []byte) {
	if u.json == nil {
		u.json = &sieve{form: answerForm, limit: maxObserved, take: u.take}
	}
	if !u.Stream {
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
func (u *Usage) line(p []byte) {
	if n := min(len(dataField)-len(u.field), len(p)); n > 0 {
		u.field = append(u.field, p[:n]...)
		p = p[n:]
	}
	if string(u.field) == dataField {
		u.json.feed(p)
	}
}

// event ends a line of an event stream.
func (u *Usage) event() {
	u.field = u.field[:0]
	u.count()
}

// Done reads what only makes sense as a whole.
func (u *Usage) Done() {
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

// object is an answer, or one event of an answer.
type object struct {
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
func (u *Usage) take(f *form, raw []byte) {
	switch f {
	case formOfUsage:
		var r reported
		if len(raw) < maxMember && raw[0] == '{' && json.Unmarshal(raw, &r) == nil {
			u.object.usage = &r
		}
	case formOfText:
		u.write(stringOf(raw))
	case formOfDelta:
		u.object.delta = stringOf(raw)
	case formOfKind:
		u.object.kind = stringOf(raw)
	default:
		u.object.model = stringOf(raw)
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

// write adds what the model wrote.
func (u *Usage) write(text string) {
	if room := maxObserved - u.text.Len() - u.object.size; len(text) > room {
		text = strings.ToValidUTF8(text[:max(room, 0)], "")
	}
	if text != "" {
		u.object.texts, u.object.size = append(u.object.texts, text), u.object.size+len(text)
	}
}

// count takes over what a complete object says, and begins with the next.
func (u *Usage) count() {
	if strings.HasSuffix(u.object.kind, "output_text.delta") {
		u.write(u.object.delta)
	}
	now, whole := u.object, u.json.complete()
	u.object = object{}
	u.json.reset()
	if !whole {
		return
	}
	if now.model != "" {
		u.Model = now.model
	}
	if r := now.usage; r != nil {
		u.Prompt, u.Completion = r.Prompt+r.Input, r.Completion+r.Output
		u.Total = r.Total
		if u.Total == 0 {
			u.Total = u.Prompt + u.Completion
		}
		u.Found = u.Total > 0
	}
	for _, text := range now.texts {
		u.text.WriteString(text)
	}
}

// OK tells whether the backend served the call.
func (u *Usage) OK() bool { return u.Status >= 200 && u.Status <= 299 }

// Text is what the model wrote, or the first maxObserved bytes of it.
func (u *Usage) Text() string { return u.text.String() }
