package drills

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/plan"
)

// urn is a resource's identity in a made-up stack.
func urn(kind, name string) string {
	return "urn:pulumi:dev::p::azure-native:m/v1:" + kind + "::" + name
}

// declared is a resource that uses some and waits for others without using them.
func declared(kind, name string, uses []string, waits ...string) plan.Resource {
	return plan.Resource{URN: urn(kind, name), Type: "azure-native:m/v1:" + kind, Name: name, Custom: true,
		Uses: uses, DependsOn: append(append([]string{}, uses...), waits...)}
}

func small() []plan.Resource {
	account := urn("Account", "a")
	return []plan.Resource{
		declared("Account", "a", nil),
		declared("Deployment", "one", []string{account}),
		declared("Deployment", "two", []string{account}, urn("Deployment", "one")),
		declared("PrivateEndpoint", "a", []string{account}, urn("Deployment", "two")),
	}
}

func TestAnOrderThatAzureAsksForIsNeeded(t *testing.T) {
	needed, needless := Needed(small())
	assert.Empty(t, needless)
	assert.Equal(t, []string{urn("Account", "a"), urn("Deployment", "one")}, needed[2].DependsOn)
}

func TestAnOrderWithoutAReasonIsTold(t *testing.T) {
	resources := append(small(), declared("Workspace", "logs", nil, urn("PrivateEndpoint", "a")))
	needed, needless := Needed(resources)
	assert.Equal(t, []string{"Workspace logs waits for PrivateEndpoint a: no output is used and Azure does not ask for it"}, needless)
	assert.Empty(t, needed[4].DependsOn)
}

func TestAReasonHoldsOnlyOnTheSameAccount(t *testing.T) {
	resources := append(small(), declared("Account", "b", nil),
		declared("Deployment", "elsewhere", []string{urn("Account", "b")}, urn("Deployment", "two")))
	_, needless := Needed(resources)
	assert.Len(t, needless, 1)
}

func TestTheEngineDeletesInRounds(t *testing.T) {
	resources := small()
	resources[1].DeletedWith = urn("Account", "a")
	resources[2].DeletedWith = urn("Account", "a")
	// The zone group uses something near the ground after something high above it: the longest chain counts, not the last.
	resources = append(resources, declared("Workspace", "logs", nil),
		declared("PrivateDnsZoneGroup", "a", []string{urn("PrivateEndpoint", "a"), urn("Account", "a")}))
	order := Destruction(resources)
	assert.Empty(t, order[urn("PrivateDnsZoneGroup", "a")], "the longest chain goes first")
	assert.Equal(t, []string{urn("PrivateDnsZoneGroup", "a")}, order[urn("PrivateEndpoint", "a")])
	assert.NotContains(t, order, urn("Deployment", "one"), "it goes with the account")
	assert.Equal(t, []string{urn("PrivateEndpoint", "a")}, order[urn("Account", "a")])
	assert.Equal(t, []string{urn("PrivateEndpoint", "a")}, order[urn("Workspace", "logs")], "as short a chain as the account's")
}

// inMinutes is a schedule in which every resource takes a minute as soon as its order allows.
func inMinutes(resources []plan.Resource, order func([]plan.Resource) map[string][]string) *Schedule {
	s := &Schedule{Resources: resources, Order: order}
	ends := map[string]time.Time{}
	waits := order(resources)
	for len(ends) < len(waits) {
		for _, r := range resources {
			before, worked := waits[r.URN]
			begin := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
			ready := worked && ends[r.URN].IsZero()
			for _, b := range before {
				ready = ready && !ends[b].IsZero()
				if ends[b].After(begin) {
					begin = ends[b]
				}
			}
			if ready {
				ends[r.URN] = begin.Add(time.Minute)
				s.Spans = append(s.Spans, timeline.Span{URN: r.URN, Operation: "create", Start: begin, End: ends[r.URN]})
			}
		}
	}
	return s
}

func TestTimingHoldsWhenNothingWaitsInVain(t *testing.T) {
	env := &Env{Deployed: inMinutes(small(), Creation), Destroyed: inMinutes(small(), Destruction)}
	measured, failures := timing().Run(context.Background(), env)
	assert.Empty(t, failures)
	assert.InDelta(t, 4, measured["upMinutes"], 0.001)
	assert.InDelta(t, 4, measured["upBoundMinutes"], 0.001)
	assert.Equal(t, []string{"Account a 1.0 min", "Deployment one 1.0 min", "Deployment two 1.0 min", "PrivateEndpoint a 1.0 min"}, measured["criticalPath"])
}

func TestTimingNamesANeedlessOrderAndWhatItCosts(t *testing.T) {
	resources := append(small(), declared("ApiManagementService", "gateway", nil, urn("PrivateEndpoint", "a")))
	env := &Env{Deployed: inMinutes(resources, Creation), Destroyed: inMinutes(resources, Destruction)}
	_, failures := timing().Run(context.Background(), env)
	assert.Contains(t, failures, "ApiManagementService gateway waits for PrivateEndpoint a: no output is used and Azure does not ask for it")
	assert.Contains(t, failures[0], "up takes 5.0 min, 1.25 times the 4.0 min of its longest unavoidable chain")
}

func TestTimingDoesNotHoldWithoutASchedule(t *testing.T) {
	_, failures := timing().Run(context.Background(), &Env{})
	assert.Equal(t, []string{"up was not timed", "destroy was not timed"}, failures)
	nothing := &Schedule{Order: Creation}
	_, failures = timing().Run(context.Background(), &Env{Deployed: nothing, Destroyed: nothing})
	assert.Equal(t, []string{"up: nothing was timed", "destroy: nothing was timed"}, failures)
}

func TestTimingNamesWhatTheEngineDidNotBegin(t *testing.T) {
	env := &Env{Deployed: inMinutes(small(), Creation), Destroyed: inMinutes(small(), Destruction)}
	env.Deployed.Lost = []string{urn("Account", "a")}
	_, failures := timing().Run(context.Background(), env)
	assert.Equal(t, []string{"up: the engine did not begin " + urn("Account", "a") + " when it could have"}, failures)
}

func TestTimingTellsHowLongCallersWaitForTheLastRole(t *testing.T) {
	account, first := urn("Account", "a"), urn("RoleAssignment", "first")
	resources := append(small(), declared("RoleAssignment", "first", []string{account}, urn("PrivateEndpoint", "a")),
		declared("RoleAssignment", "second", []string{first}), declared("Workspace", "logs", []string{urn("RoleAssignment", "second")}))
	env := &Env{Deployed: inMinutes(resources, Creation), Destroyed: inMinutes(resources, Destruction)}
	measured, failures := timing().Run(context.Background(), env)
	assert.Empty(t, failures)
	assert.InDelta(t, (arm.RoleSpread - time.Minute).Minutes(), measured["callersWaitMinutes"], 0.001, "the workspace took a minute of it")
}
