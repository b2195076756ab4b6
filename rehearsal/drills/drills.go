// Package drills holds what is done to a rehearsed stack, and what must hold while it is done.
//
// A drill is one file and one entry of All. It states its promise as a sentence that a reader of the report can judge,
// does something to the deployed stack, and returns what it measured and what did not hold. Drills run in the order of
// All: first while the stack stands, then, after its destruction, those that look at what is left.
//
// Every drill has the same form: a Try on what a setup gives it (setup.go), and a struct of measurements whose JSON tags
// are the names in the report. Drill.Run is the one way to run it.
package drills

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/plan"
)

// When says in which state of the stack a drill is run.
type When int

const (
	// Standing drills run against the deployed stack.
	Standing When = iota
	// Gone drills run after the stack was destroyed.
	Gone
)

// Drill is one thing that is tried, and the promise that must survive it.
type Drill struct {
	// Name is how --drill selects it: lower-case words joined by hyphens.
	Name string
	// Promise is the sentence the report prints; it is true when the drill passes.
	Promise string
	// When says whether the stack stands or is gone while the drill runs.
	When When
	// Work is what it does, and on what.
	Work Work
}

// Result is what one engine operation did to the stack.
type Result struct {
	Created, Updated, Same, Deleted, Replaced int
	Duration                                  time.Duration
	// Outputs of the stack by name; secret ones are apart, so that nothing prints them by accident.
	Outputs, Secrets map[string]any
	// Changed names the resources that were not left alone, with what was done to each.
	Changed []string
	// Schedule is the operation in modelled time; nil when time was not modelled.
	Schedule *timeline.Schedule
}

// Changes counts the resources that were not left as they were.
func (r Result) Changes() int {
	return r.Created + r.Updated + r.Deleted + r.Replaced
}

// Stack is what a drill can do with the engine. An error begins with the operation that failed.
type Stack interface {
	Preview(ctx context.Context) (Result, error)
	Up(ctx context.Context) (Result, error)
	Refresh(ctx context.Context) (Result, error)
	Destroy(ctx context.Context) (Result, error)
}

// Cloud is what a drill can ask the embedded Azure.
type Cloud interface {
	// Remaining lists the ARM ids of everything that still exists.
	Remaining() []string
}

// Env is what a drill works with.
type Env struct {
	// Name of the stack.
	Name string
	// Stack runs engine operations on it.
	Stack Stack
	// Cloud is the embedded Azure it is deployed to.
	Cloud Cloud
	// Lab opens stacks of a drill's own; nil when there is none.
	Lab Lab
	// Outputs of the deployed stack by name, the secret ones apart.
	Outputs, Secrets map[string]any
	// Site is the deployed stack as callers meet it; nil when nothing serves it.
	Site *Site
	// Deployed and Destroyed are the first deployment and the destruction in modelled time, once they are over.
	Deployed, Destroyed *timeline.Schedule
}

// Declared are the resources of a plan, as the modelled clock knows them.
func Declared(resources []plan.Resource) []timeline.Resource {
	all := make([]timeline.Resource, 0, len(resources))
	for _, r := range resources {
		all = append(all, timeline.Resource{
			URN: r.URN, Type: r.Type, Name: r.Name, Parent: r.Parent, DependsOn: r.DependsOn, Uses: r.Uses,
			DeletedWith: r.DeletedWith, Custom: r.Custom,
		})
	}
	return all
}

// All lists every drill in the order in which they run.
func All() []Drill {
	return []Drill{
		idempotent(),
		refresh(),
		isolation(),
		access(),
		failover(),
		throttle(),
		neighbours(),
		reach(),
		conversations(),
		libraries(),
		overload(),
		streaming(),
		secrets(),
		logging(),
		chargeback(),
		privacy(),
		questions(),
		alerts(),
		resume(),
		drift(),
		recreate(),
		upgrade(),
		clean(),
		timing(),
	}
}

// Select returns the named drills in the order of All, or all of them when no name is given. Every unknown name is
// reported at once, with the names that exist.
func Select(names []string) ([]Drill, error) {
	all := All()
	if len(names) == 0 {
		return all, nil
	}
	var known, unknown []string
	for _, d := range all {
		known = append(known, d.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			unknown = append(unknown, fmt.Sprintf("%q", name))
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("no drill %s; there are %s", strings.Join(unknown, ", "), strings.Join(known, ", "))
	}
	return slices.DeleteFunc(all, func(d Drill) bool { return !slices.Contains(names, d.Name) }), nil
}
