package accounts

import (
	"fmt"
	"net/http"
	"slices"
)

// categories of the content filter, in the order of the service's answers.
var categories = []string{"hate", "self_harm", "sexual", "violence"}

// severity is the verdict on one category.
type severity struct {
	Filtered bool   `json:"filtered"`
	Severity string `json:"severity"`
}

// detection is the verdict of a yes/no classifier.
type detection struct {
	Filtered bool `json:"filtered"`
	Detected bool `json:"detected"`
}

// verdicts lists the categories, with one of them filtered when named.
func verdicts(filtered string) map[string]any {
	out := map[string]any{}
	for _, c := range categories {
		out[c] = severity{Severity: "safe"}
	}
	switch {
	case filtered == "jailbreak":
		out["jailbreak"] = detection{Filtered: true, Detected: true}
	case filtered != "":
		out[filtered] = severity{Filtered: true, Severity: "high"}
	}
	return out
}

// promptVerdict is the verdict on one prompt.
type promptVerdict struct {
	PromptIndex          int            `json:"prompt_index"`
	ContentFilterResults map[string]any `json:"content_filter_results"`
}

func promptVerdicts() []promptVerdict {
	out := verdicts("")
	out["jailbreak"] = detection{}
	return []promptVerdict{{ContentFilterResults: out}}
}

// filterPrompt refuses a prompt with a filter marker. The body is spelt as the service sends it: innererror and
// content_filter_result (the 2024-10-21 specification says inner_error and content_filter_results).
func filterPrompt(prompt string) *failure {
	category, ok := marked(prompt, MarkFilter)
	if !ok || !slices.Contains(append([]string{"jailbreak"}, categories...), category) {
		return nil
	}
	results := verdicts(category)
	if category != "jailbreak" {
		results["jailbreak"] = detection{}
	}
	return &failure{status: http.StatusBadRequest, body: fmt.Sprintf(
		`{"error":{"message":%s,"type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":%s}}}`,
		quote(textFiltered), toJSON(results))}
}
