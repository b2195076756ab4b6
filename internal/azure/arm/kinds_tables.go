package arm

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

type tablePlan string

type tableModel struct {
	Properties *struct {
		Plan                 *tablePlan `json:"plan,omitzero"`
		RetentionInDays      *int32     `json:"retentionInDays,omitzero"`
		TotalRetentionInDays *int32     `json:"totalRetentionInDays,omitzero"`
		Schema               *struct {
			Name        *string          `json:"name,omitzero"`
			DisplayName *string          `json:"displayName,omitzero"`
			Description *string          `json:"description,omitzero"`
			Columns     []map[string]any `json:"columns,omitzero"`
		} `json:"schema,omitzero"`
	} `json:"properties,omitzero"`
}

// builtInTables are some of those that every workspace has: the ones that this program's resources write to.
var builtInTables = []string{
	"ApiManagementGatewayLogs", "ApiManagementGatewayLlmLog", "AppMetrics", "AzureDiagnostics", "AzureMetrics",
}

const (
	tableRetentionLeast, tableRetentionMost = 4, 730
	// workspaceSettles is how long a new workspace refuses to have its tables changed. [M] unverified: the refusal was reported,
	// its duration was not.
	workspaceSettles = 5 * time.Minute
)

// yearsKept are the totals above tableRetentionMost (Microsoft Learn: azure-monitor/logs/data-retention-configure).
var yearsKept = []float64{1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018, 4383}

func tableKinds() []*Kind {
	return []*Kind{{
		Type: tableType, model: model[tableModel](modelOptions{}),
		checks: []func(*write){checkTableThere, checkWorkspaceSettled, checkTableRetention}, fill: fillTable,
		removing: []func(*removal) *Error{tableStays},
	}}
}

func openWorkspace(w *write) {
	if w.prev != nil {
		return
	}
	for _, name := range builtInTables {
		w.builtIn(tableType, "tables", name, map[string]any{"plan": "Analytics", "provisioningState": "Succeeded",
			"retentionInDays": w.props["retentionInDays"], "totalRetentionInDays": w.props["retentionInDays"],
			"schema": map[string]any{"name": name, "tableType": "Microsoft"}}, nil)
	}
}

func checkTableThere(w *write) {
	if w.prev == nil && !strings.HasSuffix(w.id.Name(), "_CL") {
		w.refuse(refusal(http.StatusNotFound, "ResourceNotFound", "The specified table: '%s' was not found. Please make sure proper table name is used.", w.id.Name()))
	}
}

// checkWorkspaceSettled counts only where operations take time.
func checkWorkspaceSettled(w *write) {
	workspace, _ := w.id.Parent()
	rec := w.s.find(workspace.text)
	if w.s.options.Duration == nil || rec == nil || !w.s.options.Now().Before(rec.Created.Add(workspaceSettles)) {
		return
	}
	w.refuse(refusal(http.StatusNotFound, "ResourceNotFound", "Workspace not active"))
}

func checkTableRetention(w *write) {
	days, ok := w.props["retentionInDays"].(float64)
	if ok && days != -1 && (days < tableRetentionLeast || days > tableRetentionMost) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidParameter", "'retentionInDays' %v is not %d to %d.", days, tableRetentionLeast, tableRetentionMost).at("properties.retentionInDays"))
	}
	total, ok := w.props["totalRetentionInDays"].(float64)
	if !ok || total == -1 {
		return
	}
	if total < max(tableRetentionLeast, days) || total > tableRetentionMost && !slices.Contains(yearsKept, total) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidParameter", "'totalRetentionInDays' %v is neither %d to %d and at least retentionInDays, nor one of %v.",
			total, tableRetentionLeast, tableRetentionMost, yearsKept).at("properties.totalRetentionInDays"))
	}
}

// fillTable: -1, and nothing, stand for the workspace's retention, or for the table's own.
func fillTable(w *write) {
	workspace, _ := w.id.Parent()
	if rec := w.s.find(workspace.text); rec != nil && unset(w.props["retentionInDays"]) {
		w.props["retentionInDays"], w.props["retentionInDaysAsDefault"] = rec.props()["retentionInDays"], true
	}
	if unset(w.props["totalRetentionInDays"]) {
		w.props["totalRetentionInDays"], w.props["totalRetentionInDaysAsDefault"] = w.props["retentionInDays"], true
	}
	setDefault(w.props, "schema", map[string]any{"name": w.id.Name(), "tableType": "Microsoft"})
}

func unset(days any) bool { return days == nil || days == float64(-1) }

// tableStays: only custom tables can be deleted. [M] unverified: the code.
func tableStays(rm *removal) *Error {
	if !rm.rec.Hidden {
		return nil
	}
	return refusal(http.StatusBadRequest, "InvalidOperation", "Table '%s' is a Microsoft table and cannot be deleted.", rm.id.Name())
}
