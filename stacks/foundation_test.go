package stacks

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/infra"
)

var (
	deployer = target{SubscriptionID: "sub-1", TenantID: "tenant"}
	devNames = infra.Names{Prefix: "aoai", Stack: "dev", Suffix: "abc123"}
)

// remembered is a foundation as it comes back from the engine's state.
func remembered(t *testing.T, changes ...func(*Settings)) foundation {
	t.Helper()
	f := foundationOf(devSettings(changes...), devNames, deployer)
	back := readFoundation(stored(t, f))
	require.Equal(t, f, back)
	return back
}

// stored is the stack output of a foundation as the engine keeps it.
func stored(t *testing.T, f foundation) map[string]any {
	t.Helper()
	text, err := json.Marshal(f.output())
	require.NoError(t, err)
	var output map[string]any
	require.NoError(t, json.Unmarshal(text, &output))
	return output
}

// standing is the monitor of a stack that an update has left outputs in. It writes down what is declared.
type standing struct {
	outputs  map[string]any
	declared []string
}

func (s *standing) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	s.declared = append(s.declared, args.Name)
	return args.Name, args.Inputs, nil
}

func (s *standing) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if args.Token == "pulumi:pulumi:readStackOutputs" {
		return resource.NewPropertyMapFromMap(map[string]any{"outputs": s.outputs}), nil
	}
	return resource.NewPropertyMapFromMap(map[string]any{"subscriptionId": deployer.SubscriptionID, "tenantId": deployer.TenantID}), nil
}

// The comparison alone refuses nothing: the program has to ask for it, of what the last update left, and before it declares.
func TestAnUpdateThatItsFoundationDoesNotBearDeclaresNothing(t *testing.T) {
	moved := devSettings(func(s *Settings) { s.Location = "westeurope" })
	monitor := &standing{outputs: map[string]any{
		FoundationOutput: stored(t, foundationOf(moved, moved.Names(deployer.SubscriptionID, project, "dev"), deployer)),
	}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error { return DeploySettings(ctx, devSettings()) }, pulumi.WithMocks(project, "dev", monitor))
	require.ErrorContains(t, err, "location: is westeurope since this environment was deployed, and cannot become swedencentral")
	assert.Empty(t, monitor.declared)
}

func TestWhatAzureCannotChangeIsRefusedBeforeAnythingIsTouched(t *testing.T) {
	elsewhere := netip.MustParsePrefix("10.20.2.0/26")
	for path, change := range map[string]func(*Settings){
		"location":               func(s *Settings) { s.Location = "westeurope" },
		"network.gatewaySubnet":  func(s *Settings) { s.Network.GatewaySubnet = elsewhere },
		"network.endpointSubnet": func(s *Settings) { s.Network.EndpointSubnet = elsewhere },
		"gateway.zones":          func(s *Settings) { s.Gateway.Zones = []string{"1", "2"} },
		"gateway.sku":            func(s *Settings) { s.Gateway.SKU = "StandardV2" },
		"accounts[1].location":   func(s *Settings) { s.Accounts[1].Location = "westeurope" },
	} {
		s := devSettings(change)
		problems := Problems(foundationOf(s, devNames, deployer).check(remembered(t), s, nil))
		require.Len(t, problems, 1, path)
		assert.Equal(t, path, problems[0].Path)
		assert.Contains(t, problems[0].Message, "since this environment was deployed")
		assert.NotEmpty(t, problems[0].Hint, path)
	}
}

func TestAnotherNameOrSubscriptionIsRefusedBecauseItWouldReplaceEverything(t *testing.T) {
	s := devSettings()
	renamed := infra.Names{Prefix: "other", Stack: "dev", Suffix: "xyz789"}
	var paths []string
	for _, p := range Problems(foundationOf(s, renamed, target{SubscriptionID: "sub-2"}).check(remembered(t), s, nil)) {
		paths = append(paths, p.Path)
	}
	assert.Equal(t, []string{"naming.prefix", "naming.suffix", "subscription"}, paths)
}

func TestARefusalSaysWhatWasAndWhatToDoInstead(t *testing.T) {
	s := devSettings(func(s *Settings) { s.Accounts[0].Location = "westeurope" })
	assert.EqualError(t, foundationOf(s, devNames, deployer).check(remembered(t), s, nil),
		"accounts[0].location: is swedencentral since this environment was deployed, and cannot become westeurope; "+
			"Azure does not move accounts: add one under another name, and remove this one in a later update")
}

func TestWhatCanChangeIsNotRefused(t *testing.T) {
	for name, change := range map[string]func(*Settings){
		"an account more": func(s *Settings) {
			s.Accounts = append(s.Accounts, Account{Name: "germany", Location: "germanywestcentral"})
		},
		"an account less":       func(s *Settings) { s.Accounts = s.Accounts[:1] },
		"accounts in new order": func(s *Settings) { s.Accounts[0], s.Accounts[1] = s.Accounts[1], s.Accounts[0] },
		"Premium":               func(s *Settings) { s.Gateway.SKU = SKUPremium },
		"internal":              func(s *Settings) { s.Gateway.Mode = ModeInternal },
		"a larger network":      func(s *Settings) { s.Network.AddressSpace = netip.MustParsePrefix("10.20.0.0/16") },
		"a product less":        func(s *Settings) { s.Products = s.Products[:1] },
	} {
		s := devSettings(change)
		require.NoError(t, foundationOf(s, devNames, deployer).check(remembered(t), s, nil), name)
	}
	s := devSettings()
	require.NoError(t, foundationOf(s, devNames, deployer).check(readFoundation(nil), s, nil), "nothing was deployed")
}

func TestWhatIsSlowOrLeavesAShellIsSaidBeforehand(t *testing.T) {
	standing := remembered(t)
	assert.Empty(t, foundationOf(devSettings(), devNames, deployer).warnings(standing, devNames))

	s := devSettings(func(s *Settings) { s.Gateway.Mode = ModeInternal; s.Products = s.Products[:1] })
	warnings := foundationOf(s, devNames, deployer).warnings(standing, devNames)
	require.Len(t, warnings, 2)
	assert.Contains(t, warnings[0], "gateway.mode changes from external to internal: Azure takes 15 to 45 minutes")
	assert.Contains(t, warnings[1], "product confidential leaves")
	assert.Contains(t, warnings[1], "az apim product delete --resource-group aoai-dev-rg-abc123 --service-name aoai-dev-apim-abc123 "+
		"--product-id confidential --delete-subscriptions true")
}

func TestAShellIsRememberedUntilItsProductIsBack(t *testing.T) {
	without := func(s *Settings) { s.Products = s.Products[:1] }
	removed := foundationOf(devSettings(without), devNames, deployer).after(remembered(t))
	assert.Equal(t, []string{"confidential"}, removed.Shells)
	assert.Equal(t, []string{"confidential"}, foundationOf(devSettings(without), devNames, deployer).after(removed).Shells)

	back := foundationOf(devSettings(), devNames, deployer)
	require.Len(t, back.warnings(removed, devNames), 1)
	assert.Contains(t, back.warnings(removed, devNames)[0], "cannot create already existing resource")
	assert.Empty(t, back.after(removed).Shells)
}
