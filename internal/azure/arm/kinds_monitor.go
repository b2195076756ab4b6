package arm

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

type publicAccess string

type workspaceModel struct {
	Location   *string            `json:"location,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Identity   *identityModel     `json:"identity,omitzero"`
	Properties *struct {
		SKU *struct {
			Name                     *workspaceSKU `json:"name,omitzero"`
			CapacityReservationLevel *int32        `json:"capacityReservationLevel,omitzero"`
		} `json:"sku,omitzero"`
		RetentionInDays                 *int32        `json:"retentionInDays,omitzero"`
		PublicNetworkAccessForIngestion *publicAccess `json:"publicNetworkAccessForIngestion,omitzero"`
		PublicNetworkAccessForQuery     *publicAccess `json:"publicNetworkAccessForQuery,omitzero"`
		ForceCmkForQuery                *bool         `json:"forceCmkForQuery,omitzero"`
		DefaultDataCollectionRule       *string       `json:"defaultDataCollectionRuleResourceId,omitzero"`
		WorkspaceCapping                *struct {
			DailyQuotaGb *float64 `json:"dailyQuotaGb,omitzero"`
		} `json:"workspaceCapping,omitzero"`
		Features *struct {
			EnableDataExport                            *bool   `json:"enableDataExport,omitzero"`
			ImmediatePurgeDataOn30Days                  *bool   `json:"immediatePurgeDataOn30Days,omitzero"`
			EnableLogAccessUsingOnlyResourcePermissions *bool   `json:"enableLogAccessUsingOnlyResourcePermissions,omitzero"`
			ClusterResourceID                           *string `json:"clusterResourceId,omitzero"`
			DisableLocalAuth                            *bool   `json:"disableLocalAuth,omitzero"`
		} `json:"features,omitzero"`
		ProvisioningState *string `json:"provisioningState,omitzero"`
	} `json:"properties,omitzero"`
}

type workspaceSKU string

type identityKind string

type identityModel struct {
	Type                   *identityKind   `json:"type,omitzero"`
	UserAssignedIdentities map[string]*any `json:"userAssignedIdentities,omitzero"`
}

type (
	componentApplication string
	componentIngestion   string
	componentFlow        string
	componentSource      string
)

type componentModel struct {
	Location   *string            `json:"location,omitzero"`
	Kind       *string            `json:"kind,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Properties *struct {
		ApplicationType                 *componentApplication `json:"Application_Type,omitzero"`
		FlowType                        *componentFlow        `json:"Flow_Type,omitzero"`
		RequestSource                   *componentSource      `json:"Request_Source,omitzero"`
		HockeyAppID                     *string               `json:"HockeyAppId,omitzero"`
		SamplingPercentage              *float64              `json:"SamplingPercentage,omitzero"`
		RetentionInDays                 *int32                `json:"RetentionInDays,omitzero"`
		DisableIPMasking                *bool                 `json:"DisableIpMasking,omitzero"`
		ImmediatePurgeDataOn30Days      *bool                 `json:"ImmediatePurgeDataOn30Days,omitzero"`
		WorkspaceResourceID             *string               `json:"WorkspaceResourceId,omitzero"`
		IngestionMode                   *componentIngestion   `json:"IngestionMode,omitzero"`
		PublicNetworkAccessForIngestion *publicAccess         `json:"publicNetworkAccessForIngestion,omitzero"`
		PublicNetworkAccessForQuery     *publicAccess         `json:"publicNetworkAccessForQuery,omitzero"`
		DisableLocalAuth                *bool                 `json:"DisableLocalAuth,omitzero"`
		ForceCustomerStorageForProfiler *bool                 `json:"ForceCustomerStorageForProfiler,omitzero"`
	} `json:"properties,omitzero"`
}

type diagnosticTable string

type retentionModel struct {
	Days    *int32 `json:"days,omitzero"`
	Enabled *bool  `json:"enabled,omitzero"`
}

