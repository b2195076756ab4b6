package arm

import (
	"net/http"
	"regexp"
	"strings"
)

type principalKind string

type roleAssignmentModel struct {
	Properties *struct {
		RoleDefinitionID                   *string        `json:"roleDefinitionId,omitzero"`
		PrincipalID                        *string        `json:"principalId,omitzero"`
		PrincipalType                      *principalKind `json:"principalType,omitzero"`
		Description                        *string        `json:"description,omitzero"`
		Condition                          *string        `json:"condition,omitzero"`
		ConditionVersion                   *string        `json:"conditionVersion,omitzero"`
		DelegatedManagedIdentityResourceID *string        `json:"delegatedManagedIdentityResourceId,omitzero"`
		Scope                              *string        `json:"scope,omitzero"`
	} `json:"properties,omitzero"`
}

func authorizationKinds() []*Kind {
	return []*Kind{{
		Type: roleAssignmentType, model: model[roleAssignmentModel](modelOptions{}),
		checks: []func(*write){checkRoleDefinition, checkRoleTwins, checkPrincipal}, fill: fillRoleAssignment,
	}}
}

var roleDefinitionPattern = regexp.MustCompile(`(?i)^(/subscriptions/[^/]+)?/providers/Microsoft\.Authorization/roleDefinitions/([0-9a-f-]{36})$`)

func checkRoleDefinition(w *write) {
	if role := text(w.props, "roleDefinitionId"); !roleDefinitionPattern.MatchString(role) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidRoleDefinitionId", "The role definition ID '%s' is not valid.", role))
	}
	if principal := text(w.props, "principalId"); !guidPattern.MatchString(principal) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidPrincipalId", "The principal ID '%s' is not valid. Principal ID must be a GUID.", principal))
	}
}

func roleOf(props map[string]any) string {
	id := text(props, "roleDefinitionId")
	return strings.ToLower(id[strings.LastIndexByte(id, '/')+1:])
}

func assignmentScope(id ID) string {
	cut := strings.LastIndex(strings.ToLower(id.text), "/providers/microsoft.authorization/")
	return id.text[:cut]
}

// checkRoleTwins: one principal has one role once at a scope, and an assignment never changes hands.
func checkRoleTwins(w *write) {
	principal := text(w.props, "principalId")
	if w.prev != nil && (!strings.EqualFold(text(w.prev.props(), "principalId"), principal) || roleOf(w.prev.props()) != roleOf(w.props)) {
		w.refuse(refusal(http.StatusBadRequest, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."))
	}
	for _, r := range w.s.ofType(roleAssignmentType, "") {
		if !strings.EqualFold(r.ID, w.id.text) && strings.EqualFold(assignmentScope(r.id()), assignmentScope(w.id)) &&
			strings.EqualFold(text(r.props(), "principalId"), principal) && roleOf(r.props()) == roleOf(w.props) {
			w.refuse(refusal(http.StatusConflict, "RoleAssignmentExists", "The role assignment already exists."))
		}
	}
}

// checkPrincipal: a managed identity is a service principal. An assignment that does not say so makes Azure look the
// identity up in a directory that has not heard of it yet.
func checkPrincipal(w *write) {
	principal, kind := text(w.props, "principalId"), text(w.props, "principalType")
	if !w.s.isIdentity(principal) {
		return
	}
	switch {
	case kind == "":
		w.refuse(refusal(http.StatusBadRequest, "PrincipalNotFound", "Principal %s does not exist in the directory %s. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group. See https://aka.ms/docs-principaltype", strings.ReplaceAll(principal, "-", ""), w.s.options.TenantID))
	case !strings.EqualFold(kind, "ServicePrincipal"):
		w.refuse(refusal(http.StatusBadRequest, "UnmatchedPrincipalType", "The PrincipalId '%s' has type 'ServicePrincipal' , which is different from specified PrinciaplType '%s'.", principal, kind))
	}
}

// isIdentity says whether a principal is the system-assigned identity of a resource.
func (s *Server) isIdentity(principal string) bool {
	for _, r := range s.records {
		if strings.EqualFold(text(r.Body, "identity", "principalId"), principal) {
			return true
		}
	}
	return false
}

func fillRoleAssignment(w *write) {
	now := w.s.options.Now().UTC().Format("2006-01-02T15:04:05.0000000Z")
	w.props["scope"] = assignmentScope(w.id)
	w.props["roleDefinitionId"] = "/subscriptions/" + w.id.Subscription + "/providers/Microsoft.Authorization/roleDefinitions/" + roleOf(w.props)
	w.props["createdOn"], w.props["updatedOn"] = now, now
	if w.prev != nil {
		w.props["createdOn"] = w.prev.props()["createdOn"]
	}
}

// fillIdentity gives a resource the principal of its system-assigned identity.
func fillIdentity(w *write) {
	identity, ok := w.body["identity"].(map[string]any)
	if !ok || !strings.Contains(strings.ToLower(text(identity, "type")), "systemassigned") {
		return
	}
	identity["principalId"], identity["tenantId"] = guid(w.id.text, "principal"), w.s.options.TenantID
}
