// Package provider imitates the azure-native Pulumi provider, version 2.92: the layer between the Pulumi engine and Azure
// Resource Manager that names resources, checks inputs, turns them into request bodies, and answers back into outputs.
// It has the real provider's rules and texts, because a program that this one accepts must be accepted by the real one.
//
//	server.go       a gRPC server for the engine
//	provider.go     the resource provider itself, configuration
//	kinds.go        the resource types, from the rows of internal/azure/resourcetypes; flattened.go: object types that the SDK lifts up
//	properties.go   property maps as they come over gRPC, and the inputs that a state keeps
//	types.go        the property types of the published package, read from its schema (schema.go)
//	check.go        Check with the provider's own rules; limits.go, autoname.go, location.go are parts of it
//	strict.go       what the real provider ignores in silence and this one refuses: unknown properties, wrong enum values
//	diff.go, differ.go   Diff: inputs against inputs, replacement; change.go: the same without an engine
//	create.go, update.go, delete.go, read.go, preview.go, invoke.go   one method each
//	defaultpolicy.go     a new service's global policy, the one existing resource that may be created
//	parseid.go           resource ids along their path template
//	body.go, outputs.go   the two directions between the SDK's shape and ARM's
//	client.go, retry.go, register.go   requests to ARM, polling, retries, registrations; nothing here sleeps by itself
//	budget.go            the time that an operation may take
//
// What the rules are taken from is the provider's source at the 2.90 code line (pulumi/pulumi-azure-native,
// provider/pkg/provider, provider/pkg/azure, provider/pkg/convert) and the types of the published npm package.
package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Version is the version of the provider that is imitated. The official SDK asks the engine for it.
const Version = "2.92.3"

// Options are what a provider works with.
type Options struct {
	// ARM carries requests to Azure Resource Manager.
	ARM http.RoundTripper
	// Types are the property types of the published package.
	Types Types
	// SubscriptionID, TenantID, ClientID and ObjectID are the deployer's, as getClientConfig returns them.
	SubscriptionID, TenantID, ClientID, ObjectID string
	// Wait passes the time between two polls and before a retry. When nil it returns at once: the embedded Azure has its own
	// clock, and nothing has to be slept.
	Wait func(ctx context.Context, d time.Duration) error
	// Now is the clock that dates in answers are compared with; time.Now when nil.
	Now func() time.Time
	// Retried is called for every request that is tried again, with its answer or error and the wait before the next try. May be nil.
	Retried func(resp *http.Response, err error, after time.Duration)
	// Begin is called when a create, update or delete of a resource begins; what it returns is called at its end. May be nil.
	Begin func(ctx context.Context, urn, operation string) (_ context.Context, end func(error))
	// Warn receives what the provider would report to the user as a warning about a resource. May be nil.
	Warn func(resourceURN, message string)
	// RunEnded is called at the end of every run of an engine. May be nil.
	RunEnded func()
}

// Provider answers the engine. It is safe for concurrent use.
type Provider struct {
	pulumirpc.UnimplementedResourceProviderServer
	options Options
	client  *client
	life    context.Context // ends with the server

	mu              sync.Mutex
	run             context.Context // ends with Cancel, a child of life
	endRun          context.CancelFunc
	inFlight        int               // operations that have not ended
	ended           *sync.Cond        // an operation has
	defaultLocation string            // azure-native:location
	groupLocations  map[string]string // resource group name → location
}

