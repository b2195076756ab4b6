package drills

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/timeline"
)

// urn is a resource's identity in a made-up stack.
func urn(kind, name string) string {
	return "urn:pulumi:dev::p::azure-native:m/v1:" + kind + "::" + name
}

// declared is a resource that uses some and waits for others without using them.
func declared(kind, name string, uses []string, waits ...string) timeline.Resource {
	return timeline.Resource{URN: urn(kind, name), Type: "azure-native:m/v1:" + kind, Name: name, Custom: true,
		Uses: uses, DependsOn: append(append([]string{}, uses...), waits...)}
}

func small() []timeline.Resource {
	account := urn("Account", "a")
	return []timeline.Resource{
		declared("Account", "a", nil),
		declared("Deployment", "one", []string{account}),
		declared("Deployment", "two", []string{account}, urn("Deployment", "one")),
		declared("PrivateEndpoint", "a", []string{account}, urn("Deployment", "two")),
	}
}

// inMinutes is a schedule in which every resource takes a minute as soon as its order allows.
func inMinutes(resources []timeline.Resource, order func([]timeline.Resource) map[string][]string) *timeline.Schedule {
	s := &timeline.Schedule{Resources: resources, Order: order}
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
	env := &Env{Deployed: inMinutes(small(), timeline.Creation), Destroyed: inMinutes(small(), timeline.Destruction)}
	measured, failures := tried[TimingMeasured](t, timing(), env)
	assert.Empty(t, failures)
	assert.InDelta(t, 4, measured.UpMinutes, 0.001)
	assert.InDelta(t, 4, measured.UpBoundMinutes, 0.001)
	assert.Equal(t, []string{"Account a 1.0 min", "Deployment one 1.0 min", "Deployment two 1.0 min", "PrivateEndpoint a 1.0 min"}, measured.CriticalPath)
}

func TestTimingNamesANeedlessOrderAndWhatItCosts(t *testing.T) {
	resources := append(small(), declared("ApiManagementService", "gateway", nil, urn("PrivateEndpoint", "a")))
	env := &Env{Deployed: inMinutes(resources, timeline.Creation), Destroyed: inMinutes(resources, timeline.Destruction)}
	_, failures := tried[TimingMeasured](t, timing(), env)
	assert.Contains(t, failures, "ApiManagementService gateway waits for PrivateEndpoint a: no output is used and Azure does not ask for it")
	assert.Contains(t, failures[0], "up takes 5.0 min, 1.25 times the 4.0 min of its longest unavoidable chain")
}

func TestTimingDoesNotHoldWithoutASchedule(t *testing.T) {
	_, failures := tried[TimingMeasured](t, timing(), &Env{})
	assert.Equal(t, []string{"up was not timed", "destroy was not timed"}, failures)
	nothing := &timeline.Schedule{Order: timeline.Creation}
	_, failures = tried[TimingMeasured](t, timing(), &Env{Deployed: nothing, Destroyed: nothing})
	assert.Equal(t, []string{"up: nothing was timed", "destroy: nothing was timed"}, failures)
}

func TestTimingNamesWhatTheEngineDidNotBegin(t *testing.T) {
	env := &Env{Deployed: inMinutes(small(), timeline.Creation), Destroyed: inMinutes(small(), timeline.Destruction)}
	env.Deployed.Lost = []string{urn("Account", "a")}
	_, failures := tried[TimingMeasured](t, timing(), env)
	assert.Equal(t, []string{"up: the engine did not begin " + urn("Account", "a") + " when it could have"}, failures)
}

func TestTimingTellsHowLongCallersWaitForTheLastRole(t *testing.T) {
	account, first := urn("Account", "a"), urn("RoleAssignment", "first")
	resources := append(small(), declared("RoleAssignment", "first", []string{account}, urn("PrivateEndpoint", "a")),
		declared("RoleAssignment", "second", []string{first}), declared("Workspace", "logs", []string{urn("RoleAssignment", "second")}))
	env := &Env{Deployed: inMinutes(resources, timeline.Creation), Destroyed: inMinutes(resources, timeline.Destruction)}
	measured, failures := tried[TimingMeasured](t, timing(), env)
	assert.Empty(t, failures)
	assert.InDelta(t, (arm.RoleSpread - time.Minute).Minutes(), measured.CallersWaitMinutes, 0.001, "the workspace took a minute of it")
}
