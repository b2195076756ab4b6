package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// SettleNumbers turns every number that the list does not name into an integer. The provider's own schema tells the two apart (32
// bits are an integer; 64 bits and fractions are a number), TypeScript does not. An entry that matches nothing is an error.
func SettleNumbers(found *Extracted, modules []Module) error {
	var problems []error
	for _, module := range modules {
		settler := numberSettler{numbers: module.Numbers, prefix: module.Token("")}
		for token, spec := range found.Types {
			if name, ok := settler.name(token); ok {
				settler.properties(name, spec.Properties)
				found.Types[token] = spec
			}
		}
		for token, spec := range found.Resources {
			if name, ok := settler.name(token); ok {
				settler.properties(name, spec.Properties)
				settler.properties(name, spec.InputProperties)
			}
		}
		for token, spec := range found.Functions {
			if name, ok := settler.name(token); ok {
				settler.object(name, spec.Inputs)
				if spec.ReturnType != nil {
					settler.object(name, spec.ReturnType.ObjectTypeSpec)
				}
				settler.object(name, spec.Outputs)
			}
		}
		for _, entry := range module.Numbers {
			if !slices.Contains(settler.used, entry) {
				problems = append(problems, fmt.Errorf("%s: numbers names %s, which is no number of a listed resource", module.Path(), entry))
			}
		}
	}
	return errors.Join(problems...)
}

type numberSettler struct {
	numbers []string
	prefix  string
	used    []string
}

func (s *numberSettler) name(token string) (string, bool) {
	return strings.CutPrefix(token, s.prefix)
}

func (s *numberSettler) object(name string, spec *schema.ObjectTypeSpec) {
	if spec != nil {
		s.properties(name, spec.Properties)
	}
}

func (s *numberSettler) properties(name string, properties map[string]schema.PropertySpec) {
	for property, spec := range properties {
		entry := name + "." + property
		// A response type has its input's properties: one entry stands for both.
		for _, candidate := range []string{entry, strings.TrimSuffix(name, "Response") + "." + property} {
			if spec.Type != "" && slices.Contains(s.numbers, candidate) {
				s.used = append(s.used, candidate)
				entry = ""
			}
		}
		if entry == "" {
			continue
		}
		settle(&spec.TypeSpec)
		properties[property] = spec
	}
}

func settle(spec *schema.TypeSpec) {
	if spec.Type == "number" {
		spec.Type = "integer"
	}
	if spec.Items != nil {
		settle(spec.Items)
	}
	if spec.AdditionalProperties != nil {
		settle(spec.AdditionalProperties)
	}
	for i := range spec.OneOf {
		settle(&spec.OneOf[i])
	}
}
