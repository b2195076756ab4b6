package accounts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// tool is what the model may call: a function, or a custom tool that takes text. Chats have the members inside of function or
// custom, responses have them beside type.
type tool struct {
	Type        string          `json:"type"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
	Strict      *bool           `json:"strict"`
	Format      json.RawMessage `json:"format"`

	Function *tool `json:"function"`
	Custom   *tool `json:"custom"`
}

// toolChoice is how the caller lets the model choose.
type toolChoice struct {
	// Type is none, auto, required, function, custom or allowed_tools.
	Type string `json:"type"`
	Name string `json:"name"`
	// Mode and Tools belong to allowed_tools.
	Mode  string `json:"mode"`
	Tools []tool `json:"tools"`

	Function *toolChoice `json:"function"`
	Custom   *toolChoice `json:"custom"`
	Allowed  *toolChoice `json:"allowed_tools"`
}

// toolUse is one call of a function, or of a custom tool, by the model.
type toolUse struct {
	name, arguments string
	custom          bool
}

// maxTools is the documented maximum of functions (Microsoft Learn: ai-services/openai/reference, tools).
const maxTools = 128

var toolName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// maxToolName is the documented maximum of a function's name.
const maxToolName = 64

// readTools reads and checks the definitions; the second result are those that the caller runs.
func (x *exchange) readTools() ([]tool, *failure) {
	list := x.req.Tools
	responses := x.call.op.kind == kindResponses
	switch {
	case list != nil && len(list) == 0 && !responses:
		return nil, invalid("tools", "empty_array", "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	case len(list) > maxTools:
		return nil, invalid("tools", "array_above_max_length", "Invalid 'tools': array too long. Expected an array with maximum length %d, but got an array with length %d instead.", maxTools, len(list))
	}
	var tools []tool
	for i, raw := range list {
		var t tool
		at := fmt.Sprintf("tools[%d]", i)
		if json.Unmarshal(raw, &t) != nil {
			return nil, invalid(at, "invalid_type", "Invalid type for '%s': expected an object, but got something else instead.", at)
		}
		kind := t.Type
		if kind == "" {
			return nil, missing(at + ".type")
		}
		if responses && kind != "function" && kind != "custom" {
			continue // runs in the account, which runs none here
		}
		if !responses {
			inside := map[string]*tool{"function": t.Function, "custom": t.Custom}[kind]
			if inside == nil && (kind == "function" || kind == "custom") {
				return nil, missing(at + "." + kind)
			} else if inside == nil {
				return nil, invalid(at+".type", "invalid_value", "Invalid value: '%s'. Supported values are: 'function' and 'custom'.", kind)
			}
			t, at = *inside, at+"."+kind
			t.Type = kind
		}
		if f := t.check(at); f != nil {
			return nil, f
		}
		tools = append(tools, t)
	}
	return tools, nil
}

// check refuses a name or a schema that the service refuses (texts seen in FoundationAgents/OpenManus#1162,
// ComposioHQ/composio#1829 and kevinwatt/mysql-mcp#5).
func (t tool) check(at string) *failure {
	switch {
	case t.Name == "":
		return missing(at + ".name")
	case len(t.Name) > maxToolName:
		return invalid(at+".name", "string_above_max_length", "Invalid '%s.name': string too long. Expected a string with maximum length %d, but got a string with length %d instead.", at, maxToolName, len(t.Name))
	case !toolName.MatchString(t.Name):
		return invalid(at+".name", "invalid_value", "Invalid '%s.name': string does not match pattern. Expected a string that matches the pattern '%s'.", at, toolName)
	}
	if empty(t.Parameters) {
		return nil
	}
	schema, err := parseJSON(t.Parameters)
	problem := ""
	switch kind := schema.get("type"); {
	case err != nil || schema.kind != '{':
		problem = string(t.Parameters) + " is not of type 'object', 'boolean'."
	case kind.str() != "object":
		name := "None"
		if kind != nil {
			name = kind.str()
		}
		problem = fmt.Sprintf("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"%s\"'.", name)
	case t.Strict != nil && *t.Strict:
		problem = strictly(schema, nil)
	}
	if problem == "" {
		return nil
	}
	return invalid(at+".parameters", "invalid_function_parameters", "Invalid schema for function '%s': %s", t.Name, problem)
}

// use makes a call of a tool with arguments that its schema allows.
func (t tool) use(prompt, model string) (toolUse, *failure) {
	if t.Type == "custom" {
		if kind := struct{ Type string }{}; !empty(t.Format) && (json.Unmarshal(t.Format, &kind) != nil || kind.Type != "text") {
			return toolUse{}, invalid("tools", "", "The embedded account writes plain text for custom tools, and none that the grammar of '%s' allows.", t.Name)
		}
		return toolUse{name: t.Name, custom: true, arguments: strings.TrimSpace(compose(model, prompt, 0).text())}, nil
	}
	schema := &jsonNode{kind: '{'}
	if !empty(t.Parameters) {
		schema, _ = parseJSON(t.Parameters) // has been read before
	}
	value, problem := objectOf(schema, false)
	if problem != "" {
		return toolUse{}, invalid("tools", "invalid_function_parameters", "Invalid schema for function '%s': %s", t.Name, problem)
	}
	return toolUse{name: t.Name, arguments: value}, nil
}

// readChoice reads tool_choice: a word, or an object that names a tool.
func readChoice(raw json.RawMessage) (toolChoice, bool) {
	var word string
	if json.Unmarshal(raw, &word) == nil {
		return toolChoice{Type: word}, slices.Contains([]string{"none", "auto", "required"}, word)
	}
	var c toolChoice
	if json.Unmarshal(raw, &c) != nil {
		return c, false
	}
	for _, inside := range []*toolChoice{c.Function, c.Custom, c.Allowed} {
		if inside != nil {
			c.Name, c.Mode, c.Tools = inside.Name, inside.Mode, inside.Tools
		}
	}
	named := (c.Type == "function" || c.Type == "custom") && c.Name != ""
	return c, named || c.Type == "allowed_tools" && len(c.Tools) > 0 && slices.Contains([]string{"auto", "required"}, c.Mode)
}

// firstWithRequired is the first api-version that knows tool_choice required (seen in langchain-ai/langchain#29936).
const firstWithRequired = "2024-06-01"

// checkChoice refuses what cannot be chosen.
func (x *exchange) checkChoice(c toolChoice, known bool, tools []tool) *failure {
	responses := x.call.op.kind == kindResponses
	given := !empty(x.req.ToolChoice)
	switch {
	case !responses && given && x.req.Tools == nil: // seen in Azure/azure-sdk-for-net#45598
		return invalid("tool_choice", "", "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.")
	case !responses && x.req.ParallelToolCalls != nil && x.req.Tools == nil:
		return invalid("parallel_tool_calls", "", "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.")
	case !given:
		return nil
	case !known: // seen in Azure/azure-sdk-for-js#28325, and for words that an api-version did not know yet
		return invalid("", "", "'$.tool_choice' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.")
	case c.Type == "required" && !x.call.v1 && x.call.apiVersion < firstWithRequired:
		return coded(http.StatusBadRequest, "BadRequest", "tool_choice value as required is enabled only for api versions "+firstWithRequired+" and later")
	case c.Type == "required" && len(tools) == 0: // seen in vllm-project/vllm#40399
		return invalid("tool_choice", "", "Tool choice 'required' must be specified with 'tools' parameter.")
	case c.Name != "" && pick(tools, c.Type, c.Name) == nil:
		// The wording is that of responses (vllm-project/vllm#40399); for chats it is [M] unverified.
		return invalid("tool_choice", "", "Tool choice '%s' not found in 'tools' parameter.", c.Type)
	}
	return nil
}

// pick is the tool of a type and a name, nil when there is none.
func pick(tools []tool, kind, name string) *tool {
	for i, t := range tools {
		if t.Name == name && (kind == "" || t.Type == kind) {
			return &tools[i]
		}
	}
	return nil
}

// readCalls adds to a wish what the tools of the call ask for. Models decide by themselves under auto; here the marker of a tool in
// the last message decides.
func (x *exchange) readCalls(want wish) (wish, *failure) {
	tools, f := x.readTools()
	if f != nil {
		return want, f
	}
	choice, known := readChoice(x.req.ToolChoice)
	if f := x.checkChoice(choice, known, tools); f != nil {
		return want, f
	}
	for _, raw := range x.req.Tools {
		want.definitions += string(raw)
	}
	for _, t := range tools {
		want.tokens += toolTokens(x.d.Model, t)
	}
	last := x.req.lastText()
	chosen := choice.choose(tools, x.req.markedTools())
	if x.req.ParallelToolCalls != nil && !*x.req.ParallelToolCalls && len(chosen) > 1 {
		chosen = chosen[:1]
	}
	for _, t := range chosen {
		use, f := t.use(last, x.d.Model)
		if f != nil {
			return want, f
		}
		want.calls = append(want.calls, use)
	}
	want.finish = "tool_calls"
	if len(x.req.Functions) > 0 {
		want.finish = "function_call"
	}
	if choice.Type == "function" || choice.Type == "custom" {
		// "If we forced the model to call one of our functions, the finish_reason will actually be stop instead of tool_calls"
		// (OpenAI: Structured outputs, edge cases).
		want.finish = "stop"
	}
	return want, nil
}

// choose are the tools that are called, in the order of their marks.
func (c toolChoice) choose(tools []tool, marks []string) []tool {
	forced := c.Type == "required" || c.Name != "" || c.Type == "allowed_tools" && c.Mode == "required"
	if c.Type == "none" {
		return nil
	}
	allowed := tools
	if c.Type == "allowed_tools" {
		allowed = nil
		for _, named := range c.Tools {
			name := named.Name
			for _, inside := range []*tool{named.Function, named.Custom} {
				if inside != nil {
					name = inside.Name
				}
			}
			if t := pick(tools, named.Type, name); t != nil {
				allowed = append(allowed, *t)
			}
		}
	}
	if c.Name != "" {
		return []tool{*pick(tools, c.Type, c.Name)}
	}
	var chosen []tool
	for _, mark := range marks {
		if t := pick(allowed, "", mark); t != nil {
			chosen = append(chosen, *t)
		}
	}
	if forced && len(chosen) == 0 && len(allowed) > 0 {
		return allowed[:1]
	}
	return chosen
}

// markedTools are the names that the last message marks; results of tools are answered with text.
func (r *request) markedTools() []string {
	if len(r.Messages) == 0 || r.Messages[len(r.Messages)-1].Role != "user" {
		return nil
	}
	var names []string
	for _, match := range markers.FindAllStringSubmatch(r.Messages[len(r.Messages)-1].text(), -1) {
		if match[1] == string(MarkTool) {
			names = append(names, match[2])
		}
	}
	return names
}
