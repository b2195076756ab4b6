package provider

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Delete removes a resource. One that is gone already is fine.
func (p *Provider) Delete(_ context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	s, err := p.subjectOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	ctx, cancel := p.operation()
	defer cancel()
	ctx, end := p.options.Begin(p.limited(ctx, req.GetTimeout()), s.urn, "delete")
	err = p.client.delete(ctx, s.kind, req.GetId())
	end(err)
	if err != nil {
		return nil, friendly(err)
	}
	return &emptypb.Empty{}, nil
}
