package rehearsal

import (
	"context"
	"errors"

	"enterprise-openai/doctor"
	"enterprise-openai/doctor/subscription"
	"enterprise-openai/internal/clock"
	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

// Examination is what the doctor looks at.
type Examination struct {
	// ProjectDir is the folder of Pulumi.yaml, see FindProject.
	ProjectDir string
	// Stack is the environment: the name of a Pulumi.<stack>.yaml in ProjectDir.
	Stack string
	// Azure also reads the real subscription, as the account that is logged in on this machine.
	Azure bool
	// Subscription is the one to ask; the one that pulumi up would use when empty.
	Subscription string
	// Clock is the time that retirement dates are compared with.
	Clock clock.Clock
}

// Examine lets the doctor look at an environment. Settings that the program refuses, or that cannot be read
// here, are a report too.
func Examine(ctx context.Context, x Examination) (doctor.Report, error) {
	names, err := Stacks(x.ProjectDir)
	if err != nil {
		return doctor.Report{}, err
	}
	today := x.Clock.Now()
	environment, err := doctor.Load(ctx, x.ProjectDir, x.Stack, names, today)
	var refused doctor.RefusedError
	if errors.As(err, &refused) {
		return doctor.Refused(x.Stack, today, stacks.Problems(err)), nil
	}
	if errors.As(err, &plan.UnreadableError{}) {
		return doctor.Unreadable(x.Stack, today, stacks.Problems(err)), nil
	}
	if err != nil {
		return doctor.Report{}, err
	}
	report := doctor.Examine(environment)
	if x.Azure {
		answer, err := subscription.ThisMachine(ctx, environment, x.Subscription)
		if err != nil {
			return doctor.Report{}, err
		}
		report = report.With(answer)
	}
	return report, nil
}
