package provider

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Read reads a resource back, for refresh and import. An empty id in the answer says that it is gone.
func (p *Provider) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	s, err := p.subjectOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	state, err := plainInputs(req.GetProperties())
	if err != nil {
		return nil, err
	}
	inputs, err := oldInputs(req.GetInputs(), state)
	if err != nil {
		return nil, err
	}
	ctx, cancel := p.operation()
	defer cancel()
	outputs, err := p.read(ctx, s, req.GetId(), state)
	if isNotFound(err) {
		return &pulumirpc.ReadResponse{}, nil
	}
	if err != nil {
		return nil, friendly(err)
	}
	if len(inputs) == 0 {
		inputs, err = p.importedInputs(s, req.GetId(), outputs)
		if err != nil {
			return nil, err
		}
	} else {
		inputs = p.refreshedInputs(s, inputs, plainMap(state), outputs)
	}
	response := &pulumirpc.ReadResponse{Id: req.GetId()}
	if response.Properties, err = checkpoint(s.kind, inputs, outputs); err != nil {
		return nil, err
	}
	response.Inputs, err = marshal(inputs)
	return response, err
}

func (p *Provider) read(ctx context.Context, s *subject, id string, state resource.PropertyMap) (map[string]any, error) {
	if s.kind.head {
		if err := p.client.head(ctx, id, s.kind.apiVersion); err != nil {
			return nil, err
		}
		was := plainMap(state) // presence is all that can be asked for
		delete(was, string(inputsKey))
		return was, nil
	}
	body, err := p.client.get(ctx, id, s.kind.apiVersion)
	if err != nil {
		return nil, err
	}
	return p.outputs(s, body), nil
}

// refreshedInputs applies to the old inputs what has changed in the outputs since the last operation. Defaults that Azure
// fills in were in the outputs before, so they do not become inputs; write-only values stay as they are.
func (p *Provider) refreshedInputs(s *subject, inputs resource.PropertyMap, oldOutputs, newOutputs map[string]any) resource.PropertyMap {
	olds := p.toInputs(s, oldOutputs)
	news := p.toInputs(s, newOutputs)
	for _, name := range s.kind.subresources {
		if _, inline := inputs[resource.PropertyKey(name)]; !inline {
			delete(olds, name)
			delete(news, name)
		}
	}
	diff := resource.NewPropertyMapFromMap(olds).Diff(resource.NewPropertyMapFromMap(news))
	return apply(inputs, diff)
}

// apply carries a difference between outputs over to inputs. Objects are merged key by key, because an output has more
// keys than the input it came from.
func apply(inputs resource.PropertyMap, diff *resource.ObjectDiff) resource.PropertyMap {
	if diff == nil {
		return inputs
	}
	out := resource.PropertyMap{}
	for key, value := range inputs {
		if !diff.Deleted(key) {
			out[key] = value
		}
	}
	for key, value := range diff.Adds {
		out[key] = value
	}
	for key, change := range diff.Updates {
		if base, ok := inputs[key]; ok {
			out[key] = applyValue(base, change.Old, change.New)
		} else {
			out[key] = change.New
		}
	}
	return out
}

func applyValue(base, before, after resource.PropertyValue) resource.PropertyValue {
	switch {
	case base.IsObject() && before.IsObject() && after.IsObject():
		return resource.NewObjectProperty(apply(base.ObjectValue(), before.ObjectValue().Diff(after.ObjectValue())))
	case base.IsArray() && before.IsArray() && after.IsArray():
		bases, olds, news := base.ArrayValue(), before.ArrayValue(), after.ArrayValue()
		out := make([]resource.PropertyValue, len(news))
		for i, e := range news {
			if i < len(bases) && i < len(olds) {
				e = applyValue(bases[i], olds[i], e)
			}
			out[i] = e
		}
		return resource.NewArrayProperty(out)
	}
	if before.DeepEquals(after) {
		return base // an element of a list that did not change keeps the program's spelling
	}
	return after
}

// importedInputs takes everything that could have been set, and the path's parameters from the id.
func (p *Provider) importedInputs(s *subject, id string, outputs map[string]any) (resource.PropertyMap, error) {
	values, err := parseID(s.kind.path, id)
	if err != nil {
		return nil, err
	}
	for name, value := range p.toInputs(s, outputs) {
		values[name] = value
	}
	return resource.NewPropertyMapFromMap(values), nil
}
