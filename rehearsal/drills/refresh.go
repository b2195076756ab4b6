package drills

import "context"

// refresh compares the stack's state with what exists in Azure. A difference right after a deployment is not drift,
// it is a property that the program does not describe as Azure stores it, and it hides real drift later.
func refresh() Drill {
	return Drill{
		Name:    "refresh",
		Promise: "A refresh right after the deployment finds nothing that differs.",
		When:    Standing,
		Run: func(ctx context.Context, env *Env) (map[string]any, []string) {
			res, err := env.Stack.Refresh(ctx)
			if err != nil {
				return nil, []string{err.Error()}
			}
			return measure(res), changed(res, "the refresh")
		},
	}
}
