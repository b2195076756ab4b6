package infra

import (
	"fmt"

	resources "github.com/pulumi/pulumi-azure-native-sdk/resources/v2/v20240301"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ResourceGroup is the group that everything of an environment lives in.
type ResourceGroup struct {
	pulumi.ResourceState

	Name pulumi.StringOutput
}

// ResourceGroupArgs is what a resource group needs to know.
type ResourceGroupArgs struct {
	Location string
	Names    Names
	Tags     map[string]string
}

// NewResourceGroup declares the resource group.
func NewResourceGroup(ctx *pulumi.Context, name string, args *ResourceGroupArgs, opts ...pulumi.ResourceOption) (*ResourceGroup, error) {
	g := &ResourceGroup{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:ResourceGroup", name, g, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(g)

	group, err := resources.NewResourceGroup(ctx, name, &resources.ResourceGroupArgs{
		ResourceGroupName: pulumi.String(args.Names.ResourceGroup()),
		Location:          pulumi.String(args.Location),
		Tags:              pulumi.ToStringMap(args.Tags),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("resource group: %w", err)
	}

	g.Name = group.Name
	return g, ctx.RegisterResourceOutputs(g, pulumi.Map{"name": g.Name})
}
