package infra

import (
	"fmt"

	apim "github.com/pulumi/pulumi-azure-native-sdk/apimanagement/v2/v20240601preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Ids that API Management prescribes for loggers and diagnostics of these destinations.
const (
	azureMonitor        = "azuremonitor"
	applicationInsights = "applicationinsights"
)

// GatewayLogs is what makes the gateway write logs and metrics.
type GatewayLogs struct {
	pulumi.ResourceState

	// MonitorLoggerID is the ARM id of the logger that writes to Azure Monitor.
	MonitorLoggerID pulumi.StringOutput
	// Done is that logger; a diagnostic that names it before is refused with ValidationError.
	Done Done
}

// GatewayLogsArgs is what the gateway's logs need to know.
type GatewayLogsArgs struct {
	Site             Site
	Service          Service
	WorkspaceID      pulumi.StringInput
	ComponentID      pulumi.StringInput
	ConnectionString pulumi.StringInput
	// ClientIP logs the caller's address.
	ClientIP bool
}

// NewGatewayLogs declares the diagnostic setting, the loggers and the diagnostics of the whole service. All three have to be
// there for a row to be written. The Azure Monitor logger exists in a new service without being declared, so that creating
// it as a resource ends in "cannot create already existing resource": it goes through a template, which does not mind.
func NewGatewayLogs(ctx *pulumi.Context, name string, args *GatewayLogsArgs, opts ...pulumi.ResourceOption) (*GatewayLogs, error) {
	l := &GatewayLogs{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:GatewayLogs", name, l, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(l)
	service := args.Service

	if err := logGateway(ctx, name, service, args.WorkspaceID, child); err != nil {
		return nil, err
	}
	l.MonitorLoggerID = pulumi.Sprintf("%s/loggers/%s", service.ID, azureMonitor)
	monitor, err := deploymentStack(ctx, name+"-monitor", args.Site.Names.DeploymentStack("monitor"), args.Site,
		monitorResources(args, l.MonitorLoggerID), deleted, service.below(child)...)
	if err != nil {
		return nil, fmt.Errorf("azure monitor: %w", err)
	}
	if err := insightsLogger(ctx, name, args, child); err != nil {
		return nil, err
	}

	l.Done = Done{monitor}
	return l, ctx.RegisterResourceOutputs(l, pulumi.Map{})
}

// monitorResources are the Azure Monitor logger and the diagnostic that catches calls no API answers for. Calls that reach
// an API are logged by the API's own diagnostic.
func monitorResources(args *GatewayLogsArgs, loggerID pulumi.StringOutput) []templateResource {
	return []templateResource{
		{
			kind: "loggers",
			name: pulumi.Sprintf("%s/%s", args.Service.Name, azureMonitor),
			properties: pulumi.Map{
				"loggerType": pulumi.String("azureMonitor"),
				"isBuffered": pulumi.Bool(true),
			},
		},
		{
			kind:      "diagnostics",
			name:      pulumi.Sprintf("%s/%s", args.Service.Name, azureMonitor),
			dependsOn: pulumi.Array{loggerID},
			properties: pulumi.Map{
				"loggerId":    loggerID,
				"alwaysLog":   pulumi.String("allErrors"),
				"sampling":    pulumi.Map{"samplingType": pulumi.String("fixed"), "percentage": pulumi.Int(100)},
				"logClientIp": pulumi.Bool(args.ClientIP),
				"verbosity":   pulumi.String("information"),
			},
		},
	}
}

// insightsLogger declares what token metrics need: an Application Insights logger and a diagnostic with metrics on.
func insightsLogger(ctx *pulumi.Context, name string, args *GatewayLogsArgs, child pulumi.ResourceOption) error {
	service := args.Service
	logger, err := apim.NewLogger(ctx, name+"-insights", &apim.LoggerArgs{
		LoggerId:          pulumi.String(applicationInsights),
		ServiceName:       service.Name,
		ResourceGroupName: service.ResourceGroup,
		LoggerType:        pulumi.String("applicationInsights"),
		ResourceId:        args.ComponentID,
		IsBuffered:        pulumi.Bool(true),
		Credentials:       pulumi.StringMap{"connectionString": args.ConnectionString},
	}, service.below(child, pulumi.AdditionalSecretOutputs([]string{"credentials"}))...)
	if err != nil {
		return fmt.Errorf("application insights logger: %w", err)
	}
	_, err = apim.NewDiagnostic(ctx, name+"-insights", &apim.DiagnosticArgs{
		DiagnosticId:            pulumi.String(applicationInsights),
		ServiceName:             service.Name,
		ResourceGroupName:       service.ResourceGroup,
		LoggerId:                logger.ID(),
		AlwaysLog:               pulumi.String("allErrors"),
		Sampling:                everything(),
		LogClientIp:             pulumi.Bool(args.ClientIP),
		Verbosity:               pulumi.String("error"),
		HttpCorrelationProtocol: pulumi.String("W3C"),
		Metrics:                 pulumi.Bool(true),
		Frontend:                hiddenCredentials(),
	}, service.below(child)...)
	if err != nil {
		return fmt.Errorf("application insights diagnostic: %w", err)
	}
	return nil
}

// everything logs every call, not a sample of them: an audit needs all.
func everything() apim.SamplingSettingsArgs {
	return apim.SamplingSettingsArgs{SamplingType: pulumi.String("fixed"), Percentage: pulumi.Float64(100)}
}

// hiddenCredentials keeps keys and tokens out of logged headers and addresses.
func hiddenCredentials() apim.PipelineDiagnosticSettingsArgs {
	return apim.PipelineDiagnosticSettingsArgs{Request: apim.HttpMessageDiagnosticArgs{DataMasking: credentialMask()}}
}

func credentialMask() apim.DataMaskingArgs {
	hide := func(names ...string) apim.DataMaskingEntityArray {
		var hidden apim.DataMaskingEntityArray
		for _, name := range names {
			hidden = append(hidden, apim.DataMaskingEntityArgs{Value: pulumi.String(name), Mode: pulumi.String("Hide")})
		}
		return hidden
	}
	return apim.DataMaskingArgs{
		Headers:     hide("Authorization", keyHeader),
		QueryParams: hide(keyQuery),
	}
}
