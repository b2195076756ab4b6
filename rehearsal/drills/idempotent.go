package drills

import "context"

// idempotent deploys the unchanged program once more. What changes then would change on every deployment: a value that
// Azure normalises, a default it fills in, a list it reorders. On a real gateway such an update takes most of an hour.
func idempotent() Drill {
	return Drill{
		Name:    "idempotent",
		Promise: "A second deployment of the same program changes nothing.",
		When:    Standing,
		Work: with(theStack, func(ctx context.Context, env *Env, f *findings) (*OperationMeasured, error) {
			res, err := env.Stack.Up(ctx)
			if err != nil {
				f.add("second %v", err)
				return nil, nil //nolint:nilnil // an operation that failed measured nothing
			}
			return unchanged(res, "the second up", f), nil
		}),
	}
}

// OperationMeasured is what an operation of the engine did that should have done nothing.
type OperationMeasured struct {
	// Same and Changed count resources.
	Same    int     `json:"same"`
	Changed int     `json:"changed"`
	Seconds float64 `json:"seconds"`
}

// unchanged notes every resource that an operation did not leave alone.
func unchanged(res Result, operation string, f *findings) *OperationMeasured {
	switch {
	case res.Changes() == 0:
	case len(res.Changed) == 0:
		f.add("%s created %d, updated %d, replaced %d and deleted %d resources",
			operation, res.Created, res.Updated, res.Replaced, res.Deleted)
	default:
		f.addEach(operation+": ", res.Changed)
	}
	return &OperationMeasured{Same: res.Same, Changed: res.Changes(), Seconds: res.Duration.Seconds()}
}
