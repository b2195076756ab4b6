package schema

import (
	"maps"
	"slices"
)

// SecretOutputs lists the outputs that the provider marks as secret, sorted.
func (r *Resource) SecretOutputs() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r.Properties)) {
		if r.Properties[name].Secret {
			names = append(names, name)
		}
	}
	return names
}

// EnumValues are the values that Azure documents for a property, and whether others are refused by its type. Most enums of Azure are
// open: the provider takes any string and ARM decides.
func (p *Package) EnumValues(property Property) (values []any, closed bool) {
	if found, ok := p.Types[property.Ref]; ok && found.Enum != nil {
		return found.Enum, true
	}
	for _, one := range property.OneOf {
		if found, ok := p.Types[one.Ref]; ok && found.Enum != nil {
			values = append(values, found.Enum...)
		}
	}
	return values, false
}

// Object is the object type behind a property, where it refers to one.
func (p *Package) Object(property Property) (*Type, bool) {
	found, ok := p.Types[property.Ref]
	if !ok || found.Enum != nil {
		return nil, false
	}
	return found, true
}
