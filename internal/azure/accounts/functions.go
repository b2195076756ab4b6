package accounts

import "encoding/json"

// modernised reads functions and function_call as tools and tool_choice, whose deprecated form they are (OpenAI API reference: Create
// chat completion); one function is called at most.
func (r *request) modernised() {
	if len(r.Functions) == 0 || r.Tools != nil {
		return
	}
	for _, f := range r.Functions {
		r.Tools = append(r.Tools, json.RawMessage(`{"type":"function","function":`+string(f)+`}`))
	}
	one := false
	r.ParallelToolCalls = &one
	var named struct {
		Name string `json:"name"`
	}
	if r.ToolChoice = r.FunctionCall; json.Unmarshal(r.FunctionCall, &named) == nil && named.Name != "" {
		r.ToolChoice = json.RawMessage(`{"type":"function","function":{"name":` + quote(named.Name) + `}}`)
	}
}

// oldFashioned is a message with the call as function_call has it, when functions were sent.
func (x *exchange) oldFashioned(m *chatMessage) *chatMessage {
	if len(x.req.Functions) > 0 && len(m.ToolCalls) > 0 {
		m.FunctionCall, m.ToolCalls = m.ToolCalls[0].Function, nil
	}
	return m
}
