package infra

import (
	"fmt"
	"strings"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Groups are the Entra groups as the gateway knows them, and the application with which people sign in to the developer portal. They
// steer what people see there; that a caller belongs to a product's group is checked by policy, at every call that carries a token,
// and takes none of this.
type Groups struct {
	pulumi.ResourceState

	// IDs are the gateway's ids of the groups by name in lower case.
	IDs map[string]pulumi.StringOutput
}

// GroupPlan is one Entra group.
type GroupPlan struct {
	Name, ObjectID string
}

// SignInPlan is the developer portal's application.
type SignInPlan struct {
	ClientID       string
	AllowedTenants []string
	// Secret is the application's, marked as a secret.
	Secret pulumi.StringInput
}

// GroupsArgs is what groups need to know.
type GroupsArgs struct {
	Service  Service
	TenantID string
	SignIn   SignInPlan
	Groups   []GroupPlan
}

// entraProvider is what API Management calls Entra ID.
const entraProvider = "aad"

// NewGroups declares the sign-in, and then each Entra group once: API Management looks a group up in the directory when it is
// written, with the application of the sign-in, and without one the write fails with "Failed to query Azure Active Directory graph".
func NewGroups(ctx *pulumi.Context, name string, args *GroupsArgs, opts ...pulumi.ResourceOption) (*Groups, error) {
	g := &Groups{IDs: map[string]pulumi.StringOutput{}}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Groups", name, g, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(g)

	signIn, err := apim.NewIdentityProvider(ctx, name+"-sign-in", &apim.IdentityProviderArgs{
		IdentityProviderName: pulumi.String(entraProvider),
		ServiceName:          args.Service.Name,
		ResourceGroupName:    args.Service.ResourceGroup,
		Type:                 pulumi.String(entraProvider),
		ClientId:             pulumi.String(args.SignIn.ClientID),
		ClientSecret:         args.SignIn.Secret,
		AllowedTenants:       pulumi.ToStringArray(args.SignIn.AllowedTenants),
		SigninTenant:         pulumi.String(args.SignIn.AllowedTenants[0]),
		// Left out, the retired ADAL is used (Microsoft Learn: api-management/api-management-howto-aad).
		ClientLibrary: pulumi.String("MSAL-2"),
	}, args.Service.below(child)...)
	if err != nil {
		return nil, fmt.Errorf("sign-in: %w", err)
	}
	for _, plan := range args.Groups {
		group, err := apim.NewGroup(ctx, name+"-"+plan.Name, &apim.GroupArgs{
			GroupId:           pulumi.String(plan.Name),
			ServiceName:       args.Service.Name,
			ResourceGroupName: args.Service.ResourceGroup,
			DisplayName:       pulumi.String(plan.Name),
			Type:              apim.GroupTypeExternal,
			ExternalId:        pulumi.String(fmt.Sprintf("aad://%s/groups/%s", args.TenantID, plan.ObjectID)),
		}, args.Service.below(child, after(Done{signIn}))...)
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", plan.Name, err)
		}
		g.IDs[strings.ToLower(plan.Name)] = group.Name
	}
	return g, ctx.RegisterResourceOutputs(g, pulumi.Map{})
}
