package logs

import (
	"encoding/json"
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
		return // no model answered
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
			var part json.RawMessage
			part, m, whole = m.fill(maxPiece - used - 1)
			if part == nil {
				next()
				continue
			}
			current, used = append(current, part), used+len(part)+1
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
	if text, isText := prompt.(string); isText {
		return []message{{role: "user", content: text}}
	}
	return []message{{role: "user", content: compact([]byte(text))}}
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
