package logs

import (
	"slices"
	"strings"

	"enterprise-openai/internal/azure/logs/kql"
)

// The tables that this project's resources write to.
const (
	// GatewayLogs has a row per call (Microsoft Learn: azure-monitor/reference/tables/apimanagementgatewaylogs).
	GatewayLogs = "ApiManagementGatewayLogs"
	// LLMLog has token counts and messages of calls to models (…/tables/apimanagementgatewayllmlog).
	LLMLog = "ApiManagementGatewayLlmLog"
	// Diagnostics is the table of services and settings without tables of their own (…/tables/azurediagnostics).
	Diagnostics = "AzureDiagnostics"
	// Metrics has platform metrics, without dimensions (…/tables/azuremetrics).
	Metrics = "AzureMetrics"
	// AppMetrics has custom metrics of Application Insights (…/tables/appmetrics).
	AppMetrics = "AppMetrics"
)

// standard are the columns that every table has (Microsoft Learn: azure-monitor/logs/log-standard-columns).
const standard = `TimeGenerated:datetime Type:string TenantId:string SourceSystem:string _ResourceId:string _SubscriptionId:string
	_BilledSize:real _IsBillable:string `

var tables = []struct{ name, columns string }{
	{GatewayLogs, standard + `ApiId:string ApimSubscriptionId:string ApiRevision:string BackendId:string BackendMethod:string
		BackendProtocol:string BackendRequestBody:string BackendRequestHeaders:dynamic BackendResponseBody:string
		BackendResponseCode:int BackendResponseHeaders:dynamic BackendTime:long BackendUrl:string Cache:string CacheTime:long
		CallerIpAddress:string Category:string ClientProtocol:string ClientTime:long ClientTlsVersion:string CorrelationId:string
		Errors:dynamic IsMasterTrace:bool IsRequestSuccess:bool IsTraceAllowed:bool IsTraceExpired:bool IsTraceRequested:bool
		LastErrorElapsed:long LastErrorMessage:string LastErrorReason:string LastErrorScope:string LastErrorSection:string
		LastErrorSource:string Method:string OperationId:string OperationName:string ProductId:string Region:string
		RequestBody:string RequestHeaders:dynamic RequestSize:int ResponseBody:string ResponseCode:int ResponseHeaders:dynamic
		ResponseSize:int Timestamp:datetime TotalTime:long TraceRecords:dynamic Url:string UserId:string WorkspaceId:string`},
	{LLMLog, standard + `CorrelationId:string DeploymentName:string ModelName:string ApiVersion:string PromptTokens:int
		CompletionTokens:int TotalTokens:int RequestId:string RequestMessages:dynamic ResponseMessages:dynamic
		IsStreamCompletion:bool SequenceNumber:int OperationName:string Region:string`},
	// Further columns of AzureDiagnostics appear with the first row that has them; these are the ones that accounts and a
	// gateway without dedicated tables bring, and then those of every workspace.
	{Diagnostics, standard + `ResourceId:string Category:string ResourceGroup:string SubscriptionId:string ResourceProvider:string
		Resource:string ResourceType:string OperationName:string ResultSignature:string DurationMs:long CallerIPAddress:string
		CorrelationId:string Tenant_s:string location_s:string event_s:string objectId_s:string properties_s:string
		apiId_s:string apimSubscriptionId_s:string backendId_s:string backendMethod_s:string backendProtocol_s:string
		backendRequestBody_s:string backendResponseBody_s:string backendResponseCode_d:real backendTime_d:real backendUrl_s:string
		cache_s:string clientProtocol_s:string clientTlsVersion_s:string isRequestSuccess_b:bool lastError_message_s:string
		lastError_reason_s:string method_s:string operationId_s:string productId_s:string requestBody_s:string requestSize_d:real
		responseBody_s:string responseCode_d:real responseSize_d:real totalTime_d:real traceRecords_s:string url_s:string
		userId_s:string deploymentName_s:string modelName_s:string promptTokens_d:real completionTokens_d:real totalTokens_d:real
		requestMessages_s:string responseMessages_s:string sequenceNumber_d:real isStreamCompletion_b:bool ` + suffixed(everyWorkspace)},
	{Metrics, standard + `ResourceId:string ResourceGroup:string ResourceProvider:string Resource:string SubscriptionId:string
		MetricName:string TimeGrain:string UnitName:string Total:real Count:real Average:real Minimum:real Maximum:real`},
	{AppMetrics, standard + `Name:string ItemCount:int Sum:real Min:real Max:real Properties:dynamic AppRoleName:string
		AppRoleInstance:string AppVersion:string ClientBrowser:string ClientCity:string ClientCountryOrRegion:string
		ClientIP:string ClientModel:string ClientOS:string ClientStateOrProvince:string ClientType:string IKey:string
		OperationId:string OperationName:string ParentId:string ResourceGUID:string SDKVersion:string SessionId:string
		SyntheticSource:string UserAccountId:string UserAuthenticatedId:string UserId:string`},
}

// Schema gives the tables of the workspace: what a query may mention.
func Schema() []kql.Schema { return slices.Clone(schemas) }

var schemas = readSchemas()

func readSchemas() []kql.Schema {
	schema := make([]kql.Schema, 0, len(tables))
	for _, t := range tables {
		s := kql.Schema{Name: t.name}
		for column := range strings.FieldsSeq(t.columns) {
			name, kind, _ := strings.Cut(column, ":")
			s.Columns = append(s.Columns, kql.Column{Name: name, Type: kind})
		}
		schema = append(schema, s)
	}
	return schema
}
