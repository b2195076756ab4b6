package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	// leastSpace is what the work directory must have room for: the states of large stacks are of this size.
	leastSpace = 1 << 20
	// spaceEvery is how often that is tried while an operation goes on.
	spaceEvery = 2 * time.Second
)

// room tries whether the work directory has room for a state. The error is the system's.
func room(dir string) error {
	path := filepath.Join(dir, "room")
	err := os.WriteFile(path, make([]byte, leastSpace), 0o600)
	if gone := os.Remove(path); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	if err != nil {
		return fmt.Errorf("work directory: %w", err)
	}
	return nil
}

// whileRoom is a context that ends, with the system's message as its cause, when the work directory has no room left: an engine
// that cannot write its state waits for ever (seen with version 3.259.0 on a full tmpfs).
func whileRoom(ctx context.Context, dir string, kill func() error) (context.Context, func()) {
	ctx, end := context.WithCancelCause(ctx)
	go func() {
		tick := time.NewTicker(spaceEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := room(dir); err != nil {
					end(err)
					_ = kill() // it would wait for its state; when nothing runs there is nothing to end
					return
				}
			}
		}
	}()
	return ctx, func() { end(nil) }
}
