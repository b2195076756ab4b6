package doctor

import (
	"fmt"
	"slices"

	"enterprise-openai/internal/problem"
)

// Confidence is how well a check's rule is known.
type Confidence string

// How well a rule is known.
const (
	// Documented is on a page of Microsoft.
	Documented Confidence = "documented"
	// Seen is in public code or issues, not in Microsoft's documentation.
	Seen Confidence = "seen in public code and issues"
	// Derived follows from documented facts and the settings.
	Derived Confidence = "follows from the settings"
	// Unverified is from memory.
	Unverified Confidence = "[M] unverified"
)

// Check is one thing that the doctor looks at.
type Check struct {
	// ID names it in reports.
	ID string
	// Looks describes what it looks for.
	Looks string
	// Settings are the settings it judges.
	Settings string
	// Source is the page or the reasoning behind it.
	Source string
	// Confidence is how well that is known.
	Confidence Confidence

	run func(*examination)
}

// Checks lists every check that needs no Azure, in the order of the documentation.
func Checks() []Check {
	return slices.Concat(modelChecks, capacityChecks, poolChecks, gatewayChecks, serviceChecks, networkChecks, nameChecks, callerChecks, logChecks)
}

// examination is one run of the checks.
type examination struct {
	*Environment
	check string
	found []Finding
}

// onlyAzureKnows stands in a report until Azure was queried.
const onlyAzureKnows = "What only Azure knows (free quota, offers of the regions today, names that are taken or soft-deleted, registered providers, your roles, the company's policies): rehearse doctor --azure."

// Examine runs every check.
func Examine(e *Environment) Report {
	r := newReport(e.Stack, e.Today)
	x := &examination{Environment: e}
	for _, c := range Checks() {
		x.check = c.ID
		c.run(x)
	}
	r.Findings = Sort(x.found)
	r.Quota = Needs(e)
	r.Knowledge = e.Knowledge.dated(e.Today)
	for _, stack := range e.Unread {
		r.NotChecked = append(r.NotChecked, fmt.Sprintf("Names, addresses and quota shared with %s: its settings cannot be read; rehearse doctor --stack %s shows why.", stack, stack))
	}
	r.NotChecked = append(r.NotChecked, onlyAzureKnows, lateGateway,
		"Networks, groups and applications outside this checkout: whether addresses are free, whether group ids and audiences exist.")
	return r
}

// find notes a finding about settings.
func (x *examination) find(severity Severity, message, remedy string, paths ...string) {
	x.found = append(x.found, Finding{Check: x.check, Severity: severity, Settings: x.Places(paths...), Message: message, Remedy: remedy})
}

// Places finds settings in the stack's file.
func (e *Environment) Places(paths ...string) []Place {
	places := make([]Place, 0, len(paths))
	for _, path := range paths {
		var where problem.Place
		if e.Locate != nil && path != "" {
			where = e.Locate(path)
		}
		places = append(places, Place{path, where})
	}
	return places
}

// deployments calls f for every deployment with its path.
func (e *Environment) deployments(f func(path string, a account, d deployment)) {
	for i, a := range e.Settings.Accounts {
		for j, d := range a.Deployments {
			f(fmt.Sprintf("accounts[%d].deployments[%d]", i, j), a, d)
		}
	}
}
