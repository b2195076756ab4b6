package arm

import (
	"reflect"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v6"
)

// enums are the values of every enum that a model can reach. Go's models take any text for an enum, so the values are
// looked up here; a test walks the models and names an enum that is missing.
var enums = map[reflect.Type][]string{}

func allow[T ~string](values ...T) {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	enums[reflect.TypeFor[T]()] = texts
}

func init() { //nolint:gochecknoinits // every enum has a Go type of its own, so a table literal could not infer them
	allowHandWritten()
	allowNetwork()
	allowCognitive()
	allowGateway()
}

// allowHandWritten: values from Azure/bicep-types-az, the API versions of the registration table.
func allowHandWritten() {
	allow[deploymentMode]("Incremental", "Complete")
	allow[unmanageAction]("delete", "detach")
	allow[denyMode]("none", "denyDelete", "denyWriteAndDelete")
	allow[resolutionPolicy]("Default", "NxDomainRedirect")
	allow[identityKind]("None", "SystemAssigned", "UserAssigned")
	allow[workspaceSKU]("Free", "Standard", "Premium", "PerNode", "PerGB2018", "Standalone", "CapacityReservation", "LACluster")
	allow[publicAccess]("Enabled", "Disabled", "SecuredByPerimeter")
	allow[hubSKU]("Basic", "Standard", "Premium")
	allow[hubTLS]("1.0", "1.1", "1.2")
	allow[hubState]("Active", "Disabled", "SendDisabled")
	allow[componentApplication]("web", "other")
	allow[componentFlow]("Bluefield")
	allow[componentSource]("rest")
	allow[componentIngestion]("ApplicationInsights", "ApplicationInsightsWithDiagnosticSettings", "LogAnalytics")
	allow[diagnosticTable]("Dedicated", "AzureDiagnostics")
	allow[tablePlan]("Analytics", "Basic", "Auxiliary")
	allow[workbookKind]("shared")
	allow[queryRuleKind]("LogAlert")
	allow[conditionOperator]("Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual")
	allow[timeAggregation]("Count", "Average", "Minimum", "Maximum", "Total")
	allow[dimensionOperator]("Include", "Exclude")
	allow[criteriaKind]("Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria")
	allow[criterionKind]("StaticThresholdCriterion")
	allow[principalKind]("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")
}

func allowNetwork() {
	allow(armnetwork.PossibleDdosSettingsProtectionModeValues()...)
	allow(armnetwork.PossibleDeleteOptionsValues()...)
	allow(armnetwork.PossibleExtendedLocationTypesValues()...)
	allow(armnetwork.PossibleFlowLogFormatTypeValues()...)
	allow(armnetwork.PossibleGatewayLoadBalancerTunnelInterfaceTypeValues()...)
	allow(armnetwork.PossibleGatewayLoadBalancerTunnelProtocolValues()...)
	allow(armnetwork.PossibleIPAllocationMethodValues()...)
	allow(armnetwork.PossibleIPVersionValues()...)
	allow(armnetwork.PossibleLoadBalancerBackendAddressAdminStateValues()...)
	allow(armnetwork.PossibleNatGatewaySKUNameValues()...)
	allow(armnetwork.PossibleNetworkInterfaceAuxiliaryModeValues()...)
	allow(armnetwork.PossibleNetworkInterfaceAuxiliarySKUValues()...)
	allow(armnetwork.PossibleNetworkInterfaceMigrationPhaseValues()...)
	allow(armnetwork.PossibleNetworkInterfaceNicTypeValues()...)
	allow(armnetwork.PossiblePrivateEndpointVNetPoliciesValues()...)
	allow(armnetwork.PossibleProvisioningStateValues()...)
	allow(armnetwork.PossiblePublicIPAddressDNSSettingsDomainNameLabelScopeValues()...)
	allow(armnetwork.PossiblePublicIPAddressMigrationPhaseValues()...)
	allow(armnetwork.PossiblePublicIPAddressSKUNameValues()...)
	allow(armnetwork.PossiblePublicIPAddressSKUTierValues()...)
	allow(armnetwork.PossibleResourceIdentityTypeValues()...)
	allow(armnetwork.PossibleRouteNextHopTypeValues()...)
	allow(armnetwork.PossibleSecurityRuleAccessValues()...)
	allow(armnetwork.PossibleSecurityRuleDirectionValues()...)
	allow(armnetwork.PossibleSecurityRuleProtocolValues()...)
	allow(armnetwork.PossibleSharingScopeValues()...)
	allow(armnetwork.PossibleSyncModeValues()...)
	allow(armnetwork.PossibleTransportProtocolValues()...)
	allow(armnetwork.PossibleVirtualNetworkEncryptionEnforcementValues()...)
	allow(armnetwork.PossibleVirtualNetworkPeeringLevelValues()...)
	allow(armnetwork.PossibleVirtualNetworkPeeringStateValues()...)
	allow(armnetwork.PossibleVirtualNetworkPrivateEndpointNetworkPoliciesValues()...)
	allow(armnetwork.PossibleVirtualNetworkPrivateLinkServiceNetworkPoliciesValues()...)
}

