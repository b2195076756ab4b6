// Package strict decodes text in which a misspelt key is a mistake.
package strict

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// YAML decodes one document into a value. A key that the value does not have is an error with its line; an empty text leaves the value as
// it is.
func YAML(text []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return err //nolint:wrapcheck // the caller says of what file
	}
	return nil
}

// Message is one problem that YAML found.
type Message struct {
	// Line is counted from 1, in the text that was decoded.
	Line int
	// Text names Go types, as the decoder does.
	Text string
}

var messageLine = regexp.MustCompile(`(?m)^\s*(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): (.*)$`)

// Messages are the problems in an error of YAML that have a line; none for other errors.
func Messages(err error) []Message {
	var messages []Message
	for _, m := range messageLine.FindAllStringSubmatch(err.Error(), -1) {
		line, _ := strconv.Atoi(m[1]) // digits by the expression
		messages = append(messages, Message{line, m[2]})
	}
	return messages
}
