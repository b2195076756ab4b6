package change

import (
	"cmp"
	"slices"
	"strings"

	"enterprise-openai/plan"
)

// Align gives resources of the first plan the names that aliases of the second plan give them: the engine takes a resource with an alias
// for the one of the old name. A child of such a resource is found with it, as the engine finds it
// (Pulumi's documentation: concepts/resources/options/aliases).
func Align(before, after []plan.Resource) []plan.Resource {
	old := map[string]plan.Resource{}
	for _, r := range before {
		old[r.URN] = r
	}
	now := map[string]plan.Resource{}
	for _, r := range after {
		now[r.URN] = r
	}
	renamed := map[string]plan.Resource{} // what is called otherwise now, by its old URN
	was := map[string]string{}            // old URNs by the new ones
	for _, r := range outermostFirst(after) {
		if _, known := old[r.URN]; known {
			continue
		}
		for _, alias := range append(slices.Clone(r.Aliases), inherited(r, now[r.Parent], was[r.Parent])...) {
			_, exists := old[alias]
			_, stays := now[alias]
			if exists && !stays && renamed[alias].URN == "" {
				renamed[alias], was[r.URN] = r, alias
				break
			}
		}
	}
	if len(renamed) == 0 {
		return before
	}
	return rewritten(before, renamed)
}

// outermostFirst are resources with parents before their children.
func outermostFirst(resources []plan.Resource) []plan.Resource {
	depth := func(r plan.Resource) int { return strings.Count(r.URN, "$") }
	sorted := slices.Clone(resources)
	slices.SortStableFunc(sorted, func(a, b plan.Resource) int { return cmp.Compare(depth(a), depth(b)) })
	return sorted
}

// inherited is what a child was called while its parent had its old URN: of the parent's old type, and with its name for the part that
// was the parent's.
func inherited(r, parent plan.Resource, parentWas string) []string {
	if parentWas == "" {
		return nil
	}
	head, types, _ := split(r.URN)
	_, parentTypes, _ := split(parentWas)
	own := types[strings.LastIndex(types, "$")+1:]
	_, _, parentName := split(parentWas)
	name := r.Name
	if rest, isPart := strings.CutPrefix(name, parent.Name); isPart {
		name = parentName + rest
	}
	return []string{
		head + "::" + parentTypes + "$" + own + "::" + name,
		head + "::" + parentTypes + "$" + own + "::" + r.Name,
	}
}

// split takes a URN apart: stack and project, types, name.
func split(urn string) (head, types, name string) {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 { //nolint:mnd // urn:pulumi:stack, project, types, name
		return "", "", urn
	}
	return parts[0] + "::" + parts[1], parts[2], parts[3]
}

// rewritten are resources under their new names, also where others name them or use their outputs.
func rewritten(before []plan.Resource, renamed map[string]plan.Resource) []plan.Resource {
	var symbols []string
	for _, r := range before {
		if to, ok := renamed[r.URN]; ok {
			symbols = append(symbols, "${"+shortType(r)+" "+r.Name+".", "${"+shortType(to)+" "+to.Name+".")
		}
	}
	replacer := strings.NewReplacer(symbols...)
	urn := func(u string) string { return cmp.Or(renamed[u].URN, u) }
	out := make([]plan.Resource, 0, len(before))
	for _, r := range before {
		if to, ok := renamed[r.URN]; ok {
			r.URN, r.Name, r.Type = to.URN, to.Name, to.Type
		}
		r.Parent, r.DeletedWith = urn(r.Parent), urn(r.DeletedWith)
		r.DependsOn = slices.Clone(r.DependsOn)
		for i, u := range r.DependsOn {
			r.DependsOn[i] = urn(u)
		}
		if inputs, ok := plan.Hide(replacer, r.Inputs).(map[string]any); ok && r.Inputs != nil {
			r.Inputs = inputs
		}
		out = append(out, r)
	}
	return out
}
