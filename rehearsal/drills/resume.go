package drills

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/faults"
)

// resume breaks a deployment off again and again, each time further on, and finishes it by the steps of
// docs/operations.md. All the while, every other write is first throttled, then answered 500, then done with its answer lost: what is transient
// must not be noticed.
func resume() Drill {
	return Drill{
		Name: "resume",
		Promise: "A deployment that breaks off is finished by the next one, after the steps of docs/operations.md where the engine was killed or " +
			"an answer lost for good; nothing is made twice, left over or replaced.",
		When: Standing,
		Work: with(inLab(AtOnce), sample),
	}
}

// Sweep is the drill resume, whole, for one way to break: every write of the deployment is broken once, and broken off deployments
// are resumed until none is left. It takes minutes; env needs the standing stack's Cloud and a Lab.
func Sweep(ctx context.Context, env *Env, kind faults.Kind) Outcome {
	return Drill{Work: with(inLab(AtOnce), func(ctx context.Context, t *ownStack, f *findings) (*ResumeMeasured, error) {
		rule := breakOff(kind, "")
		rule.Each = true
		return tryBreaks(ctx, t, f, rule)
	})}.Run(ctx, env)
}

// BreakingFaults are the ways to break a deployment off: those that the provider does not repair by trying again.
func BreakingFaults() []faults.Kind {
	return []faults.Kind{
		faults.Refused, faults.TimedOut, faults.Lost, faults.Failed, faults.Stuck, faults.Killed, faults.KilledAfter,
	}
}

// ResumeMeasured counts how often a deployment broke off, and what finishing it took.
type ResumeMeasured struct {
	BrokenOff int `json:"brokenOff"`
	// Of says how many breaks there could be.
	Of  string `json:"of,omitempty"`
	Ups int    `json:"ups"`
	// Killed counts the times the state had pending operations.
	Killed        int `json:"killed"`
	Imported      int `json:"imported"`
	DeletedByHand int `json:"deletedByHand"`
	// TransientRetries are the provider's, on TransientTypes types of resources; RetryMinutes is the modelled time it waited.
	TransientRetries int     `json:"transientRetries"`
	TransientTypes   int     `json:"transientTypes"`
	RetryMinutes     float64 `json:"modelledMinutesOfRetries"`
}

// sample breaks a deployment off in every way at least once, where it hurts or differs.
func sample(ctx context.Context, t *ownStack, f *findings) (*ResumeMeasured, error) {
	measured, err := tryBreaks(ctx, t, f,
		breakOff(faults.KilledAfter, "Microsoft.Network/virtualNetworks"),
		breakOff(faults.Killed, "Microsoft.CognitiveServices/accounts"),
		breakOff(faults.Refused, "Microsoft.CognitiveServices/accounts/deployments"),
		breakOff(faults.Failed, "Microsoft.Network/privateEndpoints"),
		breakOff(faults.Lost, "Microsoft.ApiManagement/service"),
		breakOff(faults.TimedOut, "Microsoft.ApiManagement/service/products"),
		breakOff(faults.Stuck, "Microsoft.ApiManagement/service/policyFragments"),
	)
	if err == nil {
		measured.Of = fmt.Sprintf("%d writes × %d ways; make test-slow breaks them all", len(t.standing.Cloud.Remaining()), len(BreakingFaults()))
	}
	return measured, err
}

// transient are faults that the provider tries again after: three for every write, which is all it has.
func transient() []faults.Rule {
	return []faults.Rule{
		{Fault: faults.Throttled, Each: true, Nth: 1, RetryAfter: 30 * time.Second},
		{Fault: faults.Broken, Each: true, Nth: 2},
		{Fault: faults.Lost, Each: true, Nth: 3},
	}
}

// breakOff is the rule that breaks a write for good: what is tried again after an answer was lost, loses its answer again.
func breakOff(kind faults.Kind, armType string) faults.Rule {
	r := faults.Rule{Fault: kind, Type: armType, Method: http.MethodPut}
	if kind == faults.Lost || kind == faults.TimedOut {
		r.Count = 4
	}
	return r
}

