package bench

import (
	"context"
	"net"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"enterprise-openai/rehearsal/plan"
)

// nothing is a provider that answers without doing anything.
type nothing struct {
	pulumirpc.UnimplementedResourceProviderServer
}

// serveNothing listens on loopback until the benchmark ends.
func serveNothing(b *testing.B) (port int) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	server := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(server, nothing{})
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(server.Stop)
	return listener.Addr().(*net.TCPAddr).Port
}

func (nothing) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (nothing) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "2.90.0"}, nil
}

func (nothing) CheckConfig(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, nil
}

func (nothing) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{}, nil
}

func (nothing) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{SupportsPreview: true, AcceptSecrets: true, AcceptResources: true}, nil
}

func (nothing) Check(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, nil
}

func (nothing) Diff(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

func (nothing) Create(_ context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	return &pulumirpc.CreateResponse{Id: r.GetName(), Properties: r.GetProperties()}, nil
}

func (nothing) Delete(context.Context, *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// replay is a program that declares the same resources with the same inputs in the same order of dependencies as a plan.
func replay(resources []plan.Resource) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		declared := map[string]pulumi.Resource{}
		byURN := map[string]plan.Resource{}
		for _, r := range resources {
			byURN[r.URN] = r
		}
		var declare func(r plan.Resource) error
		declare = func(r plan.Resource) error {
			if _, done := declared[r.URN]; done || !r.Custom {
				return nil
			}
			var waits []pulumi.Resource
			for _, urn := range r.DependsOn {
				if err := declare(byURN[urn]); err != nil {
					return err
				}
				if other, ok := declared[urn]; ok {
					waits = append(waits, other)
				}
			}
			made := &pulumi.CustomResourceState{}
			declared[r.URN] = made
			return ctx.RegisterResource(r.Type, r.Name, pulumi.ToMap(r.Inputs), made, pulumi.DependsOn(waits))
		}
		for _, r := range resources {
			if err := declare(r); err != nil {
				return err
			}
		}
		return nil
	}
}
