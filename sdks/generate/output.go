package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Write puts the generated files below root and removes what an earlier run left in the generated folders.
func Write(root string, files map[string][]byte) error {
	left, err := leftovers(root, files)
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := os.Remove(filepath.Join(root, name)); err != nil {
			return fmt.Errorf("leftover: %w", err)
		}
	}
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("generated file: %w", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("generated file: %w", err)
		}
	}
	return nil
}

// Compare says which committed files differ from the generated ones.
func Compare(root string, files map[string][]byte) error {
	left, err := leftovers(root, files)
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range left {
		problems = append(problems, fmt.Errorf("sdks/%s: is no longer generated", name))
	}
	for _, name := range sortedKeys(files) {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problems = append(problems, fmt.Errorf("sdks/%s: missing", name))
		case err != nil:
			problems = append(problems, err)
		case !bytes.Equal(content, files[name]):
			problems = append(problems, fmt.Errorf("sdks/%s: stale", name))
		}
	}
	if len(problems) > 0 {
		problems = append(problems, errors.New("run `go run -C sdks/generate .` and commit the result"))
	}
	return errors.Join(problems...)
}

// leftovers are files in the generated folders that this run does not make. A go.sum is the user's, not ours.
func leftovers(root string, files map[string][]byte) ([]string, error) {
	var left []string
	for _, folder := range folders(files) {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || entry.IsDir() {
				return err
			}
			relative, err := filepath.Rel(root, path)
			if name := filepath.ToSlash(relative); files[name] == nil && entry.Name() != "go.sum" {
				left = append(left, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("generated folder: %w", err)
		}
	}
	return left, nil
}

// folders are the ones that hold generated files alone: those with a go.mod among the files.
func folders(files map[string][]byte) []string {
	var found []string
	for _, name := range sortedKeys(files) {
		if folder, ok := strings.CutSuffix(name, "/go.mod"); ok && !slices.Contains(found, folder) {
			found = append(found, folder)
		}
	}
	return found
}
