package plan

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"enterprise-openai/stacks"
)

// shortestHidden is the length from which a secret is removed from texts. Pulumi does not hide shorter ones either
// (sdk/go/common/util/logging, CreateFilter): they would make every text unreadable and hide nothing.
const shortestHidden = 3

// Hider replaces every plain text, whole or inside of JSON, by [secret].
func (e Encrypted) Hider() *strings.Replacer {
	var texts []string
	for _, plain := range e.plain {
		for _, text := range stacks.Leaves(plain) {
			for _, form := range []string{text, quoted(text)} {
				if len(form) >= shortestHidden && !slices.Contains(texts, form) {
					texts = append(texts, form)
				}
			}
		}
	}
	// The longest first: a secret may be part of another.
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, Secret)
	}
	return strings.NewReplacer(pairs...)
}

// quoted is a text as it is inside of a JSON string or a quoted one.
func quoted(text string) string {
	q := strconv.Quote(text)
	return q[1 : len(q)-1]
}

// hide replaces plain texts in everything that a plan shows.
func (e Encrypted) hide(resources []Resource) []Resource {
	if len(e.plain) == 0 {
		return resources
	}
	hider := e.Hider()
	all := func(texts []string) {
		for i, text := range texts {
			texts[i] = hider.Replace(text)
		}
	}
	for i := range resources {
		r := &resources[i]
		r.URN, r.Name, r.Parent, r.DeletedWith = hider.Replace(r.URN), hider.Replace(r.Name), hider.Replace(r.Parent), hider.Replace(r.DeletedWith)
		all(r.DependsOn)
		all(r.Uses)
		if inputs, ok := Hide(hider, r.Inputs).(map[string]any); ok {
			r.Inputs = inputs
		}
	}
	return resources
}

// Hide replaces plain texts in a value of maps, lists and scalars.
func Hide(hider *strings.Replacer, value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			out[hider.Replace(key)] = Hide(hider, inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = Hide(hider, inner)
		}
		return out
	case string:
		return hider.Replace(v)
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); hider.Replace(text) == Secret {
			return Secret
		}
	}
	return value
}

// Redacted is a value that JSON describes wholly, without the plain texts. Its numbers stay.
func Redacted[T any](e Encrypted, value T) T {
	if len(e.plain) == 0 {
		return value
	}
	var tree any
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &tree)
	}
	if err == nil {
		text, err = json.Marshal(hideTexts(e.Hider(), tree))
	}
	var out T
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil { // what cannot be searched for secrets is not shown
		var none T
		return none
	}
	return out
}

func hideTexts(hider *strings.Replacer, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = hideTexts(hider, inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = hideTexts(hider, inner)
		}
	case string:
		return hider.Replace(v)
	}
	return value
}

// HideError is an error without the plain texts. What errors.Is and errors.As find in it stays.
func (e Encrypted) HideError(err error) error {
	if err == nil || len(e.plain) == 0 {
		return err
	}
	text := e.Hider().Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return hiddenError{text, err}
}

type hiddenError struct {
	text string
	err  error
}

func (h hiddenError) Error() string { return h.text }
func (h hiddenError) Unwrap() error { return h.err }