func allowCognitive() {
	allow(armcognitiveservices.PossibleAbusePenaltyActionValues()...)
	allow(armcognitiveservices.PossibleByPassSelectionValues()...)
	allow(armcognitiveservices.PossibleContentLevelValues()...)
	allow(armcognitiveservices.PossibleCreatedByTypeValues()...)
	allow(armcognitiveservices.PossibleDeploymentModelVersionUpgradeOptionValues()...)
	allow(armcognitiveservices.PossibleDeploymentProvisioningStateValues()...)
	allow(armcognitiveservices.PossibleDeploymentScaleTypeValues()...)
	allow(armcognitiveservices.PossibleKeySourceValues()...)
	allow(armcognitiveservices.PossibleNetworkRuleActionValues()...)
	allow(armcognitiveservices.PossiblePrivateEndpointConnectionProvisioningStateValues()...)
	allow(armcognitiveservices.PossiblePrivateEndpointServiceConnectionStatusValues()...)
	allow(armcognitiveservices.PossibleProvisioningStateValues()...)
	allow(armcognitiveservices.PossiblePublicNetworkAccessValues()...)
	allow(armcognitiveservices.PossibleRaiPolicyContentSourceValues()...)
	allow(armcognitiveservices.PossibleRaiPolicyModeValues()...)
	allow(armcognitiveservices.PossibleRaiPolicyTypeValues()...)
	allow(armcognitiveservices.PossibleResourceIdentityTypeValues()...)
	allow(armcognitiveservices.PossibleRoutingMethodsValues()...)
	allow(armcognitiveservices.PossibleSKUTierValues()...)
	allow(armcognitiveservices.PossibleScenarioTypeValues()...)
}

func allowGateway() {
	allow(armapimanagement.PossibleAPITypeValues()...)
	allow(armapimanagement.PossibleAPIVersionSetContractDetailsVersioningSchemeValues()...)
	allow(armapimanagement.PossibleAlwaysLogValues()...)
	allow(armapimanagement.PossibleApimIdentityTypeValues()...)
	allow(armapimanagement.PossibleBackendProtocolValues()...)
	allow(armapimanagement.PossibleBackendTypeValues()...)
	allow(armapimanagement.PossibleBearerTokenSendingMethodsValues()...)
	allow(armapimanagement.PossibleCertificateConfigurationStoreNameValues()...)
	allow(armapimanagement.PossibleCertificateSourceValues()...)
	allow(armapimanagement.PossibleCertificateStatusValues()...)
	allow(armapimanagement.PossibleContentFormatValues()...)
	allow(armapimanagement.PossibleCreatedByTypeValues()...)
	allow(armapimanagement.PossibleDataMaskingModeValues()...)
	allow(armapimanagement.PossibleDeveloperPortalStatusValues()...)
	allow(armapimanagement.PossibleGroupTypeValues()...)
	allow(armapimanagement.PossibleHTTPCorrelationProtocolValues()...)
	allow(armapimanagement.PossibleHostnameTypeValues()...)
	allow(armapimanagement.PossibleIdentityProviderTypeValues()...)
	allow(armapimanagement.PossibleLegacyAPIStateValues()...)
	allow(armapimanagement.PossibleLegacyPortalStatusValues()...)
	allow(armapimanagement.PossibleLoggerTypeValues()...)
	allow(armapimanagement.PossibleNatGatewayStateValues()...)
	allow(armapimanagement.PossibleOperationNameFormatValues()...)
	allow(armapimanagement.PossiblePlatformVersionValues()...)
	allow(armapimanagement.PossiblePolicyContentFormatValues()...)
	allow(armapimanagement.PossiblePolicyFragmentContentFormatValues()...)
	allow(armapimanagement.PossiblePrivateEndpointServiceConnectionStatusValues()...)
	allow(armapimanagement.PossibleProductStateValues()...)
	allow(armapimanagement.PossibleProtocolValues()...)
	allow(armapimanagement.PossiblePublicNetworkAccessValues()...)
	allow(armapimanagement.PossibleSKUTypeValues()...)
	allow(armapimanagement.PossibleSamplingTypeValues()...)
	allow(armapimanagement.PossibleSoapAPITypeValues()...)
	allow(armapimanagement.PossibleSubscriptionStateValues()...)
	allow(armapimanagement.PossibleTranslateRequiredQueryParametersConductValues()...)
	allow(armapimanagement.PossibleVerbosityValues()...)
	allow(armapimanagement.PossibleVirtualNetworkTypeValues()...)
}
