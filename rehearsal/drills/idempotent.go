package drills

import (
	"context"
	"fmt"
)

// idempotent deploys the unchanged program once more. What changes then would change on every deployment: a value that
// Azure normalises, a default it fills in, a list it reorders. On a real gateway such an update takes most of an hour.
func idempotent() Drill {
	return Drill{
		Name:    "idempotent",
		Promise: "A second deployment of the same program changes nothing.",
		When:    Standing,
		Run: func(ctx context.Context, env *Env) (map[string]any, []string) {
			res, err := env.Stack.Up(ctx)
			if err != nil {
				return nil, []string{fmt.Sprintf("second %v", err)}
			}
			return measure(res), changed(res, "the second up")
		},
	}
}

// measure is what every engine operation leaves in the report.
func measure(res Result) map[string]any {
	return map[string]any{
		"same":    res.Same,
		"changed": res.Changes(),
		"seconds": res.Duration.Seconds(),
	}
}

// changed lists every resource that an operation did not leave alone.
func changed(res Result, operation string) []string {
	if res.Changes() == 0 {
		return nil
	}
	if len(res.Changed) == 0 {
		return []string{fmt.Sprintf("%s created %d, updated %d, replaced %d and deleted %d resources",
			operation, res.Created, res.Updated, res.Replaced, res.Deleted)}
	}
	failures := make([]string, 0, len(res.Changed))
	for _, c := range res.Changed {
		failures = append(failures, operation+": "+c)
	}
	return failures
}
