package provider

import (
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"enterprise-openai/internal/azure/resourcetypes"
)

// requestBody turns inputs into the body of a PUT. Keys that the type does not have are dropped without a word, as the
// real provider does; Check has refused them before.
func (p *Provider) requestBody(s *subject, inputs map[string]any) map[string]any {
	body := map[string]any{}
	inside := map[string]any{}
	for name, typ := range s.typ.Inputs.Properties {
		value, ok := inputs[name]
		if !ok || s.kind.isParam(name) || s.kind.isQuery(name) {
			continue
		}
		key := s.kind.jsonName(name)
		value = p.toJSON(typ, value)
		if s.kind.isTop(key) {
			body[key] = value
		} else {
			inside[key] = value
		}
	}
	if len(inside) > 0 {
		body[properties] = inside
	}
	if s.kind.head {
		return nil
	}
	if len(body) == 0 {
		body[properties] = map[string]any{}
	}
	return body
}

// toJSON turns a value of the SDK's shape into ARM's.
func (p *Provider) toJSON(typ Property, value any) any {
	switch v := value.(type) {
	case map[string]any:
		return p.objectToJSON(typ, v)
	case []any:
		if typ.Items == nil {
			return v
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = p.toJSON(*typ.Items, e)
		}
		return out
	}
	return value
}

func (p *Provider) objectToJSON(typ Property, v map[string]any) any {
	if typ.Values != nil {
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = p.toJSON(*typ.Values, e)
		}
		return out
	}
	object, ok := p.options.Types.Object(typ.Ref)
	if typ.Ref == "" || !ok {
		return renamed(v, sdkDiscriminator, armDiscriminator)
	}
	out, inside := map[string]any{}, map[string]any{}
	flat := isFlattened(typ.Ref)
	for name, t := range object.Properties {
		e, ok := v[name]
		if !ok {
			continue
		}
		if flat && !flattenedTop[name] {
			inside[name] = p.toJSON(t, e)
		} else {
			out[name] = p.toJSON(t, e)
		}
	}
	if len(inside) > 0 {
		out[properties] = inside
	}
	return out
}

// The criteria of a metric alert are a union of types, told apart by a property that the SDK spells in its own way.
const (
	sdkDiscriminator = "odataType"
	armDiscriminator = "odata.type"
)

// renamed is a copy of an object with one key spelt otherwise.
func renamed(v map[string]any, from, to string) map[string]any {
	value, there := v[from]
	if !there {
		return v
	}
	out := maps.Clone(v)
	delete(out, from)
	out[to] = value
	return out
}

// resourceID builds the ARM path and the query from inputs. Values are path-escaped (an API revision ;rev=2 becomes
// %3Brev=2) except scopes, which are ids themselves and go in as they are, without outer slashes
// (provider/pkg/provider/crud PrepareAzureRESTIdAndQuery).
func (p *Provider) resourceID(k *kind, inputs map[string]any) (string, url.Values, error) {
	query := url.Values{"api-version": {k.apiVersion}}
	for _, name := range k.query {
		if v, ok := inputs[name]; ok {
			query.Set(name, fmt.Sprint(v))
		}
	}
	id, err := p.expand(k.path, inputs)
	return id, query, err
}

func (p *Provider) expand(path string, inputs map[string]any) (string, error) {
	id := strings.ReplaceAll(path, "{subscriptionId}", url.PathEscape(p.options.SubscriptionID))
	for _, param := range resourcetypes.PathParams(path) {
		value, ok := inputs[param].(string)
		if !ok {
			return "", fmt.Errorf("missing or unknown path parameter '%s' of %s", param, path)
		}
		if param == "scope" || param == "resourceUri" {
			value = strings.Trim(value, "/")
		} else {
			value = url.PathEscape(value)
		}
		id = strings.ReplaceAll(id, "{"+param+"}", value)
	}
	return id, nil
}

func (k *kind) isQuery(name string) bool {
	for _, q := range k.query {
		if q == name {
			return true
		}
	}
	return false
}

// fillSubresources sends an empty list for sub-resources that are not declared inline, as the provider does on create.
// On update what exists is put back instead, so that separately declared children survive
// (provider/pkg/provider/crud MaintainSubResourcePropertiesIfNotSet).
func fillSubresources(k *kind, body, existing map[string]any) {
	for _, name := range k.subresources {
		inside, ok := body[properties].(map[string]any)
		if !ok {
			inside = map[string]any{}
			body[properties] = inside
		}
		if _, set := inside[name]; set {
			continue
		}
		inside[name] = []any{}
		if was, ok := existing[properties].(map[string]any); ok && was[name] != nil {
			inside[name] = was[name]
		}
	}
}

// plainMap is a property map as ordinary Go values; unknown values stay resource.Computed.
func plainMap(m resource.PropertyMap) map[string]any { return m.Mappable() }
