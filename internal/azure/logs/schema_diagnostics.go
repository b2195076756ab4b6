package logs

import "strings"

// everyWorkspace are the columns that AzureDiagnostics has in every workspace, whatever was sent to it, beside those that
// fill it here (Microsoft Learn: azure-monitor/reference/tables/azurediagnostics). The end of a name is its type.
const everyWorkspace = `
	action_id_s action_name_s action_s ActivityId_g AdditionalFields:dynamic AdHocOrScheduledJob_s application_name_s
	audit_schema_version_d avg_cpu_percent_s avg_mean_time_s backendHostname_s Caller_s callerId_s calls_s client_ip_s clientInfo_s
	clientIP_s clientIp_s clientIpAddress_s clientPort_d code_s collectionName_s conditions_destinationIP_s
	conditions_destinationPortRange_s conditions_None_s conditions_protocols_s conditions_sourceIP_s conditions_sourcePortRange_s
	count_executions_d cpu_time_d database_name_s database_principal_name_s DatabaseName_s db_id_s direction_s dop_d duration_d
	duration_milliseconds_d ElasticPoolName_s endTime_t Environment_s error_code_s error_message_s errorLevel_s event_class_s
	event_subclass_s event_time_t EventName_s execution_type_d executionInfo_endTime_t executionInfo_exitCode_d
	executionInfo_startTime_t host_s httpMethod_s httpStatus_d httpStatusCode_d httpStatusCode_s httpVersion_s id_s
	identity_claim_appid_g identity_claim_ipaddr_s instanceId_s interval_end_time_d interval_start_time_d ip_s is_column_permission_s
	isAccessPolicyMatch_b JobDurationInSecs_s JobFailureCode_s JobId_g jobId_s JobOperation_s JobOperationSubType_s JobStartDateTime_s
	JobStatus_s JobUniqueId_g Level:string log_bytes_used_d logical_io_reads_d logical_io_writes_d LogicalServerName_s macAddress_s
	matchedConnections_d max_cpu_time_d max_dop_d max_duration_d max_log_bytes_used_d max_logical_io_reads_d max_logical_io_writes_d
	max_num_physical_io_reads_d max_physical_io_reads_d max_query_max_used_memory_d max_rowcount_d max_time_s mean_time_s
	Message:string min_time_s msg_s num_physical_io_reads_d object_id_d object_name_s OperationVersion:string partitionKey_s
	physical_io_reads_d plan_id_d policy_s policyMode_s primaryIPv4Address_s priority_d properties_enabledForDeployment_b
	properties_enabledForDiskEncryption_b properties_enabledForTemplateDeployment_b properties_sku_Family_s properties_sku_Name_s
	properties_tenantId_g query_hash_s query_id_d query_max_used_memory_d query_plan_hash_s query_time_d querytext_s receivedBytes_d
	Region_s requestCharge_s requestQuery_s requestResourceId_s requestResourceType_s requestUri_s reserved_storage_mb_s
	resource_actionName_s resource_location_s resource_originRunId_s resource_resourceGroupName_s resource_runId_s
	resource_subscriptionId_g resource_triggerName_s resource_workflowId_g resource_workflowName_s response_rows_d resultCode_s
	ResultDescription:string resultDescription_ChildJobs_s resultDescription_ErrorJobs_s resultMessage_s ResultType:string
	rootCauseAnalysis_s routingRuleName_s rowcount_d ruleName_s RunbookName_s RunOn_s schema_name_s sentBytes_d sequence_group_id_g
	sequence_number_d server_principal_sid_s session_id_d sizeKb_d sql_text_s sslEnabled_s start_time_t startTime_s startTime_t
	statement_s statement_sql_handle_s status_s Status_s statusCode_s storage_space_used_mb_s StreamType_s subnetId_s subnetPrefix_s
	succeeded_s sum_calls_s systemId_g target_database_principal_name_s target_server_principal_name_s Tenant_g timeTaken_d type_s
	user_defined_information_s user_id_s user_s userAgent_s vnetResourceGuid_g workflowId_s
`

// suffixes are the types of columns that Azure names after their type.
var suffixes = map[string]string{"_s": "string", "_d": "real", "_g": "guid", "_t": "datetime", "_b": "bool"}

// suffixed writes the type behind names that end in it.
func suffixed(names string) string {
	var b strings.Builder
	for name := range strings.FieldsSeq(names) {
		b.WriteString(name)
		if !strings.Contains(name, ":") {
			b.WriteString(":" + suffixes[name[len(name)-2:]])
		}
		b.WriteByte(' ')
	}
	return b.String()
}
