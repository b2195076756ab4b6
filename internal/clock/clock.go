// Package clock lets a rehearsal own its time.
//
// Everything that waits, expires or is dated takes a [Clock]. Real is the
// machine's clock; Fake stands still until a test moves it, so that a quota of
// a month is tested in a microsecond.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and waits.
type Clock interface {
	// Now is the current time.
	Now() time.Time
	// Sleep returns after d, or with the context's error when that ends first.
	Sleep(ctx context.Context, d time.Duration) error
	// After gives the time once, after d.
	After(d time.Duration) <-chan time.Time
	// AfterFunc calls f after d unless stop is called first. stop reports
	// whether it prevented the call.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Real is the clock of the machine.
type Real struct{}

// Now is time.Now in UTC.
func (Real) Now() time.Time { return time.Now().UTC() }

// Sleep waits on the machine's timer.
func (Real) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// After is time.After.
func (Real) After(d time.Duration) <-chan time.Time { return time.After(d) }

// AfterFunc is time.AfterFunc.
func (Real) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

var _ Clock = Real{}
