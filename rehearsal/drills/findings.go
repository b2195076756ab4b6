package drills

import (
	"context"
	"fmt"
)

// mostFailures is how many failures of one kind are listed one by one; what is broken for one caller is often broken for all.
const mostFailures = 12

// findings collects what did not hold.
type findings struct {
	list []string
	more int
}

// add notes a failure.
func (f *findings) add(format string, args ...any) {
	if len(f.list) >= mostFailures {
		f.more++
		return
	}
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// all are the failures, with the number of those that were left out.
func (f *findings) all() []string {
	if f.more > 0 {
		return append(f.list, fmt.Sprintf("and %d more like these", f.more))
	}
	return f.list
}

// served makes the Run of a drill that calls what was deployed. The drill gets a sandbox on a modelled clock; an error means
// that it could not be carried out.
func served(run func(ctx context.Context, g *sandbox, f *findings) (map[string]any, error)) func(context.Context, *Env) (map[string]any, []string) {
	return func(ctx context.Context, env *Env) (map[string]any, []string) {
		return onSite(ctx, env, func(site *Site, f *findings) (map[string]any, error) {
			g, err := site.open(ctx)
			if err != nil {
				return nil, err
			}
			defer func() { _ = g.Close() }()
			return run(ctx, g, f)
		})
	}
}

// onSite is served for drills that make their sandboxes themselves.
func onSite(ctx context.Context, env *Env, run func(*Site, *findings) (map[string]any, error)) (map[string]any, []string) {
	if env.Site == nil {
		return nil, []string{"nothing serves the stack: the drill could not be tried"}
	}
	f := &findings{}
	measured, err := run(env.Site, f)
	if err != nil {
		f.list = append([]string{"the drill could not be carried out: " + err.Error()}, f.list...)
	}
	if ctx.Err() != nil {
		f.list = append(f.list, "interrupted")
	}
	return measured, f.all()
}
