package faults

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"enterprise-openai/internal/problem"
)

// Read reads a script from a YAML file. The error lists every problem, with file, line and key.
func Read(file string) (*Script, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("script of faults: %w", err)
	}
	rules, err := Parse(file, text)
	if err != nil {
		return nil, err
	}
	return New(rules...)
}

// Parse reads the rules of a script; the name of the file is only for messages. It refuses what New would refuse.
func Parse(file string, text []byte) ([]Rule, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, problem.Problem{Where: problem.Place{File: file}, Message: strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	d := &decoder{file: file}
	rules := d.document(&document)
	for _, r := range rules {
		for _, p := range problem.All(r.complete()) {
			d.bad(p.Where.Line, p.Path, "%s", p.Message)
		}
	}
	if err := errors.Join(d.problems...); err != nil {
		return nil, err
	}
	return rules, nil
}

// decoder walks a document and collects what is wrong.
type decoder struct {
	file     string
	problems []error
}

func (d *decoder) bad(line int, key, format string, args ...any) {
	d.problems = append(d.problems, problem.Problem{Where: problem.Place{File: d.file, Line: line}, Path: key, Message: fmt.Sprintf(format, args...)})
}

// document is a mapping with the one key faults.
func (d *decoder) document(n *yaml.Node) []Rule {
	if n.Kind != yaml.DocumentNode || len(n.Content) == 0 {
		d.bad(1, "", "the script is empty; it is a list under the key faults")
		return nil
	}
	var rules []Rule
	found := false
	root := n.Content[0]
	if root.Kind != yaml.MappingNode {
		d.bad(root.Line, "", "the script is a list under the key faults")
		return nil
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		switch {
		case key.Value != "faults":
			d.bad(key.Line, key.Value, "no such key; the script has one, faults")
		case value.Kind != yaml.SequenceNode || len(value.Content) == 0:
			d.bad(value.Line, "faults", "a list of rules belongs here")
		default:
			for _, item := range value.Content {
				rules = append(rules, d.rule(item))
			}
		}
		found = found || key.Value == "faults"
	}
	if !found && len(d.problems) == 0 {
		d.bad(root.Line, "", "the script is a list under the key faults")
	}
	return rules
}

// keys of a rule, in the order of the documentation.
var keys = []string{"fault", "method", "type", "name", "nth", "count", "each", "status", "code", "message", "retryAfter"}

func (d *decoder) rule(n *yaml.Node) Rule {
	r := Rule{Line: n.Line}
	if n.Kind != yaml.MappingNode {
		d.bad(n.Line, "", "a rule is a mapping, for example {fault: lost, type: Microsoft.Network/virtualNetworks}")
		r.Fault = Lost // so that nothing else is reported of it
		return r
	}
	targets := map[string]any{
		"fault": &r.Fault, "method": &r.Method, "type": &r.Type, "name": &r.Name, "nth": &r.Nth, "count": &r.Count, "each": &r.Each,
		"status": &r.Status, "code": &r.Code, "message": &r.Message, "retryAfter": &r.RetryAfter,
	}
	given := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		target, known := targets[key.Value]
		switch {
		case !known:
			d.bad(key.Line, key.Value, "no such key; a rule has %s", strings.Join(keys, ", "))
		case given[key.Value]:
			d.bad(key.Line, key.Value, "is given twice")
		default:
			d.value(key, value, target)
		}
		given[key.Value] = true
	}
	if !given["fault"] {
		d.bad(n.Line, "fault", "is missing; there are %s", join(Kinds()))
		r.Fault = Lost
	}
	return r
}

func (d *decoder) value(key, value *yaml.Node, target any) {
	if wait, ok := target.(*time.Duration); ok {
		parsed, err := time.ParseDuration(value.Value)
		if err != nil {
			d.bad(value.Line, key.Value, "%q is no duration, which is written 30s or 2m", value.Value)
		}
		*wait = parsed
		return
	}
	if number, ok := target.(*int); ok {
		if err := value.Decode(number); err != nil || *number < 1 {
			d.bad(value.Line, key.Value, "%q is no whole number from 1", value.Value)
			*number = 0
		}
		return
	}
	if err := value.Decode(target); err != nil {
		d.bad(value.Line, key.Value, "%q is not what belongs here", value.Value)
	}
}
