package infra

import (
	"fmt"
	"slices"

	cognitive "github.com/pulumi/pulumi-azure-native-sdk/cognitiveservices/v2/v20241001"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ModelAccount is one Azure OpenAI account: private, without keys, with its deployments.
type ModelAccount struct {
	pulumi.ResourceState

	// ID is the ARM id of the account.
	ID pulumi.StringOutput
	// URL is where its operations are served, ending in /openai.
	URL pulumi.StringOutput
	// EndpointDone is the private endpoint, the last of the resources written below the account. Whatever else writes below it
	// waits for this: two writes at once are answered 409 RequestConflict.
	EndpointDone Done
	// Done is the endpoint's entry in the private zone: the account's name leads to its endpoint.
	Done Done
}

// AccountPlan is what an account is.
type AccountPlan struct {
	// Name is short and unique among the accounts.
	Name string
	// Location is an Azure region.
	Location string
	// Deployments are the models it serves.
	Deployments []DeploymentPlan
}

// DeploymentPlan is one model on one account.
type DeploymentPlan struct {
	Name, Model, Version, SKU string
	// Capacity is in thousands of tokens per minute, or in provisioned throughput units.
	Capacity int
	// ContentFilter names a content filter policy of the account.
	ContentFilter string
	// Upgrade is what happens when Azure retires the version, as Azure names it; MovesVersion is true if Azure then replaces it by itself.
	Upgrade      string
	MovesVersion bool
}

// ModelAccountArgs is what an account needs to know.
type ModelAccountArgs struct {
	Site        Site
	Plan        AccountPlan
	SubnetID    pulumi.StringInput
	ZoneID      pulumi.StringInput
	WorkspaceID pulumi.StringInput
	// EndpointAfter is the endpoint that is written before this one, nil for the first.
	EndpointAfter Done
}

// NewModelAccount declares the account, then its deployments one after the other, then its private endpoint: ARM refuses
// two of these at once (409 RequestConflict, AccountProvisioningStateInvalid), and the provider does not try again.
func NewModelAccount(ctx *pulumi.Context, name string, args *ModelAccountArgs, opts ...pulumi.ResourceOption) (*ModelAccount, error) {
	a := &ModelAccount{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:ModelAccount", name, a, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(a)
	site, plan := args.Site, args.Plan

	account, err := cognitive.NewAccount(ctx, name, &cognitive.AccountArgs{
		AccountName:       pulumi.String(site.Names.Account(plan.Name)),
		ResourceGroupName: site.ResourceGroup,
		Location:          pulumi.String(plan.Location),
		Tags:              site.tags(),
		Kind:              pulumi.String("OpenAI"),
		Sku:               cognitive.SkuArgs{Name: pulumi.String("S0")},
		Identity:          cognitive.IdentityArgs{Type: cognitive.ResourceIdentityTypeSystemAssigned},
		Properties: cognitive.AccountPropertiesArgs{
			CustomSubDomainName: pulumi.String(site.Names.Account(plan.Name)),
			PublicNetworkAccess: pulumi.String("Disabled"),
			DisableLocalAuth:    pulumi.Bool(true),
			NetworkAcls:         cognitive.NetworkRuleSetArgs{DefaultAction: pulumi.String("Deny")},
		},
	}, child)
	if err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}

	last, err := chainDeployments(ctx, name, site, plan.Deployments, account, child)
	if err != nil {
		return nil, err
	}
	a.EndpointDone, a.Done, err = privateEndpoint(ctx, name, &endpointArgs{
		Site: site, Part: plan.Name, TargetID: account.ID().ToStringOutput(), Group: accountGroup,
		SubnetID: args.SubnetID, Zone: "openai", ZoneID: args.ZoneID, After: slices.Concat(Done{last}, args.EndpointAfter),
	}, child)
	if err != nil {
		return nil, err
	}
	if err := logAccount(ctx, name, account.ID().ToStringOutput(), args.WorkspaceID, child); err != nil {
		return nil, err
	}

	a.ID = account.ID().ToStringOutput()
	a.URL = pulumi.Sprintf("%sopenai", account.Properties.Endpoint())
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{"id": a.ID, "url": a.URL})
}

// chainDeployments declares each deployment to wait for the one before and returns the last.
func chainDeployments(
	ctx *pulumi.Context, name string, site Site, plans []DeploymentPlan, account *cognitive.Account, child pulumi.ResourceOption,
) (pulumi.Resource, error) {
	var last pulumi.Resource = account
	for _, plan := range plans {
		deployment, err := cognitive.NewDeployment(ctx, name+"-"+plan.Name, &cognitive.DeploymentArgs{
			DeploymentName:    pulumi.String(plan.Name),
			AccountName:       account.Name,
			ResourceGroupName: site.ResourceGroup,
			Sku:               cognitive.SkuArgs{Name: pulumi.String(plan.SKU), Capacity: pulumi.Int(plan.Capacity)},
			Properties: cognitive.DeploymentPropertiesArgs{
				Model: cognitive.DeploymentModelArgs{
					Format:  pulumi.String("OpenAI"),
					Name:    pulumi.String(plan.Model),
					Version: pulumi.String(plan.Version),
				},
				RaiPolicyName:        pulumi.String(plan.ContentFilter),
				VersionUpgradeOption: pulumi.String(plan.Upgrade),
			},
		}, append(deploymentOptions(plan, account, last), child)...)
		if err != nil {
			return nil, fmt.Errorf("deployment %s: %w", plan.Name, err)
		}
		last = deployment
	}
	return last, nil
}

func deploymentOptions(plan DeploymentPlan, account, before pulumi.Resource) []pulumi.ResourceOption {
	options := []pulumi.ResourceOption{
		after(Done{before}),
		pulumi.DeletedWith(account),
		// ARM cannot change these in place, and the provider does not know it [M].
		pulumi.ReplaceOnChanges([]string{"sku.name", "properties.model.name"}),
	}
	if plan.MovesVersion {
		// Azure moves the version; put back, the next update would try to downgrade it.
		options = append(options, pulumi.IgnoreChanges([]string{"properties.model.version"}))
	}
	return options
}
