package logs

import (
	"bytes"
	"encoding/json"
	"sort"
	"unicode/utf8"

	"enterprise-openai/internal/azure/apim"
)

// Limits of logged messages (Microsoft Learn: api-management/api-management-howto-llm-logs).
const (
	// maxPiece is the size of one row's messages.
	maxPiece = 32 << 10
	// maxMessage is the most that is kept of a call's request or response.
	maxMessage = 2 << 20
)

// llmRows writes the token counts of a call, and its messages in as many rows as they need.
//
// [M] unverified: that the first row, SequenceNumber 0, has the counts and the ones after it the messages without the
// deployment's name. Published queries rely on it: they take counts from rows with a DeploymentName.
func (s *Store) llmRows(r *apim.CallRecord) {
	if r.LLM == nil && (!answered(r) || r.AzureMonitor != nil && r.AzureMonitor.LLM != nil) {
		return // no model said anything
	}
	lacks := missing(s.options.Pipeline, CategoryLLM, r.AzureMonitor, r.APIID)
	if d := r.AzureMonitor; d != nil && (d.LLM == nil || !d.LLM.Enabled) {
		lacks = append(lacks, "largeLanguageModel logs in the diagnostic of API "+r.APIID)
	}
	if len(lacks) > 0 {
		s.lack(lacks)
		return
	}
	if !sampled(r.AzureMonitor, r) {
		return
	}
	l := r.LLM
	rows := []Row{{
		"DeploymentName": l.Deployment, "ModelName": l.Model, "ApiVersion": l.APIVersion, "RequestId": l.RequestID,
		"PromptTokens": l.PromptTokens, "CompletionTokens": l.CompletionTokens, "TotalTokens": l.TotalTokens,
		"IsStreamCompletion": l.Stream,
	}}
	for _, piece := range pieces(l.Request) {
		rows = append(rows, Row{"RequestMessages": piece, "RequestId": l.RequestID})
	}
	for _, piece := range pieces(l.Response) {
		rows = append(rows, Row{"ResponseMessages": piece, "RequestId": l.RequestID})
	}
	for n, row := range rows {
		row["TimeGenerated"], row["CorrelationId"], row["SequenceNumber"] = stamp(r.Time), r.CorrelationID, n
		row["OperationName"], row["Region"] = r.OperationName, r.Region
		if s.options.Pipeline.Setting("", CategoryLLM).Dedicated {
			s.write(LLMLog, s.options.ServiceID, row)
		} else {
			s.write(Diagnostics, s.options.ServiceID, s.undedicated(CategoryLLM, row))
		}
	}
}

// answered says whether a backend answered well. Without the setting the gateway keeps nothing that would say that this was
// a model, and a call that was refused has no messages to miss.
func answered(r *apim.CallRecord) bool {
	n := len(r.Attempts)
	return n > 0 && r.Attempts[n-1].Status >= 200 && r.Attempts[n-1].Status < 300
}

// message is one message of a conversation.
type message struct {
	Role    string `json:"role"`
	Content any    `json:"content"`
}

// pieces splits messages into arrays that fit into a row each. A message that does not fit fills its row and goes on in the
// next one.
//
// [M] unverified: where Azure cuts. Microsoft documents chunks of 32 KB with sequence numbers, "for later reconstruction".
func pieces(text string) []any {
	if text == "" {
		return nil
	}
	var rows []any
	var current []any
	used := arrayBytes
	next := func() { rows, current, used = append(rows, current), nil, arrayBytes }
	for _, m := range messages(head(text, maxMessage)) {
		for whole := false; !whole; {
			var part map[string]any
			part, m, whole = m.fill(maxPiece - used - 1)
			if part == nil {
				next()
				continue
			}
			current, used = append(current, part), used+jsonSize(part)+1
			if !whole {
				next()
			}
		}
	}
	return append(rows, current)
}

// arrayBytes are the brackets of a row's array.
const arrayBytes = 2

// messages reads a JSON array of messages. What was cut off on the way is no JSON any more and stays text; completions have
// a prompt that is a string, embeddings an input.
func messages(text string) []message {
	var list []message
	if json.Unmarshal([]byte(text), &list) == nil {
		return list
	}
	var prompt any
	if json.Unmarshal([]byte(text), &prompt) != nil {
		prompt = text
	}
	return []message{{Role: "user", Content: prompt}}
}

// leastPiece is the room below which a message rather begins in a row of its own.
const leastPiece = 256

// fill is as much of a message as fits into the room, and what is left of it. Nil is for a room that is too small to begin.
func (m message) fill(room int) (part map[string]any, rest message, whole bool) {
	part = map[string]any{"role": m.Role, "content": m.Content}
	if jsonSize(part) <= room {
		return part, message{}, true
	}
	if room < leastPiece {
		return nil, m, false
	}
	text, isText := m.Content.(string)
	if !isText {
		if jsonSize(part) <= maxPiece-arrayBytes-1 {
			return nil, m, false // parts of a message stay together where they can
		}
		raw, err := json.Marshal(m.Content)
		if err != nil {
			return part, message{}, true // what came out of JSON goes into it
		}
		text = string(raw)
	}
	// Escapes make text longer than it looks, so that the cut is searched for.
	n := sort.Search(min(len(text), room)+1, func(n int) bool {
		return jsonSize(map[string]any{"role": m.Role, "content": head(text, n)}) > room
	}) - 1
	cut := head(text, max(n, 0))
	switch {
	case cut == "" && room < maxPiece-arrayBytes-1:
		return nil, m, false
	case cut == "":
		return part, message{}, true // a role alone that fills a row
	}
	part["content"] = cut
	return part, message{Role: m.Role, Content: text[len(cut):]}, false
}

// jsonSize is how many bytes a value has as JSON, with no more escapes than JSON asks for.
func jsonSize(v any) int {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return 0
	}
	return b.Len() - 1 // the encoder ends with a line break
}

// head keeps at most n bytes, and no half character.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
