package provider

import (
	"fmt"
	"sync"

	"enterprise-openai/sdks/schema"
)

// PublishedTypes are the types of the azure-native package that the program's SDK was made from.
func PublishedTypes() (Types, error) { return publishedTypes() }

var publishedTypes = sync.OnceValues(func() (Types, error) {
	pkg, err := schema.Load()
	if err != nil {
		return nil, err
	}
	t := &schemaTypes{resources: map[string]Resource{}, objects: map[string]Object{}}
	for token, r := range pkg.Resources {
		t.resources[token] = Resource{
			Inputs:  Object{Properties: convertAll(pkg, r.InputProperties), Required: r.RequiredInputs},
			Outputs: Object{Properties: convertAll(pkg, r.Properties), Required: r.RequiredOutputs},
		}
	}
	for token, o := range pkg.Types {
		if o.Enum == nil {
			t.objects[token] = Object{Properties: convertAll(pkg, o.Properties), Required: o.Required}
		}
	}
	return t, nil
})

// schemaTypes are Types taken from the package schema.
type schemaTypes struct {
	resources map[string]Resource
	objects   map[string]Object
}

func (t *schemaTypes) Resource(token string) (Resource, bool) {
	r, ok := t.resources[token]
	return r, ok
}

func (t *schemaTypes) Object(ref string) (Object, bool) {
	o, ok := t.objects[ref]
	return o, ok
}

func convertAll(pkg *schema.Package, in map[string]schema.Property) map[string]Property {
	out := make(map[string]Property, len(in))
	for name, property := range in {
		converted := convert(pkg, property)
		converted.Default = property.Default
		out[name] = converted
	}
	return out
}

func convert(pkg *schema.Package, in schema.Property) Property {
	if len(in.OneOf) > 0 {
		return convertUnion(pkg, in.OneOf)
	}
	if in.Ref != "" {
		named, ok := pkg.Type(in.Ref)
		switch {
		case !ok:
			return Property{Type: typeAny}
		case named.Enum != nil:
			return Property{Type: named.Type, Enum: texts(named.Enum)}
		}
		return Property{Type: typeObject, Ref: in.Ref}
	}
	out := Property{Type: in.Type}
	if in.Const != nil {
		out.Enum = texts([]any{in.Const})
	}
	if in.Items != nil {
		items := convert(pkg, *in.Items)
		out.Items = &items
	}
	if in.AdditionalProperties != nil {
		values := convert(pkg, *in.AdditionalProperties)
		out.Values = &values
	}
	return out
}

// convertUnion: a string that may be one of an enum's values is a string with known values. A union of object types (the
// criteria of a metric alert) is not checked here, ARM checks it.
func convertUnion(pkg *schema.Package, members []schema.Property) Property {
	var out Property
	for _, member := range members {
		m := convert(pkg, member)
		if m.Ref != "" || out.Type != "" && out.Type != m.Type {
			return Property{Type: typeAny}
		}
		out.Type = m.Type
		out.Enum = append(out.Enum, m.Enum...)
	}
	return out
}

func texts(values []any) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return out
}
