package drills

import (
	"context"
	"time"

	"enterprise-openai/internal/clock"
)

// markedClock gives waits of one length to a function, and the others to the modelled clock: an account that is made to wait for
// that long, and it alone, waits as the drill wants.
type markedClock struct {
	*clock.Fake
	mark time.Duration
	wait func(ctx context.Context) error
}

// Sleep waits.
func (c *markedClock) Sleep(ctx context.Context, d time.Duration) error {
	if d != c.mark {
		return c.Fake.Sleep(ctx, d)
	}
	return c.wait(ctx)
}
