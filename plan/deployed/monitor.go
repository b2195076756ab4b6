package deployed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"enterprise-openai/internal/azure/provider"
)

// monitor answers the program in place of the engine: a resource is checked and created by the provider when it is declared.
// The SDK declares a resource when what it depends on has been answered, which is the engine's order. One at a time, so that
// nothing overlaps whose order the program leaves open.
type monitor struct {
	ctx      context.Context
	stack    string
	provider *provider.Provider

	mu  sync.Mutex
	ids map[string]string // see Stack.ID
}

// seed is what an engine would draw the names from that a program leaves open; this program leaves none.
var seed = make([]byte, 32)

// NewResource creates a resource.
func (m *monitor) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	switch {
	case args.RegisterRPC == nil:
		return "", nil, fmt.Errorf("%s %s is read, not declared", args.TypeToken, args.Name)
	case !args.Custom:
		return "", args.Inputs, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	urn := string(resource.NewURN(tokens.QName(m.stack), Project, "", tokens.Type(args.TypeToken), args.Name))
	id, outputs, err := m.create(urn, args.Inputs)
	if err != nil {
		return "", nil, fmt.Errorf("%s %s: %w", args.TypeToken, args.Name, err)
	}
	m.ids[args.TypeToken[strings.LastIndex(args.TypeToken, ":")+1:]+" "+args.Name] = id
	return id, outputs, nil
}

func (m *monitor) create(urn string, inputs resource.PropertyMap) (string, resource.PropertyMap, error) {
	sent, err := wire(inputs)
	if err != nil {
		return "", nil, err
	}
	checked, err := m.provider.Check(m.ctx, &pulumirpc.CheckRequest{Urn: urn, News: sent, RandomSeed: seed})
	if err != nil {
		return "", nil, err
	}
	var failures []error
	for _, failure := range checked.GetFailures() {
		failures = append(failures, errors.New(failure.GetReason()))
	}
	if err := errors.Join(failures...); err != nil {
		return "", nil, err
	}
	created, err := m.provider.Create(m.ctx, &pulumirpc.CreateRequest{Urn: urn, Properties: checked.GetInputs()})
	if err != nil {
		return "", nil, err
	}
	outputs, err := unwire(created.GetProperties())
	return created.GetId(), outputs, err
}

// Call answers the functions that the program calls.
func (m *monitor) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if args.Token == "pulumi:pulumi:readStackOutputs" { // a first deployment: no update has left outputs
		return resource.PropertyMap{"outputs": resource.NewProperty(resource.PropertyMap{})}, nil
	}
	sent, err := wire(args.Args)
	if err != nil {
		return nil, err
	}
	answer, err := m.provider.Invoke(m.ctx, &pulumirpc.InvokeRequest{Tok: args.Token, Args: sent})
	if err != nil {
		return nil, err
	}
	for _, failure := range answer.GetFailures() {
		return nil, fmt.Errorf("%s: %s", args.Token, failure.GetReason())
	}
	return unwire(answer.GetReturn())
}

// wire writes properties as the provider gets them, which takes no secrets.
func wire(properties resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(properties, plugin.MarshalOptions{SkipNulls: true})
}

func unwire(properties *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(properties, plugin.MarshalOptions{SkipNulls: true})
}
