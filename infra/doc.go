// Package infra declares what an environment deploys: one Pulumi component per file, all of one shape.
//
//	site.go        where things go: resource group, region, names, tags
//	naming.go      every physical name, with Azure's limits
//	group.go       ResourceGroup    the group everything lives in
//	network.go     Network          virtual network, subnets and their rules (rules.go)
//	dns.go         PrivateDNS       private zones, linked to the network
//	monitoring.go  Monitoring       Log Analytics workspace and Application Insights
//	tables.go      Tables           the workspace's tables that keep their rows for a time of their own
//	account.go     ModelAccount     one Azure OpenAI account with its deployments and private endpoint (endpoint.go)
//	gateway.go     Gateway          API Management in the network, its public address and its own DNS names (hosts.go)
//	access.go      ModelAccess      the roles the gateway's identity has on the accounts (role.go)
//	backends.go    Backends         one backend per account and deployment, one pool per deployment
//	gatewaylogs.go GatewayLogs      loggers, service diagnostics, diagnostic setting (diagnostics.go)
//	eventhub.go    EventExport      the Event Hub for what exceeds the tables
//	policies.go    Policies         named values and policy fragments, and the key of file ids (filekey.go)
//	api.go         API              one API: operations, policy, diagnostics (apilogs.go)
//	groups.go      Groups           Entra groups as the gateway knows them
//	product.go     Product          one product with its groups and APIs
//	team.go        Team             one team's subscriptions and keys
//	alerts.go      Alerts           log and metric alerts, and the action group that they notify
//	savedsearches.go SavedSearches  the queries of queries/ in the workspace
//	workbook.go    Workbook         the workbook in the portal
//	order.go                        what waits for what, where no output says so
//	template.go                     ARM templates, for what the typed resources cannot declare
//
// A component takes what another resource may produce as an Input and what decides how many resources exist as a plain Go
// value. Everything below API Management is deleted with the service: deleting children one by one would be refused
// (a product has a subscription Azure made itself) and would take an hour.
package infra
