package infra

import (
	"fmt"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Team is who uses products: a subscription, and so a key, on each.
type Team struct {
	pulumi.ResourceState

	// Keys are the primary keys by product, secrets.
	Keys pulumi.StringMap
}

// TeamPlan is who a team is.
type TeamPlan struct {
	Name, Title string
	// Products are names of products.
	Products []string
}

// TeamArgs is what a team needs to know.
type TeamArgs struct {
	Service Service
	Plan    TeamPlan
	// ProductIDs are the products' ARM ids by name.
	ProductIDs map[string]pulumi.StringOutput
}

// SubscriptionID is the gateway's id of a team's subscription on a product; logs and limits know the team by it.
func SubscriptionID(team, product string) string { return team + "-" + product }

// NewTeam declares the team's subscriptions and reads their keys, which no GET of a subscription returns.
func NewTeam(ctx *pulumi.Context, name string, args *TeamArgs, opts ...pulumi.ResourceOption) (*Team, error) {
	t := &Team{Keys: pulumi.StringMap{}}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Team", name, t, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(t)
	service := args.Service

	for _, product := range args.Plan.Products {
		subscription, err := apim.NewSubscription(ctx, name+"-"+product, &apim.SubscriptionArgs{
			Sid:               pulumi.String(SubscriptionID(args.Plan.Name, product)),
			ServiceName:       service.Name,
			ResourceGroupName: service.ResourceGroup,
			DisplayName:       pulumi.String(args.Plan.Title),
			Scope:             args.ProductIDs[product],
			State:             apim.SubscriptionStateEnumActive, // left out, ARM answers "submitted" and the key does not work
			AllowTracing:      pulumi.Bool(false),
		}, service.below(child)...)
		if err != nil {
			return nil, fmt.Errorf("subscription on %s: %w", product, err)
		}
		secrets := apim.ListSubscriptionSecretsOutput(ctx, apim.ListSubscriptionSecretsOutputArgs{
			ResourceGroupName: service.ResourceGroup,
			ServiceName:       service.Name,
			Sid:               subscription.Name,
		}, child)
		// The provider returns keys as plain text; marked here they never reach the state unencrypted.
		t.Keys[product] = pulumi.ToSecret(secrets.PrimaryKey().Elem()).(pulumi.StringOutput)
	}
	return t, ctx.RegisterResourceOutputs(t, pulumi.Map{})
}
