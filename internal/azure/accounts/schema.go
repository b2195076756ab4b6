package accounts

import (
	"errors"
	"fmt"
	"slices"
)

// conjunction is a set of schemas that all hold for one value.
type conjunction []*jsonNode

// maxSchemaSteps bounds the work on one schema: definitions that use each other twice would grow without end.
const maxSchemaSteps = 20_000

var (
	errEndless    = errors.New("it has no finite value")
	errTooLarge   = errors.New("its smallest value is too large")
	errImpossible = errors.New("no value satisfies it")
)

// sampler makes a small value of a schema: the first alternative that works, required members only, the shortest lists.
type sampler struct {
	root  *jsonNode
	open  []*jsonNode // what references are being followed, to end recursion
	steps int
	// nth makes values differ, for lists whose items must.
	nth int
}

func newSampler(root *jsonNode) *sampler { return &sampler{root: root, open: []*jsonNode{root}} }

// sample returns the JSON of a value that satisfies a schema, always the same one.
func sample(schema *jsonNode) (string, error) {
	return newSampler(schema).value(conjunction{schema})
}

// unmodelled are the keywords that nothing here could satisfy on purpose. OpenAI's structured outputs do not know them
// (OpenAI: Structured outputs, supported schemas).
var unmodelled = []string{"not", "if", "contains", "unevaluatedItems", "$dynamicRef"}

// unmodelledMembers are those that forbid nothing to an object without members.
var unmodelledMembers = []string{"patternProperties", "propertyNames", "dependentRequired", "dependentSchemas"}

// value makes a value that all schemas of a conjunction allow.
func (s *sampler) value(all conjunction) (string, error) {
	if s.steps++; s.steps > maxSchemaSteps {
		return "", errTooLarge
	}
	depth := len(s.open)
	defer func() { s.open = s.open[:depth] }()
	all, err := s.expand(all, depth)
	if err != nil {
		return "", err
	}
	for _, schema := range all {
		if schema.isFalse() {
			return "", errImpossible
		}
	}
	if err := all.models(unmodelled); err != nil {
		return "", err
	}
	for i, schema := range all {
		for _, keyword := range []string{"anyOf", "oneOf"} {
			if schema.get(keyword) != nil {
				return s.alternative(all, i, keyword)
			}
		}
	}
	return s.plain(all)
}

// models refuses keywords that would be skipped in silence.
func (c conjunction) models(not []string) error {
	for _, keyword := range not {
		if len(c.all(keyword)) > 0 {
			return fmt.Errorf("it uses %q, which is not modelled here", keyword)
		}
	}
	return nil
}

// expand replaces references and allOf by what they stand for. A reference that is being followed already has no end.
func (s *sampler) expand(all conjunction, depth int) (conjunction, error) {
	var out conjunction
	queue := slices.Clone(all)
	for len(queue) > 0 {
		if s.steps++; s.steps > maxSchemaSteps {
			return nil, errTooLarge
		}
		schema := queue[0]
		queue = queue[1:]
		if slices.Contains(out, schema) {
			continue
		}
		out = append(out, schema)
		if ref := schema.get("$ref"); ref != nil {
			target := s.root.at(ref.str())
			switch {
			case target == nil:
				return nil, fmt.Errorf("its reference %q leads nowhere", ref.str())
			case slices.Contains(s.open[:depth], target):
				return nil, errEndless
			}
			s.open = append(s.open, target)
			queue = append(queue, target)
		}
		if both := schema.get("allOf"); both != nil {
			queue = append(queue, both.items...)
		}
	}
	return out, nil
}

// alternative replaces anyOf or oneOf of one schema by its first branch that has a value.
func (s *sampler) alternative(all conjunction, i int, keyword string) (string, error) {
	rest := &jsonNode{kind: '{'}
	for _, m := range all[i].members {
		if m.name != keyword && m.name != "$ref" && m.name != "allOf" { // the last two are expanded already
			rest.set(m.name, m.value)
		}
	}
	others := make(conjunction, 0, len(all)+1)
	for j, schema := range all {
		switch {
		case j == i:
			others = append(others, rest)
		case schema.get("$ref") != nil || schema.get("allOf") != nil:
			others = append(others, schema.without("$ref", "allOf"))
		default:
			others = append(others, schema)
		}
	}
	err := errImpossible
	for _, branch := range all[i].get(keyword).items {
		text, failed := s.value(append(slices.Clone(others), branch))
		if failed == nil {
			return text, nil
		}
		if err = failed; errors.Is(err, errTooLarge) {
			break
		}
	}
	return "", err
}

