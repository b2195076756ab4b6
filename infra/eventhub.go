package infra

import (
	"fmt"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	eventhub "github.com/pulumi/pulumi-azure-native-sdk/eventhub/v2/v20240101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// ExportLogger is the gateway's id of the logger that policies send whole prompts and answers to.
	ExportLogger = "eventhub"
	// exportHub is the name of the hub in its namespace.
	exportHub = "prompts-and-answers"
	// exportPartitions cannot be changed later.
	exportPartitions = 4
	// hubGroup is the private link group of an Event Hubs namespace (Microsoft Learn: private-link/private-endpoint-overview).
	hubGroup = "namespace"
	// eventHubsDataSender is the definition of the role Azure Event Hubs Data Sender: sending, not reading
	// (Microsoft Learn: role-based-access-control/built-in-roles/analytics).
	eventHubsDataSender = "2b629674-e913-4c01-ae53-ef4638d8f975"
)

// EventExport is the Event Hub for what exceeds the tables, and the gateway's way to it.
type EventExport struct {
	pulumi.ResourceState

	// Done is the logger; a policy that names it before it exists is refused with ValidationError.
	Done Done
}

// EventExportPlan is what the hub is.
type EventExportPlan struct {
	// RetentionDays is how long the hub keeps events.
	RetentionDays int
	// ThroughputUnits take a megabyte or 1,000 events a second each.
	ThroughputUnits int
}

// EventExportArgs is what the export needs to know.
type EventExportArgs struct {
	Site           Site
	Plan           EventExportPlan
	Service        Service
	SubscriptionID string
	// PrincipalID is the gateway's identity.
	PrincipalID pulumi.StringInput
	SubnetID    pulumi.StringInput
	ZoneID      pulumi.StringInput
	WorkspaceID pulumi.StringInput
	// EndpointAfter is the endpoint that is written before the namespace's.
	EndpointAfter Done
}

// NewEventExport declares a namespace that has no keys and no public address, its hub, the one role on it, and the logger.
func NewEventExport(ctx *pulumi.Context, name string, args *EventExportArgs, opts ...pulumi.ResourceOption) (*EventExport, error) {
	e := &EventExport{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:EventExport", name, e, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(e)
	site := args.Site

	namespace, err := eventhub.NewNamespace(ctx, name, &eventhub.NamespaceArgs{
		NamespaceName:       pulumi.String(site.Names.EventHubs()),
		ResourceGroupName:   site.ResourceGroup,
		Location:            pulumi.String(site.Location),
		Tags:                site.tags(),
		Sku:                 eventhub.SkuArgs{Name: pulumi.String("Standard"), Tier: pulumi.String("Standard"), Capacity: pulumi.Int(args.Plan.ThroughputUnits)},
		DisableLocalAuth:    pulumi.Bool(true),
		MinimumTlsVersion:   pulumi.String("1.2"),
		PublicNetworkAccess: pulumi.String("Disabled"),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("namespace: %w", err)
	}
	hub, err := eventhub.NewEventHub(ctx, name, &eventhub.EventHubArgs{
		EventHubName:           pulumi.String(exportHub),
		NamespaceName:          namespace.Name,
		ResourceGroupName:      site.ResourceGroup,
		PartitionCount:         pulumi.Float64(exportPartitions),
		MessageRetentionInDays: pulumi.Float64(args.Plan.RetentionDays),
	}, child, pulumi.DeletedWith(namespace))
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	_, reachable, err := privateEndpoint(ctx, name, &endpointArgs{
		Site: site, Part: "events", TargetID: namespace.ID().ToStringOutput(), Group: hubGroup,
		SubnetID: args.SubnetID, Zone: "servicebus", ZoneID: args.ZoneID, After: args.EndpointAfter,
	}, child)
	if err != nil {
		return nil, err
	}
	if err := measureHub(ctx, name, namespace.ID().ToStringOutput(), args.WorkspaceID, child); err != nil {
		return nil, err
	}
	role, err := sendingRole(ctx, name, args, hub, child)
	if err != nil {
		return nil, err
	}
	logger, err := exportLogger(ctx, name, args.Service, namespace, hub, child, after(Done{role}, reachable))
	if err != nil {
		return nil, err
	}
	e.Done = Done{logger}
	return e, ctx.RegisterResourceOutputs(e, pulumi.Map{})
}

// sendingRole declares the role on the hub alone, not on its namespace.
func sendingRole(
	ctx *pulumi.Context, name string, args *EventExportArgs, hub *eventhub.EventHub, child pulumi.ResourceOption,
) (pulumi.Resource, error) {
	assignment, err := gatewayRole(ctx, name+"-send", &roleArgs{
		AssignmentName: args.Site.Names.SendingRole(),
		Definition:     eventHubsDataSender,
		SubscriptionID: args.SubscriptionID,
		Scope:          hub.ID(),
		PrincipalID:    args.PrincipalID,
	}, child)
	if err != nil {
		return nil, fmt.Errorf("role on the hub: %w", err)
	}
	return assignment, nil
}

// exportLogger declares the logger with the gateway's identity instead of a connection string
// (Microsoft Learn: api-management/api-management-howto-log-event-hubs). It buffers, so that a hub that is down fails no call.
func exportLogger(
	ctx *pulumi.Context, name string, service Service, namespace *eventhub.Namespace, hub *eventhub.EventHub, child pulumi.ResourceOption,
	options ...pulumi.ResourceOption,
) (pulumi.Resource, error) {
	logger, err := apim.NewLogger(ctx, name, &apim.LoggerArgs{
		LoggerId:          pulumi.String(ExportLogger),
		ServiceName:       service.Name,
		ResourceGroupName: service.ResourceGroup,
		LoggerType:        pulumi.String("azureEventHub"),
		ResourceId:        hub.ID(),
		IsBuffered:        pulumi.Bool(true),
		Credentials: pulumi.StringMap{
			"name":             hub.Name,
			"endpointAddress":  pulumi.Sprintf("%s.servicebus.windows.net", namespace.Name),
			"identityClientId": pulumi.String("SystemAssigned"),
		},
	}, service.below(child, options...)...)
	if err != nil {
		return nil, fmt.Errorf("event hub logger: %w", err)
	}
	return logger, nil
}
