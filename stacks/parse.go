package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// kind is what a value in the settings is, in the words of someone who writes YAML.
type kind string

const (
	kindObject  kind = "an object"
	kindList    kind = "a list"
	kindText    kind = "text"
	kindNumber  kind = "a number"
	kindBoolean kind = "true or false"
	kindNothing kind = "nothing"
)

// maxDepth is far deeper than the settings are; a document that nests more is refused rather than followed.
const maxDepth = 32

// node is one value as it was written. Unlike map[string]any it has the order of keys and duplicates.
type node struct {
	kind    kind
	text    string // of texts and numbers
	truth   bool
	members []member
	items   []*node
}

// member is one key of an object and its value.
type member struct {
	key   string
	value *node
}

// parseJSON reads one JSON value. Its errors do not repeat the text, which may be secret.
func parseJSON(text string) (*node, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	n, err := parseValue(decoder, 0)
	if err != nil {
		return nil, fmt.Errorf("not valid JSON at byte %d: %w", decoder.InputOffset(), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not valid JSON at byte %d: %w", decoder.InputOffset(), errTrailing)
	}
	return n, nil
}

var (
	errTrailing  = errors.New("more text after the value")
	errNotAValue = errors.New("a value was expected")
	errTooDeep   = fmt.Errorf("nested more than %d levels deep", maxDepth)
)

func parseValue(decoder *json.Decoder, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, errNotAValue
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return parseObject(decoder, depth)
		}
		return parseList(decoder, depth)
	case string:
		return &node{kind: kindText, text: token}, nil
	case json.Number:
		return &node{kind: kindNumber, text: token.String()}, nil
	case bool:
		return &node{kind: kindBoolean, truth: token}, nil
	default:
		return &node{kind: kindNothing}, nil
	}
}

func parseObject(decoder *json.Decoder, depth int) (*node, error) {
	object := &node{kind: kindObject}
	for decoder.More() {
		token, err := decoder.Token()
		key, isText := token.(string)
		if err != nil || !isText {
			return nil, errNotAValue
		}
		value, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		object.members = append(object.members, member{key: key, value: value})
	}
	return object, closing(decoder)
}

func parseList(decoder *json.Decoder, depth int) (*node, error) {
	list := &node{kind: kindList}
	for decoder.More() {
		item, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		list.items = append(list.items, item)
	}
	return list, closing(decoder)
}

// closing reads the bracket that ends an object or a list.
func closing(decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return errNotAValue
	}
	return nil
}

// parseTopLevel reads the value of a top-level key. Pulumi passes objects and lists as JSON and every scalar as bare
// text, so that the text 3 can be a number as well as a text.
func parseTopLevel(text string) (*node, error) {
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		return parseJSON(trimmed)
	}
	if trimmed == "" || trimmed == "null" {
		return &node{kind: kindNothing}, nil
	}
	return &node{kind: kindText, text: text}, nil
}
