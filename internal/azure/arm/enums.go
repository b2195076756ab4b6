package arm

import "reflect"

// enums are the values of the enums of this package's models, from Azure/bicep-types-az in the API versions of the registration table.
// Those of Microsoft's Go modules are part of internal/azure/models.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[deploymentMode]():       {"Incremental", "Complete"},
	reflect.TypeFor[unmanageAction]():       {"delete", "detach"},
	reflect.TypeFor[denyMode]():             {"none", "denyDelete", "denyWriteAndDelete"},
	reflect.TypeFor[resolutionPolicy]():     {"Default", "NxDomainRedirect"},
	reflect.TypeFor[identityKind]():         {"None", "SystemAssigned", "UserAssigned"},
	reflect.TypeFor[workspaceSKU]():         {"Free", "Standard", "Premium", "PerNode", "PerGB2018", "Standalone", "CapacityReservation", "LACluster"},
	reflect.TypeFor[publicAccess]():         {"Enabled", "Disabled", "SecuredByPerimeter"},
	reflect.TypeFor[hubSKU]():               {"Basic", "Standard", "Premium"},
	reflect.TypeFor[hubTLS]():               {"1.0", "1.1", "1.2"},
	reflect.TypeFor[hubState]():             {"Active", "Disabled", "SendDisabled"},
	reflect.TypeFor[componentApplication](): {"web", "other"},
	reflect.TypeFor[componentFlow]():        {"Bluefield"},
	reflect.TypeFor[componentSource]():      {"rest"},
	reflect.TypeFor[componentIngestion]():   {"ApplicationInsights", "ApplicationInsightsWithDiagnosticSettings", "LogAnalytics"},
	reflect.TypeFor[diagnosticTable]():      {"Dedicated", "AzureDiagnostics"},
	reflect.TypeFor[tablePlan]():            {"Analytics", "Basic", "Auxiliary"},
	reflect.TypeFor[workbookKind]():         {"shared"},
	reflect.TypeFor[queryRuleKind]():        {"LogAlert"},
	reflect.TypeFor[conditionOperator]():    {"Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"},
	reflect.TypeFor[timeAggregation]():      {"Count", "Average", "Minimum", "Maximum", "Total"},
	reflect.TypeFor[dimensionOperator]():    {"Include", "Exclude"},
	reflect.TypeFor[criteriaKind]():         {"Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"},
	reflect.TypeFor[criterionKind]():        {"StaticThresholdCriterion"},
	reflect.TypeFor[principalKind]():        {"User", "Group", "ServicePrincipal", "ForeignGroup", "Device"},
}
