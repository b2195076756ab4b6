package change_test

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"

	"enterprise-openai/plan"
	"enterprise-openai/plan/change"
)

// house is a component.
type house struct{ pulumi.ResourceState }

// declared is a plan of a network in a component, and of a security group beside it that uses its name.
func declared(t *testing.T, kind, name string, options ...pulumi.ResourceOption) []plan.Resource {
	t.Helper()
	program := func(ctx *pulumi.Context) error {
		component := &house{}
		if err := ctx.RegisterComponentResource(kind, name, component, options...); err != nil {
			return err
		}
		inner, err := network.NewVirtualNetwork(ctx, name+"-net", &network.VirtualNetworkArgs{
			ResourceGroupName: pulumi.String("g"), VirtualNetworkName: pulumi.String("n"),
		}, pulumi.Parent(component))
		if err != nil {
			return err
		}
		_, err = network.NewNetworkSecurityGroup(ctx, "beside", &network.NetworkSecurityGroupArgs{
			ResourceGroupName: pulumi.String("g"), Tags: pulumi.StringMap{"of": inner.Name},
		})
		return err
	}
	p, err := plan.Of(context.Background(), "../..", "dev", plan.Update, program)
	require.NoError(t, err)
	return p.Resources
}

func TestAResourceUnderAnAliasIsNoChange(t *testing.T) {
	before := declared(t, "p:a:House", "old")
	for name, alias := range map[string]pulumi.Alias{
		"a name": {Name: pulumi.String("old")}, "a URN": {URN: pulumi.URN("urn:pulumi:dev::enterprise-openai::p:a:House::old")},
	} {
		after := declared(t, "p:a:House", "new", pulumi.Aliases([]pulumi.Alias{alias}))
		assert.Empty(t, change.Between(change.Align(before, after), after), name)
	}
	after := declared(t, "p:a:Hut", "old", pulumi.Aliases([]pulumi.Alias{{Type: pulumi.String("p:a:House")}}))
	assert.Empty(t, change.Between(change.Align(before, after), after), "a type")
}

func TestARenamedResourceWithoutAnAliasIsAnotherOne(t *testing.T) {
	before, after := declared(t, "p:a:House", "old"), declared(t, "p:a:House", "new")
	var kinds []change.Kind
	for _, c := range change.Between(change.Align(before, after), after) {
		kinds = append(kinds, c.Kind)
	}
	assert.Equal(t, []change.Kind{change.Added, change.Changed, change.Removed}, kinds)
}
