package infra

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Tables are the workspace's own tables, where they keep their rows for another time than the workspace.
type Tables struct {
	pulumi.ResourceState
}

// TablesArgs is what tables need to know.
type TablesArgs struct {
	Site Site
	// WorkspaceName is the name of the workspace, which is our own.
	WorkspaceName pulumi.StringOutput
	// Plans are the tables that differ from the workspace.
	Plans []TablePlan
	// Service takes half an hour to make, by when the workspace is ready: a new one answers "404 ResourceNotFound: Workspace
	// not active" (hashicorp/terraform-provider-azurerm#30069).
	Service Service
}

// TablePlan is how long one table keeps its rows.
type TablePlan struct {
	Name string
	// RetentionDays is how far queries reach back, TotalRetentionDays when rows are deleted. 0 stands for the workspace's, and
	// for the table's own.
	RetentionDays, TotalRetentionDays int
}

// analytics is the plan of tables that can be joined and watched by alerts; Basic, which is cheaper, allows neither
// (Microsoft Learn: azure-monitor/logs/basic-logs-query).
const analytics = "Analytics"

// NewTables declares the retention of tables that Azure made. They go through a template, because this provider creates and
// never adopts: it answers "cannot create already existing resource". A table that leaves the list is let go of as it is;
// Azure refuses to delete it.
func NewTables(ctx *pulumi.Context, name string, args *TablesArgs, opts ...pulumi.ResourceOption) (*Tables, error) {
	t := &Tables{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Tables", name, t, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(t)

	var tables []templateResource
	for _, plan := range args.Plans {
		tables = append(tables, templateResource{
			kind: "tables", workspace: true,
			name: pulumi.Sprintf("%s/%s", args.WorkspaceName, plan.Name),
			properties: pulumi.Map{
				"plan":                 pulumi.String(analytics),
				"retentionInDays":      orInherited(plan.RetentionDays),
				"totalRetentionInDays": orInherited(plan.TotalRetentionDays),
			},
		})
	}
	_, err := deploymentStack(ctx, name, args.Site.Names.DeploymentStack("tables"), args.Site, tables, detached,
		child, after(Done{args.Service.resource}))
	if err != nil {
		return nil, fmt.Errorf("tables: %w", err)
	}

	return t, ctx.RegisterResourceOutputs(t, pulumi.Map{})
}

// orInherited spells "as above" the way Azure does.
func orInherited(days int) pulumi.Int {
	if days == 0 {
		return -1
	}
	return pulumi.Int(days)
}
