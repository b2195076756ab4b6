package infra

import (
	"fmt"

	insights "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20210501preview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// dedicated sends a service's logs to tables of their own; without it API Management's end in AzureDiagnostics, whose
// columns are other ones.
const dedicated = "Dedicated"

// accountLogs are the log categories of an account; none carries prompts or answers
// (Microsoft Learn: azure-monitor/reference/supported-logs/microsoft-cognitiveservices-accounts-logs).
var accountLogs = []string{"Audit", "RequestResponse", "AzureOpenAIRequestUsage", "Trace"}

// gatewayLogs are the log categories of API Management that this program reads.
var gatewayLogs = []string{"GatewayLogs", "GatewayLlmLogs"}

// logAccount sends an account's logs and metrics to the workspace. They have no tables of their own.
func logAccount(
	ctx *pulumi.Context, name string, accountID pulumi.StringOutput, workspaceID pulumi.StringInput, child pulumi.ResourceOption,
) error {
	_, err := insights.NewDiagnosticSetting(ctx, name+"-logs", &insights.DiagnosticSettingArgs{
		Name:        pulumi.String("workspace"),
		ResourceUri: accountID,
		WorkspaceId: workspaceID,
		Logs:        logCategories(accountLogs),
		Metrics:     allMetrics(),
	}, child)
	if err != nil {
		return fmt.Errorf("diagnostic setting: %w", err)
	}
	return nil
}

// measureHub sends a namespace's metrics to the workspace: events that came in, and those that were refused.
func measureHub(
	ctx *pulumi.Context, name string, namespaceID pulumi.StringOutput, workspaceID pulumi.StringInput, child pulumi.ResourceOption,
) error {
	_, err := insights.NewDiagnosticSetting(ctx, name+"-logs", &insights.DiagnosticSettingArgs{
		Name:        pulumi.String("workspace"),
		ResourceUri: namespaceID,
		WorkspaceId: workspaceID,
		Metrics:     allMetrics(),
	}, child)
	if err != nil {
		return fmt.Errorf("diagnostic setting: %w", err)
	}
	return nil
}

// logGateway sends the gateway's logs and metrics to the workspace, each category to its own table.
func logGateway(
	ctx *pulumi.Context, name string, service Service, workspaceID pulumi.StringInput, child pulumi.ResourceOption,
) error {
	_, err := insights.NewDiagnosticSetting(ctx, name+"-logs", &insights.DiagnosticSettingArgs{
		Name:                        pulumi.String("workspace"),
		ResourceUri:                 service.ID,
		WorkspaceId:                 workspaceID,
		LogAnalyticsDestinationType: pulumi.String(dedicated),
		Logs:                        logCategories(gatewayLogs),
		Metrics:                     allMetrics(),
	}, child)
	if err != nil {
		return fmt.Errorf("diagnostic setting: %w", err)
	}
	return nil
}

func logCategories(names []string) insights.LogSettingsArray {
	var logs insights.LogSettingsArray
	for _, name := range names {
		logs = append(logs, insights.LogSettingsArgs{Category: pulumi.String(name), Enabled: pulumi.Bool(true)})
	}
	return logs
}

func allMetrics() insights.MetricSettingsArray {
	return insights.MetricSettingsArray{
		insights.MetricSettingsArgs{Category: pulumi.String("AllMetrics"), Enabled: pulumi.Bool(true)},
	}
}
