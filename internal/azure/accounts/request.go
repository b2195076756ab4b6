package accounts

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// message is one turn of a chat.
type message struct {
	Role      string          `json:"role"`
	Name      string          `json:"name"`
	Content   json.RawMessage `json:"content"`
	ToolCalls []toolCall      `json:"tool_calls"`
	// ToolCallID is the call that a message of the role tool answers.
	ToolCallID string `json:"tool_call_id"`
	// custom is set on results of custom tools, which only responses tell apart.
	custom bool
}

type toolCall struct {
	ID       string `json:"id"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
	Custom struct {
		Name  string `json:"name"`
		Input string `json:"input"`
	} `json:"custom"`
}

// text is what a call costs to read again.
func (c toolCall) text() []string {
	return []string{c.Function.Name, c.Function.Arguments, c.Custom.Name, c.Custom.Input}
}

// part is an element of a message whose content is a list.
type part struct {
	Type string `json:"type"`
	Text string `json:"text"`
	// FileID is the file of an input_file or input_image.
	FileID string `json:"file_id,omitempty"`
}

// parts reads content as a string or as a list; ok is false when it is neither.
func parts(raw json.RawMessage) (list []part, ok bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, true
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []part{{Type: "text", Text: text}}, true
	}
	return list, json.Unmarshal(raw, &list) == nil
}

func (m message) text() string {
	list, _ := parts(m.Content)
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.Text)
	}
	return b.String()
}

func (m message) images() int {
	list, _ := parts(m.Content)
	n := 0
	for _, p := range list {
		if p.Type == "image_url" || p.Type == "input_image" {
			n++
		}
	}
	return n
}

// request is the body of any operation that generates or embeds text. Fields that no operation here looks at are
// accepted and ignored, as a model that does not need them would; those that Azure does not know are refused in fields.go.
type request struct {
	Model               string          `json:"model"`
	Messages            []message       `json:"messages"`
	Prompt              json.RawMessage `json:"prompt"`
	Input               json.RawMessage `json:"input"`
	Instructions        string          `json:"instructions"`
	MaxTokens           *int            `json:"max_tokens"`
	MaxCompletionTokens *int            `json:"max_completion_tokens"`
	MaxOutputTokens     *int            `json:"max_output_tokens"`
	N                   *int            `json:"n"`
	BestOf              *int            `json:"best_of"`
	Temperature         *float64        `json:"temperature"`
	Stream              bool            `json:"stream"`
	StreamOptions       *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	Dimensions     *int            `json:"dimensions"`
	EncodingFormat string          `json:"encoding_format"`
	ResponseFormat json.RawMessage `json:"response_format"`
	Text           json.RawMessage `json:"text"`

	Tools             []json.RawMessage `json:"tools"`
	ToolChoice        json.RawMessage   `json:"tool_choice"`
	ParallelToolCalls *bool             `json:"parallel_tool_calls"`
	// Functions and FunctionCall are what tools and tool_choice were before, and still are for old clients.
	Functions    []json.RawMessage `json:"functions"`
	FunctionCall json.RawMessage   `json:"function_call"`

	Store              *bool             `json:"store"`
	Background         bool              `json:"background"`
	PreviousResponseID string            `json:"previous_response_id"`
	Include            []string          `json:"include"`
	Metadata           map[string]string `json:"metadata"`
}

// decode reads a body. Trailing data after the object is as wrong as no object.
func decode(body []byte) (*request, *failure) {
	var r request
	if err := json.Unmarshal(exactly(body), &r); err != nil {
		return nil, undecodable(err)
	}
	return &r, nil
}

// undecodable refuses a body that is no JSON, or a member of another type.
func undecodable(err error) *failure {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return invalid(kind.Field, "invalid_type", "Invalid type for '%s': expected %s, but got %s instead.", kind.Field, jsonType(kind.Type.Kind().String()), kind.Value)
	}
	return invalid("", "", "We could not parse the JSON body of your request. The body must be one valid JSON object.")
}

// exactly takes out the members whose names differ from a field's by case alone: names of JSON have case, and encoding/json
// reads "Model" as model. A body that is no object is left as it is.
func exactly(body []byte) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return body
	}
	fields := map[string]bool{}
	for i := range reflect.TypeFor[request]().NumField() {
		fields[reflect.TypeFor[request]().Field(i).Tag.Get("json")] = true
	}
	strange := func(name string, _ json.RawMessage) bool { return !fields[name] && fields[strings.ToLower(name)] }
	before := len(members)
	if maps.DeleteFunc(members, strange); len(members) == before {
		return body
	}
	text, err := json.Marshal(members)
	if err != nil {
		return body
	}
	return text
}

// jsonType names a Go kind as API errors do.
func jsonType(kind string) string {
	switch kind {
	case "int":
		return "an integer"
	case "float64":
		return "a decimal"
	case "bool":
		return "a boolean"
	case "slice":
		return "an array"
	case "struct", "map", "ptr":
		return "an object"
	}
	return "a " + kind
}

// limit is the largest number of tokens the caller wants generated, 0 when it did not say.
func (r *request) limit() int {
	for _, v := range []*int{r.MaxCompletionTokens, r.MaxOutputTokens, r.MaxTokens} {
		if v != nil {
			return *v
		}
	}
	return 0
}

// choices is how many answers are wanted.
func (r *request) choices() int {
	if r.N == nil {
		return 1
	}
	return *r.N
}

// generations is how many answers are computed, which is what the rate limit counts.
func (r *request) generations() int {
	if r.BestOf != nil {
		return max(*r.BestOf, r.choices())
	}
	return r.choices()
}

func (r *request) wantsUsage() bool { return r.StreamOptions != nil && r.StreamOptions.IncludeUsage }

var roles = []string{"system", "assistant", "user", "function", "tool", "developer"}

// reasoning reports models that replaced max_tokens by max_completion_tokens.
func reasoning(model string) bool {
	return len(model) > 1 && model[0] == 'o' && model[1] >= '0' && model[1] <= '9' || strings.HasPrefix(model, "gpt-5")
}

// maxChoices is the documented maximum of n.
const maxChoices = 128

// check refuses what the service refuses for any generated text. Texts follow OpenAI's published error format.
func (r *request) check(model string) *failure {
	limits := []struct {
		param string
		value *int
		least int
	}{
		{"max_tokens", r.MaxTokens, 1}, {"max_completion_tokens", r.MaxCompletionTokens, 1},
		{"max_output_tokens", r.MaxOutputTokens, 1}, {"n", r.N, 1}, {"best_of", r.BestOf, 1},
	}
	for _, l := range limits {
		if l.value != nil && *l.value < l.least {
			return invalid(l.param, "integer_below_min_value", "Invalid '%s': integer below minimum value. Expected a value >= %d, but got %d instead.", l.param, l.least, *l.value)
		}
	}
	if r.choices() > maxChoices || r.generations() > maxChoices {
		return invalid("n", "integer_above_max_value", "Invalid 'n': integer above maximum value. Expected a value <= %d, but got %d instead.", maxChoices, r.generations())
	}
	if t := r.Temperature; t != nil && (*t < 0 || *t > 2) {
		return invalid("temperature", "decimal_out_of_range", "Invalid 'temperature': expected a value between 0 and 2, but got %g instead.", *t)
	}
	// Seen in BerriAI/litellm#13397 and gabrii/Cursor-Azure-GPT-5#33. [M] gpt-5.1 and later take one while they do not reason.
	if t := r.Temperature; t != nil && *t != 1 && reasoning(model) && !strings.HasPrefix(model, "gpt-5.") {
		return invalid("temperature", "unsupported_value", "Unsupported value: 'temperature' does not support %g with this model. Only the default (1) value is supported.", *t)
	}
	if r.MaxTokens != nil && reasoning(model) {
		return invalid("max_tokens", "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
	}
	return nil
}

// checkMessages refuses a chat without usable messages.
func (r *request) checkMessages() *failure {
	if r.Messages == nil {
		return missing("messages")
	}
	if len(r.Messages) == 0 {
		return invalid("messages", "empty_array", "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	}
	for i, m := range r.Messages {
		if !slices.Contains(roles, m.Role) {
			return invalid("messages", "invalid_value", "Invalid value: '%s'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'. (messages[%d].role)", m.Role, i)
		}
		if _, ok := parts(m.Content); !ok {
			return invalid("messages", "invalid_type", "Invalid type for 'messages[%d].content': expected a string or an array of content parts.", i)
		}
	}
	return checkAnswered(r.Messages)
}

func missing(param string) *failure {
	return invalid(param, "missing_required_parameter", "Missing required parameter: '%s'.", param)
}

// chatText is everything a chat sends to the model, for estimates and markers.
func (r *request) chatText() string {
	texts := make([]string, len(r.Messages))
	for i, m := range r.Messages {
		texts[i] = m.text()
	}
	return strings.Join(texts, "\n")
}

// lastText is what is answered: the last message that has text.
func (r *request) lastText() string {
	for _, m := range slices.Backward(r.Messages) {
		if text := m.text(); text != "" {
			return text
		}
	}
	return ""
}
