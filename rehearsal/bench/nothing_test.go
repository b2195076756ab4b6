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

	"enterprise-openai/internal/azure/provider"
	"enterprise-openai/plan"
	"enterprise-openai/sdks/schema"
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
	return &pulumirpc.PluginInfo{Version: provider.Version}, nil
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

// replay is a program that declares the same resources with the same inputs in the same order of dependencies as a plan. With
// types it also declares the components, and the parents, aliases and deletions of what is in them.
func replay(resources []plan.Resource, types *schema.Package) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		r := replayer{ctx: ctx, types: types, declared: map[string]pulumi.Resource{}, byURN: map[string]plan.Resource{}}
		for _, one := range resources {
			r.byURN[one.URN] = one
		}
		for _, one := range resources {
			if err := r.declare(one); err != nil {
				return err
			}
		}
		return nil
	}
}

type replayer struct {
	ctx      *pulumi.Context
	types    *schema.Package // nil: bare
	declared map[string]pulumi.Resource
	byURN    map[string]plan.Resource
}

func (r *replayer) declare(one plan.Resource) error {
	if _, done := r.declared[one.URN]; done || !one.Custom && r.types == nil {
		return nil
	}
	options, err := r.options(one)
	if err != nil {
		return err
	}
	if !one.Custom {
		made := &pulumi.ResourceState{}
		r.declared[one.URN] = made
		if err := r.ctx.RegisterComponentResource(one.Type, one.Name, made, options...); err != nil {
			return err
		}
		return r.ctx.RegisterResourceOutputs(made, pulumi.Map{})
	}
	made := &pulumi.CustomResourceState{}
	r.declared[one.URN] = made
	return r.ctx.RegisterResource(one.Type, one.Name, pulumi.ToMap(one.Inputs), made, options...)
}

func (r *replayer) options(one plan.Resource) ([]pulumi.ResourceOption, error) {
	var waits []pulumi.Resource
	for _, urn := range one.DependsOn {
		other, err := r.other(urn)
		if err != nil {
			return nil, err
		}
		if other != nil {
			waits = append(waits, other)
		}
	}
	options := []pulumi.ResourceOption{pulumi.DependsOn(waits)}
	if r.types == nil {
		return options, nil
	}
	if parent, err := r.other(one.Parent); err != nil {
		return nil, err
	} else if parent != nil {
		options = append(options, pulumi.Parent(parent))
	}
	if with, err := r.other(one.DeletedWith); err != nil {
		return nil, err
	} else if with != nil {
		options = append(options, pulumi.DeletedWith(with))
	}
	if described, ok := r.types.Resource(one.Type); ok {
		var aliases []pulumi.Alias
		for _, former := range described.Aliases {
			aliases = append(aliases, pulumi.Alias{Type: pulumi.String(former)})
		}
		options = append(options, pulumi.Aliases(aliases))
	}
	return options, nil
}

// other is another resource of the plan, declared by now; nil for the stack, and for components where there are none.
func (r *replayer) other(urn string) (pulumi.Resource, error) {
	one, known := r.byURN[urn]
	if !known {
		return nil, nil //nolint:nilnil // nothing to wait for
	}
	if err := r.declare(one); err != nil {
		return nil, err
	}
	if made, ok := r.declared[urn]; ok {
		return made, nil
	}
	return nil, nil //nolint:nilnil // as above
}
