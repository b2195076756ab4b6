package timeline

import (
	"fmt"
	"slices"
	"strings"
)

// constraint is why something waits for what it does not use: Azure does not do both at once, or looks a name up that is in a text.
type constraint struct {
	after, before []string
	// both is the type of the resource that both use; only then does the constraint hold. Empty asks for none.
	both string
	// why is Azure's answer otherwise.
	why string
}

// constraints are the orders that outputs cannot express, each with its row in docs/architecture.md.
var constraints = []constraint{
	{[]string{"Deployment"}, []string{"Deployment", "RaiPolicy"}, "Account", "409 RequestConflict: one write below an account at a time"},
	{[]string{"PrivateEndpoint"}, []string{"Deployment", "RaiPolicy"}, "Account", "AccountProvisioningStateInvalid: an account that is written to takes no endpoint"},
	{[]string{"RoleAssignment"}, []string{"Deployment", "PrivateEndpoint"}, "Account", "409 RequestConflict"},
	{[]string{"PrivateEndpoint"}, []string{"PrivateEndpoint"}, "VirtualNetwork", "409 AnotherOperationInProgress: one write in a network at a time"},
	{[]string{"ApiOperation", "ApiPolicy", "ApiDiagnostic", "ProductApi"}, []string{"ApiOperation", "ApiPolicy", "ApiDiagnostic", "ProductApi"}, "Api",
		"409 PessimisticConcurrencyConflict: one write below an API at a time"},
	{[]string{"PolicyFragment"}, []string{"NamedValue", "Logger"}, "ApiManagementService", "400 ValidationError: a document names a value or logger that is not there"},
	{[]string{"ApiPolicy"}, []string{"PolicyFragment", "NamedValue", "DeploymentStackAtResourceGroup", "Logger"}, "ApiManagementService",
		"400 ValidationError: a document names a fragment, pool or logger that is not there"},
	{[]string{"DeploymentStackAtResourceGroup"}, []string{"RoleAssignment", "PrivateDnsZoneGroup"}, "", "a pool would offer calls to an account that does not answer the gateway yet"},
	{[]string{"DeploymentStackAtResourceGroup"}, []string{"ApiManagementService"}, "", "404 ResourceNotFound: a workspace that is new is not active"},
	{[]string{"Logger"}, []string{"RoleAssignment", "PrivateDnsZoneGroup"}, "", "events are lost until the hub lets the gateway in"},
	{[]string{"ApiDiagnostic", "Diagnostic"}, []string{"DeploymentStackAtResourceGroup"}, "ApiManagementService", "400 ValidationError: the logger is not there"},
}

// Needed is what no program could leave out: of what a resource waits for, what it uses and what Azure demands. The others are
// told as sentences.
func Needed(resources []Resource) (needed []Resource, needless []string) {
	byURN := map[string]Resource{}
	for _, r := range resources {
		byURN[r.URN] = r
	}
	for _, r := range resources {
		uses := slices.Clone(r.Uses)
		for _, urn := range r.DependsOn {
			before := byURN[urn]
			switch {
			case slices.Contains(r.Uses, urn) || !before.Custom:
			case demanded(r, before):
				uses = append(uses, urn)
			default:
				needless = append(needless, fmt.Sprintf("%s waits for %s: no output is used and Azure does not ask for it",
					title(r), title(before)))
			}
		}
		r.DependsOn = uses
		needed = append(needed, r)
	}
	slices.Sort(needless)
	return needed, needless
}

// demanded reports whether Azure wants one after the other.
func demanded(after, before Resource) bool {
	return slices.ContainsFunc(constraints, func(c constraint) bool {
		return slices.Contains(c.after, kindOf(after.Type)) && slices.Contains(c.before, kindOf(before.Type)) &&
			(c.both == "" || slices.ContainsFunc(after.Uses, func(urn string) bool {
				return strings.Contains(urn, ":"+c.both+"::") && (slices.Contains(before.Uses, urn) || urn == before.URN)
			}))
	})
}
