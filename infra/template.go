package infra

import (
	resources "github.com/pulumi/pulumi-azure-native-sdk/resources/v2/v20240301"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// API versions of what goes through a template; the typed resources beside it have the same.
const (
	gatewayVersion   = "2024-06-01-preview"
	workspaceVersion = "2023-09-01"
)

// Types of what goes through a template.
const (
	gatewayType   = "Microsoft.ApiManagement/service/"
	workspaceType = "Microsoft.OperationalInsights/workspaces/"
)

// templateResource is one resource of an ARM template.
type templateResource struct {
	kind       string // below Microsoft.ApiManagement/service, unless it is a workspace's
	workspace  bool
	name       pulumi.StringInput
	properties pulumi.Map
	dependsOn  pulumi.Array
}

// What becomes of a resource that leaves a stack's list.
const (
	deleted  = "delete"
	detached = "detach"
)

// deploymentStack declares resources that this provider cannot express, as one ARM deployment stack: a resource that leaves
// the list is deleted or let go of by the next update. When the stack itself is deleted Azure only lets go of its resources; they are
// all inside the service or the workspace and go with it. The template is a map, not text, so that a preview shows it line by line.
func deploymentStack(
	ctx *pulumi.Context, name, physicalName string, site Site, list []templateResource, left string, options ...pulumi.ResourceOption,
) (pulumi.Resource, error) {
	declared := pulumi.Array{}
	for _, r := range list {
		entry := pulumi.Map{
			"type":       pulumi.String(gatewayType + r.kind),
			"apiVersion": pulumi.String(gatewayVersion),
			"name":       r.name,
			"properties": r.properties,
		}
		if r.workspace {
			entry["type"], entry["apiVersion"] = pulumi.String(workspaceType+r.kind), pulumi.String(workspaceVersion)
		}
		if len(r.dependsOn) > 0 {
			entry["dependsOn"] = r.dependsOn
		}
		declared = append(declared, entry)
	}
	return resources.NewDeploymentStackAtResourceGroup(ctx, name, &resources.DeploymentStackAtResourceGroupArgs{
		DeploymentStackName: pulumi.String(physicalName),
		ResourceGroupName:   site.ResourceGroup,
		Location:            pulumi.String(site.Location),
		Tags:                site.tags(),
		ActionOnUnmanage:    resources.ActionOnUnmanageArgs{Resources: pulumi.String(left)},
		DenySettings:        resources.DenySettingsArgs{Mode: pulumi.String("none")},
		Template: pulumi.Map{
			"$schema":        pulumi.String("https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"),
			"contentVersion": pulumi.String("1.0.0.0"),
			"resources":      declared,
		},
	}, options...)
}
