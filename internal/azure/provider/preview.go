package provider

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// previewOutputs is what a preview knows about a resource that does not exist yet: inputs that are also outputs, and
// nothing else. Not even the name is known.
func (p *Provider) previewOutputs(s *subject, inputs resource.PropertyMap) resource.PropertyMap {
	return p.previewObject(s.typ.Outputs, inputs)
}

func (p *Provider) previewObject(object Object, inputs resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for name, typ := range object.Properties {
		key := resource.PropertyKey(name)
		if v, ok := inputs[key]; ok {
			out[key] = p.previewValue(typ, v)
		} else {
			out[key] = unknown()
		}
	}
	return out
}

// previewValue merges a known value with what Azure will add to it: identity.type is known, identity.principalId is not.
func (p *Provider) previewValue(typ Property, v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsObject() && typ.Ref != "":
		object, ok := p.options.Types.Object(typ.Ref)
		if !ok {
			return v
		}
		return resource.NewObjectProperty(p.previewObject(object, v.ObjectValue()))
	case v.IsArray() && typ.Items != nil:
		out := make([]resource.PropertyValue, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			out[i] = p.previewValue(*typ.Items, e)
		}
		return resource.NewArrayProperty(out)
	}
	return v
}

func unknown() resource.PropertyValue { return resource.MakeComputed(resource.NewStringProperty("")) }
