package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// schemaDepth is how deep schema.json is broken into lines: section, token, list, property. A property is one line, so that a
// changed type is one changed line in a review.
const schemaDepth = 4

type object = map[string]any

// SchemaFile writes schema.json: what sdks/schema reads.
func SchemaFile(found *Extracted, config *Config) ([]byte, error) {
	file := object{
		"package": "azure-native", "version": config.Package.Version,
		"resources": object{}, "functions": object{}, "types": object{},
	}
	for _, module := range config.Modules {
		for name, below := range module.Resources {
			file["resources"].(object)[module.Token(name)] = resourceObject(found.Resources[module.Token(name)], module, below)
		}
		for name, action := range module.Functions {
			file["functions"].(object)[module.Token(name)] = functionObject(found.Functions[module.Token(name)], module, action)
		}
	}
	for token, spec := range found.Types {
		file["types"].(object)[token] = typeObject(spec)
	}
	var out bytes.Buffer
	if err := writeJSON(&out, file, 0); err != nil {
		return nil, fmt.Errorf("schema.json: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func resourceObject(spec schema.ResourceSpec, module Module, below string) object {
	aliases := make([]string, 0, len(spec.Aliases))
	for _, alias := range spec.Aliases {
		aliases = append(aliases, alias.Type)
	}
	slices.Sort(aliases)
	return compact(object{
		"armType": module.ARMType(below), "apiVersion": module.APIVersion(), "aliases": aliases,
		"inputProperties": propertyObjects(spec.InputProperties), "requiredInputs": spec.RequiredInputs,
		"properties": propertyObjects(spec.Properties), "required": spec.Required,
	})
}

func functionObject(spec schema.FunctionSpec, module Module, action string) object {
	described := object{"armAction": module.ARMType(action), "apiVersion": module.APIVersion()}
	if spec.Inputs != nil {
		described["inputProperties"], described["requiredInputs"] = propertyObjects(spec.Inputs.Properties), spec.Inputs.Required
	}
	outputs := spec.Outputs
	if spec.ReturnType != nil && spec.ReturnType.ObjectTypeSpec != nil {
		outputs = spec.ReturnType.ObjectTypeSpec
	}
	if outputs != nil {
		described["properties"], described["required"] = propertyObjects(outputs.Properties), outputs.Required
	}
	return compact(described)
}

func typeObject(spec schema.ComplexTypeSpec) object {
	if len(spec.Enum) == 0 {
		return compact(object{"properties": propertyObjects(spec.Properties), "required": spec.Required})
	}
	values := make([]any, 0, len(spec.Enum))
	for _, value := range spec.Enum {
		values = append(values, value.Value)
	}
	return object{"type": spec.Type, "enum": values}
}

func propertyObjects(specs map[string]schema.PropertySpec) object {
	properties := object{}
	for name, spec := range specs {
		property := typeSpecObject(spec.TypeSpec)
		if spec.Const != nil {
			property["const"] = spec.Const
		}
		if spec.Default != nil {
			property["default"] = spec.Default
		}
		if spec.Secret {
			property["secret"] = true
		}
		if spec.ReplaceOnChanges {
			property["replaceOnChanges"] = true
		}
		properties[name] = property
	}
	return properties
}

func typeSpecObject(spec schema.TypeSpec) object {
	described := object{}
	if spec.Type != "" {
		described["type"] = spec.Type
	}
	if token, ok := strings.CutPrefix(spec.Ref, "#/types/"); ok {
		described["ref"] = token
	} else if spec.Ref != "" {
		described["type"] = "any"
	}
	if spec.Items != nil {
		described["items"] = typeSpecObject(*spec.Items)
	}
	if spec.AdditionalProperties != nil {
		described["additionalProperties"] = typeSpecObject(*spec.AdditionalProperties)
	}
	for _, one := range spec.OneOf {
		list, _ := described["oneOf"].([]any)
		described["oneOf"] = append(list, typeSpecObject(one))
	}
	return described
}

// compact leaves out what is empty.
func compact(from object) object {
	for key, value := range from {
		switch v := value.(type) {
		case string:
			if v == "" {
				delete(from, key)
			}
		case []string:
			if len(v) == 0 {
				delete(from, key)
			}
		case object:
			if len(v) == 0 {
				delete(from, key)
			}
		}
	}
	return from
}

func writeJSON(out *bytes.Buffer, value any, depth int) error {
	members, ok := value.(object)
	if !ok || depth >= schemaDepth {
		line, err := json.Marshal(value)
		out.Write(line)
		return err
	}
	out.WriteString("{")
	for i, key := range sortedKeys(members) {
		if i > 0 {
			out.WriteString(",")
		}
		fmt.Fprintf(out, "\n%s%q: ", strings.Repeat(" ", depth+1), key)
		if err := writeJSON(out, members[key], depth+1); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\n%s}", strings.Repeat(" ", depth))
	return nil
}
