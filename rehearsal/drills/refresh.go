package drills

import "context"

// refresh compares the stack's state with what exists in Azure. A difference right after a deployment is not drift,
// it is a property that the program does not describe as Azure stores it, and it hides real drift later.
func refresh() Drill {
	return Drill{
		Name:    "refresh",
		Promise: "A refresh right after the deployment finds nothing that differs.",
		When:    Standing,
		Work: with(theStack, func(ctx context.Context, env *Env, f *findings) (*OperationMeasured, error) {
			res, err := env.Stack.Refresh(ctx)
			if err != nil {
				f.add("%v", err)
				return nil, nil //nolint:nilnil // an operation that failed measured nothing
			}
			return unchanged(res, "the refresh", f), nil
		}),
	}
}