type diagnosticSettingModel struct {
	Properties *struct {
		WorkspaceID                 *string          `json:"workspaceId,omitzero"`
		LogAnalyticsDestinationType *diagnosticTable `json:"logAnalyticsDestinationType,omitzero"`
		EventHubAuthorizationRuleID *string          `json:"eventHubAuthorizationRuleId,omitzero"`
		EventHubName                *string          `json:"eventHubName,omitzero"`
		StorageAccountID            *string          `json:"storageAccountId,omitzero"`
		ServiceBusRuleID            *string          `json:"serviceBusRuleId,omitzero"`
		MarketplacePartnerID        *string          `json:"marketplacePartnerId,omitzero"`
		Logs                        []struct {
			Category        *string         `json:"category,omitzero"`
			CategoryGroup   *string         `json:"categoryGroup,omitzero"`
			Enabled         *bool           `json:"enabled,omitzero"`
			RetentionPolicy *retentionModel `json:"retentionPolicy,omitzero"`
		} `json:"logs,omitzero"`
		Metrics []struct {
			Category        *string         `json:"category,omitzero"`
			Enabled         *bool           `json:"enabled,omitzero"`
			TimeGrain       *string         `json:"timeGrain,omitzero"`
			RetentionPolicy *retentionModel `json:"retentionPolicy,omitzero"`
		} `json:"metrics,omitzero"`
	} `json:"properties,omitzero"`
}

func monitorKinds() []*Kind {
	return []*Kind{
		{
			Type: workspaceType, model: model[workspaceModel](modelOptions{}), checks: []func(*write){checkRetention},
			fill: fillWorkspace, created: openWorkspace,
			actions: map[string]func(*Server, *record) (map[string]any, *Error){"sharedKeys": sharedKeys},
		},
		{
			Type: componentType, model: model[componentModel](modelOptions{}), checks: []func(*write){checkComponent},
			fill: fillComponent,
		},
		{
			Type: diagnosticSettingType, model: model[diagnosticSettingModel](modelOptions{}),
			checks: []func(*write){checkDiagnosticSink, checkDiagnosticCategories, checkDiagnosticTwins},
		},
	}
}

// checkRetention: 30 to 730 days for PerGB2018; 4 is what the free plans had, 7 what their data keeps.
func checkRetention(w *write) {
	if days, ok := w.props["retentionInDays"].(float64); ok && days != 4 && days != 7 && (days < 30 || days > 730) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidParameter", "'RetentionInDays' property doesn't match the SKU limits: %v is not 30 to 730.", days).at("properties.retentionInDays"))
	}
}

func fillWorkspace(w *write) {
	w.body["etag"] = etag(w)
	w.props["customerId"] = guid(w.id.text, "customer")
	w.private["primarySharedKey"], w.private["secondarySharedKey"] = w.s.secret(w.id.text, "primarySharedKey"),
		w.s.secret(w.id.text, "secondarySharedKey")
}

func sharedKeys(_ *Server, r *record) (map[string]any, *Error) {
	if disabled, _ := object(r.props(), "features")["disableLocalAuth"].(bool); disabled {
		return nil, refusal(http.StatusBadRequest, "BadRequest", "Local authentication is disabled for the workspace '%s'.", r.ID)
	}
	return clone(r.Private), nil
}

func checkComponent(w *write) {
	workspace := text(w.props, "WorkspaceResourceId")
	if workspace == "" {
		w.refuse(refusal(http.StatusBadRequest, "BadRequest", "Classic Application Insights components are retired: WorkspaceResourceId names the workspace.").at("properties.WorkspaceResourceId"))
		return
	}
	if w.resolve(workspace, workspaceType) == nil {
		w.refuse(missing(workspace))
	}
}

// missing is ARM's answer when a property names a resource that is not there.
func missing(id string) *Error {
	parsed, err := ParseID(id)
	if err != nil {
		return refusal(http.StatusBadRequest, "LinkedInvalidPropertyId", "Property id '%s' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.", id)
	}
	return resourceNotFound(parsed)
}

func fillComponent(w *write) {
	key, region := guid(w.id.text, "instrumentation"), normalRegion(text(w.body, "location"))
	w.props["InstrumentationKey"], w.props["AppId"], w.props["ApplicationId"] = key, guid(w.id.text, "app"), w.id.Name()
	w.props["ConnectionString"] = fmt.Sprintf("InstrumentationKey=%s;IngestionEndpoint=https://%s-0.in.applicationinsights.azure.com/;LiveEndpoint=https://%s.livediagnostics.monitor.azure.com/;ApplicationId=%s", key, region, region, w.props["AppId"])
	w.props["TenantId"] = w.id.Subscription
}

