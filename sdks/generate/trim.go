package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// trimOutputs leaves the object-typed outputs out of a slice unless the list names them, and then every type that nothing refers to
// any more. A virtual network answers with its subnets, their endpoints, those endpoints' interfaces and so on: in Go that is half
// of the module, hundreds of types that no program reads. Inputs, scalar outputs and function results always stay.
func trimOutputs(spec *schema.PackageSpec, module Module) error {
	var used []string
	for _, name := range sortedKeys(module.Resources) {
		token := module.Token(name)
		resource := spec.Resources[token]
		// The extracted properties are shared with schema.json, which keeps all of them.
		resource.Properties = maps.Clone(resource.Properties)
		for property, described := range resource.Properties {
			entry := name + "." + property
			if slices.Contains(module.Outputs, entry) {
				used = append(used, entry)
			} else if len(reach(spec, []schema.PropertySpec{described})) > 0 {
				delete(resource.Properties, property)
			}
		}
		resource.Required = slices.DeleteFunc(slices.Clone(resource.Required), func(property string) bool {
			_, kept := resource.Properties[property]
			return !kept
		})
		spec.Resources[token] = resource
	}
	dropUnreached(spec)
	var problems []error
	for _, entry := range module.Outputs {
		if !slices.Contains(used, entry) {
			problems = append(problems, fmt.Errorf("outputs names %s, which is no output of a listed resource", entry))
		}
	}
	return errors.Join(problems...)
}

func dropUnreached(spec *schema.PackageSpec) {
	var roots []schema.PropertySpec
	for _, token := range sortedKeys(spec.Resources) {
		roots = append(roots, propertiesOf(spec.Resources[token])...)
	}
	for _, token := range sortedKeys(spec.Functions) {
		roots = append(roots, functionProperties(spec.Functions[token])...)
	}
	reached := reach(spec, roots)
	maps.DeleteFunc(spec.Types, func(token string, _ schema.ComplexTypeSpec) bool { return !slices.Contains(reached, token) })
}

func functionProperties(function schema.FunctionSpec) []schema.PropertySpec {
	objects := []*schema.ObjectTypeSpec{function.Inputs, function.Outputs}
	if function.ReturnType != nil {
		objects = append(objects, function.ReturnType.ObjectTypeSpec)
	}
	var all []schema.PropertySpec
	for _, object := range objects {
		if object == nil {
			continue
		}
		for _, name := range sortedKeys(object.Properties) {
			all = append(all, object.Properties[name])
		}
	}
	return all
}
