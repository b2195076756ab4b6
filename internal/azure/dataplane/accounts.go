package dataplane

import (
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/arm"
)

const (
	accountType    = "Microsoft.CognitiveServices/accounts"
	deploymentType = accountType + "/deployments"
	roleType       = "Microsoft.Authorization/roleAssignments"
)

// inferenceRoles are the definitions of the roles that hold the data actions of inference
// (Microsoft Learn: role-based-access-control/built-in-roles/ai-machine-learning). Owner and Contributor are not among them:
// they hold no data action.
var inferenceRoles = []string{
	"5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", // Cognitive Services OpenAI User
	"a001fd3d-188f-4b5d-821b-7da978bf7442", // Cognitive Services OpenAI Contributor
	"a97b65f3-24c7-4388-baec-2e87135dc908", // Cognitive Services User
}

// writingRoles are those among them that may also write and delete files: the first reads files (Microsoft Learn, as above).
var writingRoles = inferenceRoles[1:]

// readAccounts are the deployed accounts with their deployments and role holders. One without a custom subdomain
// has no host name of its own and is left out: calls to the name it would have had do not resolve.
func readAccounts(server *arm.Server, tenantID string, asOf time.Time) []accounts.Account {
	var read []accounts.Account
	deployments, roles := server.Resources(deploymentType), server.Resources(roleType)
	for _, r := range server.Resources(accountType) {
		p, private := properties(r), node{r.Private}
		if p.at("customSubDomainName").text() == "" {
			continue
		}
		account := accounts.Account{
			Name:                r.Name,
			Subdomain:           p.at("customSubDomainName").text(),
			Region:              body(r).at("location").text(),
			TenantID:            tenantID,
			PublicNetworkAccess: p.at("publicNetworkAccess").text() != "Disabled",
			NetworkDefaultDeny:  p.at("networkAcls", "defaultAction").text() == "Deny",
			DisableLocalAuth:    p.at("disableLocalAuth").flag(),
			Keys:                []string{private.at("key1").text(), private.at("key2").text()},
		}
		for _, d := range deployments {
			if within(d.ID, r.ID) {
				account.Deployments = append(account.Deployments, readDeployment(d))
			}
		}
		for _, role := range roles {
			definition, principal := properties(role).at("roleDefinitionId").text(), properties(role).at("principalId").text()
			if !covers(properties(role).at("scope").text(), r.ID) || !among(inferenceRoles, definition) || !spread(role, asOf) {
				continue
			}
			account.Roles = append(account.Roles, principal)
			if among(writingRoles, definition) {
				account.Writers = append(account.Writers, principal)
			}
		}
		read = append(read, account)
	}
	return read
}

func readDeployment(r arm.Resource) accounts.Deployment {
	return accounts.Deployment{
		Name:     r.Name,
		Model:    properties(r).at("model", "name").text(),
		Version:  properties(r).at("model", "version").text(),
		SKU:      body(r).at("sku", "name").text(),
		Capacity: int(body(r).at("sku", "capacity").number()),
	}
}

// covers reports whether a role at a scope counts on a resource: at the resource itself or at anything above it.
func covers(scope, id string) bool {
	return scope != "" && (strings.EqualFold(scope, id) || within(id, scope))
}

// spread reports whether a role had reached the accounts by then.
func spread(role arm.Resource, asOf time.Time) bool {
	created, err := time.Parse(time.RFC3339Nano, properties(role).at("createdOn").text())
	return asOf.IsZero() || err != nil || !created.Add(arm.RoleSpread).After(asOf)
}

// among reports whether a definition is that of one of the roles.
func among(roles []string, definition string) bool {
	return slices.ContainsFunc(roles, func(role string) bool { return strings.HasSuffix(strings.ToLower(definition), "/"+role) })
}
