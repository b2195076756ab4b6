package rehearsal

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/engine"
)

// engineStack is the engine's stack as drills see it, and the cloud that it deploys to.
type engineStack struct {
	*engine.Stack
	watch *watcher
	cloud *azure.Cloud
	// killed is whether the engine of the operation in progress was.
	killed atomic.Bool
	// time is the clock of the cloud below, nil when it has none.
	time *timeline.Timeline
	// declared is what the program declares.
	declared func(context.Context) ([]plan.Resource, error)
}

func (s *engineStack) Preview(ctx context.Context) (drills.Result, error) {
	return s.do(ctx, s.Stack.Preview)
}
func (s *engineStack) Up(ctx context.Context) (drills.Result, error) {
	return s.timed(ctx, timeline.Creation, s.Stack.Up)
}
func (s *engineStack) Refresh(ctx context.Context) (drills.Result, error) {
	return s.do(ctx, s.Stack.Refresh)
}
func (s *engineStack) Destroy(ctx context.Context) (drills.Result, error) {
	return s.timed(ctx, timeline.Destruction, s.Stack.Destroy)
}

// timed lets an operation pass on the cloud's clock, if it has one, in the order that the program declares.
func (s *engineStack) timed(
	ctx context.Context, order func([]timeline.Resource) map[string][]string, operation func(context.Context) (engine.Result, error),
) (drills.Result, error) {
	if s.time == nil {
		return s.do(ctx, operation)
	}
	declared, err := s.declared(ctx)
	if err != nil {
		return s.do(ctx, operation) // the engine reports what is wrong with the program
	}
	resources := drills.Declared(declared)
	schedule := &timeline.Schedule{Resources: resources, Order: order}
	s.time.Follow(order(resources))
	res, err := s.do(ctx, operation)
	schedule.Spans, schedule.Lost = s.time.Ended()
	res.Schedule = schedule
	return res, err
}
func (s *engineStack) ClearPending(ctx context.Context) (drills.Result, error) {
	return s.do(ctx, s.Stack.ClearPending)
}

// Azure is what exists.
func (s *engineStack) Azure() *arm.Server { return s.cloud.ARM }

// Remaining are the ids of everything that was created and not deleted.
func (s *engineStack) Remaining() []string { return s.cloud.Remaining() }

// Kill ends the engine in the middle of an operation.
func (s *engineStack) Kill() error {
	s.killed.Store(true) // before the operation can return
	err := s.Stack.Kill()
	if err != nil {
		s.killed.Store(false)
	}
	return err
}

// do runs an operation. After one whose engine was killed, it waits until Azure has seen the last of it.
func (s *engineStack) do(ctx context.Context, operation func(context.Context) (engine.Result, error)) (drills.Result, error) {
	s.watch.reset()
	res, err := operation(ctx)
	if s.killed.Swap(false) {
		s.cloud.EngineDied()
	}
	return translate(res, s.watch.changes()), err
}

func translate(res engine.Result, changed []string) drills.Result {
	out := drills.Result{
		Created: res.Created, Updated: res.Updated, Same: res.Same, Deleted: res.Deleted, Replaced: res.Replaced,
		Duration: res.Duration, Changed: changed,
		Outputs: map[string]any{}, Secrets: map[string]any{},
	}
	for name, output := range res.Outputs {
		if output.Secret {
			out.Secrets[name] = output.Value
			continue
		}
		out.Outputs[name] = output.Value
	}
	return out
}

// watcher remembers what the engine changed and passes on what it is doing.
type watcher struct {
	detail func(text string)
	// time is the clock of the cloud below, nil when it has none.
	time *timeline.Timeline

	mu      sync.Mutex
	changed []string
}

func (w *watcher) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed = nil
}

func (w *watcher) changes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

// take is the engine's OnEvent.
func (w *watcher) take(e engine.Event) {
	if w.time != nil {
		w.pass(e)
	}
	what := fmt.Sprintf("%s %s %s", e.Operation, shortType(e.Type), e.Name)
	switch e.Kind {
	case engine.Started:
		w.detail(what)
	case engine.Finished:
		if changes(e) {
			w.mu.Lock()
			w.changed = append(w.changed, what)
			w.mu.Unlock()
		}
	case engine.Failed, engine.Message:
		// These are in the error of the operation.
	}
}

// pass tells the clock about steps of the engine that do not reach the provider.
func (w *watcher) pass(e engine.Event) {
	switch {
	case e.Kind == engine.Started && strings.Contains(e.Operation, "replace"):
		w.time.Unordered()
	case e.Kind == engine.Finished:
		w.time.Over(e.URN)
	}
}

// changes reports whether an operation of the engine changes the resource.
func changes(e engine.Event) bool {
	if e.Type == "pulumi:pulumi:Stack" || strings.HasPrefix(e.Type, "pulumi:providers:") {
		return false
	}
	switch e.Operation {
	case "create", "update", "delete", "replace", "import":
		return true
	}
	return false
}

// shortType is the last part of a type token, which is how people call it.
func shortType(token string) string {
	return token[strings.LastIndex(token, ":")+1:]
}
