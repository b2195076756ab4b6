package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	resources "github.com/pulumi/pulumi-azure-native-sdk/resources/v2/v20240301"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/provider"
	"enterprise-openai/rehearsal/engine"
)

func group(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (*resources.ResourceGroup, error) {
	return resources.NewResourceGroup(ctx, name, &resources.ResourceGroupArgs{
		ResourceGroupName: pulumi.String("rg-" + name), Location: pulumi.String("westeurope"),
	}, opts...)
}

// anything registers a resource without the SDK's types, as a program with a mistake would.
func anything(ctx *pulumi.Context, token, name string, inputs pulumi.Map) error {
	var r pulumi.CustomResourceState
	return ctx.RegisterResource(token, name, inputs, &r, pulumi.Version(provider.Version))
}

// setup is a project, a CLI and a provider over the smallest ARM.
func setup(t *testing.T) (*store, engine.Options) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	cli, err := engine.EnsureCLI(ctx, "../..", os.Stderr)
	require.NoError(t, err)
	types, err := provider.PublishedTypes()
	require.NoError(t, err)
	arm := newStore()
	server, err := provider.Serve(ctx, provider.Options{ARM: arm, Types: types, SubscriptionID: "11111111-2222-3333-4444-555555555555"})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: trial\nruntime: go\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte("config:\n  trial:greeting: hello\n"), 0o600))
	return arm, engine.Options{ProjectDir: dir, Stack: "dev", WorkDir: t.TempDir(), ProviderPort: server.Port, CLI: cli}
}

func open(t *testing.T, o engine.Options) *engine.Stack {
	t.Helper()
	s, err := engine.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func TestTheCheckoutIsNotWrittenTo(t *testing.T) {
	_, o := setup(t)
	greeting := ""
	o.Program = func(ctx *pulumi.Context) error {
		greeting, _ = ctx.GetConfig("trial:greeting")
		ctx.Export("hidden", pulumi.ToSecret(pulumi.String("a secret")))
		_, err := group(ctx, "one")
		return err
	}
	before := read(t, filepath.Join(o.ProjectDir, "Pulumi.dev.yaml"))
	s := open(t, o)
	result, err := s.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "hello", greeting)
	assert.Equal(t, auto.OutputValue{Value: "a secret", Secret: true}, result.Outputs["hidden"])
	assert.Equal(t, before, read(t, filepath.Join(o.ProjectDir, "Pulumi.dev.yaml")))
	entries, err := os.ReadDir(o.ProjectDir)
	require.NoError(t, err)
	assert.Len(t, entries, 2)
	assert.Contains(t, read(t, filepath.Join(o.WorkDir, "project", "Pulumi.dev.yaml")), "encryptionsalt")
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func TestAFailureNamesTheResourceAndGivesTheProvidersReason(t *testing.T) {
	for name, c := range map[string]struct {
		program pulumi.RunFunc
		want    string
	}{
		"a misspelt property, at preview": {
			func(ctx *pulumi.Context) error {
				return anything(ctx, "azure-native:resources/v20240301:ResourceGroup", "group", pulumi.Map{
					"resourceGroupName": pulumi.String("rg"), "locaton": pulumi.String("westeurope"), "location": pulumi.String("l"),
				})
			},
			"preview: group (azure-native:resources/v20240301:ResourceGroup): azure-native:resources/v20240301:ResourceGroup group: " +
				"'locaton' is not a property of this type, the provider would drop it without a word; did you mean \"location\"?",
		},
		"a missing property": {
			func(ctx *pulumi.Context) error {
				return anything(ctx, "azure-native:apimanagement/v20240601preview:Group", "readers", pulumi.Map{
					"resourceGroupName": pulumi.String("rg"), "displayName": pulumi.String("d"),
				})
			},
			"preview: readers (azure-native:apimanagement/v20240601preview:Group): missing required property 'serviceName'",
		},
		"the program's own error": {
			func(*pulumi.Context) error { return errors.New("network: endpoint subnet: too small") },
			"preview: network: endpoint subnet: too small",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, o := setup(t)
			o.Program = c.program
			_, err := open(t, o).Preview(t.Context())
			var failure *engine.Failure
			require.ErrorAs(t, err, &failure)
			assert.EqualError(t, err, c.want)
		})
	}
}

func TestARefusalOfARMIsReportedWithItsCodeAndMessage(t *testing.T) {
	arm, o := setup(t)
	arm.refuse = "rg-two"
	o.Program = func(ctx *pulumi.Context) error {
		_, err1 := group(ctx, "one")
		_, err2 := group(ctx, "two")
		return errors.Join(err1, err2)
	}
	s := open(t, o)
	result, err := s.Up(t.Context())
	assert.EqualError(t, err, `up: two (azure-native:resources/v20240301:ResourceGroup): Status=409 Code="Conflict" Message="not now"`)
	assert.Equal(t, 1, result.Created)

	arm.refuse = ""
	result, err = s.Up(t.Context())
	require.NoError(t, err, "what was made is in the state, the rest is made now")
	assert.Equal(t, 1, result.Created)
	assert.Equal(t, 1, result.Same)
	result, err = s.Destroy(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, result.Deleted)
}

func TestAnInterruptedUpLeavesNoLock(t *testing.T) {
	_, o := setup(t)
	ctx, interrupt := context.WithCancel(t.Context())
	hold := true
	o.Program = func(pctx *pulumi.Context) error {
		if hold {
			interrupt()
			<-ctx.Done()
		}
		_, err := group(pctx, "one")
		return err
	}
	s, err := engine.Open(t.Context(), o)
	require.NoError(t, err)
	_, err = s.Up(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = engine.Open(t.Context(), o)
	require.ErrorIs(t, err, engine.ErrInUse, "as long as the first is open")
	require.NoError(t, s.Close())

	// A killed engine leaves a lock behind.
	locks := filepath.Join(o.WorkDir, "state", ".pulumi", "locks", "organization", "trial", "dev")
	require.NoError(t, os.MkdirAll(locks, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(locks, "stale.json"), []byte("{}"), 0o600))
	hold = false
	result, err := open(t, o).Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, result.Created)
}

func TestAReplacementIsCountedOnce(t *testing.T) {
	_, o := setup(t)
	location := "westeurope"
	o.Program = func(ctx *pulumi.Context) error {
		_, err := resources.NewResourceGroup(ctx, "g", &resources.ResourceGroupArgs{
			ResourceGroupName: pulumi.String("rg"), Location: pulumi.String(location),
		})
		return err
	}
	s := open(t, o)
	_, err := s.Up(t.Context())
	require.NoError(t, err)
	location = "northeurope"
	result, err := s.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, result.Replaced)
	assert.Equal(t, 1, result.Changed())
}

func TestMissingOptionsAreReportedTogether(t *testing.T) {
	_, err := engine.Open(t.Context(), engine.Options{})
	for _, want := range []string{"ProjectDir", "Stack", "WorkDir", "Program", "ProviderPort", "CLI"} {
		assert.ErrorContains(t, err, want)
	}
}
