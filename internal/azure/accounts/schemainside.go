package accounts

import (
	"fmt"
	"slices"
	"strings"
)

// object has the required members, in the order of properties, and as many others as minProperties wants.
func (s *sampler) object(c conjunction) (string, error) {
	var required, names []string
	for _, list := range c.all("required") {
		required = append(required, list.strings()...)
	}
	for _, properties := range c.all("properties") {
		for _, m := range properties.members {
			if !slices.Contains(names, m.name) {
				names = append(names, m.name)
			}
		}
	}
	least, _ := c.bounds("minProperties", "")
	var wanted []string
	for _, name := range slices.Concat(names, required) {
		if slices.Contains(required, name) && !slices.Contains(wanted, name) {
			wanted = append(wanted, name)
		}
	}
	for i := 0; float64(len(wanted)) < least && i < maxSchemaSteps; i++ {
		name := fmt.Sprintf("member%d", i)
		if i < len(names) {
			name = names[i]
		}
		if !slices.Contains(wanted, name) {
			wanted = append(wanted, name)
		}
	}
	if err := c.models(unmodelledMembers); err != nil && len(wanted) > 0 {
		return "", err
	}
	parts := make([]string, len(wanted))
	for i, name := range wanted {
		text, err := s.value(c.member(name))
		if err != nil {
			return "", err
		}
		parts[i] = quoted(name) + ":" + text
	}
	return "{" + strings.Join(parts, ",") + "}", nil
}

// member is what a member of an object must satisfy.
func (c conjunction) member(name string) conjunction {
	var out conjunction
	for _, schema := range c {
		if property := schema.get("properties").get(name); property != nil {
			out = append(out, property)
		} else if other := schema.get("additionalProperties"); other != nil {
			out = append(out, other)
		}
	}
	return out
}

// array has minItems items, or those of prefixItems when there are more.
func (s *sampler) array(c conjunction) (string, error) {
	least, most := c.bounds("minItems", "maxItems")
	if least > most {
		return "", errImpossible
	}
	distinct := slices.ContainsFunc(c.all("uniqueItems"), (*jsonNode).isTrue)
	before := s.nth
	defer func() { s.nth = before }()
	parts := []string{}
	for i := 0; float64(i) < least; i++ {
		if distinct {
			s.nth = i
		}
		text, err := s.value(c.item(i))
		if err != nil {
			return "", err
		}
		if distinct && slices.Contains(parts, text) {
			return "", fmt.Errorf("%w: its items must differ", errImpossible)
		}
		parts = append(parts, text)
	}
	return "[" + strings.Join(parts, ",") + "]", nil
}

// item is what the item at a place must satisfy. Before 2020-12 items was also what prefixItems is now.
func (c conjunction) item(i int) conjunction {
	var out conjunction
	for _, schema := range c {
		first, rest := schema.get("prefixItems"), schema.get("items")
		if rest != nil && rest.kind == '[' {
			first, rest = rest, schema.get("additionalItems")
		}
		if first != nil && i < len(first.items) {
			out = append(out, first.items[i])
		} else if rest != nil {
			out = append(out, rest)
		}
	}
	return out
}
