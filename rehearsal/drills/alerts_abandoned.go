package drills

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enterprise-openai/internal/azure/accounts"
)

// mostAbandoned is how many calls the drill gives up at most.
const mostAbandoned = 60

// callersHangUp gives calls up while an account works on them: the account bills its answer, and no limit counts it.
func (t *alertTrial) callersHangUp() cause {
	n := t.site.Settings.Alerts.AbandonedCalls
	abandon := func(calls, tokens int) func(context.Context, *watched) error {
		return func(ctx context.Context, w *watched) error {
			a, err := w.someone("")
			if err != nil {
				return err
			}
			a.prompt = accounts.MarkAnswer.With(fmt.Sprint(tokens))
			for range calls {
				w.clock.Advance(time.Second)
				if _, err := w.abandon(ctx, a); err != nil {
					return err
				}
				w.book()
			}
			return nil
		}
	}
	c := cause{name: "callers hang up", prepare: []func(*sandbox) error{hangingUp}}
	if n > mostAbandoned {
		c.cannot = "it takes too many calls"
	}
	c.steps = []step{
		{"one abandoned call less than the threshold", abandon(n-1, 1), nil},
		{"as many abandoned calls as the threshold", abandon(1, 1), []string{"abandoned-calls"}},
		{"an abandoned call with a long answer", abandon(1, 2000), []string{"abandoned-calls", "uncounted-tokens"}},
	}
	return c
}

// thinking is how long an account works on a call that is abandoned meanwhile; no other wait has this length.
const thinking = 54321 * time.Second

// hangingUp gives a sandbox the clock that abandon needs.
func hangingUp(g *sandbox) error {
	g.time = &markedClock{Fake: g.clock, mark: thinking}
	return nil
}

// abandon makes a call and hangs up while an account works on it. The answer is what was written by then: a call on which an account
// works has the status 200 of an answer that has not begun.
func (g *sandbox) abandon(ctx context.Context, a ask) (answer, error) {
	clock, ok := g.time.(*markedClock)
	if !ok {
		return answer{}, errors.New("the sandbox has no clock to hang up by")
	}
	g.Models.Heal("")
	if err := g.Models.Script(accounts.Fault{Kind: accounts.FaultSlowHeaders, Delay: thinking, Count: 1}); err != nil {
		return answer{}, err
	}
	calling, cancel := context.WithCancel(ctx)
	defer cancel()
	clock.wait = func(context.Context) error {
		cancel()
		return nil // the account goes on
	}
	got := g.ask(calling, a)
	g.Models.Wait() // an account goes on after its caller has hung up
	return got, ctx.Err()
}
