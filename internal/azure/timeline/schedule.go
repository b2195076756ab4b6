package timeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Resource is what a program declares, as far as its place in a run is concerned.
type Resource struct {
	// URN is its identity, Type its type token, Name its logical name.
	URN, Type, Name string
	// Parent is the URN of the component it belongs to.
	Parent string
	// DependsOn are the URNs it waits for: those it names and those whose outputs it uses. Uses are the latter alone.
	DependsOn, Uses []string
	// DeletedWith is the URN of the resource whose deletion takes this one along.
	DeletedWith string
	// Custom is false for components.
	Custom bool
}

// Schedule is one run of the engine in modelled time: what was declared, and when each operation began and ended.
type Schedule struct {
	// Resources are what the program declared.
	Resources []Resource
	// Order is the engine's: for each resource that is worked on, those that come before.
	Order func([]Resource) map[string][]string
	// Spans are the operations, in the order in which they ended.
	Spans []Span
	// Lost are the URNs that the order promised and the engine did not begin.
	Lost []string
}

// Critical is the chain that decided how long the run took, a step a line.
func (s *Schedule) Critical() []string {
	return steps(Critical(s.Spans, s.Order(s.Resources)))
}

// Took is how long the run took, and the least it could have taken.
func (s *Schedule) Took() (took, least time.Duration) {
	needed, _ := Needed(s.Resources)
	least, _ = Bound(s.Spans, s.Order(needed))
	return Length(s.Spans), least
}

// Creation is the order in which the engine creates: a resource waits for those it names, those it uses, and its parent.
func Creation(resources []Resource) map[string][]string {
	return waits(resources, func(r Resource) []string { return r.DependsOn })
}

// Destruction is the order in which the engine deletes: in rounds, the next one when the last has ended. What has the longest
// chain of others below it goes first (pulumi/pulumi: pkg/resource/deploy, ScheduleDeletes). What goes with another is not
// worked on.
func Destruction(resources []Resource) map[string][]string {
	depth := depths(resources, func(r Resource) []string { return append(slices.Clone(r.DependsOn), r.Parent, r.DeletedWith) })
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
func depths(resources []Resource, waits func(Resource) []string) map[string]int {
	byURN := map[string]Resource{}
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

// waits gives each resource that the provider makes what on says, and its parent when the provider makes that too.
func waits(resources []Resource, on func(Resource) []string) map[string][]string {
	made := map[string]bool{}
	for _, r := range resources {
		made[r.URN] = r.Custom
	}
	out := map[string][]string{}
	for _, r := range resources {
		if !r.Custom {
			continue
		}
		before := append(slices.Clone(on(r)), r.Parent)
		out[r.URN] = slices.DeleteFunc(before, func(urn string) bool { return !made[urn] })
	}
	return out
}

// kindOf is the last part of a type token.
func kindOf(token string) string { return token[strings.LastIndex(token, ":")+1:] }

// title is a resource as a person calls it.
func title(r Resource) string { return kindOf(r.Type) + " " + r.Name }

// steps are a chain as a list: what, and how many minutes.
func steps(chain []Span) []string {
	out := make([]string, 0, len(chain))
	for _, s := range chain {
		kind, name := Title(s.URN)
		out = append(out, fmt.Sprintf("%s %s %s", kind, name, Minutes(s.End.Sub(s.Start))))
	}
	return out
}

// Title is a URN as a person reads it: the last part of its type, and its name.
func Title(urn string) (kind, name string) {
	parts := strings.Split(urn, "::")
	if len(parts) < 2 { //nolint:mnd // type and name
		return "", urn
	}
	return kindOf(parts[len(parts)-2]), parts[len(parts)-1]
}

// Minutes is a modelled time for people.
func Minutes(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f min", d.Minutes())
}
