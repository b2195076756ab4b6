package timeline

import (
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/resourcetypes"
)

// Needed is what no program could leave out: of what a resource waits for, what it uses and what Azure demands. The others come
// as sentences.
func Needed(resources []Resource) (needed []Resource, needless []string) {
	byURN := map[string]Resource{}
	for _, r := range resources {
		byURN[r.URN] = r
	}
	for _, r := range resources {
		uses := slices.Clone(r.Uses)
		for _, urn := range r.DependsOn {
			before := byURN[urn]
			switch {
			case slices.Contains(r.Uses, urn) || !before.Custom:
			case demanded(r, before):
				uses = append(uses, urn)
			default:
				needless = append(needless, fmt.Sprintf("%s waits for %s: no output is used and Azure does not ask for it",
					title(r), title(before)))
			}
		}
		r.DependsOn = uses
		needed = append(needed, r)
	}
	slices.Sort(needless)
	return needed, needless
}

// demanded reports whether Azure wants one after the other, by the rows of their types (internal/azure/resourcetypes).
func demanded(after, before Resource) bool {
	return slices.ContainsFunc(resourcetypes.Waits(after.Type), func(w resourcetypes.Wait) bool {
		return slices.Contains(w.For, kindOf(before.Type)) &&
			(w.On == "" || slices.ContainsFunc(after.Uses, func(urn string) bool {
				return strings.Contains(urn, ":"+w.On+"::") && (slices.Contains(before.Uses, urn) || urn == before.URN)
			}))
	})
}
