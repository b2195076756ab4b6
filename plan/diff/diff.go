// Package diff says what lies between two plans of one stack: first what changes for people, then for resources, then what is risky
// about it. Everything is read from what the plans declare for Azure, so that there is no second description of the product.
//
//	diff.go         Between: the two plans, the sentences, the verdict
//	environment.go  what a plan declares about access to models
//	products.go     the products' rules, from the policies that enforce them
//	callers.go      sentences about products and teams
//	models.go       sentences about accounts, deployments and pools
//	logging.go      sentences about what is logged, and for how long
//	service.go      sentences about named values, circuit breakers, roles and public access
//	network.go      sentences about the networks, the tier of the gateway, alerts and secrets
//	documents.go    policies as trees: without white space, comments and what the settings fill in
//	match.go        which element of the one tree is which of the other
//	expression.go   their expressions as lists of symbols
//	policy.go       sentences about policies
//	resources.go    what happens to resources, and sentences about those that nothing else describes
//	match.go        which element of a policy became which
//	network.go      sentences about network rules, and secrets in plain text
//	minutes.go      how long Azure takes
//	print.go        text and markdown
package diff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"enterprise-openai/plan"
	"enterprise-openai/plan/change"
)

// Version is the version of the JSON form; it rises when a field changes its meaning.
const Version = 1

// Effect is what a change does to those that it concerns.
type Effect string

// The effects, the gravest first.
const (
	// Loss takes something away that somebody had.
	Loss Effect = "loss"
	// Change has to be judged by a person: nothing says whether somebody loses by it.
	Change Effect = "change"
	// Gain gives somebody more.
	Gain Effect = "gain"
	// Note is a change by which nobody can lose.
	Note Effect = "note"
)

// Effects are the effects, the gravest first.
func Effects() []Effect { return []Effect{Loss, Change, Gain, Note} }

// Sentence is one consequence.
type Sentence struct {
	Effect Effect `json:"effect"`
	Text   string `json:"text"`
}

// Risk is something that a reviewer has to want.
type Risk struct {
	// Rule names the kind of risk.
	Rule Rule   `json:"rule"`
	Text string `json:"text"`
}

// Rule is a kind of risk.
type Rule string

// The rules, the gravest first.
const (
	Replaced   Rule = "replaced"   // the gateway or an account is made anew
	Exposure   Rule = "exposure"   // something can be reached or used that could not
	Plain      Rule = "secret"     // a secret in plain text
	Role       Rule = "role"       // an identity may do more
	Guard      Rule = "guard"      // a policy decides less
	Privacy    Rule = "privacy"    // more text is kept, longer or in more places
	Logs       Rule = "logging"    // less is logged, or for a shorter time
	Redundancy Rule = "redundancy" // a deployment without a second region
	Overcommit Rule = "overcommit" // a limit above what deployments serve
	Retirement Rule = "retirement" // a model that ends soon
)

// Rules are the rules, the gravest first.
func Rules() []Rule {
	return []Rule{Replaced, Exposure, Plain, Role, Guard, Privacy, Logs, Redundancy, Overcommit, Retirement}
}

// Verdict is what a reviewer reads first.
type Verdict string

// The verdicts.
const (
	Same     Verdict = "same"     // both plans declare the same
	Harmless Verdict = "harmless" // nobody can lose by it
	Review   Verdict = "review"   // a person has to judge it
	Losses   Verdict = "losses"   // somebody loses, or something is riskier
)

// Verdicts are the verdicts.
func Verdicts() []Verdict { return []Verdict{Same, Harmless, Review, Losses} }

// Diff is what lies between two plans.
type Diff struct {
	Version int     `json:"version"`
	Stack   string  `json:"stack"`
	Verdict Verdict `json:"verdict"`
	// Summary is the verdict in one line, with counts.
	Summary string `json:"summary"`
	// People are the consequences for people, the gravest first.
	People    []Sentence `json:"people"`
	Resources []Resource `json:"resources"`
	Counts    Counts     `json:"counts"`
	Risks     []Risk     `json:"risks"`
	Azure     Azure      `json:"azure"`
}

// Options are what a comparison knows beside the plans.
type Options struct {
	// Today is the day from which retirements count.
	Today time.Time
	// Retires is the day on which a version of a model ends; ok is false if none is known.
	Retires func(model, version string) (end time.Time, ok bool)
}

