package arm

import (
	"encoding/json"
	"strings"

	"enterprise-openai/internal/jsonpath"
)

// What the rules of Resource Manager read in nearly every line has a short name here.

func object(m map[string]any, path ...string) map[string]any  { return jsonpath.Object(m, path...) }
func text(m map[string]any, path ...string) string            { return jsonpath.Text(m, path...) }
func items(m map[string]any, path ...string) []map[string]any { return jsonpath.Objects(m, path...) }
func texts(m map[string]any, path ...string) []string         { return jsonpath.Texts(m, path...) }

func anySlice[T any](list []T) []any {
	out := make([]any, len(list))
	for i, item := range list {
		out[i] = item
	}
	return out
}

// clone copies a JSON object deeply.
func clone(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	return cloneValue(m).(map[string]any)
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = cloneValue(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = cloneValue(item)
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = cloneValue(item)
		}
		return out
	case int:
		return float64(v)
	case json.Number:
		number, _ := v.Float64() // JSON numbers are floats
		return number
	}
	return v
}

// setDefault gives a property the value Azure fills in when it was not sent.
func setDefault(m map[string]any, key string, value any) {
	if current, ok := m[key]; !ok || current == nil {
		m[key] = value
	}
}

// setDefaultAt is setDefault for a path in a body, with dots; objects on the way are made.
func setDefaultAt(body map[string]any, path string, value any) {
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		inner, ok := body[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			body[key] = inner
		}
		body = inner
	}
	setDefault(body, keys[len(keys)-1], cloneValue(value))
}
