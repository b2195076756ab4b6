package accounts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// wish is what an answer has to be; the zero value is text.
type wish struct {
	// value is the JSON that the answer consists of.
	value string
	// calls are the tools to call instead of answering, and finish is their finish_reason.
	calls  []toolUse
	finish string
	// tokens are those of the definitions that the model reads besides the messages.
	tokens int
	// definitions are their text, for the estimate at admission.
	definitions string
}

// format is response_format of a chat, or text.format of a response.
type format struct {
	Type       string  `json:"type"`
	JSONSchema *format `json:"json_schema"` // of a chat: the members below are inside

	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
	Strict *bool           `json:"strict"`
}

// formatSource is how a surface names the members of a format in errors.
type formatSource struct{ param, inside, messages, they, comma string }

var (
	chatFormat     = formatSource{"response_format", "response_format.json_schema", "messages", "'messages'", ","}
	responseFormat = formatSource{"text.format", "text.format", "input", "Response input messages", ""}
)

// wishOf reads the format and the tools of a call.
func (x *exchange) wishOf(format json.RawMessage, from formatSource) (wish, *failure) {
	want, f := x.readFormat(format, from)
	if f != nil {
		return want, f
	}
	return x.readCalls(want)
}

// readFormat turns a format into a wish.
func (x *exchange) readFormat(raw json.RawMessage, from formatSource) (wish, *failure) {
	if empty(raw) {
		return wish{}, nil
	}
	var f format
	if json.Unmarshal(raw, &f) != nil {
		return wish{}, invalid(from.param, "invalid_type", "Invalid type for '%s': expected a response format, but got something else instead.", from.param)
	}
	switch f.Type {
	case "text":
		return wish{}, nil
	case "json_object":
		return x.anyJSON(from)
	case "json_schema":
		return x.schemaJSON(f, from)
	case "":
		return wish{}, missing(from.param + ".type")
	}
	return wish{}, invalid(from.param+".type", "invalid_value",
		"Invalid value: '%s'. Supported values are: 'json_object', 'json_schema', and 'text'.", f.Type)
}

// anyJSON is the smallest object. The refusal of a chat is seen in ultimatejimmy/xray.koplugin#33.
func (x *exchange) anyJSON(from formatSource) (wish, *failure) {
	if !strings.Contains(strings.ToLower(x.req.chatText()), "json") {
		return wish{}, invalid(from.messages, "", "%s must contain the word 'json' in some form%s to use '%s' of type 'json_object'.", from.they, from.comma, from.param)
	}
	return wish{value: "{}"}, nil
}

// firstWithSchemas is the first api-version with structured outputs (seen in Azure/azure-sdk-for-net#46579 and langgenius/dify#8994).
const firstWithSchemas = "2024-08-01-preview"

// schemaJSON is a value of the schema that was sent.
func (x *exchange) schemaJSON(f format, from formatSource) (wish, *failure) {
	if !x.call.v1 && x.call.apiVersion < firstWithSchemas {
		return wish{}, coded(http.StatusBadRequest, "BadRequest", "response_format value as json_schema is enabled only for api versions "+firstWithSchemas+" and later")
	}
	if !structures(x.d) { // seen in langchain-ai/langchain#31490
		return wish{}, invalid("", "", "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. "+
			"Learn more about supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs")
	}
	if from == chatFormat {
		if f.JSONSchema == nil {
			return wish{}, missing(from.inside)
		}
		f = *f.JSONSchema
	}
	if f.Name == "" {
		return wish{}, missing(from.inside + ".name")
	}
	schema := &jsonNode{kind: '{'}
	if !empty(f.Schema) {
		var err error
		if schema, err = parseJSON(f.Schema); err != nil {
			return wish{}, missing(from.inside + ".schema")
		}
	} else if from == responseFormat {
		return wish{}, missing(from.inside + ".schema")
	}
	// Seen with code null and param response_format for chats (dottxt-ai/outlines#844), and with these for responses
	// (mavam/pi-web-providers#14).
	param, code := from.param, ""
	if from == responseFormat {
		param, code = "text.format.schema", "invalid_json_schema"
	}
	value, problem := objectOf(schema, f.Strict != nil && *f.Strict)
	if problem != "" {
		return wish{}, invalid(param, code, "Invalid schema for response_format '%s': %s", f.Name, problem)
	}
	text := schema.json()
	return wish{value: value, definitions: text, tokens: schemaTokens(x.d.Model, text)}, nil
}

