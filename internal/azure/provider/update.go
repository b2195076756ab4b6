package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Update writes the whole resource again.
func (p *Provider) Update(_ context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	s, err := p.subjectOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := plainInputs(req.GetNews())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		return p.previewUpdate(s, inputs, req)
	}
	ctx, cancel := p.operation()
	defer cancel()
	ctx, end := p.options.Begin(p.limited(ctx, req.GetTimeout()), s.urn, "update")
	outputs, err := p.update(ctx, s, inputs)
	end(err)
	if err != nil {
		return nil, err
	}
	state, err := checkpoint(s.kind, inputs, outputs)
	return &pulumirpc.UpdateResponse{Properties: state}, err
}

// previewUpdate knows the inputs, the name and the location. Everything else becomes unknown, which makes a role
// assignment look like a replacement whenever the account with the identity changes.
func (p *Provider) previewUpdate(s *subject, inputs resource.PropertyMap, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	state, err := plainInputs(req.GetOlds())
	if err != nil {
		return nil, err
	}
	outputs := p.previewOutputs(s, inputs)
	for _, key := range []resource.PropertyKey{"name", "location"} {
		if v, ok := state[key]; ok {
			outputs[key] = v
		}
	}
	out, err := marshal(outputs)
	return &pulumirpc.UpdateResponse{Properties: out}, err
}

func (p *Provider) update(ctx context.Context, s *subject, inputs resource.PropertyMap) (map[string]any, error) {
	values := plainMap(inputs)
	id, query, err := p.resourceID(s.kind, values)
	if err != nil {
		return nil, err
	}
	body := p.requestBody(s, values)
	if len(s.kind.subresources) > 0 {
		existing, err := p.client.get(ctx, id, s.kind.apiVersion)
		if err != nil {
			return nil, fmt.Errorf("failed maintaining unset sub-resource properties: %w", err)
		}
		fillSubresources(s.kind, body, existing)
	}
	answer, accepted, err := p.client.put(ctx, s.kind, id, query, body)
	if err != nil {
		if accepted {
			return nil, p.halfMade(ctx, s, err, id, inputs)
		}
		return nil, friendly(err)
	}
	return p.readAfterWrite(ctx, s, id, "Update", answer), nil
}
