package arm

import (
	"encoding/json"
	"strings"
)

// object is a nested object of a JSON object, or an empty one that is not attached to it.
func object(m map[string]any, path ...string) map[string]any {
	for _, key := range path {
		next, ok := m[key].(map[string]any)
		if !ok {
			return map[string]any{}
		}
		m = next
	}
	return m
}

// text is a nested string of a JSON object, or "".
func text(m map[string]any, path ...string) string {
	value, _ := object(m, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return value
}

// items are the objects of a nested array.
func items(m map[string]any, path ...string) []map[string]any {
	list, _ := object(m, path[:len(path)-1]...)[path[len(path)-1]].([]any)
	out := make([]map[string]any, 0, len(list))
	for _, item := range list {
		if o, ok := item.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

// texts are the strings of a nested array.
func texts(m map[string]any, path ...string) []string {
	list, _ := object(m, path[:len(path)-1]...)[path[len(path)-1]].([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		if t, ok := item.(string); ok {
			out = append(out, t)
		}
	}
	return out
}

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
	case []string:
		return anySlice(v)
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