// Between compares two plans of one stack. The names are where they come from, for errors.
func Between(baseName string, base []plan.Resource, headName string, head []plan.Resource, o Options) (Diff, error) {
	stack, err := sameStack(baseName, base, headName, head)
	if err != nil {
		return Diff{}, err
	}
	base = change.Align(base, head)
	before, err := read(baseName, base, nil)
	if err != nil {
		return Diff{}, err
	}
	after, err := read(headName, head, before)
	if err != nil {
		return Diff{}, err
	}
	c := &comparison{
		before: before, after: after, options: o, diff: Diff{Version: Version, Stack: stack}, changes: change.Between(base, head),
	}
	c.replacements()
	c.callers()
	c.models()
	c.logging()
	c.service()
	c.policies()
	c.resources()
	c.diff.Azure = c.azure()
	return c.finished(len(head)), nil
}

// sameStack is the stack of both plans. Physical names hold it, so that two stacks share no resource.
func sameStack(baseName string, base []plan.Resource, headName string, head []plan.Resource) (string, error) {
	old, oldProject := origin(base)
	stack, project := origin(head)
	switch {
	case len(base) == 0 || len(head) == 0:
		empty := baseName
		if len(base) > 0 {
			empty = headName
		}
		return "", fmt.Errorf("%s has no resources; a plan of rehearse plan --json has some", empty)
	case project != oldProject:
		return "", fmt.Errorf("%s is of project %s, %s of project %s; both have to be of one project", baseName, oldProject, headName, project)
	case stack != old:
		return "", fmt.Errorf("%s is of stack %s, %s of stack %s; both have to be of one stack (--stack)", baseName, old, headName, stack)
	}
	return stack, nil
}

// origin is the stack and the project of a plan.
func origin(resources []plan.Resource) (stack, project string) {
	if len(resources) == 0 {
		return "", ""
	}
	parts := strings.Split(strings.TrimPrefix(resources[0].URN, "urn:pulumi:"), "::")
	if len(parts) < 2 {
		return "", ""
	}
	return parts[0], parts[1]
}

// comparison collects what is found.
type comparison struct {
	before, after *environment
	options       Options
	diff          Diff
	changes       []change.Change
}

// say adds a sentence.
func (c *comparison) say(effect Effect, format string, args ...any) {
	s := Sentence{effect, fmt.Sprintf(format, args...)}
	if !slices.Contains(c.diff.People, s) {
		c.diff.People = append(c.diff.People, s)
	}
}

// warn adds a risk.
func (c *comparison) warn(rule Rule, format string, args ...any) {
	r := Risk{rule, fmt.Sprintf(format, args...)}
	if !slices.Contains(c.diff.Risks, r) {
		c.diff.Risks = append(c.diff.Risks, r)
	}
}

// finished is the diff in its order, with verdict and summary.
func (c *comparison) finished(resources int) Diff {
	d := c.diff
	slices.SortStableFunc(d.People, func(a, b Sentence) int {
		return slices.Index(Effects(), a.Effect) - slices.Index(Effects(), b.Effect)
	})
	slices.SortStableFunc(d.Risks, func(a, b Risk) int { return slices.Index(Rules(), a.Rule) - slices.Index(Rules(), b.Rule) })
	if d.People == nil {
		d.People = []Sentence{}
	}
	if d.Risks == nil {
		d.Risks = []Risk{}
	}
	if d.Resources == nil {
		d.Resources = []Resource{}
	}
	of := func(effect Effect) int {
		n := 0
		for _, s := range d.People {
			if s.Effect == effect {
				n++
			}
		}
		return n
	}
	switch {
	case len(d.Resources) == 0 && len(d.People) == 0:
		d.Verdict, d.Summary = Same, fmt.Sprintf("no change: both plans declare the same %d resources", resources)
		return d
	case of(Loss) > 0 || len(d.Risks) > 0:
		d.Verdict = Losses
	case of(Change) > 0:
		d.Verdict = Review
	default:
		d.Verdict = Harmless
	}
	d.Summary = summary(d, of)
	return d
}

// opening is how the summary of a verdict begins.
var opening = map[Verdict]string{
	Harmless: "nothing for anybody to lose",
	Review:   "somebody has to judge this",
	Losses:   "somebody loses something",
}

func summary(d Diff, of func(Effect) int) string {
	text := opening[d.Verdict]
	if d.Verdict == Losses && of(Loss) == 0 {
		text = "something becomes less safe"
	}
	var people []string
	for _, e := range Effects() {
		if n := of(e); n > 0 {
			people = append(people, counted(n, string(e)))
		}
	}
	if len(people) == 0 {
		people = []string{"no consequence for people"}
	}
	text += ": " + strings.Join(people, ", ") + "; " + d.Counts.String()
	switch len(d.Risks) {
	case 0:
		return text + "; no risk"
	case 1:
		return text + "; 1 RISK: " + d.Risks[0].Text
	}
	return fmt.Sprintf("%s; %d RISKS, the first: %s", text, len(d.Risks), d.Risks[0].Text)
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "ss"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
