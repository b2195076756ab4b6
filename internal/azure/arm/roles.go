package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Grant is a role that the deployer has on the subscription.
type Grant struct {
	// Role is the name of a built-in role: one of builtInRoles.
	Role string
	// Condition restricts it; empty does not.
	Condition string
}

const roleDefinitionsPath = "/providers/Microsoft.Authorization/roleDefinitions/"

// builtInRole is a role of Azure's own.
type builtInRole struct {
	id, name            string
	actions, notActions []string
	dataActions         []string
}

// builtInRoles are those that the deployer can have and that the program gives (Microsoft Learn: role-based-access-control/built-in-roles).
var builtInRoles = []builtInRole{
	{id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", name: "Owner", actions: []string{"*"}},
	{id: "b24988ac-6180-42a0-ab88-20f7382dd24c", name: "Contributor", actions: []string{"*"}, notActions: []string{
		"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action",
		"Microsoft.Blueprint/blueprintAssignments/write", "Microsoft.Blueprint/blueprintAssignments/delete", "Microsoft.Compute/galleries/share/action",
		"Microsoft.Purview/consents/write", "Microsoft.Purview/consents/delete",
	}},
	{id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", name: "Reader", actions: []string{"*/read"}},
	{id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", name: "User Access Administrator",
		actions: []string{"*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"}},
	{id: "f58310d9-a9f6-439a-9e8d-f62e7b41a168", name: "Role Based Access Control Administrator", actions: []string{
		"Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete", "*/read", "Microsoft.Support/*"}},
	{id: "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", name: "Cognitive Services OpenAI User",
		actions:     []string{"Microsoft.CognitiveServices/*/read", "Microsoft.Authorization/roleAssignments/read", "Microsoft.Authorization/roleDefinitions/read"},
		dataActions: []string{"Microsoft.CognitiveServices/accounts/OpenAI/*/read"}},
}

func (s *Server) roleDefinition(role builtInRole) map[string]any {
	path := "/subscriptions/" + s.options.SubscriptionID + roleDefinitionsPath + role.id
	return map[string]any{"id": path, "name": role.id, "type": "Microsoft.Authorization/roleDefinitions", "properties": map[string]any{
		"roleName": role.name, "type": "BuiltInRole", "assignableScopes": []any{"/"},
		"permissions": []any{map[string]any{"actions": anySlice(role.actions), "notActions": anySlice(role.notActions),
			"dataActions": anySlice(role.dataActions), "notDataActions": []any{}}},
	}}
}

// grants are the assignments of the deployer, which nobody deployed.
func (s *Server) grants() []map[string]any {
	given := s.options.Grants
	if given == nil {
		given = []Grant{{Role: "Owner"}}
	}
	scope := "/subscriptions/" + s.options.SubscriptionID
	var out []map[string]any
	for _, g := range given {
		role := guid("role", g.Role) // a role that does not exist has no definition
		if at := slices.IndexFunc(builtInRoles, func(r builtInRole) bool { return r.name == g.Role }); at >= 0 {
			role = builtInRoles[at].id
		}
		name := guid(scope, g.Role)
		props := map[string]any{"scope": scope, "roleDefinitionId": scope + roleDefinitionsPath + role, "principalId": s.options.DeployerID,
			"principalType": "ServicePrincipal"}
		if g.Condition != "" {
			props["condition"], props["conditionVersion"] = g.Condition, "2.0"
		}
		out = append(out, map[string]any{"id": scope + "/providers/" + roleAssignmentType + "/" + name, "name": name, "type": roleAssignmentType, "properties": props})
	}
	return out
}

var (
	roleList       = regexp.MustCompile(`(?i)^(.*)/providers/Microsoft\.Authorization/role(Assignments|Definitions)$`)
	roleDefinition = regexp.MustCompile(`(?i)^(?:/subscriptions/[^/]+)?/providers/Microsoft\.Authorization/roleDefinitions/([^/]+)$`)
)

// routeRoles answers who has which role, and what a role allows (Microsoft Learn: role-based-access-control/role-assignments-list-rest,
// role-definitions-list).
func (s *Server) routeRoles(req *request) (*reply, *Error, bool) {
	if req.method != http.MethodGet {
		return nil, nil, false
	}
	one, list := roleDefinition.FindStringSubmatch(req.path), roleList.FindStringSubmatch(req.path)
	if one == nil && list == nil {
		return nil, nil, false
	}
	kind := registry[strings.ToLower(roleAssignmentType)]
	if !slices.Contains(kind.readable(), req.version) {
		_, rest, _ := strings.Cut(kind.Type, "/")
		return nil, unknownVersion("Microsoft.Authorization", rest, req.version, kind.readable()), true
	}
	if one != nil {
		answer, refused := s.oneRole(one[1])
		return answer, refused, true
	}
	if scope := list[1]; scope != "" {
		id, err := ParseID(scope)
		if err != nil {
			return nil, refusal(http.StatusBadRequest, "InvalidRequestUri", "%v", err), true
		}
		if refused := s.known(id.Subscription); refused != nil {
			return nil, refused, true
		}
		if id.Type != subscriptionType && s.find(scope) == nil {
			return nil, resourceOrGroupNotFound(id), true
		}
	}
	values, refused := s.roleList(req, list[1], strings.EqualFold(list[2], "Definitions"))
	if refused != nil {
		return nil, refused, true
	}
	answer, refused := s.page(req, values)
	return answer, refused, true
}

func resourceOrGroupNotFound(id ID) *Error {
	if id.Type == groupType {
		return groupNotFound(id.Group)
	}
	return resourceNotFound(id)
}

func (s *Server) oneRole(id string) (*reply, *Error) {
	for _, role := range builtInRoles {
		if strings.EqualFold(role.id, id) {
			return &reply{status: http.StatusOK, body: s.roleDefinition(role)}, nil
		}
	}
	return nil, refusal(http.StatusNotFound, "RoleDefinitionDoesNotExist", "The specified role definition with ID '%s' does not exist.", id)
}

var (
	principalFilter = regexp.MustCompile(`(?i)^(?:assignedTo\('([^']*)'\)|principalId eq '([^']*)')$`)
	roleNameFilter  = regexp.MustCompile(`(?i)^roleName eq '([^']*)'$`)
)

// roleList are assignments at, above and below a scope, or the definitions. A filter leaves out: atScope() what is below, assignedTo() and
// principalId what others have, roleName the other definitions.
func (s *Server) roleList(req *request, scope string, definitions bool) ([]any, *Error) {
	filter, principal, roleName, below := req.parameter("$filter"), "", "", true
	for _, term := range regexp.MustCompile(`(?i)\s+and\s+`).Split(filter, -1) {
		who, name := principalFilter.FindStringSubmatch(term), roleNameFilter.FindStringSubmatch(term)
		switch {
		case strings.EqualFold(term, "atScope()"):
			below = false
		case who != nil && !definitions:
			principal = who[1] + who[2]
		case name != nil && definitions:
			roleName = name[1]
		case term != "":
			return nil, notModelled(http.StatusBadRequest, "InvalidFilter", "The filter '%s' is not valid", filter)
		}
	}
	values := []any{}
	if definitions {
		for _, role := range builtInRoles {
			if roleName == "" || strings.EqualFold(role.name, roleName) {
				values = append(values, s.roleDefinition(role))
			}
		}
		return values, nil
	}
	all := s.grants()
	for _, r := range s.ofType(roleAssignmentType, "") {
		if s.visible(r) {
			all = append(all, clone(r.Body))
		}
	}
	for _, a := range all {
		at := text(a, "properties", "scope")
		if !isWithin(scope, at) && (!below || !isWithin(at, scope)) || principal != "" && !strings.EqualFold(text(a, "properties", "principalId"), principal) {
			continue
		}
		values = append(values, a)
	}
	return values, nil
}
