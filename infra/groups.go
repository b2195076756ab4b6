package infra

import (
	"fmt"
	"strings"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Groups are the Entra groups as the gateway knows them. They steer what people see in the developer portal; that a caller
// belongs to a product's group is checked by policy, at every call that carries a token.
type Groups struct {
	pulumi.ResourceState

	// IDs are the gateway's ids of the groups by name in lower case.
	IDs map[string]pulumi.StringOutput
}

// GroupPlan is one Entra group.
type GroupPlan struct {
	Name, ObjectID string
}

// GroupsArgs is what groups need to know.
type GroupsArgs struct {
	Service  Service
	TenantID string
	Groups   []GroupPlan
}

// NewGroups declares each Entra group once.
func NewGroups(ctx *pulumi.Context, name string, args *GroupsArgs, opts ...pulumi.ResourceOption) (*Groups, error) {
	g := &Groups{IDs: map[string]pulumi.StringOutput{}}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Groups", name, g, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(g)

	for _, plan := range args.Groups {
		group, err := apim.NewGroup(ctx, name+"-"+plan.Name, &apim.GroupArgs{
			GroupId:           pulumi.String(plan.Name),
			ServiceName:       args.Service.Name,
			ResourceGroupName: args.Service.ResourceGroup,
			DisplayName:       pulumi.String(plan.Name),
			Type:              apim.GroupTypeExternal,
			ExternalId:        pulumi.String(fmt.Sprintf("aad://%s/groups/%s", args.TenantID, plan.ObjectID)),
		}, args.Service.below(child)...)
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", plan.Name, err)
		}
		g.IDs[strings.ToLower(plan.Name)] = group.Name
	}
	return g, ctx.RegisterResourceOutputs(g, pulumi.Map{})
}
