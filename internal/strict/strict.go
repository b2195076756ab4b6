// Package strict decodes text in which a misspelt key is a mistake.
package strict

import (
	"bytes"
	"errors"
	"io"

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
