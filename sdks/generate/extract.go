package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// extractor is the Node program that reads TypeScript. Go has no parser for it; the TypeScript compiler is its own best one.
//
//go:embed extract/*.mjs extract/package.json extract/package-lock.json
var extractor embed.FS

// Extracted is what the Node program found.
type Extracted struct {
	Resources map[string]schema.ResourceSpec    `json:"resources"`
	Functions map[string]schema.FunctionSpec    `json:"functions"`
	Types     map[string]schema.ComplexTypeSpec `json:"types"`
	Siblings  struct {
		Resources []string `json:"resources"`
		Functions []string `json:"functions"`
	} `json:"siblings"`
}

type extractRequest struct {
	Package    string             `json:"package"`
	Namespaces []extractNamespace `json:"namespaces"`
}

// extractNamespace asks for names, or for "*".
type extractNamespace struct {
	Module    string `json:"module"`
	Version   string `json:"version"`
	Resources any    `json:"resources"`
	Functions any    `json:"functions"`
}

// Extract reads the listed resources out of the unpacked package.
func Extract(cache, folder string, namespaces []extractNamespace) (*Extracted, error) {
	program, err := installExtractor(cache)
	if err != nil {
		return nil, fmt.Errorf("extractor: %w", err)
	}
	request, err := json.Marshal(extractRequest{Package: folder, Namespaces: namespaces})
	if err != nil {
		return nil, fmt.Errorf("extractor: %w", err)
	}
	var answer bytes.Buffer
	if err := run(program, bytes.NewReader(request), &answer, "node", "extract.mjs"); err != nil {
		return nil, fmt.Errorf("extractor: %w", err)
	}
	var found Extracted
	if err := json.Unmarshal(answer.Bytes(), &found); err != nil {
		return nil, fmt.Errorf("extractor's answer: %w", err)
	}
	return &found, nil
}

// namespaces turns the list into the extractor's request.
func namespaces(modules []Module) []extractNamespace {
	asked := make([]extractNamespace, 0, len(modules))
	for _, m := range modules {
		asked = append(asked, extractNamespace{
			Module: m.Module, Version: m.Version, Resources: sortedKeys(m.Resources), Functions: sortedKeys(m.Functions),
		})
	}
	return asked
}

// sortedKeys never answers nil: the extractor wants a list, even an empty one.
func sortedKeys[V any](m map[string]V) []string {
	keys := slices.AppendSeq([]string{}, maps.Keys(m))
	slices.Sort(keys)
	return keys
}

// installExtractor copies the Node program into the cache and installs its one dependency there, once per content.
func installExtractor(cache string) (string, error) {
	hash := sha256.New()
	files := map[string][]byte{}
	err := fs.WalkDir(extractor, "extract", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := extractor.ReadFile(path)
		files[filepath.Base(path)] = content
		fmt.Fprintf(hash, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "extract-"+hex.EncodeToString(hash.Sum(nil))[:16])
	ready := filepath.Join(folder, "ready")
	if _, err := os.Stat(ready); err == nil {
		return folder, nil
	}
	for name, content := range files {
		if err := writeEntry(filepath.Join(folder, name), bytes.NewReader(content)); err != nil {
			return "", err
		}
	}
	if err := run(folder, nil, nil, "npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"); err != nil {
		return "", err
	}
	return folder, os.WriteFile(ready, nil, 0o644)
}
