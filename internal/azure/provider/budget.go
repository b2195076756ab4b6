package provider

import (
	"context"
	"sync"
	"time"
)

// budget is the time an operation may still wait. Real time would not do: waiting is imitated, so that an operation that
// never ends would be polled for ever.
type budget struct {
	mu   sync.Mutex
	left time.Duration
}

type budgetKey struct{}

// spend takes d from the operation's time.
func spend(ctx context.Context, d time.Duration) error {
	b, ok := ctx.Value(budgetKey{}).(*budget)
	if !ok {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left -= d; b.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}
