package drills

import (
	"context"
	"slices"
)

// clean asks Azure, not the engine's state, what is left after the destruction: a resource that was made by a template or
// by Azure itself is not in the state, and would go on costing money.
func clean() Drill {
	return Drill{
		Name:    "clean",
		Promise: "After the stack is destroyed, nothing of it exists any more.",
		When:    Gone,
		Run: func(_ context.Context, env *Env) (map[string]any, []string) {
			left := slices.Clone(env.Cloud.Remaining())
			slices.Sort(left)
			failures := make([]string, 0, len(left))
			for _, id := range left {
				failures = append(failures, "still exists: "+id)
			}
			return map[string]any{"remaining": len(left)}, failures
		},
	}
}
