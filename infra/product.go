package infra

import (
	"fmt"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Product is what a team can get.
type Product struct {
	pulumi.ResourceState

	// ID is the ARM id of the product.
	ID pulumi.StringOutput
	// LinksDone are the links to the APIs, by the API's plan id; the next product's link to the same API waits for them.
	LinksDone map[string]Done
}

// ProductPlan is what a product is. Its limits are enforced by the policies.
type ProductPlan struct {
	Name, Title, Description string
	// Groups are names of groups in lower case.
	Groups []string
}

// ProductArgs is what a product needs to know.
type ProductArgs struct {
	Service Service
	Plan    ProductPlan
	// GroupIDs are the gateway's ids of groups by name in lower case; nil where it knows none.
	GroupIDs map[string]pulumi.StringOutput
	// APIs are what the product gives access to, by the API's plan id.
	APIs []*LinkedAPI
}

// LinkedAPI is an API and what a link to it has to wait for.
type LinkedAPI struct {
	PlanID string
	API    *API
	// After is the last write below the API: two at once are answered 409 PessimisticConcurrencyConflict.
	After Done
}

// NewProduct declares the product with its groups and its APIs.
func NewProduct(ctx *pulumi.Context, name string, args *ProductArgs, opts ...pulumi.ResourceOption) (*Product, error) {
	p := &Product{LinksDone: map[string]Done{}}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Product", name, p, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(p)
	service, plan := args.Service, args.Plan

	declared := &apim.ProductArgs{
		ProductId:            pulumi.String(plan.Name),
		ServiceName:          service.Name,
		ResourceGroupName:    service.ResourceGroup,
		DisplayName:          pulumi.String(plan.Title),
		State:                apim.ProductStateEnumPublished,
		SubscriptionRequired: pulumi.Bool(true),
		ApprovalRequired:     pulumi.Bool(true),
	}
	if plan.Description != "" { // an empty one is refused: "'description' is too short (0)"
		declared.Description = pulumi.String(plan.Description)
	}
	product, err := apim.NewProduct(ctx, name, declared, service.below(child,
		// A product that leaves the settings loses its keys, groups and APIs, and stays in the service as an empty shell: Azure has
		// made a subscription of its own on it and refuses to delete it, and the provider cannot say deleteSubscriptions=true.
		pulumi.RetainOnDelete(true))...)
	if err != nil {
		return nil, fmt.Errorf("product: %w", err)
	}
	for _, group := range plan.Groups {
		if args.GroupIDs == nil {
			break
		}
		_, err := apim.NewProductGroup(ctx, name+"-"+group, &apim.ProductGroupArgs{
			GroupId:           args.GroupIDs[group],
			ProductId:         product.Name,
			ServiceName:       service.Name,
			ResourceGroupName: service.ResourceGroup,
		}, service.below(child)...)
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", group, err)
		}
	}
	for _, linked := range args.APIs {
		link, err := apim.NewProductApi(ctx, name+"-"+linked.PlanID, &apim.ProductApiArgs{
			ApiId:             linked.API.ID,
			ProductId:         product.Name,
			ServiceName:       service.Name,
			ResourceGroupName: service.ResourceGroup,
		}, service.below(child, after(linked.After))...)
		if err != nil {
			return nil, fmt.Errorf("api %s: %w", linked.PlanID, err)
		}
		p.LinksDone[linked.PlanID] = Done{link}
	}

	p.ID = product.ID().ToStringOutput()
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{"id": p.ID})
}
