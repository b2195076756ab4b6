package arm

import (
	"regexp"
	"strings"
)

// Types that rules of other types refer to.
const (
	networkType           = "Microsoft.Network/virtualNetworks"
	subnetType            = "Microsoft.Network/virtualNetworks/subnets"
	securityGroupType     = "Microsoft.Network/networkSecurityGroups"
	publicIPType          = "Microsoft.Network/publicIPAddresses"
	endpointType          = "Microsoft.Network/privateEndpoints"
	zoneGroupType         = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups"
	zoneType              = "Microsoft.Network/privateDnsZones"
	zoneLinkType          = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
	zoneRecordType        = "Microsoft.Network/privateDnsZones/A"
	workspaceType         = "Microsoft.OperationalInsights/workspaces"
	componentType         = "Microsoft.Insights/components"
	diagnosticSettingType = "Microsoft.Insights/diagnosticSettings"
	tableType             = "Microsoft.OperationalInsights/workspaces/tables"
	savedSearchType       = "Microsoft.OperationalInsights/workspaces/savedSearches"
	workbookType          = "Microsoft.Insights/workbooks"
	actionGroupType       = "Microsoft.Insights/actionGroups"
	queryRuleType         = "Microsoft.Insights/scheduledQueryRules"
	metricAlertType       = "Microsoft.Insights/metricAlerts"
	roleAssignmentType    = "Microsoft.Authorization/roleAssignments"
	accountType           = "Microsoft.CognitiveServices/accounts"
	deploymentType        = "Microsoft.CognitiveServices/accounts/deployments"
	raiPolicyType         = "Microsoft.CognitiveServices/accounts/raiPolicies"
	namespaceType         = "Microsoft.EventHub/namespaces"
	hubType               = "Microsoft.EventHub/namespaces/eventhubs"
	serviceType           = "Microsoft.ApiManagement/service"
	apiType               = "Microsoft.ApiManagement/service/apis"
	backendType           = "Microsoft.ApiManagement/service/backends"
	namedValueType        = "Microsoft.ApiManagement/service/namedValues"
	fragmentType          = "Microsoft.ApiManagement/service/policyFragments"
	loggerType            = "Microsoft.ApiManagement/service/loggers"
	productType           = "Microsoft.ApiManagement/service/products"
	apimGroupType         = "Microsoft.ApiManagement/service/groups"
	apimSubscriptionType  = "Microsoft.ApiManagement/service/subscriptions"
)

var (
	guidPattern   = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
	regionPattern = regexp.MustCompile(`^[a-z][a-z0-9]{3,30}$`)
)

// knownRegion accepts what looks like a region name; a list would be out of date before it is read.
func knownRegion(location string) bool {
	normal := normalRegion(location)
	return regionPattern.MatchString(normal) && normal != "global"
}

// serviceID is the API Management service an id belongs to.
func serviceID(id ID) string {
	return prefixID(id, topLevel)
}

// topLevel is how many segments the id of a top-level resource in a group has.
const topLevel = 8

// prefixID is the first n segments of an id.
func prefixID(id ID, n int) string {
	segments := strings.Split(strings.Trim(id.text, "/"), "/")
	if len(segments) > n {
		segments = segments[:n]
	}
	return "/" + strings.Join(segments, "/")
}
