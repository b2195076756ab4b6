package drills

import (
	"context"
	"errors"
)

// nothing is the end of a setup that leaves nothing to end.
func nothing() error { return nil }

// theStack gives a drill the deployed stack and its engine.
func theStack(_ context.Context, env *Env) (*Env, func() error, error) { return env, nothing, nil }

// theSite gives a drill what was deployed, for sandboxes that it makes itself.
func theSite(_ context.Context, env *Env) (*Site, func() error, error) {
	if env.Site == nil {
		return nil, nil, errNotServed
	}
	return env.Site, nothing, nil
}

// aSandbox gives a drill a copy of what was deployed, on a clock that only the drill moves.
func aSandbox(ctx context.Context, env *Env) (*sandbox, func() error, error) {
	if env.Site == nil {
		return nil, nil, errNotServed
	}
	g, err := env.Site.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	// That listeners are closed already is no fault of the promise.
	return g, func() error { _ = g.Close(); return nil }, nil
}

// knownTraffic gives a drill the rows of the known traffic, with an engine to query them.
func knownTraffic(ctx context.Context, env *Env) (*asking, func() error, error) {
	if env.Site == nil {
		return nil, nil, errNotServed
	}
	e, err := env.Site.known(ctx)
	if err != nil {
		return nil, nil, err
	}
	engine, done := env.Site.engine()
	return &asking{e, env.Site, engine, e.store.Tables()}, done, nil
}

// ownStack is a stack that a drill has for itself, and the standing one beside it.
type ownStack struct {
	Trial
	standing *Env
}

// inLab gives a drill a stack of its own, on which operations take as long as the pace says.
func inLab(pace Pace) setup[*ownStack] {
	return func(ctx context.Context, env *Env) (*ownStack, func() error, error) {
		if env.Lab == nil {
			return nil, nil, errors.New("there is no lab for stacks of a drill's own")
		}
		t, err := env.Lab.Open(ctx, pace)
		if err != nil {
			return nil, nil, err
		}
		return &ownStack{t, env}, t.Close, nil
	}
}