// without is an object without some of its members.
func (n *jsonNode) without(names ...string) *jsonNode {
	out := &jsonNode{kind: n.kind, text: n.text}
	for _, m := range n.members {
		if !slices.Contains(names, m.name) {
			out.members = append(out.members, m)
		}
	}
	return out
}

// all returns a keyword of every schema that has it.
func (c conjunction) all(keyword string) []*jsonNode {
	var found []*jsonNode
	for _, schema := range c {
		if v := schema.get(keyword); v != nil {
			found = append(found, v)
		}
	}
	return found
}

// plain makes a value of schemas without alternatives.
func (s *sampler) plain(c conjunction) (string, error) {
	types := c.types()
	for _, list := range slices.Concat(c.all("enum"), c.constants()) {
		return s.listed(c, list.items, types)
	}
	err := errImpossible
	for _, t := range types {
		text, failed := s.ofType(c, t)
		if failed == nil {
			return text, nil
		}
		if err = failed; errors.Is(err, errTooLarge) {
			break
		}
	}
	return "", err
}

// constants are the const keywords, as lists of one value.
func (c conjunction) constants() []*jsonNode {
	var lists []*jsonNode
	for _, v := range c.all("const") {
		lists = append(lists, &jsonNode{kind: '[', items: []*jsonNode{v}})
	}
	return lists
}

// listed takes the value of a list that every other list has too.
func (s *sampler) listed(c conjunction, values []*jsonNode, types []string) (string, error) {
	var fit []string
	for _, v := range values {
		text := v.json()
		ok := slices.Contains(types, v.typeName()) || v.typeName() == "integer" && slices.Contains(types, "number")
		for _, list := range slices.Concat(c.all("enum"), c.constants()) {
			ok = ok && slices.ContainsFunc(list.items, func(n *jsonNode) bool { return n.json() == text })
		}
		if ok {
			fit = append(fit, text)
		}
	}
	if len(fit) == 0 {
		return "", errImpossible
	}
	return fit[s.nth%len(fit)], nil
}

var typeNames = map[byte]string{'{': "object", '[': "array", '"': "string", 't': "boolean", 'f': "boolean", 'n': "null"}

// typeName is the schema's name of a value's type.
func (n *jsonNode) typeName() string {
	if v, ok := n.number(); ok {
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return typeNames[n.kind]
}

// typeHints are keywords that mean something for one type only.
var typeHints = []struct{ keyword, name string }{
	{"properties", "object"}, {"required", "object"}, {"items", "array"}, {"prefixItems", "array"}, {"minItems", "array"},
	{"minLength", "string"}, {"pattern", "string"}, {"format", "string"},
	{"minimum", "number"}, {"maximum", "number"}, {"multipleOf", "number"},
}

// types are the types that every schema allows, in the order of the first that names some. Without a name, the other keywords
// tell: an object has properties, a list has items.
func (c conjunction) types() []string {
	var allowed []string
	for _, t := range c.all("type") {
		names := []string{t.str()}
		if t.kind == '[' {
			names = t.strings()
		}
		if allowed == nil {
			allowed = names
			continue
		}
		allowed = both(allowed, names)
	}
	if allowed != nil {
		return allowed
	}
	for _, hint := range typeHints {
		if len(c.all(hint.keyword)) > 0 {
			allowed = append(allowed, hint.name)
		}
	}
	return append(allowed, "null", "string", "integer", "number", "boolean", "object", "array")
}

// both are the types that two lists allow: an integer is a number.
func both(a, b []string) []string {
	out := []string{}
	for _, t := range a {
		switch {
		case slices.Contains(b, t):
			out = append(out, t)
		case t == "number" && slices.Contains(b, "integer"), t == "integer" && slices.Contains(b, "number"):
			out = append(out, "integer")
		}
	}
	return out
}

func (s *sampler) ofType(c conjunction, name string) (string, error) {
	switch name {
	case "object":
		return s.object(c)
	case "array":
		return s.array(c)
	case "string":
		text, err := s.text(c)
		return quoted(text), err
	case "integer", "number":
		return s.number(c, name == "integer")
	case "boolean":
		return fmt.Sprint(s.nth%2 == 1), nil
	case "null":
		return "null", nil
	}
	return "", fmt.Errorf("its type %q is none", name)
}
