//go:build published

// Command generate writes models.json: the types of Microsoft's Go modules that Resource Manager's bodies are checked against.
//
//	go generate -tags published ./internal/azure/models
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"enterprise-openai/internal/azure/models/published"
)

func main() {
	if err := run("models.json"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string) error {
	schema, err := published.Schema()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(schema, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644) //nolint:gosec // a source file
}
