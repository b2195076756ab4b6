package drills

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/plan"
)

// Schedule is one run of the engine in modelled time: what was declared, and when each operation began and ended.
type Schedule struct {
	// Resources are what the program declared.
	Resources []plan.Resource
	// Order is the engine's: for each resource that is worked on, those that come before.
	Order func([]plan.Resource) map[string][]string
	// Spans are the operations, in the order in which they ended.
	Spans []timeline.Span
	// Lost are the URNs that the order promised and the engine did not begin.
	Lost []string
}

// Creation is the order in which the engine creates: a resource waits for those it names, those it uses, and its parent.
func Creation(resources []plan.Resource) map[string][]string {
	return order(resources, func(r plan.Resource) []string { return r.DependsOn })
}

// Destruction is the order in which the engine deletes: in rounds, the next one when the last has ended. What has the longest
// chain of others below it goes first (pulumi/pulumi: pkg/resource/deploy, ScheduleDeletes). What goes with another is not
// worked on.
func Destruction(resources []plan.Resource) map[string][]string {
	depth := depths(resources, func(r plan.Resource) []string { return append(slices.Clone(r.DependsOn), r.Parent, r.DeletedWith) })
	rounds := map[int][]string{}
	for _, r := range resources {
		if r.Custom && r.DeletedWith == "" {
			rounds[-depth[r.URN]] = append(rounds[-depth[r.URN]], r.URN)
		}
	}
	out := map[string][]string{}
	var before []string
	for _, round := range slices.Sorted(maps.Keys(rounds)) {
		for _, urn := range rounds[round] {
			out[urn] = before
		}
		before = rounds[round]
	}
	return out
}

// depths are the lengths of the longest chains below each resource, components included.
func depths(resources []plan.Resource, waits func(plan.Resource) []string) map[string]int {
	byURN := map[string]plan.Resource{}
	for _, r := range resources {
		byURN[r.URN] = r
	}
	out := map[string]int{}
	var depth func(urn string) int
	depth = func(urn string) int {
		if n, ok := out[urn]; ok {
			return n
		}
		out[urn] = 0 // a circle must not go on for ever
		n := 0
		for _, below := range waits(byURN[urn]) {
			if _, known := byURN[below]; known {
				n = max(n, depth(below)+1)
			}
		}
		out[urn] = n
		return n
	}
	for urn := range byURN {
		depth(urn)
	}
	return out
}

// order gives each resource that the provider makes what waits says, and its parent when the provider makes that too.
func order(resources []plan.Resource, waits func(plan.Resource) []string) map[string][]string {
	made := map[string]bool{}
	for _, r := range resources {
		made[r.URN] = r.Custom
	}
	out := map[string][]string{}
	for _, r := range resources {
		if !r.Custom {
			continue
		}
		before := append(slices.Clone(waits(r)), r.Parent)
		out[r.URN] = slices.DeleteFunc(before, func(urn string) bool { return !made[urn] })
	}
	return out
}

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
func Needed(resources []plan.Resource) (needed []plan.Resource, needless []string) {
	byURN := map[string]plan.Resource{}
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
func demanded(after, before plan.Resource) bool {
	return slices.ContainsFunc(constraints, func(c constraint) bool {
		return slices.Contains(c.after, kindOf(after.Type)) && slices.Contains(c.before, kindOf(before.Type)) &&
			(c.both == "" || slices.ContainsFunc(after.Uses, func(urn string) bool {
				return strings.Contains(urn, ":"+c.both+"::") && (slices.Contains(before.Uses, urn) || urn == before.URN)
			}))
	})
}

// kindOf is the last part of a type token.
func kindOf(token string) string { return token[strings.LastIndex(token, ":")+1:] }

// title is a resource as a person calls it.
func title(r plan.Resource) string { return kindOf(r.Type) + " " + r.Name }

// steps are a chain as a list: what, and how many minutes.
func steps(chain []timeline.Span) []string {
	out := make([]string, 0, len(chain))
	for _, s := range chain {
		parts := strings.Split(s.URN, "::")
		out = append(out, fmt.Sprintf("%s %s %s", kindOf(parts[len(parts)-2]), parts[len(parts)-1], minutes(s.End.Sub(s.Start))))
	}
	return out
}

// minutes is a modelled time for people.
func minutes(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f min", d.Minutes())
}