// objectOf makes an object of a schema, or tells what is wrong with the schema.
func objectOf(schema *jsonNode, strict bool) (value, problem string) {
	if t := schema.get("type"); t != nil && t.str() != "object" {
		return "", fmt.Sprintf("schema must be a JSON Schema of 'type: \"object\"', got 'type: %s'.", t.json())
	}
	if strict {
		if problem = strictly(schema, nil); problem != "" {
			return "", problem
		}
	}
	object := &jsonNode{kind: '{', members: []jsonMember{{"type", &jsonNode{kind: '"', text: "object"}}}}
	value, err := newSampler(schema).value(conjunction{object, schema})
	if err != nil {
		return "", fmt.Sprintf("The embedded account finds no value for it: %s.", err)
	}
	return value, ""
}

// strictly tells what strict mode refuses: every object names all its members as required and allows no others (OpenAI:
// Structured outputs, supported schemas; texts seen in lastmile-ai/openai-agents-mcp#2 and kevinwatt/mysql-mcp#5).
func strictly(schema *jsonNode, path []string) string {
	context := strings.Join(path, ", ")
	if len(path) == 1 {
		context += ","
	}
	properties := schema.get("properties")
	if schema.get("type").str() == "object" || properties != nil {
		if !schema.get("additionalProperties").isFalse() {
			return fmt.Sprintf("In context=(%s), 'additionalProperties' is required to be supplied and to be false.", context)
		}
		required := schema.get("required").strings()
		if properties != nil {
			for _, m := range properties.members {
				if !slices.Contains(required, m.name) {
					return fmt.Sprintf("In context=(%s), 'required' is required to be supplied and to be an array including every key in properties. Missing '%s'.", context, m.name)
				}
			}
		}
	}
	for _, keyword := range []string{"$defs", "definitions", "properties"} {
		if inside := schema.get(keyword); inside != nil {
			for _, m := range inside.members {
				if problem := strictly(m.value, step(path, keyword, m.name)); problem != "" {
					return problem
				}
			}
		}
	}
	if items := schema.get("items"); items != nil {
		if problem := strictly(items, step(path, "items")); problem != "" {
			return problem
		}
	}
	if branches := schema.get("anyOf"); branches != nil {
		for i, branch := range branches.items {
			if problem := strictly(branch, append(step(path, "anyOf"), fmt.Sprintf("'%d'", i))); problem != "" {
				return problem
			}
		}
	}
	return ""
}

// step extends the path of a schema, each step in the quotes that errors show.
func step(path []string, names ...string) []string {
	out := slices.Clone(path)
	for _, name := range names {
		out = append(out, "'"+name+"'")
	}
	return out
}

// structures reports models with structured outputs (Microsoft Learn: ai-services/openai/how-to/structured-outputs, supported models).
func structures(d Deployment) bool {
	switch {
	case strings.HasPrefix(d.Model, "gpt-4o-mini"):
		return true
	case strings.HasPrefix(d.Model, "gpt-4o"):
		return d.Version != "2024-05-13"
	case d.Model == "o1-mini", d.Model == "o1-preview":
		return false
	}
	return reasoning(d.Model) || strings.HasPrefix(d.Model, "gpt-4.1") || strings.HasPrefix(d.Model, "gpt-4.5")
}

// schemaTokens is what a schema of a response format costs [M] unverified: OpenAI says that it counts as input, and names no
// formula. Its text is counted.
func schemaTokens(model, schema string) int { return CountTokens(model, schema) }
