package provider

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"enterprise-openai/internal/jsonpath"
)

// Check names a resource, fills in its location and judges its inputs.
func (p *Provider) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	s, err := p.subjectOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := plainInputs(req.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := plainInputs(req.GetNews())
	if err != nil {
		return nil, err
	}
	if err := applyName(s, req, olds, news); err != nil {
		return nil, err
	}
	p.applyLocation(ctx, s, olds, news)
	checked, err := marshal(news)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.CheckResponse{Inputs: checked}
	for _, reason := range p.judge(s, plainMap(news)) {
		response.Failures = append(response.Failures, &pulumirpc.CheckFailure{Reason: reason})
	}
	return response, nil
}

// judge returns everything that is wrong with the inputs: what the real provider refuses, then what it would lose.
func (p *Provider) judge(s *subject, inputs map[string]any) []string {
	c := checker{types: p.options.Types}
	for _, name := range s.kind.params {
		if _, ok := inputs[name]; !ok {
			c.fail("missing required property '%s'", name)
		}
	}
	required := slices.DeleteFunc(slices.Clone(s.typ.Inputs.Required), s.kind.isParam)
	c.object("", Object{Properties: s.typ.Inputs.Properties, Required: required}, inputs)
	for _, name := range slices.Sorted(maps.Keys(s.kind.limits)) {
		if value, ok := inputs[name].(string); ok {
			c.failures = append(c.failures, s.kind.limits[name].check(name, value)...)
		}
	}
	for _, reason := range c.lost {
		c.fail("%s %s: %s", s.kind.token, s.name, reason)
	}
	return c.failures
}

// checker walks inputs along their types.
type checker struct {
	types Types
	// failures are in the real provider's words, lost in ours.
	failures, lost []string
}

func (c *checker) fail(format string, args ...any) {
	c.failures = append(c.failures, fmt.Sprintf(format, args...))
}

func (c *checker) object(path string, object Object, values map[string]any) {
	for _, name := range slices.Sorted(slices.Values(object.Required)) {
		if _, ok := values[name]; ok {
			continue
		}
		at := jsonpath.Key(path, name)
		hint := ""
		if at == "location" {
			hint = ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."
		}
		c.fail("missing required property '%s'%s", at, hint)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		typ, ok := object.Properties[name]
		if !ok {
			c.unknownKey(path, name, object)
			continue
		}
		c.value(jsonpath.Key(path, name), typ, values[name])
	}
}

// value checks one value. Unknown values and values of any type are not checked; null cannot occur.
func (c *checker) value(path string, typ Property, value any) {
	if typ.Type == typeAny {
		return
	}
	switch v := value.(type) {
	case resource.Computed, resource.Output:
	case map[string]any:
		c.mapping(path, typ, v)
	case []any:
		if typ.Type != typeArray {
			c.fail("'%s' should be of type '%s' but got an array", path, typ.Type)
			return
		}
		for i, e := range v {
			if typ.Items != nil {
				c.value(jsonpath.Index(path, i), *typ.Items, e)
			}
		}
	case string:
		if typ.Type != typeString {
			c.fail("'%s' should be of type '%s' but got a string", path, typ.Type)
			return
		}
		c.enum(path, typ, v)
	case float64:
		c.number(path, typ, v)
	case bool:
		if typ.Type != typeBoolean {
			c.lose(fmt.Sprintf("'%s' should be of type '%s' but got a boolean", path, typ.Type), "")
		}
	}
}

func (c *checker) mapping(path string, typ Property, v map[string]any) {
	switch {
	case typ.Ref != "":
		object, ok := c.types.Object(typ.Ref)
		if !ok {
			c.fail("schema type '%s' not found", typ.Ref)
			return
		}
		c.object(path, object, v)
	case typ.Type != typeObject:
		c.lose(fmt.Sprintf("'%s' should be of type '%s' but got an object", path, typ.Type), "")
	case typ.Values != nil:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			c.value(jsonpath.Key(path, key), *typ.Values, v[key])
		}
	}
}

func (c *checker) number(path string, typ Property, v float64) {
	if typ.Type != typeNumber && typ.Type != typeInteger {
		c.fail("'%s' should be of type '%s' but got a number", path, typ.Type)
		return
	}
	if typ.Type == typeInteger && math.Abs(v-math.Round(v)) > 1e-9 {
		c.fail("'%s' must be an integer but got %f", path, v)
	}
}