// logCategories are what a target can log; groups are allLogs and audit (Microsoft Learn: azure-monitor/reference/supported-logs).
var logCategories = map[string][]string{
	serviceType: {"GatewayLogs", "GatewayLlmLogs", "WebSocketConnectionLogs", "DeveloperPortalAuditLogs", "GatewayMCPLogs"},
	accountType: {"Audit", "RequestResponse", "AzureOpenAIRequestUsage", "Trace"},
}

func checkDiagnosticSink(w *write) {
	if id := text(w.props, "workspaceId"); id != "" && w.resolve(id, workspaceType) == nil {
		w.refuse(missing(id))
	}
	for _, key := range []string{"workspaceId", "eventHubAuthorizationRuleId", "storageAccountId", "serviceBusRuleId",
		"marketplacePartnerId"} {
		if text(w.props, key) != "" {
			return
		}
	}
	w.refuse(refusal(http.StatusBadRequest, "BadRequest", "At least one data sink needs to be specified."))
}

func checkDiagnosticCategories(w *write) {
	target := w.s.find(w.id.Scope)
	if target == nil { // at group or subscription scope
		w.refuse(notModelled(http.StatusBadRequest, "BadRequest", "Diagnostic settings on '%s' are not supported", w.id))
		return
	}
	known, groups := logCategories[target.Type], []string{"allLogs", "audit"}
	if len(items(w.props, "logs"))+len(items(w.props, "metrics")) == 0 {
		w.refuse(refusal(http.StatusBadRequest, "BadRequest", "The diagnostic setting '%s' names no log and no metric category.", w.id.Name()))
	}
	for i, log := range items(w.props, "logs") {
		category, group := text(log, "category"), text(log, "categoryGroup")
		switch {
		case (category == "") == (group == ""):
			w.bad(fmt.Sprintf("properties.logs[%d]", i), "A log has a category or a categoryGroup.")
		case log["enabled"] == nil:
			w.bad(fmt.Sprintf("properties.logs[%d].enabled", i), "Required property 'enabled' not found in JSON.")
		case category != "" && known != nil && !slices.Contains(known, category):
			w.refuse(refusal(http.StatusBadRequest, "BadRequest", "Category '%s' is not supported.", category))
		case group != "" && !slices.ContainsFunc(groups, func(g string) bool { return strings.EqualFold(g, group) }):
			w.refuse(refusal(http.StatusBadRequest, "BadRequest", "Category group '%s' is not supported.", group))
		}
	}
	for i, metric := range items(w.props, "metrics") {
		if metric["enabled"] == nil {
			w.bad(fmt.Sprintf("properties.metrics[%d].enabled", i), "Required property 'enabled' not found in JSON.")
		}
	}
}

// maxSettings of one resource (Microsoft Learn: azure-monitor/platform/diagnostic-settings).
const maxSettings = 5

// checkDiagnosticTwins refuses to send one category to one sink twice.
func checkDiagnosticTwins(w *write) {
	sink, others := text(w.props, "workspaceId"), 0
	for _, r := range w.s.ofType(diagnosticSettingType, w.id.Scope) {
		if strings.EqualFold(r.ID, w.id.text) || !strings.EqualFold(r.id().Scope, w.id.Scope) {
			continue
		}
		others++
		if sink == "" || !strings.EqualFold(text(r.props(), "workspaceId"), sink) {
			continue
		}
		for _, mine := range items(w.props, "logs") {
			for _, theirs := range items(r.props(), "logs") {
				if c := text(mine, "category") + text(mine, "categoryGroup"); c == text(theirs, "category")+text(theirs, "categoryGroup") {
					w.refuse(refusal(http.StatusConflict, "Conflict", "Data sink '%s' is already used in diagnostic setting '%s' for category '%s'. Data sinks can't be reused in different settings on the same category for the same resource.", sink, r.id().Name(), c))
				}
			}
		}
	}
	if others >= maxSettings {
		w.refuse(refusal(http.StatusBadRequest, "BadRequest", "The limit of %d diagnostic settings was reached.", maxSettings))
	}
}
