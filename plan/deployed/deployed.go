// Package deployed puts what the program declares into the embedded Azure without an engine: the whole program runs, and each
// resource goes through the embedded provider into ARM as soon as what it waits for is there. Policy cases, tests and benchmarks
// take a deployed stack from here, so that stacks and infra are its only description.
//
//	deployed.go  Stack: settings, deployed
//	monitor.go   what answers the program in place of the engine
//	settings.go  the settings of a file
package deployed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/provider"
	"enterprise-openai/internal/clock"
	"enterprise-openai/stacks"
)

// Project is the name of the Pulumi project.
const Project = "enterprise-openai"

// Options are what is deployed, and where to.
type Options struct {
	// Stack is the name of the stack, a part of every physical name.
	Stack string
	// Settings are the environment's. They are validated as those of a file, unless Unvalidated.
	Settings stacks.Settings
	// Unvalidated leaves the validation out: settings of a test need not make sense together.
	Unvalidated bool
	// TenantID is the tenant of the subscription; the embedded Azure's own when empty.
	TenantID string
}

// Stack is a deployed stack.
type Stack struct {
	Options
	ids    map[string]string
	server *arm.Server
	state  func() ([]byte, error)
}

// known are the last stacks that were deployed, by their options, the newest last.
var known struct {
	sync.Mutex
	stacks map[string]*Stack
	keys   []string
}

// maxCached is how many stacks are cached: each is a few megabytes.
const maxCached = 16

// New deploys a stack. What was deployed a short while ago is not deployed again.
func New(ctx context.Context, o Options) (*Stack, error) {
	if o.TenantID == "" {
		o.TenantID = azure.TenantID
	}
	key, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("settings of %s: %w", o.Stack, err)
	}
	known.Lock()
	defer known.Unlock()
	if s, ok := known.stacks[string(key)]; ok {
		return s, nil
	}
	s, err := deploy(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("deployment of %s: %w", o.Stack, err)
	}
	if known.stacks == nil {
		known.stacks = map[string]*Stack{}
	}
	if len(known.keys) == maxCached {
		delete(known.stacks, known.keys[0])
		known.keys = known.keys[1:]
	}
	known.stacks[string(key)] = s
	known.keys = append(known.keys, string(key))
	return s, nil
}

// ID is the ARM id of a resource by the last part of its type and its name in the program: Account, account-sweden. It is empty
// for what is not deployed.
func (s *Stack) ID(kind, name string) string { return s.ids[kind+" "+name] }

// Azure is the resource manager with the stack in it. It is shared: do not change what is in it.
func (s *Stack) Azure() *arm.Server { return s.server }

// Open is a resource manager with the stack in it, for the caller alone. Its options may be changed first.
func (s *Stack) Open(change ...func(*arm.Options)) (*arm.Server, error) {
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	options := s.arm()
	for _, c := range change {
		c(&options)
	}
	server := arm.New(options)
	return server, server.Load(bytes.NewReader(state))
}

// arm are the options of a resource manager on which every operation is over at once. Its quotas are without end: whether a
// subscription bears the settings is for the engine's runs to find.
func (s *Stack) arm() arm.Options {
	return arm.Options{
		SubscriptionID: azure.SubscriptionID, TenantID: s.TenantID, Seed: []byte(s.Stack),
		Quota: func(string, string, string) (float64, bool) { return 0, false },
	}
}

func deploy(ctx context.Context, o Options) (*Stack, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	types, err := provider.PublishedTypes()
	if err != nil {
		return nil, err
	}
	s := &Stack{Options: o, ids: map[string]string{}}
	options := s.arm()
	options.Now = clock.NewFake(clock.Epoch).Now // two deployments are the same to the second
	s.server = arm.New(options)
	s.state = sync.OnceValues(func() ([]byte, error) {
		var state bytes.Buffer
		err := s.server.Save(&state)
		return state.Bytes(), err
	})
	azureNative, err := provider.New(ctx, provider.Options{
		ARM: s.server.Transport(), Types: types, SubscriptionID: azure.SubscriptionID, TenantID: o.TenantID,
		ClientID: azure.ClientID, ObjectID: azure.ObjectID,
	})
	if err != nil {
		return nil, err
	}
	program := stacks.DeploySettings
	if o.Unvalidated {
		program = stacks.DeployUnvalidated
	}
	err = pulumi.RunErr(func(pctx *pulumi.Context) error { return program(pctx, o.Settings) },
		pulumi.WithMocks(Project, o.Stack, &monitor{ctx: ctx, stack: o.Stack, provider: azureNative, ids: s.ids}))
	return s, err
}
