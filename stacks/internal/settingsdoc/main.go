// Command settingsdoc writes docs/settings.md from the types in stacks/settings.go and stacks/enums.go: the names, types
// and defaults from their fields and tags, allowed values from constants, the meanings from their comments. It reads source text only, so it needs
// neither Pulumi nor a package that compiles.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "settingsdoc:", err)
		os.Exit(1)
	}
}

// run writes the page of the module that the working directory belongs to.
func run() error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	page, err := generate(root)
	if err != nil {
		return err
	}
	path := filepath.Join(root, filepath.FromSlash(pagePath))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("folder of the page: %w", err)
	}
	return os.WriteFile(path, page, 0o644)
}

// moduleRoot is the nearest folder above that has a go.mod: go generate and go run start in different places.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", os.ErrNotExist
		}
		folder = above
	}
}
