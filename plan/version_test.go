package plan

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"enterprise-openai/stacks"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The engine looks for the newest provider on behalf of a resource or a call that names no version. That is version 3, which
// knows neither our types nor our state.
func TestNothingAsksForAnotherProviderThanTheSDKsOwn(t *testing.T) {
	version := sdkVersion(t)
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			requested := versionsRequested(t, stack)
			for _, token := range []string{
				"azure-native:authorization:getClientConfig", "azure-native:apimanagement/v20240601preview:listSubscriptionSecrets",
				"azure-native:resources/v20240301:ResourceGroup",
			} {
				assert.Contains(t, requested, token)
			}
			for token, versions := range requested {
				assert.Equal(t, map[string]bool{version: true}, versions, token)
			}
		})
	}
}

// sdkVersion is the one version of all modules of the official SDK in go.mod.
func sdkVersion(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	versions := map[string]bool{}
	for _, required := range regexp.MustCompile(`pulumi-azure-native-sdk\S* v(\S+)`).FindAllStringSubmatch(string(text), -1) {
		versions[required[1]] = true
	}
	require.Len(t, versions, 1, "modules of one SDK have one version")
	return slices.Collect(maps.Keys(versions))[0]
}

// versionsRequested runs a stack's program against a monitor of its own, because the SDK's mocks do not pass versions on. It returns
// the versions that each resource type and function of azure-native was requested with.
func versionsRequested(t *testing.T, stack string) map[string]map[string]bool {
	t.Helper()
	config, err := readConfig("..", stack)
	require.NoError(t, err)
	r, err := newRecorder(config.project, config.stack, Update)
	require.NoError(t, err)
	m := &monitor{recorder: r, requested: map[string]map[string]bool{}}
	address := serve(t, m)
	err = pulumi.RunErr(stacks.Deploy, func(info *pulumi.RunInfo) {
		info.Project, info.Stack, info.RootDirectory = config.project, config.stack, config.dir
		info.Config, info.ConfigSecretKeys = config.values, config.secrets
		info.MonitorAddr, info.EngineAddr = address, address
	})
	require.NoError(t, err)
	require.NoError(t, r.err())
	return m.requested
}

func serve(t *testing.T, m *monitor) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	pulumirpc.RegisterResourceMonitorServer(server, m)
	pulumirpc.RegisterEngineServer(server, quiet{})
	go func() { _ = server.Serve(listener) }() // returns when the test stops the server
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// quiet is an engine that takes messages.
type quiet struct {
	pulumirpc.UnimplementedEngineServer
}

func (quiet) Log(context.Context, *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// monitor is a recorder behind the protocol that a program speaks with the engine.
type monitor struct {
	pulumirpc.UnimplementedResourceMonitorServer
	recorder *recorder

	mu        sync.Mutex
	requested map[string]map[string]bool
}

func (m *monitor) note(token, version string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !strings.HasPrefix(token, "azure-native:") {
		return
	}
	if m.requested[token] == nil {
		m.requested[token] = map[string]bool{}
	}
	m.requested[token][version] = true
}

func (m *monitor) GetDeploymentInfo(context.Context, *emptypb.Empty) (*pulumirpc.DeploymentInfo, error) {
	return &pulumirpc.DeploymentInfo{SupportedFeatures: []pulumirpc.ResourceMonitorFeature{
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_SECRETS,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_DELETED_WITH,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
	}}, nil
}

var marshalOptions = plugin.MarshalOptions{KeepSecrets: true, KeepResources: true}

func (m *monitor) RegisterResource(
	_ context.Context, req *pulumirpc.RegisterResourceRequest,
) (*pulumirpc.RegisterResourceResponse, error) {
	m.note(req.GetType(), req.GetVersion())
	urn := m.recorder.urn(req.GetParent(), req.GetType(), req.GetName())
	if req.GetType() == string(resource.RootStackType) {
		return &pulumirpc.RegisterResourceResponse{Urn: urn}, nil
	}
	inputs, err := plugin.UnmarshalProperties(req.GetObject(), marshalOptions)
	if err != nil {
		return nil, fmt.Errorf("inputs: %w", err)
	}
	id, outputs, err := m.recorder.NewResource(pulumi.MockResourceArgs{
		TypeToken: req.GetType(), Name: req.GetName(), Inputs: inputs, Custom: req.GetCustom(), RegisterRPC: req,
	})
	if err != nil {
		return nil, err
	}
	object, err := plugin.MarshalProperties(outputs, marshalOptions)
	return &pulumirpc.RegisterResourceResponse{Urn: urn, Id: id, Object: object}, err
}

func (m *monitor) RegisterResourceOutputs(context.Context, *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (m *monitor) Invoke(_ context.Context, req *pulumirpc.ResourceInvokeRequest) (*pulumirpc.ResourceInvokeResponse, error) {
	m.note(req.GetTok(), req.GetVersion())
	args, err := plugin.UnmarshalProperties(req.GetArgs(), marshalOptions)
	if err != nil {
		return nil, fmt.Errorf("arguments: %w", err)
	}
	answer, err := m.recorder.Call(pulumi.MockCallArgs{Token: req.GetTok(), Args: args})
	if err != nil {
		return nil, err
	}
	result, err := plugin.MarshalProperties(answer, marshalOptions)
	return &pulumirpc.ResourceInvokeResponse{Return: result}, err
}
