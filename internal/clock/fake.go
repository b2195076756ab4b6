package clock

import (
	"context"
	"sort"
	"sync"
	"time"
)

// Fake is a clock that moves only when its owner moves it.
//
// A sleeper may move it by itself: with AutoAdvance, Sleep does not block but
// sets the time forward, which suits a single line of events such as the
// waits of a retry.
type Fake struct {
	mu     sync.Mutex
	now    time.Time
	auto   bool
	timers []*timer
	slept  []time.Duration
	wake   *sync.Cond
}

type timer struct {
	at   time.Time
	fire func(time.Time)
}

// Epoch is where a Fake starts by default: a Thursday noon, far from
// any boundary of a minute, a day or a month.
var Epoch = time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC)

// NewFake returns a clock that stands at start, or at Epoch when start is zero.
func NewFake(start time.Time) *Fake {
	if start.IsZero() {
		start = Epoch
	}
	f := &Fake{now: start.UTC()}
	f.wake = sync.NewCond(&f.mu)
	return f
}

// AutoAdvance makes Sleep set the clock forward instead of blocking.
func (f *Fake) AutoAdvance(on bool) *Fake {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.auto = on
	return f
}

// Now is where the clock stands.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock by d and fires what falls due, in order.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	target := f.now.Add(d)
	for {
		t := f.next(target)
		if t == nil {
			break
		}
		if t.at.After(f.now) {
			f.now = t.at
		}
		now := f.now
		// Unlocked, because what fires may set timers of its own.
		f.mu.Unlock()
		t.fire(now)
		f.mu.Lock()
	}
	if target.After(f.now) {
		f.now = target
	}
	f.mu.Unlock()
}

// Slept lists the durations that Sleep was called with so far.
func (f *Fake) Slept() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.slept...)
}

// patience is how long WaitForTimers waits, in real time, for something that is
// about to happen on another goroutine.
const patience = 10 * time.Second

// WaitForTimers returns once at least n timers are pending, so that a test can
// advance past something that another goroutine is about to wait for. It
// reports false when that does not come about.
func (f *Fake) WaitForTimers(n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	over := false
	defer time.AfterFunc(patience, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		over = true
		f.wake.Broadcast()
	}).Stop()
	for len(f.timers) < n && !over {
		f.wake.Wait()
	}
	return len(f.timers) >= n
}

// Sleep waits until the clock was moved by d.
func (f *Fake) Sleep(ctx context.Context, d time.Duration) error {
	f.mu.Lock()
	f.slept = append(f.slept, d)
	auto := f.auto
	f.mu.Unlock()
	if d <= 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	if auto {
		f.Advance(d)
		return ctx.Err()
	}
	done := make(chan struct{})
	stop := f.AfterFunc(d, func() { close(done) })
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		stop()
		return ctx.Err()
	}
}

// After gives the time once the clock was moved by d.
func (f *Fake) After(d time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	f.add(d, func(now time.Time) { c <- now })
	return c
}

// AfterFunc calls fn on the goroutine that moves the clock past d.
func (f *Fake) AfterFunc(d time.Duration, fn func()) func() bool {
	t := f.add(d, func(time.Time) { fn() })
	return func() bool { return f.remove(t) }
}

func (f *Fake) add(d time.Duration, fire func(time.Time)) *timer {
	f.mu.Lock()
	t := &timer{at: f.now.Add(d), fire: fire}
	now := f.now
	if d > 0 {
		f.timers = append(f.timers, t)
		f.wake.Broadcast()
	}
	f.mu.Unlock()
	if d <= 0 {
		fire(now)
	}
	return t
}

func (f *Fake) remove(t *timer) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, other := range f.timers {
		if other == t {
			f.timers = append(f.timers[:i], f.timers[i+1:]...)
			return true
		}
	}
	return false
}

// next takes the earliest timer that is due at or before target.
func (f *Fake) next(target time.Time) *timer {
	sort.SliceStable(f.timers, func(i, j int) bool { return f.timers[i].at.Before(f.timers[j].at) })
	if len(f.timers) == 0 || f.timers[0].at.After(target) {
		return nil
	}
	t := f.timers[0]
	f.timers = append([]*timer(nil), f.timers[1:]...)
	return t
}

var _ Clock = (*Fake)(nil)
