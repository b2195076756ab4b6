package arm

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLogsAndRolesAreRefusedAsAzureRefusesThem(t *testing.T) {
	setting := service + "/providers/Microsoft.Insights/diagnosticSettings/second"
	role := account + "/providers/Microsoft.Authorization/roleAssignments/77777777-3333-3333-3333-333333333333"
	assignment := `{"properties":{"roleDefinitionId":"` + openAIUser + `","principalId":"88888888-3333-3333-3333-333333333333","principalType":"User"}}`
	identity := text(world(t).get(service), "identity", "principalId")
	ofGateway := with(assignment, "88888888-3333-3333-3333-333333333333", identity)
	runRules(t, map[string]string{group: `{"location":"swedencentral"}`, root + "/resourceGroups/new": `{"location":"westeurope"}`, workspace: logsBody, component: insightBody, setting: `{"properties":{"workspaceId":"` + workspace + `","logs":[{"category":"DeveloperPortalAuditLogs","enabled":true}]}}`, role: assignment, with(role, account, group): with(ofGateway, "User", "ServicePrincipal")}, []rule{
		{name: "group name", path: root + "/resourceGroups/rg.", body: `{"location":"swedencentral"}`, status: 400, code: "InvalidResourceName", at: root + "/resourceGroups/rg.x"},
		{name: "group moved", path: group, body: `{"location":"westeurope"}`, status: 409, code: "InvalidResourceGroupLocation"},
		{name: "group property", path: root + "/resourceGroups/new", body: `{"location":"westeurope","tag":{}, "colour":"red"}`, status: 400, code: "InvalidRequestContent", message: "Path 'colour'"},
		{name: "workspace name", path: workspace[:len(workspace)-1], body: logsBody, status: 400, code: "InvalidResourceName", message: "4 to 63", at: workspace},
		{name: "retention", path: workspace, body: with(logsBody, "30", "10"), status: 400, code: "InvalidParameter", message: "10"},
		{name: "workspace sku", path: workspace, body: with(logsBody, "PerGB2018", "PerTB"), status: 400, code: "InvalidRequestContent", message: "properties.sku.name"},
		{name: "workspace property", path: workspace, body: with(logsBody, "retentionInDays", "retention"), status: 400, code: "InvalidRequestContent", message: "properties.retention"},
		{name: "classic component", path: component, body: with(insightBody, "WorkspaceResourceId", "Name"), status: 400, code: "InvalidRequestContent", message: "properties.Name"},
		{name: "component of nothing", path: component, body: with(insightBody, "workspaces/logs", "workspaces/none"), status: 404, code: "ResourceNotFound", message: "none"},
		{name: "component without workspace", path: component, body: `{"location":"swedencentral","kind":"web","properties":{"Application_Type":"web"}}`, status: 400, code: "BadRequest", message: "WorkspaceResourceId"},
		{name: "setting to no workspace", path: setting, body: with(settingBody, "workspaces/logs", "workspaces/none"), status: 404, code: "ResourceNotFound"},
		{name: "setting without sink", path: setting, body: `{"properties":{"logs":[{"category":"GatewayLogs","enabled":true}]}}`, status: 400, code: "BadRequest", message: "sink"},
		{name: "setting without log", path: setting, body: `{"properties":{"workspaceId":"` + workspace + `"}}`, status: 400, code: "BadRequest", message: "no log"},
		{name: "setting of an unknown category", path: setting, body: with(settingBody, "GatewayLlmLogs", "GatewayLLMLog"), status: 400, code: "BadRequest", message: "Category 'GatewayLLMLog' is not supported."},
		{name: "setting of an unknown group", path: setting, body: with(settingBody, `"category":"GatewayLogs"`, `"categoryGroup":"some"`), status: 400, code: "BadRequest", message: "'some'"},
		{name: "setting with both", path: setting, body: with(settingBody, `"category":"GatewayLogs"`, `"category":"GatewayLogs","categoryGroup":"allLogs"`), status: 400, code: "InvalidRequestContent", message: "properties.logs[0]"},
		{name: "setting without enabled", path: setting, body: with(settingBody, `"GatewayLogs","enabled":true`, `"GatewayLogs"`), status: 400, code: "InvalidRequestContent", message: "enabled"},
		{name: "setting twin", path: setting, body: settingBody, status: 409, code: "Conflict", message: "is already used in diagnostic setting 'logs' for category 'GatewayLogs'"},
		{name: "setting table", path: setting, body: with(settingBody, "Dedicated", "Own"), status: 400, code: "InvalidRequestContent", message: "logAnalyticsDestinationType"},
		{name: "role name", path: account + "/providers/Microsoft.Authorization/roleAssignments/mine", body: assignment, status: 400, code: "InvalidResourceName", at: role},
		{name: "role definition", path: role, body: with(assignment, "roleDefinitions/5e0bd9bd", "roleDefinitions/xyz"), status: 400, code: "InvalidRoleDefinitionId"},
		{name: "role principal", path: role, body: with(assignment, "88888888-3333-3333-3333-333333333333", "me"), status: 400, code: "InvalidPrincipalId"},
		{name: "role type", path: role, body: with(assignment, `"User"`, `"Robot"`), status: 400, code: "InvalidRequestContent", message: "principalType"},
		{name: "role property", path: role, body: with(assignment, `"principalType"`, `"principleType"`), status: 400, code: "InvalidRequestContent", message: "principleType"},
		{name: "role twice", path: role, body: with(ofGateway, `"User"`, `"ServicePrincipal"`), status: 409, code: "RoleAssignmentExists", freed: func(a *azure) {
			a.remove(account + "/providers/Microsoft.Authorization/roleAssignments/33333333-3333-3333-3333-333333333333")
		}},
		{name: "role changes hands", path: account + "/providers/Microsoft.Authorization/roleAssignments/33333333-3333-3333-3333-333333333333", body: assignment, status: 400, code: "RoleAssignmentUpdateNotPermitted", accepted: with(ofGateway, "User", "ServicePrincipal")},
		{name: "identity called a user", path: with(role, account, group), body: ofGateway, status: 400, code: "UnmatchedPrincipalType"},
		{name: "identity of unsaid type", path: with(role, account, group), body: with(ofGateway, `,"principalType":"User"`, ``), status: 400, code: "PrincipalNotFound", message: testTenant},
	})
}

