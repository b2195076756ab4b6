// Package doctor reports what is wrong with an environment before it is deployed: not what the settings' own rules refuse
// (stacks.Validate does that), but what they cannot know or must allow. A risk, a model that retires, a quota that is needed,
// an example that was not replaced.
//
//	doctor.go      a report and its findings
//	load.go        an environment, read from a checkout
//	check.go       what a check is, and all there are
//	checks_*.go    the checks, by what they look at
//	knowledge.go   what Microsoft documented about models, dated (models.yaml)
//	print.go       a report for a terminal, and for everything else
//	answer.go      what a subscription answered, and what it settles
//
// Nothing here calls Azure; package subscription below does.
package doctor

//go:generate go run ./internal/doctordoc

import (
	"cmp"
	"slices"
	"time"

	"enterprise-openai/internal/problem"
	"enterprise-openai/stacks"
)

// Severity is what ignoring a finding costs.
type Severity string

// The severities.
const (
	// Error is refused by Azure, or can never work.
	Error Severity = "error"
	// Warning works until it hurts.
	Warning Severity = "warning"
	// Advice costs nothing to know.
	Advice Severity = "advice"
)

// rank sorts severities, the worst first.
func (s Severity) rank() int { return slices.Index([]Severity{Error, Warning, Advice}, s) }

// Finding is one thing that a check found, at one or more settings.
type Finding struct {
	// Check is the id of the check.
	Check string `json:"check"`
	// Severity is error, warning or advice.
	Severity Severity `json:"severity"`
	// Settings are where it is set, in the order of the file.
	Settings []Place `json:"settings"`
	// Message is what is wrong and what follows from it.
	Message string `json:"message"`
	// Remedy is what would be right.
	Remedy string `json:"remedy"`
}

// Place is a setting and where it is written.
type Place struct {
	// Path is the setting, as in accounts[0].deployments[1].version.
	Path string `json:"path"`
	// Where is the file and line, as in Pulumi.dev.yaml:23; it is left out when it is not known.
	Where problem.Place `json:"where,omitzero"`
}

// Report is what the doctor found.
type Report struct {
	// Stack is the environment.
	Stack string `json:"stack"`
	// Date is the day the report speaks of, as in 2026-11-25.
	Date string `json:"date"`
	// Subscription is the Azure subscription that was queried; empty when none was.
	Subscription string `json:"subscription,omitempty"`
	// Findings are sorted: the worst first, then in the order of the file.
	Findings []Finding `json:"findings"`
	// Quota is what the environment needs of the subscription's quota.
	Quota []Need `json:"quota"`
	// Knowledge are the dated pages that findings about models rest on.
	Knowledge []Source `json:"knowledge"`
	// NotChecked lists what was not looked at, and why.
	NotChecked []string `json:"notChecked"`
}

// Count is the number of findings of a severity.
func (r Report) Count(severity Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == severity {
			n++
		}
	}
	return n
}

// Healthy reports whether there is no error.
func (r Report) Healthy() bool { return r.Count(Error) == 0 }

// Refused is the report on settings that the program itself refuses: its problems are the findings, and nothing else can be
// judged.
func Refused(stack string, today time.Time, problems []stacks.Problem) Report {
	r := unjudged(stack, today, problems)
	r.NotChecked = append(r.NotChecked, "Everything else: the program refuses these settings, and pulumi up would say the same.")
	return r
}

// Unreadable is the report on settings that cannot be read on this machine.
func Unreadable(stack string, today time.Time, problems []stacks.Problem) Report {
	r := unjudged(stack, today, problems)
	r.NotChecked = append(r.NotChecked, "Everything else: these settings cannot be read here. pulumi up reads them where it has the key or the account.")
	return r
}

func unjudged(stack string, today time.Time, problems []stacks.Problem) Report {
	r := newReport(stack, today)
	for _, p := range problems {
		r.Findings = append(r.Findings, Finding{
			Check: "settings", Severity: Error, Settings: []Place{{p.Path, p.Where}}, Message: p.Message, Remedy: p.Hint,
		})
	}
	return r
}

func newReport(stack string, today time.Time) Report {
	return Report{
		Stack: stack, Date: today.Format(time.DateOnly),
		Findings: []Finding{}, Quota: []Need{}, Knowledge: []Source{}, NotChecked: []string{},
	}
}

// Sort brings findings into the order of reports and joins those that say the same of several settings.
func Sort(findings []Finding) []Finding {
	joined := []Finding{}
	for _, f := range findings {
		same := slices.IndexFunc(joined, func(g Finding) bool {
			return g.Check == f.Check && g.Severity == f.Severity && g.Message == f.Message && g.Remedy == f.Remedy
		})
		if same < 0 {
			f.Settings = slices.Clone(f.Settings)
			joined = append(joined, f)
			continue
		}
		joined[same].Settings = append(joined[same].Settings, f.Settings...)
	}
	for _, f := range joined {
		slices.SortStableFunc(f.Settings, comparePlaces)
	}
	slices.SortStableFunc(joined, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()), comparePlaces(first(a), first(b)))
	})
	return joined
}

func first(f Finding) Place {
	if len(f.Settings) == 0 {
		return Place{}
	}
	return f.Settings[0]
}

func comparePlaces(a, b Place) int { return a.Where.Compare(b.Where) }
