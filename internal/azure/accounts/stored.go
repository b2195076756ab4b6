package accounts

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// storedFor is how long an account keeps a response (Microsoft Learn: ai-services/openai/how-to/responses).
const storedFor = 30 * 24 * time.Hour

// storedResponse is a response that an account keeps. Another account does not know it.
type storedResponse struct {
	response response
	// messages are the conversation up to and with the answer; input is how many of them the last call brought, at the end.
	messages []message
	input    []message
	until    time.Time
}

// responseStore holds the responses of all accounts, by account and id.
type responseStore struct {
	mu  sync.Mutex
	all map[string]storedResponse
}

func (s *responseStore) key(account, id string) string { return strings.ToLower(account) + "/" + id }

func (s *responseStore) put(account string, r storedResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]storedResponse{}
	}
	s.all[s.key(account, r.response.ID)] = r
}

// get returns a response that was not deleted and has not expired.
func (s *responseStore) get(account, id string, now time.Time) (storedResponse, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.all[s.key(account, id)]
	if ok && now.After(r.until) {
		delete(s.all, s.key(account, id))
		return storedResponse{}, false
	}
	return r, ok
}

func (s *responseStore) remove(account, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, s.key(account, id))
}

// Stored are the ids of the responses that an account keeps now.
func (s *Service) Stored(account string) []string {
	now := s.deps.Clock.Now()
	s.responses.mu.Lock()
	defer s.responses.mu.Unlock()
	var ids []string
	for key, r := range s.responses.all {
		if id, ok := strings.CutPrefix(key, s.responses.key(account, "")); ok && !now.After(r.until) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// responseOperations are the operations on a response that exists, by method and what follows its id.
var responseOperations = map[string]string{
	"GET ": "getResponse", "DELETE ": "deleteResponse", "POST cancel": "cancelResponse", "GET input_items": "listInputItems",
}

// ofResponse finds the operation on a response.
func (c call) ofResponse(method, path string) (call, *failure) {
	id, tail, _ := strings.Cut(path, "/")
	operationID, ok := responseOperations[method+" "+tail]
	since := endpoints["responses"].onlyFromAPI
	if !ok || id == "" || !c.v1 && (c.apiVersion < since || !strings.HasSuffix(c.apiVersion, "-preview")) {
		return call{}, notFound()
	}
	base := "/openai/"
	if c.v1 {
		base += "v1/"
	}
	c.responseID = id
	c.op = operation{id: operationID, kind: kindStored, action: actionPrefix + "responses/read", template: method + " " + base + "responses/{response_id}"}
	return c, nil
}

// stored answers an operation on a response that this account keeps.
func (x *exchange) stored() *failure {
	stored, ok := x.s.responses.get(x.account.Name, x.call.responseID, x.s.deps.Clock.Now())
	if !ok {
		return coded(http.StatusNotFound, "not_found", fmt.Sprintf("Response with id '%s' not found.", x.call.responseID))
	}
	var answer any = stored.response
	switch x.call.op.id {
	case "deleteResponse":
		x.s.responses.remove(x.account.Name, x.call.responseID)
		answer = map[string]any{"id": x.call.responseID, "object": "response", "deleted": true}
	case "cancelResponse":
		if !stored.response.Background {
			return invalid("", "", "Cannot cancel a synchronous response.")
		}
	case "listInputItems":
		answer = map[string]any{"object": "list", "data": listedInput(x.call.responseID, stored.input), "has_more": false}
	}
	x.headers()
	x.send(http.StatusOK, "application/json", []byte(toJSON(answer)))
	return nil
}

// listedInput are the items that a call brought.
func listedInput(response string, input []message) []map[string]any {
	items := []map[string]any{}
	for i, m := range input {
		id := fmt.Sprintf("%s_%d", response, i)
		switch {
		case m.Role == "tool" && m.custom:
			items = append(items, map[string]any{"id": "ctco_" + id, "type": "custom_tool_call_output", "call_id": m.ToolCallID, "output": m.text()})
		case m.Role == "tool":
			items = append(items, map[string]any{"id": "fco_" + id, "type": "function_call_output", "call_id": m.ToolCallID, "output": m.text()})
		case len(m.ToolCalls) > 0: // an item is one call
			items = append(items, m.ToolCalls[0].item(id))
		default:
			items = append(items, map[string]any{"id": "msg_" + id, "type": "message", "role": m.Role,
				"content": listedParts(m)})
		}
	}
	return items
}

// listedParts are the files of a message and its text.
func listedParts(m message) []any {
	list, _ := parts(m.Content)
	var all []any
	for _, p := range list {
		if p.FileID != "" {
			all = append(all, map[string]any{"type": "input_file", "file_id": p.FileID})
		}
	}
	return append(all, map[string]any{"type": "input_text", "text": m.text()})
}

// item is a call as the input of a response has it.
func (c toolCall) item(id string) map[string]any {
	if c.Custom.Name != "" {
		return map[string]any{"id": "ctc_" + id, "type": "custom_tool_call", "call_id": c.ID, "name": c.Custom.Name, "input": c.Custom.Input}
	}
	return map[string]any{"id": "fc_" + id, "type": "function_call", "call_id": c.ID, "name": c.Function.Name, "arguments": c.Function.Arguments}
}

// continued puts the conversation that a response continues before the call's own messages.
func (x *exchange) continued() *failure {
	id := x.req.PreviousResponseID
	if id == "" {
		return nil
	}
	stored, ok := x.s.responses.get(x.account.Name, id, x.s.deps.Clock.Now())
	if !ok {
		return invalid("previous_response_id", "previous_response_not_found", "Previous response with id '%s' not found.", id)
	}
	x.req.Messages = append(slices.Clone(stored.messages), x.req.Messages...)
	return nil
}

// store keeps a response unless the call has store: false.
func (x *exchange) store(r response, own []message, answered message) {
	if x.req.Store != nil && !*x.req.Store {
		return
	}
	x.s.responses.put(x.account.Name, storedResponse{response: r, input: own, until: x.s.deps.Clock.Now().Add(storedFor),
		messages: append(slices.Clone(x.req.Messages), answered)})
}
