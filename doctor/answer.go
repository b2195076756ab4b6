package doctor

import "slices"

// Answer is what a subscription answered about an environment.
type Answer struct {
	// Subscription is its id.
	Subscription string
	// Findings are Azure's.
	Findings []Finding
	// Quota is what the environment needs, with what the subscription has of it; nil when the subscription did not report it.
	Quota []Need
	// NotChecked is what could not be checked, and why.
	NotChecked []string

	settled []settled
}

// settled is a question of a check about a setting that Azure has answered itself.
type settled struct{ check, path string }

// Settle records that Azure has answered what a check could only guess about a setting: its own findings, if any, replace it.
func (a *Answer) Settle(check, path string) { a.settled = append(a.settled, settled{check, path}) }

// With is the report after Azure has answered.
func (r Report) With(a Answer) Report {
	r.Subscription = a.Subscription
	var remaining []Finding
	for _, f := range r.Findings {
		f.Settings = slices.DeleteFunc(slices.Clone(f.Settings), func(p Place) bool { return slices.Contains(a.settled, settled{f.Check, p.Path}) })
		if len(f.Settings) > 0 {
			remaining = append(remaining, f)
		}
	}
	r.Findings = Sort(append(remaining, a.Findings...))
	if a.Quota != nil {
		r.Quota = a.Quota
	}
	others := slices.DeleteFunc(slices.Clone(r.NotChecked), func(text string) bool { return text == onlyAzureKnows })
	r.NotChecked = append(slices.Clone(a.NotChecked), others...)
	return r
}