// New returns a provider that lives until ctx ends.
func New(ctx context.Context, o Options) (*Provider, error) {
	var problems []error
	if o.ARM == nil {
		problems = append(problems, errors.New("provider options: ARM is nil, a transport to Azure Resource Manager is needed"))
	}
	if o.Types == nil {
		problems = append(problems, errors.New("provider options: Types is nil, the published package's types are needed"))
	}
	if o.SubscriptionID == "" {
		problems = append(problems, errors.New("provider options: SubscriptionID is empty"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if o.Wait == nil {
		o.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Retried == nil {
		o.Retried = func(*http.Response, error, time.Duration) {}
	}
	if o.Begin == nil {
		o.Begin = func(ctx context.Context, _, _ string) (context.Context, func(error)) { return ctx, func(error) {} }
	}
	if o.Warn == nil {
		o.Warn = func(string, string) {}
	}
	if o.RunEnded == nil {
		o.RunEnded = func() {}
	}
	p := &Provider{options: o, life: ctx, groupLocations: map[string]string{}}
	p.run, p.endRun = context.WithCancel(ctx)
	p.ended = sync.NewCond(&p.mu)
	p.client = newClient(o.ARM, o.Now, func(ctx context.Context, d time.Duration) error {
		if err := spend(ctx, d); err != nil {
			return err
		}
		return o.Wait(ctx, d)
	}, o.Retried)
	return p, nil
}

// Attach is called by an engine that did not start the provider itself. There is nothing to attach to: this provider
// logs through Options.Warn.
func (p *Provider) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo returns the imitated version.
func (p *Provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema is not needed by a program that is compiled against the SDK.
func (p *Provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: "{}"}, nil
}

// CheckConfig accepts any configuration, as the real provider does. Which version of a provider a resource or a call asks for
// only shows here: the engine makes a provider of its own for each, with the version among its inputs
// (pulumi/pkg resource/deploy/source_eval.go, defaultProviders). The embedded Azure is attached for all of them, so that it has to
// refuse what a real engine would look for elsewhere.
func (p *Provider) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	news, err := plainInputs(req.GetNews())
	if err != nil {
		return nil, err
	}
	if problem := otherVersion(news["version"]); problem != "" {
		return &pulumirpc.CheckResponse{Failures: []*pulumirpc.CheckFailure{{Property: "version", Reason: problem}}}, nil
	}
	return &pulumirpc.CheckResponse{Inputs: req.GetNews()}, nil
}

// otherVersion says why the plugin of this version would not be the one that is imitated. Versions are compared as the engine
// does, whole.
func otherVersion(asked resource.PropertyValue) string {
	switch {
	case !asked.IsString():
		return fmt.Sprintf("a resource or a call names no version of azure-native: the engine would take the newest plugin it can find or "+
			"download, which is version 3; pass pulumi.Version(%q), as the official SDK does with each of its own", Version)
	case strings.TrimPrefix(asked.StringValue(), "v") != Version:
		return fmt.Sprintf("no resource plugin 'pulumi-resource-azure-native' found in the workspace at version v%s or on your $PATH: "+
			"a resource or a call asks for this version, and the program's SDK is v%s",
			strings.TrimPrefix(asked.StringValue(), "v"), Version)
	}
	return ""
}

// DiffConfig never finds a difference, as in the real provider: changing the configuration replaces nothing.
func (p *Provider) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{}, nil
}

// Configure takes the default location. AcceptSecrets stays off as in the real provider: it gets plain values, and the
// engine marks outputs secret that have the name of a secret input.
func (p *Provider) Configure(_ context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	//nolint:staticcheck // deprecated, but what the real provider reads
	p.defaultLocation = req.GetVariables()["azure-native:config:location"]
	return &pulumirpc.ConfigureResponse{SupportsPreview: true, SupportsAutonamingConfiguration: true}, nil
}

// Cancel makes operations in flight end. The engine calls it at the end of every run. A real provider's process ends with
// that run; this one goes on and serves the next.
func (p *Provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	p.mu.Lock()
	p.endRun()
	p.run, p.endRun = context.WithCancel(p.life)
	p.mu.Unlock()
	p.options.RunEnded()
	return &emptypb.Empty{}, nil
}

// Abandon ends what an engine left running that was killed: it could not call Cancel any more. What Azure has begun, it
// completes, but nobody asks about it. Abandon returns when no operation is in flight.
func (p *Provider) Abandon() {
	p.mu.Lock()
	p.endRun()
	for p.inFlight > 0 {
		p.ended.Wait()
	}
	p.run, p.endRun = context.WithCancel(p.life)
	p.mu.Unlock()
	p.options.RunEnded()
}

// subject is what a request is about.
type subject struct {
	urn  string
	name string // logical name
	kind *kind
	typ  Resource
}

// subjectOf looks up the resource type in a URN.
func (p *Provider) subjectOf(u string) (*subject, error) {
	parsed, err := urn.Parse(u)
	if err != nil {
		return nil, fmt.Errorf("resource URN: %w", err)
	}
	token := string(parsed.Type())
	k, ok := kindOf(token)
	if !ok {
		return nil, fmt.Errorf("resource type %s is not modelled by the embedded Azure; modelled: %s", token, strings.Join(Tokens(), ", "))
	}
	typ, ok := p.options.Types.Resource(token)
	if !ok {
		return nil, fmt.Errorf("resource type %s is missing in the published package's types", token)
	}
	return &subject{urn: u, name: parsed.Name(), kind: k, typ: typ}, nil
}

// operation returns the context of one operation. It ends with the engine's run, not with the gRPC call: an engine that
// goes away must not leave half a resource behind when a moment more would finish it.
func (p *Provider) operation() (context.Context, context.CancelFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight++
	ctx, cancel := context.WithCancel(p.run)
	return ctx, func() {
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.inFlight--
		p.ended.Broadcast()
	}
}
