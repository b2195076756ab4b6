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
	ctx = p.limited(ctx, req.GetTimeout())
	if err := p.client.delete(ctx, s.kind, req.GetId()); err != nil {
		return nil, friendly(err)
	}
	return &emptypb.Empty{}, nil
}
