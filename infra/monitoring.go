package infra

import (
	"fmt"

	insights "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20200202"
	operationalinsights "github.com/pulumi/pulumi-azure-native-sdk/operationalinsights/v2/v20230901"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Monitoring is where logs and metrics go.
type Monitoring struct {
	pulumi.ResourceState

	// WorkspaceID is the ARM id of the Log Analytics workspace.
	WorkspaceID pulumi.StringOutput
	// WorkspaceName is its name; empty for a shared one, whose owner decides what is in it.
	WorkspaceName pulumi.StringOutput
	// ComponentID is the ARM id of the Application Insights component.
	ComponentID pulumi.StringOutput
	// ConnectionString is the component's, a secret.
	ConnectionString pulumi.StringOutput
}

// MonitoringArgs is what monitoring needs to know.
type MonitoringArgs struct {
	Site Site
	// SharedWorkspaceID is the ARM id of a workspace to use instead of one of its own.
	SharedWorkspaceID string
	// RetentionDays is how long the workspace keeps rows.
	RetentionDays int
	// DailyCapGB is the most the workspace takes in a day, in gigabytes; 0 is no cap.
	DailyCapGB float64
}

// NewMonitoring declares the workspace and the Application Insights component that writes into it.
func NewMonitoring(ctx *pulumi.Context, name string, args *MonitoringArgs, opts ...pulumi.ResourceOption) (*Monitoring, error) {
	m := &Monitoring{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Monitoring", name, m, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(m)
	site := args.Site

	m.WorkspaceID, m.WorkspaceName = pulumi.String(args.SharedWorkspaceID).ToStringOutput(), pulumi.String("").ToStringOutput()
	if args.SharedWorkspaceID == "" {
		workspace, err := operationalinsights.NewWorkspace(ctx, name, &operationalinsights.WorkspaceArgs{
			WorkspaceName:     pulumi.String(site.Names.Workspace()),
			ResourceGroupName: site.ResourceGroup,
			Location:          pulumi.String(site.Location),
			Tags:              site.tags(),
			Sku:               operationalinsights.WorkspaceSkuArgs{Name: pulumi.String("PerGB2018")},
			RetentionInDays:   pulumi.Int(args.RetentionDays),
			WorkspaceCapping:  dailyCap(args.DailyCapGB),
		}, child)
		if err != nil {
			return nil, fmt.Errorf("workspace: %w", err)
		}
		m.WorkspaceID, m.WorkspaceName = workspace.ID().ToStringOutput(), workspace.Name
	}

	component, err := insights.NewComponent(ctx, name, &insights.ComponentArgs{
		ResourceName:        pulumi.String(site.Names.Component()),
		ResourceGroupName:   site.ResourceGroup,
		Location:            pulumi.String(site.Location),
		Tags:                site.tags(),
		Kind:                pulumi.String("web"),
		ApplicationType:     pulumi.String("web"),
		IngestionMode:       pulumi.String("LogAnalytics"),
		WorkspaceResourceId: m.WorkspaceID,
	}, child, pulumi.AdditionalSecretOutputs([]string{"connectionString", "instrumentationKey"}))
	if err != nil {
		return nil, fmt.Errorf("application insights: %w", err)
	}

	m.ComponentID = component.ID().ToStringOutput()
	m.ConnectionString = pulumi.ToSecret(component.ConnectionString).(pulumi.StringOutput)
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{"workspaceId": m.WorkspaceID})
}

// dailyCap is the workspace's cap; Azure spells "no cap" as -1.
func dailyCap(gigabytes float64) operationalinsights.WorkspaceCappingArgs {
	if gigabytes == 0 {
		gigabytes = -1
	}
	return operationalinsights.WorkspaceCappingArgs{DailyQuotaGb: pulumi.Float64(gigabytes)}
}
