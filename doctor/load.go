package doctor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

// Environment is everything that the checks look at.
type Environment struct {
	// Project and Stack are Pulumi's.
	Project, Stack string
	// Settings are valid.
	Settings stacks.Settings
	// Locate finds a setting in its file.
	Locate stacks.Locator
	// Subscription is the stack's azure-native:subscriptionId; usually empty.
	Subscription string
	// Zones are the private DNS zones that the program links to the environment's network.
	Zones []string
	// Plan is what the program declares, Resources how much that is.
	Plan      []plan.Resource
	Resources int
	// Declared counts what the program declares in API Management, by the last part of the type.
	Declared map[string]int
	// Others are the other environments of the checkout whose settings are valid too.
	Others []Environment
	// Unread lists which environments of the checkout could not be read.
	Unread []string
	// Knowledge is what is known about models.
	Knowledge *Knowledge
	// Today is the day to judge by.
	Today time.Time
}

// RefusedError means that the program refuses the settings; the wrapped error lists every problem (stacks.Problems).
type RefusedError struct{ Err error }

func (e RefusedError) Error() string { return e.Err.Error() }
func (e RefusedError) Unwrap() error { return e.Err }

// Load reads a stack of the project in dir, and beside it the others, which share names, addresses and quota with it. Settings
// that the program refuses are a RefusedError.
func Load(ctx context.Context, dir, stack string, others []string, today time.Time) (*Environment, error) {
	e, err := read(ctx, dir, stack)
	if err != nil {
		return nil, err
	}
	declared, err := plan.Of(ctx, dir, stack, plan.Update, stacks.Deploy)
	if err != nil {
		return nil, fmt.Errorf("plan of %s: %w", stack, err)
	}
	e.Zones, e.Declared = zones(declared), declaredKinds(declared)
	e.Plan, e.Resources = declared.Resources, len(declared.Resources)
	for _, name := range others {
		if name == stack {
			continue
		}
		other, err := read(ctx, dir, name)
		if err != nil {
			e.Unread = append(e.Unread, name)
			continue
		}
		e.Others = append(e.Others, *other)
	}
	e.Today = today
	if e.Knowledge, err = Known(); err != nil {
		return nil, err
	}
	return e, nil
}

// read loads the settings of a stack the way pulumi up does.
func read(ctx context.Context, dir, stack string) (*Environment, error) {
	e := &Environment{Stack: stack}
	var loadErr error
	_, err := plan.Of(ctx, dir, stack, plan.Update, func(pctx *pulumi.Context) error {
		e.Project = pctx.Project()
		e.Subscription, _ = pctx.GetConfig("azure-native:subscriptionId")
		e.Settings, loadErr = stacks.LoadSettings(pctx)
		return nil
	})
	if err = errors.Join(err, loadErr); err != nil {
		if errors.As(err, &plan.UnreadableError{}) {
			return nil, err
		}
		if len(stacks.Problems(err)) > 0 {
			return nil, RefusedError{err}
		}
		return nil, err
	}
	e.Locate, err = stacks.Positions(filepath.Join(dir, "Pulumi."+stack+".yaml"), e.Project)
	return e, err
}

// zones are the names of the private zones in a plan.
func zones(p *plan.Plan) []string {
	var names []string
	for _, r := range p.Resources {
		if !strings.HasSuffix(r.Type, ":PrivateZone") {
			continue
		}
		if name, ok := r.Inputs["privateZoneName"].(string); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// production guesses whether people depend on the environment: by its name, or by its tag environment.
func (e *Environment) production() bool {
	for _, name := range []string{e.Stack, e.Settings.Tags["environment"]} {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "prod") || strings.HasSuffix(name, "-prod") || name == "live" {
			return true
		}
	}
	return false
}

// orAdvice is the severity of what is a risk only where people depend on it.
func (e *Environment) orAdvice() Severity {
	if e.production() {
		return Warning
	}
	return Advice
}
