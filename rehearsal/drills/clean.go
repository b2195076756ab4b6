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
		Work: with(theStack, func(_ context.Context, env *Env, f *findings) (*CleanMeasured, error) {
			left := slices.Sorted(slices.Values(env.Cloud.Remaining()))
			f.addEach("still exists: ", left)
			return &CleanMeasured{Remaining: len(left)}, nil
		}),
	}
}

// CleanMeasured counts resources that a destruction left.
type CleanMeasured struct {
	Remaining int `json:"remaining"`
}
