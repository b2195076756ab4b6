package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Config is resources.yaml: the published package, and what is taken from it. It is decoded here and not with internal/strict, which
// is in the product's module: this module would have to carry all that the product depends on.
type Config struct {
	Package Package  `yaml:"package"`
	Modules []Module `yaml:"modules"`
}

// Package is the npm package that the types come from, pinned by content.
type Package struct {
	Name      string `yaml:"name"`
	Version   string `yaml:"version"`
	Integrity string `yaml:"integrity"` // "sha512-" and base64, as npm prints it
}

// Module is one API version of one module of the provider.
type Module struct {
	Module    string            `yaml:"module"`
	Version   string            `yaml:"version"`   // "" is the provider's default version, usable for functions only
	Provider  string            `yaml:"provider"`  // ARM resource provider
	Generated bool              `yaml:"generated"` // Go code is generated; otherwise it is the official module's
	Resources map[string]string `yaml:"resources"` // name in the package: ARM type below Provider
	Functions map[string]string `yaml:"functions"` // name in the package: ARM action below Provider
	Numbers   []string          `yaml:"numbers"`   // Type.property that is no 32-bit integer
	Outputs   []string          `yaml:"outputs"`   // Resource.property: object-typed outputs that the generated Go code has
}

// Path is the module part of the provider's tokens, such as "network/v20240501".
func (m Module) Path() string {
	if m.Version == "" {
		return m.Module
	}
	return m.Module + "/" + m.Version
}

// Token is the provider's name of something in this module.
func (m Module) Token(name string) string {
	return "azure-native:" + m.Path() + ":" + name
}

var versionName = regexp.MustCompile(`^v(\d{4})(\d{2})(\d{2})([a-z]*)$`)

// APIVersion is the module's version as ARM writes it: v20240601preview is 2024-06-01-preview.
func (m Module) APIVersion() string {
	parts := versionName.FindStringSubmatch(m.Version)
	if parts == nil {
		return ""
	}
	date := strings.Join(parts[1:4], "-")
	if parts[4] != "" {
		date += "-" + parts[4]
	}
	return date
}

// ARMType is the full ARM type of a listed resource or action; "" where the function calls no resource.
func (m Module) ARMType(below string) string {
	if below == "" {
		return ""
	}
	return m.Provider + "/" + below
}

// ReferencePage is Microsoft's template reference of an ARM type in this version.
func (m Module) ReferencePage(armType string) string {
	return "https://learn.microsoft.com/azure/templates/" + strings.ToLower(m.Provider) + "/" + m.APIVersion() +
		strings.ToLower(strings.TrimPrefix(armType, m.Provider))
}

// ReadConfig reads and checks resources.yaml. An unknown key is an error: a misspelt "numbers" would make wrong Go types.
func ReadConfig(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("list of resources: %w", err)
	}
	return parseConfig(path, text)
}

func parseConfig(path string, text []byte) (*Config, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var config Config
	if err := decoder.Decode(&config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &config, nil
}

func (c *Config) check() error {
	var problems []error
	if !strings.HasPrefix(c.Package.Integrity, "sha512-") {
		problems = append(problems, errors.New(`package.integrity: needs npm's "sha512-…" (npm view NAME@VERSION dist.integrity)`))
	}
	var seen []string
	for _, module := range c.Modules {
		if slices.Contains(seen, module.Path()) {
			problems = append(problems, fmt.Errorf("%s: listed twice", module.Path()))
		}
		seen = append(seen, module.Path())
		if module.Version != "" && module.APIVersion() == "" {
			problems = append(problems, fmt.Errorf("%s: version %q is not of the form v20240601preview", module.Module, module.Version))
		}
		if module.Version == "" && (len(module.Resources) > 0 || module.Generated) {
			problems = append(problems, fmt.Errorf("%s: resources need a version; without one only functions can be listed", module.Module))
		}
	}
	return errors.Join(problems...)
}
