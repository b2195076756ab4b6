package stacks

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/internal/problem"
)

// stackFile is what a Pulumi.<stack>.yaml has beyond the values that Pulumi reads from it: which keys it has, and on
// which line each is written.
type stackFile struct {
	name  string
	keys  []string       // fully qualified, in the order of the file
	lines map[string]int // path of a setting of this project → line
	// secure are the paths of settings of this project that are encrypted.
	secure map[string]bool
}

// anySecure reports whether a top-level setting or a part of it is encrypted.
func (f *stackFile) anySecure(key string) bool {
	for path := range f.secure {
		if path == key || strings.HasPrefix(path, key+".") || strings.HasPrefix(path, key+"[") {
			return true
		}
	}
	return false
}

// isSecure reports whether a setting, or something that it is part of, is encrypted.
func (f *stackFile) isSecure(path string) bool {
	for encrypted := range f.secure {
		if path == encrypted || strings.HasPrefix(path, encrypted+".") {
			return true
		}
	}
	return false
}

// readStackFile reads the text of a stack file. The name is only for messages.
func readStackFile(name string, text []byte, project string) (*stackFile, error) {
	var document struct {
		Config yaml.Node `yaml:"config"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("stack file %s: %w", name, err)
	}
	problems := notNumbers(filepath.Base(name), &document.Config)
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		problems = append(problems, Problem{
			Where:   problem.Place{File: filepath.Base(name), Line: second.Line},
			Message: "a second YAML document, which Pulumi does not read", Hint: "move its settings into the first, or remove it",
		})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	f := &stackFile{name: filepath.Base(name), lines: map[string]int{}, secure: map[string]bool{}}
	for key, value := range yamlMembers(&document.Config) {
		f.keys = append(f.keys, key.Value)
		if setting, ours := strings.CutPrefix(key.Value, project+":"); ours {
			f.note(Join("", setting), key.Line, value, 0)
		}
	}
	return f, nil
}

// notNumbers finds .nan and .inf, which YAML has and the JSON that Pulumi makes of the settings has not.
func notNumbers(name string, n *yaml.Node) []error {
	var problems []error
	if n.Kind == yaml.ScalarNode && n.Tag == "!!float" {
		if f := strings.ToLower(strings.TrimLeft(n.Value, "+-")); f == ".nan" || f == ".inf" {
			problems = append(problems, Problem{
				Where: problem.Place{File: name, Line: n.Line}, Message: n.Value + " is not a number that a setting can have", Hint: "write a finite number",
			})
		}
	}
	for _, inner := range n.Content {
		problems = append(problems, notNumbers(name, inner)...)
	}
	return problems
}

// Positions reads where the settings of a stack file are written. The project is the namespace of its keys.
func Positions(path, project string) (Locator, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("stack file: %w", err)
	}
	file, err := readStackFile(path, text, project)
	if err != nil {
		return nil, err
	}
	return file.locate, nil
}

// note remembers the line of a setting and of everything below it.
func (f *stackFile) note(path string, line int, value *yaml.Node, depth int) {
	if _, twice := f.lines[path]; twice || depth > maxDepth {
		return
	}
	f.lines[path] = line
	switch value.Kind {
	case yaml.MappingNode:
		if len(value.Content) == 2 && value.Content[0].Value == "secure" && value.Content[1].Kind == yaml.ScalarNode {
			f.secure[path] = true
			return
		}
		for key, inner := range yamlMembers(value) {
			f.note(Join(path, key.Value), key.Line, inner, depth+1)
		}
	case yaml.SequenceNode:
		for i, inner := range value.Content {
			f.note(jsonpath.Index(path, i), inner.Line, inner, depth+1)
		}
	}
}

// yamlMembers ranges over the keys and values of a mapping.
func yamlMembers(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// locate is the file's Locator. A setting that is not written is looked for where it would have been.
func (f *stackFile) locate(path string) problem.Place {
	for path != "" {
		if line, ok := f.lines[path]; ok {
			return problem.Place{File: f.name, Line: line}
		}
		path = parent(path)
	}
	return problem.Place{File: f.name}
}

// parent is the path one level up: accounts[0].name → accounts[0] → accounts → nothing.
func parent(path string) string {
	if strings.HasSuffix(path, `"]`) {
		if i := strings.Index(path, `["`); i >= 0 {
			return path[:i]
		}
	}
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}
