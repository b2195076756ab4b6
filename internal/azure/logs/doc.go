// Package logs is the rehearsed Log Analytics workspace: typed tables, filled with what the gateway and the accounts leave
// behind, under Azure's rules, and queried in KQL.
//
//	schema.go     the tables and their columns; schema_diagnostics.go those of AzureDiagnostics
//	pipeline.go   which resources have to exist before a row is written, and which are missing
//	store.go      the tables, and the gateway's recorder
//	gateway.go    rows of ApiManagementGatewayLogs, with Azure's size limits
//	llm.go        rows of ApiManagementGatewayLlmLog: token counts and messages in pieces (messages.go)
//	diagnostics.go the same rows in AzureDiagnostics, where the diagnostic setting wants no dedicated tables
//	metrics.go    custom metrics in AppMetrics
//	accounts.go   what Azure OpenAI accounts log and count themselves
//	disk.go       a run's rows in a folder, a file of JSON lines per table
//	query.go      KQL over a folder
//	rule.go       log alerts: a query, and when its result notifies somebody
package logs