func TestASettingOutlivesItsTargetUnseen(t *testing.T) {
	a := world(t)
	setting := service + "/providers/Microsoft.Insights/diagnosticSettings/logs"
	a.remove(service)
	require.Empty(t, a.Resources(diagnosticSettingType))
	require.Equal(t, 404, a.send(http.MethodGet, setting, "").status)
	a.remove(root + "/providers/Microsoft.ApiManagement/locations/swedencentral/deletedservices/gw-test?api-version=2024-06-01-preview")
	a.ok(service, serviceBody)
	a.get(setting)
}

func TestARoleAtSubscriptionOrGroupScopeIsAccepted(t *testing.T) {
	a := world(t)
	body := `{"properties":{"roleDefinitionId":"` + openAIUser + `","principalId":"88888888-3333-3333-3333-333333333333","principalType":"Group"}}`
	name := "/providers/Microsoft.Authorization/roleAssignments/77777777-3333-3333-3333-333333333333"
	require.Equal(t, root, text(a.ok(root+name, body), "properties", "scope"))
	require.Equal(t, group, text(a.ok(group+name, body), "properties", "scope"))
	a.remove(root + name)
}

func TestAWorkspaceAndAComponentAreFilledIn(t *testing.T) {
	a := world(t)
	logs := a.get(workspace)
	require.Regexp(t, guidPattern, text(logs, "properties", "customerId"))
	keys := a.send(http.MethodPost, workspace+"/sharedKeys", "")
	require.NotEmpty(t, keys.body["primarySharedKey"])
	insights := a.get(component)
	require.True(t, strings.HasPrefix(text(insights, "properties", "ConnectionString"), "InstrumentationKey="+text(insights, "properties", "InstrumentationKey")))
}