// tryBreaks breaks one deployment off by every one of the rules, as it comes to them.
func tryBreaks(ctx context.Context, t *ownStack, f *findings, breaks ...faults.Rule) (*ResumeMeasured, error) {
	o := operator{Trial: t, recovery: Recovery{Stack: t}, types: map[string]bool{}}
	if err := t.Faults().Set(append(breaks, transient()...)...); err != nil {
		return nil, err
	}
	if err := o.finish(ctx); err != nil {
		f.add("the deployment could not be finished: %v", err)
	}
	broken := 0
	outcomes := t.Faults().Outcomes()
	for _, outcome := range outcomes[:len(breaks)] {
		if outcome.Broke == 0 {
			f.add("%s at %s: no such write", outcome.Fault, outcome.Type)
		}
		broken += outcome.Broke / outcome.Count
	}
	o.tally(outcomes)
	o.judge(ctx, t.standing, f)
	return &ResumeMeasured{
		BrokenOff: broken, Ups: o.ups, Killed: o.recovery.Cleared, Imported: o.recovery.Imported, DeletedByHand: o.recovery.Deleted,
		TransientRetries: o.retries, TransientTypes: len(o.types), RetryMinutes: o.waited.Minutes(),
	}, nil
}

// operator finishes deployments, and counts what that takes.
type operator struct {
	Trial
	recovery Recovery
	ups      int
	replaced []string
	retries  int
	waited   time.Duration
	types    map[string]bool // that were broken
}

// tally adds up what faults did.
func (o *operator) tally(outcomes []faults.Outcome) {
	for _, outcome := range outcomes {
		o.retries += outcome.Retries
		o.waited += outcome.Waited
		for name := range outcome.Types {
			o.types[name] = true
		}
	}
}

// up deploys once. When that breaks off, it does what is necessary before the next try; an error means that this was not possible.
func (o *operator) up(ctx context.Context) (finished bool, err error) {
	o.ups++
	res, err := o.Up(ctx)
	o.note(res)
	if err == nil {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	exist := existing(err)
	res, err = o.recovery.clearPending(ctx)
	o.note(res)
	if err != nil {
		return false, err
	}
	return false, o.recovery.takeOver(ctx, exist)
}

// mostTries is more than the writes of a stack: each may break off once.
const mostTries = 400

// finish deploys until that works.
func (o *operator) finish(ctx context.Context) error {
	for range mostTries {
		if finished, err := o.up(ctx); finished || err != nil {
			return err
		}
	}
	return fmt.Errorf("it did not end after %d deployments", mostTries)
}

func (o *operator) note(res Result) {
	for _, c := range res.Changed {
		if strings.HasPrefix(c, "replace ") || strings.HasPrefix(c, "delete ") {
			o.replaced = append(o.replaced, c)
		}
	}
}

// judge compares what was deployed in the end with the standing stack, which nothing has disturbed, and with the engine's state.
func (o *operator) judge(ctx context.Context, env *Env, f *findings) {
	for _, c := range o.replaced {
		f.add("a deployment that was resumed did: %s", c)
	}
	if err := o.Faults().Set(); err != nil {
		f.add("%v", err)
	}
	res, err := o.Up(ctx)
	if err != nil {
		f.add("one more deployment: %v", err)
	}
	for _, c := range res.Changed {
		f.add("one more deployment: %s", c)
	}
	want, got := lowered(env.Cloud.Remaining()), lowered(o.Remaining())
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if !got[id] {
			f.add("missing in Azure: %s", id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if !want[id] {
			f.add("too much in Azure: %s", id)
		}
	}
	state, err := o.State(ctx)
	if err != nil {
		f.add("%v", err)
	}
	seen := map[string]bool{}
	for _, k := range state.Resources {
		id := strings.ToLower(k.ID)
		if seen[id] {
			f.add("twice in the state: %s", k.ID)
		}
		if _, there := o.Azure().Get(k.ID); !there {
			f.add("in the state, not in Azure: %s", k.ID)
		}
		if at, err := arm.ParseID(k.ID); err == nil && !o.types[at.Type] {
			f.add("no write to %s was broken", at.Type)
			o.types[at.Type] = true
		}
		seen[id] = true
	}
	for _, p := range state.Pending {
		f.add("still pending in the state: %s %s", p.Doing, p.Name)
	}
}

func lowered(ids []string) map[string]bool {
	set := map[string]bool{}
	for _, id := range ids {
		set[strings.ToLower(id)] = true
	}
	return set
}
