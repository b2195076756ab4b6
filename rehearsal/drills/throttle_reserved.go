package drills

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

// reserved lets a caller do what no count of answers holds: all its calls at once, and calls that it hangs up on.
func (t *throttleTrial) reserved(ctx context.Context, p stacks.Product) error {
	if p.ReservedTokensPerMinute == 0 || embeds(t.site.Settings, p.Deployments[0]) {
		return nil
	}
	if p.ReservedTokensPerMinute > mostReserved {
		t.skip(p.Name+".reservedTokensPerMinute", "it takes too many tokens")
		return nil
	}
	spent := &ReservedMeasured{}
	t.Products[p.Name].ReservedTokensPerMinute = spent
	for _, way := range []struct {
		name   string
		stream bool
		call   func(*sandbox, context.Context, ask, int) (outcome, error)
		spent  *int
	}{
		{"parallel", false, (*sandbox).atOnce, &spent.Parallel}, {"parallel streams", true, (*sandbox).atOnce, &spent.ParallelStreams},
		{"abandoned", false, (*sandbox).abandonAll, &spent.Abandoned}, {"abandoned streams", true, (*sandbox).abandonAll, &spent.AbandonedStreams},
	} {
		g, c, err := t.open(ctx, p.Name, hangingUp)
		if err != nil {
			return err
		}
		// Large enough that requests per minute are not met first.
		size := max(p.ReservedTokensPerMinute/max(1, min(20, p.RequestsPerMinute/3)), 1)
		c.stream, c.maxTokens, c.prompt = way.stream, size, accounts.MarkAnswer.With(fmt.Sprint(size))
		got, err := way.call(g, ctx, c.ask, 2*p.ReservedTokensPerMinute/size)
		if err == nil {
			*way.spent = t.spent(ctx, g, c, way.name, got)
		}
		_ = g.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// ReservedMeasured are tokens that accounts generated, for calls of which each began before the one before it was answered, and for calls
// that their caller gave up.
type ReservedMeasured struct {
	Parallel         int `json:"parallel"`
	ParallelStreams  int `json:"parallelStreams"`
	Abandoned        int `json:"abandoned"`
	AbandonedStreams int `json:"abandonedStreams"`
}

// mostReserved is how many tokens the drill lets accounts generate for one limit.
const mostReserved = 5 * largeAnswer

// spent compares what accounts generated with what the calls of a minute may reserve.
func (t *throttleTrial) spent(ctx context.Context, g *sandbox, c caller, way string, got outcome) (total int) {
	for _, r := range g.Models.Requests() {
		total += r.Usage.Total()
	}
	if t.unexpected(c.product.Name, way, got) {
		return total // how many tokens that took tells nothing about the reservation
	}
	limit := c.product.ReservedTokensPerMinute
	// The call that crosses the limit passes [M], and reservations are rounded up by half at the most.
	if most := limit + c.maxTokens + c.maxTokens/2 + 2*policies.ReservedUnit; total > most || total < limit/2 {
		t.add("%s, %s: accounts generated %d tokens of calls of one minute that may reserve %d (%d calls were let through, %d answered 429)",
			c.product.Name, way, total, limit, got.answered, got.refused)
	}
	if got := g.ask(ctx, c.ask); got.status != http.StatusTooManyRequests {
		t.add("%s, %s: with everything reserved a call was answered %s, where 429 was promised", c.product.Name, way, got)
	}
	return total
}

// unexpected reports answers that are neither 200 nor 429, and whether there were any.
func (t *throttleTrial) unexpected(who, way string, got outcome) bool {
	for _, answered := range slices.Sorted(maps.Keys(got.other)) {
		t.add("%s, %s: %d calls were answered %s, where 200 or 429 was promised", who, way, got.other[answered], answered)
	}
	return len(got.other) > 0
}

// atOnce makes calls of which each begins before the one before it is answered.
func (g *sandbox) atOnce(ctx context.Context, a ask, calls int) (outcome, error) {
	o := outcome{other: map[string]int{}}
	if err := g.Models.Script(accounts.Fault{Kind: accounts.FaultSlowHeaders, Delay: thinking, Count: calls}); err != nil {
		return o, err
	}
	g.time.(*markedClock).wait = func(context.Context) error {
		if calls--; calls > 0 {
			o.count(g.ask(ctx, a), 0)
		}
		return nil
	}
	o.count(g.ask(ctx, a), 0)
	g.Models.Heal("")
	return o, nil
}

// abandonAll makes calls one after the other and hangs up on each.
func (g *sandbox) abandonAll(ctx context.Context, a ask, calls int) (outcome, error) {
	o := outcome{other: map[string]int{}}
	for range calls {
		got, err := g.abandon(ctx, a)
		if err != nil {
			return o, err
		}
		o.count(got, 0)
	}
	g.Models.Heal("")
	return o, nil
}
