package stacks

import (
	"fmt"

	"enterprise-openai/infra"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// declareGroups declares the groups and the portal's sign-in, which they need; neither without a sign-in.
func declareGroups(ctx *pulumi.Context, s Settings, gateway *infra.Gateway, to target) (map[string]pulumi.StringOutput, error) {
	if s.Gateway.Portal.SignIn == nil {
		return nil, nil
	}
	groups, err := infra.NewGroups(ctx, "groups", &infra.GroupsArgs{
		Service: gateway.Service, TenantID: s.tenant(to), SignIn: s.signInPlan(to), Groups: s.groupPlans(),
	})
	if err != nil {
		return nil, fmt.Errorf("groups: %w", err)
	}
	return groups.IDs, nil
}

// declareCallers declares groups, products and teams, and returns the keys by team and product.
func declareCallers(ctx *pulumi.Context, s Settings, gateway *infra.Gateway, apis map[string]*infra.API, to target) (pulumi.Map, error) {
	groups, err := declareGroups(ctx, s, gateway, to)
	if err != nil {
		return nil, err
	}

	last := map[string]infra.Done{} // the last write below each API
	products := map[string]pulumi.StringOutput{}
	for _, setting := range s.Products {
		var linked []*infra.LinkedAPI
		for _, id := range s.apiIDs(setting) {
			after := last[id]
			if after == nil {
				after = apis[id].Done
			}
			linked = append(linked, &infra.LinkedAPI{PlanID: id, API: apis[id], After: after})
		}
		product, err := infra.NewProduct(ctx, "product-"+setting.Name, &infra.ProductArgs{
			Service: gateway.Service, Plan: setting.plan(), GroupIDs: groups, APIs: linked,
		})
		if err != nil {
			return nil, fmt.Errorf("product %s: %w", setting.Name, err)
		}
		for id, link := range product.LinksDone {
			last[id] = link
		}
		products[setting.Name] = product.ID
	}

	keys := pulumi.Map{}
	for _, setting := range s.Teams {
		team, err := infra.NewTeam(ctx, "team-"+setting.Name,
			&infra.TeamArgs{Service: gateway.Service, Plan: setting.plan(), ProductIDs: products})
		if err != nil {
			return nil, fmt.Errorf("team %s: %w", setting.Name, err)
		}
		keys[setting.Name] = team.Keys
	}
	return keys, nil
}
