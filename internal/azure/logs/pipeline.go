package logs

import (
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/apim"
)

// Log categories of the resources (Microsoft Learn: azure-monitor/reference/supported-logs).
const (
	CategoryGateway         = "GatewayLogs"
	CategoryLLM             = "GatewayLlmLogs"
	CategoryRequestResponse = "RequestResponse"
	CategoryRequestUsage    = "AzureOpenAIRequestUsage"
	// CategoryMetrics stands for platform metrics.
	CategoryMetrics = "AllMetrics"
)

// Setting is what a diagnostic setting says about one category.
type Setting struct {
	// On is true when the category goes to the workspace.
	On bool
	// Dedicated is true for tables of the service's own; otherwise rows end in AzureDiagnostics.
	Dedicated bool
}

// Pipeline is the part of a deployment that decides whether a row is written. Azure needs three resources for one row: a
// diagnostic setting, a logger, and a diagnostic; the last comes with the gateway's record.
type Pipeline interface {
	// Setting is about the gateway for an empty account, else about that account.
	Setting(account, category string) Setting
	// Logger says whether the gateway has a logger of that id.
	Logger(id string) bool
}

// Deployed is a Pipeline as data.
type Deployed struct {
	// Settings are by account and category; the gateway's have an empty account.
	Settings map[string]map[string]Setting
	Loggers  []string
}

// Setting implements Pipeline.
func (d Deployed) Setting(account, category string) Setting { return d.Settings[account][category] }

// Logger implements Pipeline.
func (d Deployed) Logger(id string) bool { return slices.Contains(d.Loggers, id) }

// Everything is a deployment in which nothing is missing, for the gateway and these accounts.
func Everything(accounts ...string) Deployed {
	d := Deployed{
		Settings: map[string]map[string]Setting{"": {
			CategoryGateway: {On: true, Dedicated: true}, CategoryLLM: {On: true, Dedicated: true},
		}},
		Loggers: []string{apim.DiagnosticAzureMonitor, apim.DiagnosticApplicationInsights},
	}
	for _, account := range accounts {
		d.Settings[account] = map[string]Setting{
			CategoryRequestResponse: {On: true}, CategoryRequestUsage: {On: true}, CategoryMetrics: {On: true},
		}
	}
	return d
}

// missing names the resources that keep a category of the gateway's logs from being written for one call.
func missing(p Pipeline, category string, diagnostic *apim.Diagnostic, api string) []string {
	var found []string
	if !p.Setting("", category).On {
		found = append(found, fmt.Sprintf("a diagnostic setting of the gateway with category %s", category))
	}
	switch {
	case diagnostic == nil:
		found = append(found, fmt.Sprintf("a diagnostic %q of API %q or of the service", apim.DiagnosticAzureMonitor, api))
	case !p.Logger(loggerID(diagnostic)):
		found = append(found, fmt.Sprintf("the logger %q that the diagnostic names", loggerID(diagnostic)))
	}
	return found
}

// loggerID is the last part of a logger's id.
func loggerID(d *apim.Diagnostic) string {
	return strings.ToLower(d.LoggerID[strings.LastIndex(d.LoggerID, "/")+1:])
}
