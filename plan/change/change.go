// Package change computes what an update would do to a stack that was deployed from another plan: which resources it adds, changes
// in place, replaces and removes, by the provider's own rules and without an engine.
package change

import (
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/provider"
	"enterprise-openai/plan"
)

// Kind is what happens to a resource.
type Kind string

// The kinds.
const (
	Added    Kind = "add"
	Changed  Kind = "change"
	Replaced Kind = "replace"
	Removed  Kind = "remove"
	// Forgotten resources leave the program and stay in Azure.
	Forgotten Kind = "forget"
)

// Kinds are the kinds in the order in which changes are listed.
func Kinds() []Kind { return []Kind{Added, Changed, Replaced, Removed, Forgotten} }

// Change is one resource that is not left alone.
type Change struct {
	Kind Kind
	// Type is the last part of its type token, Name its logical name.
	Type, Name string
	// Paths are the inputs that differ, for a replacement those that force it.
	Paths []string
}

// String is the change in one line: "change Deployment account-sweden-gpt-4o (sku.capacity)".
func (c Change) String() string {
	text := fmt.Sprintf("%s %s %s", c.Kind, c.Type, c.Name)
	if len(c.Paths) > 0 {
		text += " (" + strings.Join(c.Paths, ", ") + ")"
	}
	return text
}

// Between compares two plans of one stack. Components are left out: nothing in Azure is one. The changes are sorted by what happens,
// then by URN.
func Between(before, after []plan.Resource) []Change {
	olds := map[string]plan.Resource{}
	for _, r := range before {
		olds[r.URN] = r
	}
	replaced := replacements(olds, after)
	var changes []Change
	for _, r := range after {
		old, known := olds[r.URN]
		delete(olds, r.URN)
		switch {
		case !r.Custom:
		case !known:
			changes = append(changes, of(Added, r, nil))
		case replaced[r.URN] != nil:
			changes = append(changes, of(Replaced, r, replaced[r.URN]))
		default:
			if paths, _ := compare(old, r, nil); len(paths) > 0 {
				changes = append(changes, of(Changed, r, paths))
			}
		}
	}
	for _, r := range before {
		if _, left := olds[r.URN]; !left || !r.Custom {
			continue
		}
		if r.Retained {
			changes = append(changes, of(Forgotten, r, nil))
		} else {
			changes = append(changes, of(Removed, r, nil))
		}
	}
	order := Kinds()
	slices.SortStableFunc(changes, func(a, b Change) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	return changes
}

func of(kind Kind, r plan.Resource, paths []string) Change {
	return Change{kind, shortType(r), r.Name, paths}
}

func shortType(r plan.Resource) string { return r.Type[strings.LastIndex(r.Type, ":")+1:] }

// replacements finds what is replaced, and what is replaced because of that: whose id contains an output of a replaced resource.
func replacements(olds map[string]plan.Resource, after []plan.Resource) map[string][]string {
	replaced := map[string][]string{}
	var symbols []string
	for {
		found := false
		for _, r := range after {
			old, known := olds[r.URN]
			if !known || !r.Custom || replaced[r.URN] != nil {
				continue
			}
			if _, forced := compare(old, r, symbols); len(forced) > 0 {
				replaced[r.URN], found = forced, true
				symbols = append(symbols, "${"+shortType(r)+" "+r.Name+".")
			}
		}
		if !found {
			return replaced
		}
	}
}

// compare is what differs between two declarations of a resource, and what of it forces a replacement. Texts that hold one of the
// symbols are different ones: the resource they come from is.
func compare(old, r plan.Resource, symbols []string) (paths, forced []string) {
	changed, replacing := provider.Compare(r.Type, old.Inputs, renewed(r.Inputs, symbols).(map[string]any))
	for _, path := range changed {
		if slices.ContainsFunc(r.IgnoreChanges, func(ignored string) bool { return within(path, ignored) }) {
			continue
		}
		paths = append(paths, path)
		if slices.Contains(replacing, path) || slices.ContainsFunc(r.ReplaceOnChanges, func(rule string) bool { return within(path, rule) }) {
			forced = append(forced, path)
		}
	}
	return paths, forced
}

// within reports whether a path is another or below it.
func within(path, above string) bool {
	return path == above || strings.HasPrefix(path, above+".") || strings.HasPrefix(path, above+"[")
}

func renewed(value any, symbols []string) any {
	switch v := value.(type) {
	case string:
		for _, symbol := range symbols {
			v = strings.ReplaceAll(v, symbol, symbol+"new.")
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			out[key] = renewed(inner, symbols)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = renewed(inner, symbols)
		}
		return out
	}
	return value
}
