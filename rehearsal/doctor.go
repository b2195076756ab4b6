package rehearsal

import (
	"context"
	"errors"

	"enterprise-openai/rehearsal/clock"
	"enterprise-openai/rehearsal/doctor"
	"enterprise-openai/stacks"
)

// Examine lets the doctor look at a stack of the project in dir. Settings that the program refuses are a report too.
func Examine(ctx context.Context, dir, stack string, now clock.Clock) (doctor.Report, error) {
	names, err := Stacks(dir)
	if err != nil {
		return doctor.Report{}, err
	}
	today := now.Now()
	environment, err := doctor.Load(ctx, dir, stack, names, today)
	var refused doctor.RefusedError
	if errors.As(err, &refused) {
		return doctor.Refused(stack, today, stacks.Problems(err)), nil
	}
	if err != nil {
		return doctor.Report{}, err
	}
	return doctor.Examine(environment), nil
}
