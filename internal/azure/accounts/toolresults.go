package accounts

import (
	"fmt"
	"slices"
	"strings"
)

// checkAnswered refuses a chat in which a call of a tool has no result, or a result no call (texts and parameters seen in
// miurla/morphic#136 and router-for-me/CLIProxyAPI#2798).
func checkAnswered(messages []message) *failure {
	var open []string
	for i, m := range messages {
		if m.Role == "tool" {
			at := slices.Index(open, m.ToolCallID)
			if at < 0 {
				return invalid(fmt.Sprintf("messages.[%d].role", i), "", "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.")
			}
			open = slices.Delete(open, at, at+1)
			continue
		}
		if f := unanswered(open, i); f != nil {
			return f
		}
		open = nil
		for _, c := range m.ToolCalls {
			open = append(open, c.ID)
		}
	}
	return unanswered(open, len(messages))
}

func unanswered(open []string, i int) *failure {
	if len(open) == 0 {
		return nil
	}
	return invalid(fmt.Sprintf("messages.[%d].role", i), "", "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "+
		"The following tool_call_ids did not have response messages: %s", strings.Join(open, ", "))
}

// checkOutputs does the same for the conversation of a response, whose items may come in any order (texts seen in
// openai/openai-agents-python#673 and continuedev/continue#10092).
func checkOutputs(messages []message) *failure {
	var calls, outputs []string
	for _, m := range messages {
		for _, c := range m.ToolCalls {
			calls = append(calls, c.ID)
		}
		if m.Role == "tool" {
			outputs = append(outputs, m.ToolCallID)
		}
	}
	for _, id := range outputs {
		if !slices.Contains(calls, id) {
			return invalid("input", "", "No tool call found for function call output with call_id %s.", id)
		}
	}
	for _, id := range calls {
		if !slices.Contains(outputs, id) {
			return invalid("input", "", "No tool output found for function call %s.", id)
		}
	}
	return nil
}
