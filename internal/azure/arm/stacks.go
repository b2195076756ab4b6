package arm

import (
	"net/http"
	"strings"
)

type (
	unmanageAction string
	denyMode       string
)

type stackModel struct {
	Tags       map[string]*string `json:"tags,omitzero"`
	Location   *string            `json:"location,omitzero"`
	Properties *struct {
		Template         map[string]any `json:"template,omitzero"`
		Parameters       map[string]any `json:"parameters,omitzero"`
		Description      *string        `json:"description,omitzero"`
		ActionOnUnmanage *struct {
			Resources        *unmanageAction `json:"resources,omitzero"`
			ResourceGroups   *unmanageAction `json:"resourceGroups,omitzero"`
			ManagementGroups *unmanageAction `json:"managementGroups,omitzero"`
		} `json:"actionOnUnmanage,omitzero"`
		DenySettings *struct {
			Mode               *denyMode `json:"mode,omitzero"`
			ExcludedPrincipals []string  `json:"excludedPrincipals,omitzero"`
			ExcludedActions    []string  `json:"excludedActions,omitzero"`
			ApplyToChildScopes *bool     `json:"applyToChildScopes,omitzero"`
		} `json:"denySettings,omitzero"`
		BypassStackOutOfSyncError *bool `json:"bypassStackOutOfSyncError,omitzero"`
	} `json:"properties,omitzero"`
}

// runStack deploys a stack's template and then lets go of what left it: actionOnUnmanage of this very request decides
// whether that is deleted or merely forgotten (Azure/deployment-stacks issue 226).
func runStack(w *write) {
	scope, list := w.expand()
	if scope == nil {
		return
	}
	made, failures := w.deploy(scope, list)
	still := map[string]bool{}
	managed := []any{}
	for _, r := range list {
		still[r.id.Key()] = true
	}
	for _, id := range made {
		managed = append(managed, map[string]any{"id": id.text, "status": "managed", "denyStatus": "none"})
	}
	w.props["deletedResources"], w.props["detachedResources"], w.props["failedResources"] = []any{}, []any{}, []any{}
	if len(failures) == 0 {
		remove := strings.EqualFold(text(w.props, "actionOnUnmanage", "resources"), "delete")
		managed = append(managed, w.release(still, remove, &failures)...)
	}
	w.finishTemplate(scope, made, failures, "DeploymentStackDeploymentFailed")
	w.props["resources"] = managed
	delete(w.props, "outputResources")
}

// release lets go of the resources of the last run that the template no longer has; those that cannot go stay managed.
func (w *write) release(still map[string]bool, remove bool, failures *[]*Error) []any {
	var kept []any
	if w.prev == nil {
		return nil
	}
	// The last in is the first out: what was created later may use what was created before.
	old := items(w.prev.props(), "resources")
	for i := len(old) - 1; i >= 0; i-- {
		id, _ := ParseID(text(old[i], "id")) // was parsed before it was deployed
		if still[id.Key()] {
			continue
		}
		entry := map[string]any{"id": id.text}
		if !remove {
			w.props["detachedResources"] = append(w.props["detachedResources"].([]any), entry)
			continue
		}
		if refused := w.s.deleteManaged(id, w.req); refused != nil {
			*failures = append(*failures, refused)
			w.props["failedResources"] = append(w.props["failedResources"].([]any),
				map[string]any{"id": id.text, "error": map[string]any{"code": refused.Code, "message": refused.Message}})
			kept = append(kept, old[i])
			continue
		}
		w.props["deletedResources"] = append(w.props["deletedResources"].([]any), entry)
	}
	return kept
}

func (s *Server) deleteManaged(id ID, req *request) *Error {
	rec := s.find(id.text)
	if rec == nil {
		return nil
	}
	_, refused := s.delete(&request{method: http.MethodDelete, path: id.text, version: rec.APIVersion, host: req.host, template: true}, id)
	return refused
}

func fillStack(w *write) {
	w.props["duration"] = "PT0S"
	w.props["deploymentId"] = groupID(w.id) + "/providers/Microsoft.Resources/deployments/" + w.id.Name() + "-" + guid(w.id.text)[:8]
	w.props["deploymentScope"] = groupID(w.id)
	w.props["correlationId"] = guid(w.id.text, "stack")
}

// unmanageOnDelete: a DELETE without unmanageAction.Resources detaches, whatever the stack's own actionOnUnmanage says.
// The Pulumi provider sends no query, so destroying a stack leaves its resources behind.
func unmanageOnDelete(rm *removal) *Error {
	action := ""
	for key, values := range rm.req.query {
		if strings.EqualFold(key, "unmanageAction.Resources") && len(values) > 0 {
			action = values[0]
		}
	}
	if !strings.EqualFold(action, "delete") {
		return nil
	}
	resources := items(rm.rec.props(), "resources")
	for i := len(resources) - 1; i >= 0; i-- {
		id, _ := ParseID(text(resources[i], "id")) // was parsed before it was deployed
		if refused := rm.s.deleteManaged(id, rm.req); refused != nil {
			return refused
		}
	}
	return nil
}
