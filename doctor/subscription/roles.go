package subscription

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/golang-jwt/jwt/v5"

	"enterprise-openai/doctor"
)

// assignAction is what gives the gateway its role on the accounts.
const assignAction = "Microsoft.Authorization/roleAssignments/write"

// actions are one of each kind that a deployment needs.
var actions = []string{
	"Microsoft.Resources/subscriptions/resourceGroups/write", "Microsoft.Resources/deploymentStacks/write",
	"Microsoft.Network/virtualNetworks/write", "Microsoft.OperationalInsights/workspaces/write", "Microsoft.Insights/components/write",
	"Microsoft.CognitiveServices/accounts/write", "Microsoft.ApiManagement/service/write",
}

// grant is a role of the deploying identity.
type grant struct {
	role        string
	conditional bool
	permissions []*armauthorization.Permission
}

func (q *inquiry) askRoles(ctx context.Context, token string) {
	const what, action = "Whether you may deploy", "Microsoft.Authorization/roleAssignments/read"
	who := principal(token)
	if who == "" {
		q.answer.NotChecked = append(q.answer.NotChecked, what+": the login's token does not say who you are.")
		return
	}
	grants, err := q.grants(ctx, who)
	if err != nil {
		q.blind(what, action, err)
		return
	}
	var denied []string
	for _, action := range actions {
		if allowed, _ := allows(grants, action); !allowed {
			denied = append(denied, action)
		}
	}
	if len(denied) > 0 {
		q.find(rolesCheck, doctor.Error, "you may not deploy: no active role of yours allows "+strings.Join(denied, ", "),
			fmt.Sprintf("get role Contributor, or activate it: az role assignment create --assignee %s --role Contributor --scope /subscriptions/%s", who, q.options.ID), "")
	}
	allowed, conditional := allows(grants, assignAction)
	switch {
	case !allowed:
		q.find(rolesCheck, doctor.Error, "you may not give roles: pulumi up fails after everything else is made, when the gateway gets its role on the accounts",
			"get Owner, User Access Administrator or Role Based Access Control Administrator on the subscription, or activate it", "")
	case conditional:
		q.find(rolesCheck, doctor.Warning, "you may give roles only under a condition: whether it allows Cognitive Services OpenAI User to a service principal cannot be seen from here",
			"read the condition of your assignment: az role assignment list --assignee "+who+" --query \"[].condition\"", "")
	}
}

// principal is the object id in a token. It is read, not verified: Azure does that.
func principal(token string) string {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		return ""
	}
	id, _ := claims["oid"].(string)
	return id
}

// grants are the active roles at the subscription and above it, those of groups included
// (Microsoft Learn: role-based-access-control/role-assignments-list-rest, filter assignedTo).
func (q *inquiry) grants(ctx context.Context, who string) ([]grant, error) {
	scope := "/subscriptions/" + q.options.ID
	filter := "assignedTo('" + who + "')"
	conditional := map[string]bool{} // by role definition: every assignment of it has a condition
	var order []string
	err := pages(ctx, q, q.assignments.NewListForScopePager(scope, &armauthorization.RoleAssignmentsClientListForScopeOptions{Filter: &filter}),
		func(page armauthorization.RoleAssignmentsClientListForScopeResponse) {
			for _, a := range page.Value {
				if a.Properties == nil || !applies(value(a.Properties.Scope), scope) {
					continue // below the subscription: some other resource group's
				}
				id := value(a.Properties.RoleDefinitionID)
				was, seen := conditional[id]
				if !seen {
					order = append(order, id)
				}
				conditional[id] = value(a.Properties.Condition) != "" && (was || !seen)
			}
		})
	if err != nil {
		return nil, err
	}
	var grants []grant
	for _, id := range order {
		got, err := once(ctx, q, func(ctx context.Context) (armauthorization.RoleDefinitionsClientGetByIDResponse, error) {
			return q.definitions.GetByID(ctx, id, nil)
		})
		if err != nil {
			return nil, err
		}
		if got.Properties != nil {
			grants = append(grants, grant{value(got.Properties.RoleName), conditional[id], got.Properties.Permissions})
		}
	}
	return grants, nil
}

// applies reports whether an assignment at a scope reaches the subscription.
func applies(at, subscription string) bool {
	at = strings.ToLower(at)
	return at == "/" || at == strings.ToLower(subscription) || strings.HasPrefix(at, "/providers/microsoft.management/managementgroups/")
}

// allows reports whether a role allows an action, and whether only roles with a condition do.
func allows(grants []grant, action string) (allowed, conditional bool) {
	conditional = true
	for _, g := range grants {
		for _, p := range g.permissions {
			if matches(p.Actions, action) && !matches(p.NotActions, action) {
				allowed = true
				conditional = conditional && g.conditional
			}
		}
	}
	return allowed, allowed && conditional
}

// matches compares an action with patterns such as Microsoft.Network/*/read.
func matches(patterns []*string, action string) bool {
	for _, p := range patterns {
		parts := strings.Split(value(p), "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		if ok, err := regexp.MatchString("(?i)^"+strings.Join(parts, ".*")+"$", action); err == nil && ok {
			return true
		}
	}
	return false
}
