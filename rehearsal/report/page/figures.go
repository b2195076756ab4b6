package page

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"enterprise-openai/internal/words"
	"enterprise-openai/rehearsal/report"
)

// figure is one measurement in words.
type figure struct{ Name, Value string }

// listed is how many entries of a list are shown.
const listed = 12

// Long is whether a figure needs a line of its own.
func (f figure) Long() bool {
	const column = 48
	return len(f.Value) > column
}

// figuresOf are a drill's measurements, without what charts and tables show.
func figuresOf(d report.Drill) []figure {
	return flat(nil, "", d.Summary())
}

// flat writes nested measurements as lines.
func flat(out []figure, prefix string, values map[string]any) []figure {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		name := strings.TrimSpace(prefix + " " + inWords(key))
		switch v := values[key].(type) {
		case map[string]any:
			if len(v) == 0 {
				out = append(out, figure{name, "none"})
			}
			out = flat(out, strings.TrimSuffix(name, ":")+":", v)
		case []any:
			out = append(out, figure{name, list(v)})
		default:
			out = append(out, figure{name, value(v)})
		}
	}
	return out
}

// inWords is the name of a measurement as words: attemptsPerCall is attempts per call. What is not a name of ours stays as it is.
func inWords(key string) string {
	if strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return key
	}
	var b strings.Builder
	for i, r := range key {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func list(values []any) string {
	if len(values) == 0 {
		return "none"
	}
	parts := make([]string, 0, listed+1)
	for i, v := range values {
		if i == listed {
			parts = append(parts, fmt.Sprintf("and %d more in report.json", len(values)-i))
			break
		}
		parts = append(parts, value(v))
	}
	return strings.Join(parts, ", ")
}

// value is one value for people.
func value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		if v == float64(int(v)) {
			return words.Thousands(int(v))
		}
		return fmt.Sprintf("%.4g", v)
	case int:
		return words.Thousands(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// measuredAs reads a drill's measurements, or one of them below a path, as a type. It gives false where they are not there.
func measuredAs[T any](r report.Report, drill string, path ...string) (out T, ok bool) {
	for _, d := range r.Drills {
		if d.Name != drill {
			continue
		}
		var at any = d.Measured
		for _, key := range path {
			object, _ := at.(map[string]any)
			at = object[key]
		}
		if at == nil {
			return out, false
		}
		text, err := json.Marshal(at)
		if err != nil {
			return out, false
		}
		return out, json.Unmarshal(text, &out) == nil
	}
	return out, false
}
