package drills

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/stacks"
)

// silence is how long a silent account waits before it answers: longer than any caller would.
const silence = 98765 * time.Second

// silent gives a sandbox the clock of a silent account: it waits, a second at a time, until its caller has given up.
func silent(g *sandbox) error {
	g.time = &markedClock{g.clock, silence, func(ctx context.Context) error {
		for waited := time.Duration(0); waited < silence && ctx.Err() == nil; waited += time.Second {
			g.clock.Advance(time.Second)
		}
		return ctx.Err()
	}}
	return nil
}

// silentCalls is how many streams are sent to a deployment while one of its regions is silent.
const silentCalls = 6

// tryFailoverFromSilence lets one region after the other take connections and say nothing. It gives the longest time that a
// stream waited for its first byte, in seconds.
func tryFailoverFromSilence(ctx context.Context, site *Site, f *findings) (longest float64, err error) {
	g, err := site.open(ctx, oneUnit, silent)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	t := &failoverTrial{sandbox: g, findings: f, FailoverMeasured: FailoverMeasured{ExtraAttempts: map[string]int{}}}
	for _, pool := range site.Settings.Pools() {
		c, err := g.callerOf(pool.Deployment)
		if err != nil || c.embed || len(poolRegions(pool)) < 2 {
			continue // nobody may call it, it is never streamed, or nobody else could answer
		}
		for _, region := range poolRegions(pool) {
			waited, err := t.silenceOne(ctx, c.ask, pool, region)
			if err != nil {
				return 0, err
			}
			longest = max(longest, waited.Seconds())
		}
	}
	return longest, nil
}

// silenceOne sends streams while a region is silent: at most one of them waits, and for each account there, and one more, no
// longer than the settings say.
func (t *failoverTrial) silenceOne(ctx context.Context, a ask, pool stacks.Pool, region string) (longest time.Duration, err error) {
	match := accounts.Match{Region: region, Deployment: pool.Deployment}
	if err := t.fresh(accounts.Fault{Kind: accounts.FaultSlowHeaders, Delay: silence, Match: match}); err != nil {
		return 0, err
	}
	// The pool does not say whom it chose: by name the same account may be called once more.
	patience := time.Duration(t.site.Settings.Gateway.Failover.StreamSeconds) * time.Second
	allowed := patience
	for _, m := range pool.Members {
		if m.Account.Location == region {
			allowed += patience
		}
	}
	what := fmt.Sprintf("%s takes connections and says nothing: %s", match.Region, match.Deployment)
	a.stream = true
	waits := 0
	for range silentCalls {
		begun := t.clock.Now()
		got, _ := t.call(ctx, a)
		waited := t.clock.Now().Sub(begun)
		longest = max(longest, waited)
		if waited > 0 {
			waits++
		}
		switch {
		case got.status != http.StatusOK:
			t.add("%s answered %s although other regions are well", what, got)
		case waited > allowed+time.Second:
			t.add("%s answered a stream after %s, where failover.streamSeconds allows %s", what, waited, allowed)
		}
	}
	if waits > 1 {
		t.add("%s: %d of %d streams waited for the silent account: it was not asked last after the first", what, waits, silentCalls)
	}
	return longest, ctx.Err()
}
