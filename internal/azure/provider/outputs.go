package provider

// outputs turns ARM's answer into the SDK's shape: `properties` is lifted up, and what the published package does not
// know is left out.
func (p *Provider) outputs(s *subject, body map[string]any) map[string]any {
	if body == nil {
		return map[string]any{}
	}
	out := map[string]any{}
	if id, ok := body["id"]; ok {
		out["id"] = id
	}
	inside, _ := body[properties].(map[string]any)
	for name, typ := range s.typ.Outputs.Properties {
		key := s.kind.jsonName(name)
		value, ok := body[key]
		if name != "name" && name != "type" && !s.kind.isTop(key) {
			if v, has := inside[key]; has {
				value, ok = v, true
			} else if key != "systemData" {
				ok = false
			}
		}
		if ok && value != nil {
			out[name] = p.fromJSON(typ, value)
		}
	}
	return out
}

// fromJSON turns a value of ARM's shape into the SDK's.
func (p *Provider) fromJSON(typ Property, value any) any {
	switch v := value.(type) {
	case map[string]any:
		return p.objectFromJSON(typ, v)
	case []any:
		if typ.Items == nil {
			return v
		}
		out := make([]any, 0, len(v))
		for _, e := range v {
			out = append(out, p.fromJSON(*typ.Items, e))
		}
		return out
	}
	return value
}

func (p *Provider) objectFromJSON(typ Property, v map[string]any) any {
	if typ.Values != nil {
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = p.fromJSON(*typ.Values, e)
		}
		return out
	}
	object, ok := p.options.Types.Object(typ.Ref)
	if typ.Ref == "" || !ok {
		return renamed(v, armDiscriminator, sdkDiscriminator)
	}
	inside, _ := v[properties].(map[string]any)
	flat := isFlattened(typ.Ref)
	out := map[string]any{}
	for name, t := range object.Properties {
		value, ok := v[name]
		if flat && !flattenedTop[name] {
			value, ok = inside[name]
		}
		if ok && value != nil {
			out[name] = p.fromJSON(t, value)
		}
	}
	return out
}

// toInputs projects outputs to the shape of the inputs: only what a program could have set.
func (p *Provider) toInputs(s *subject, outputs map[string]any) map[string]any {
	in := map[string]any{}
	for name, typ := range s.typ.Inputs.Properties {
		if s.kind.isParam(name) {
			continue
		}
		if v, ok := outputs[name]; ok && v != nil {
			in[name] = p.project(typ, v)
		}
	}
	return in
}

func (p *Provider) project(typ Property, value any) any {
	switch v := value.(type) {
	case map[string]any:
		object, ok := p.options.Types.Object(typ.Ref)
		if typ.Ref == "" || !ok {
			return v
		}
		out := map[string]any{}
		for name, t := range object.Properties {
			if e, ok := v[name]; ok && e != nil {
				out[name] = p.project(t, e)
			}
		}
		return out
	case []any:
		if typ.Items == nil {
			return v
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = p.project(*typ.Items, e)
		}
		return out
	}
	return value
}
