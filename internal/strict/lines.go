package strict

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Lines finds where the parts of a YAML document are written.
type Lines struct {
	root *yaml.Node
	// offset is the number of lines of the file before the document.
	offset int
}

// NewLines reads a document that begins after so many lines of its file.
func NewLines(text []byte, offset int) (*Lines, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("lines: %w", err)
	}
	return &Lines{&root, offset}, nil
}

// Of is the line of the value at a path of keys and indices, or of the nearest one around it.
func (l *Lines) Of(path ...any) int {
	line, _ := l.find(path...)
	return line
}

// Has is whether there is a value at a path.
func (l *Lines) Has(path ...any) bool {
	_, found := l.find(path...)
	return found
}

func (l *Lines) find(path ...any) (line int, found bool) {
	node := l.root
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line = node.Line
	for _, step := range path {
		var next *yaml.Node
		switch step := step.(type) {
		case string:
			if node.Kind == yaml.MappingNode {
				for i := 0; i+1 < len(node.Content); i += 2 {
					if node.Content[i].Value == step {
						// The key's line: a value may begin below it.
						line, next = node.Content[i].Line, node.Content[i+1]
					}
				}
			}
		case int:
			if node.Kind == yaml.SequenceNode && step < len(node.Content) {
				next = node.Content[step]
				line = next.Line
			}
		}
		if next == nil {
			return line + l.offset, false
		}
		node = next
	}
	return line + l.offset, true
}
