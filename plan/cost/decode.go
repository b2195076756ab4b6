package cost

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"enterprise-openai/internal/problem"
	"enterprise-openai/internal/strict"
	"enterprise-openai/internal/words"
)

var (
	yamlKey    = regexp.MustCompile(`^field (\S+) not found in type (\S+)$`)
	yamlNumber = regexp.MustCompile("^cannot unmarshal \\S+(?: `([^`]*)`)? into float64$")
)

// decode reads a file strictly. Every problem has its line; a misspelt key has the nearest one.
func decode(file string, content []byte, into *trafficText) (*strict.Lines, error) {
	if err := strict.YAML(content, into); err != nil {
		var problems []problem.Problem
		for _, m := range strict.Messages(err) {
			p := readable(m.Text)
			p.Where = problem.Place{File: file, Line: m.Line}
			problems = append(problems, p)
		}
		if len(problems) == 0 {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return nil, problem.Join(problems)
	}
	lines, err := strict.NewLines(content, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return lines, nil
}

// readable is what the decoder says, without its Go types.
func readable(message string) problem.Problem {
	if m := yamlKey.FindStringSubmatch(message); m != nil {
		return problem.Problem{Path: m[1], Message: "unknown key", Hint: words.Suggest(m[1], keysOf(m[2]))}
	}
	if m := yamlNumber.FindStringSubmatch(message); m != nil {
		return problem.Problem{Message: fmt.Sprintf("%q is not a number", m[1]), Hint: "write it without a unit, as in 1500"}
	}
	if strings.HasPrefix(message, "cannot unmarshal") {
		return problem.Problem{Message: "this is not what the key takes", Hint: "docs/cost.md has an example"}
	}
	return problem.Problem{Message: message}
}

// keysOf are the keys of a Go type by its name.
func keysOf(name string) []string {
	var keys []string
	for _, t := range []reflect.Type{reflect.TypeFor[trafficText](), reflect.TypeFor[entry]()} {
		if t.String() != name {
			continue
		}
		for i := range t.NumField() {
			keys = append(keys, t.Field(i).Tag.Get("yaml"))
		}
	}
	return keys
}

// written is a path as calls[0].deployment.
func written(path []any) string {
	var b strings.Builder
	for _, step := range path {
		switch s := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", s)
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, s)
		}
	}
	return b.String()
}
