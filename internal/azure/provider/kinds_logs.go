package provider

// logKinds are workspaces, Application Insights, diagnostic settings and alerts.
func logKinds() []kind {
	const workspace = groupPath + "/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}"
	const insights = groupPath + "/providers/Microsoft.Insights/"
	name := map[string]limit{"workspaceName": {min: 4, max: 63, pattern: `^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$`}}
	return []kind{
		{
			token: "azure-native:operationalinsights/v20230901:Workspace", apiVersion: "2023-09-01", path: workspace,
			nested: []string{"sku"}, async: true, asyncDelete: true, limits: name,
		},
		{
			token: "azure-native:operationalinsights/v20230901:SavedSearch", apiVersion: "2023-09-01",
			path: workspace + "/savedSearches/{savedSearchId}", nested: []string{"tags"}, limits: name,
		},
		{
			token: "azure-native:operationalinsights/v20230901:Table", apiVersion: "2023-09-01",
			path: workspace + "/tables/{tableName}", async: true, asyncDelete: true, limits: name,
		},
		{
			token: "azure-native:insights/v20200202:Component", apiVersion: "2020-02-02", path: insights + "components/{resourceName}",
			names: map[string]string{
				"applicationType": "Application_Type", "flowType": "Flow_Type", "requestSource": "Request_Source",
				"hockeyAppId": "HockeyAppId", "hockeyAppToken": "HockeyAppToken", "samplingPercentage": "SamplingPercentage",
				"retentionInDays": "RetentionInDays", "disableIpMasking": "DisableIpMasking", "disableLocalAuth": "DisableLocalAuth",
				"immediatePurgeDataOn30Days": "ImmediatePurgeDataOn30Days", "workspaceResourceId": "WorkspaceResourceId",
				"ingestionMode": "IngestionMode", "forceCustomerStorageForProfiler": "ForceCustomerStorageForProfiler",
				"appId": "AppId", "applicationId": "ApplicationId", "instrumentationKey": "InstrumentationKey",
				"connectionString": "ConnectionString", "creationDate": "CreationDate", "tenantId": "TenantId",
				"laMigrationDate": "LaMigrationDate", "privateLinkScopedResources": "PrivateLinkScopedResources",
			},
		},
		{
			token: "azure-native:insights/v20210501preview:DiagnosticSetting", apiVersion: "2021-05-01-preview",
			path: "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
		},
		{
			token: "azure-native:insights/v20231201:ScheduledQueryRule", apiVersion: "2023-12-01",
			path: insights + "scheduledQueryRules/{ruleName}",
		},
		{
			token: "azure-native:insights/v20230101:ActionGroup", apiVersion: "2023-01-01",
			path: insights + "actionGroups/{actionGroupName}",
		},
		{
			token: "azure-native:insights/v20180301:MetricAlert", apiVersion: "2018-03-01", path: insights + "metricAlerts/{ruleName}",
		},
		{
			token: "azure-native:insights/v20230601:Workbook", apiVersion: "2023-06-01", path: insights + "workbooks/{resourceName}",
		},
	}
}

// eventKinds are Event Hubs, the way out for log records.
func eventKinds() []kind {
	const version = "2024-01-01"
	const namespace = groupPath + "/providers/Microsoft.EventHub/namespaces/{namespaceName}"
	name := map[string]limit{"namespaceName": {min: 6, max: 50}}
	return []kind{
		{
			token: "azure-native:eventhub/v20240101:Namespace", apiVersion: version, path: namespace, async: true, asyncDelete: true,
			subresources: []string{"privateEndpointConnections"}, limits: name,
		},
		{
			token: "azure-native:eventhub/v20240101:EventHub", apiVersion: version, path: namespace + "/eventhubs/{eventHubName}", limits: name,
		},
		{
			token: "azure-native:eventhub/v20240101:NamespaceAuthorizationRule", apiVersion: version,
			path: namespace + "/authorizationRules/{authorizationRuleName}", limits: name,
		},
	}
}
