package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// describe gives everything a comment that says what it is in ARM and where that is documented. The documentation itself stays
// where it is maintained.
func describe(spec *schema.PackageSpec, module Module) {
	owners := map[string]string{}
	for _, name := range byReach(spec, module) {
		armType := module.ARMType(module.Resources[name])
		token := module.Token(name)
		resource := spec.Resources[token]
		resource.Description = fmt.Sprintf("%s is the ARM type %s, API version %s.\n\nReference: %s", name, armType, module.APIVersion(),
			module.ReferencePage(armType))
		spec.Resources[token] = resource
		for _, reached := range reach(spec, propertiesOf(resource)) {
			if owners[reached] == "" {
				owners[reached] = armType
			}
		}
	}
	for name, action := range module.Functions {
		token := module.Token(name)
		function := spec.Functions[token]
		function.Description = fmt.Sprintf("Calls the ARM action %s, API version %s.", module.ARMType(action), module.APIVersion())
		spec.Functions[token] = function
	}
	for token, described := range spec.Types {
		if owner := owners[token]; owner != "" {
			described.Description = fmt.Sprintf("Part of the ARM type %s, API version %s.\n\nReference: %s", owner, module.APIVersion(),
				module.ReferencePage(owner))
			spec.Types[token] = described
		}
	}
}

// byReach orders the listed resources by how many types they reach, so that a type is described by its most specific user.
func byReach(spec *schema.PackageSpec, module Module) []string {
	names := sortedKeys(module.Resources)
	sizes := map[string]int{}
	for _, name := range names {
		sizes[name] = len(reach(spec, propertiesOf(spec.Resources[module.Token(name)])))
	}
	slices.SortStableFunc(names, func(a, b string) int { return sizes[a] - sizes[b] })
	return names
}

func propertiesOf(resource schema.ResourceSpec) []schema.PropertySpec {
	var all []schema.PropertySpec
	for _, properties := range []map[string]schema.PropertySpec{resource.InputProperties, resource.Properties} {
		for _, name := range sortedKeys(properties) {
			all = append(all, properties[name])
		}
	}
	return all
}

// reach lists the types that properties refer to, directly or through other types.
func reach(spec *schema.PackageSpec, from []schema.PropertySpec) []string {
	var found []string
	seen := map[string]bool{}
	var visit func(schema.TypeSpec)
	visit = func(t schema.TypeSpec) {
		if token, ok := strings.CutPrefix(t.Ref, "#/types/"); ok && !seen[token] {
			seen[token] = true
			found = append(found, token)
			properties := spec.Types[token].Properties
			for _, name := range sortedKeys(properties) {
				visit(properties[name].TypeSpec)
			}
		}
		if t.Items != nil {
			visit(*t.Items)
		}
		if t.AdditionalProperties != nil {
			visit(*t.AdditionalProperties)
		}
		for _, one := range t.OneOf {
			visit(one)
		}
	}
	for _, property := range from {
		visit(property.TypeSpec)
	}
	return found
}
