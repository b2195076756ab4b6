package provider

import (
	"context"
	"os"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyTheSDKsOwnVersionFindsThisProvider(t *testing.T) {
	for name, c := range map[string]struct {
		config props
		want   string
	}{
		"the SDK's":                 {props{"version": Version}, ""},
		"with settings":             {props{"version": Version, "location": "swedencentral"}, ""},
		"none, as in a raw Invoke":  {props{}, "pass pulumi.Version(\"" + Version + "\")"},
		"the next major version":    {props{"version": "3.15.0"}, "found in the workspace at version v3.15.0"},
		"a neighbour of this minor": {props{"version": "2.89.1"}, "found in the workspace at version v2.89.1"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := newFixture(t).CheckConfig(context.Background(), &pulumirpc.CheckRequest{
				Urn: urnOf("pulumi:providers:azure-native", "default"), News: wire(t, c.config),
			})
			require.NoError(t, err)
			if c.want == "" {
				assert.Empty(t, r.GetFailures())
				assert.Equal(t, c.config, unwire(t, r.GetInputs()))
				return
			}
			require.Len(t, r.GetFailures(), 1)
			assert.Equal(t, "version", r.GetFailures()[0].GetProperty())
			assert.Contains(t, r.GetFailures()[0].GetReason(), c.want)
		})
	}
}

// What is imitated is the plugin that go.mod makes the engine look for.
func TestTheImitatedVersionIsThatOfGoMod(t *testing.T) {
	text, err := os.ReadFile("../../../go.mod")
	require.NoError(t, err)
	assert.Contains(t, string(text), "github.com/pulumi/pulumi-azure-native-sdk/resources/v2 v"+Version+"\n")
}
