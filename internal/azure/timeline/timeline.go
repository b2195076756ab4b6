// Package timeline is the time of an embedded Azure: how it passes while the real engine deploys a stack, and what happened
// when. Nothing is slept. Operations run side by side as they would in Azure, because the clock moves only when every running
// operation waits and every operation that could begin has begun.
//
//	timeline.go  the clock: who works, who waits, when it moves
//	order.go     what could begin now, from the order the program declares
//	path.go      what came out: the critical path, and the chain nobody can shorten
//	schedule.go  one run of the engine: the orders in which it creates and deletes, and how long that took
//	needed.go    the orders that Azure demands although no output is used
package timeline

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Span is one operation on one resource, in modelled time.
type Span struct {
	// URN is the resource, as the engine names it.
	URN string
	// Operation is create, update or delete.
	Operation  string
	Start, End time.Time
	// Failed is set when the operation ended with an error.
	Failed bool
}

// Timeline is a clock for an embedded Azure. It is safe for concurrent use.
type Timeline struct {
	mu       sync.Mutex
	now      time.Time
	awake    int // calls in progress that do not wait
	sleepers sleepers
	order    *order // nil: any waiting operation moves the clock
	spans    []Span
	lost     []string
	restless *time.Timer
	// patience is how long, on the machine's clock, somebody who could begin is waited for before the order is given up. It is
	// never reached unless the engine and the order disagree.
	patience time.Duration
}

// patience is long enough for a busy machine and short enough for a person.
const patience = 20 * time.Second

// New is a timeline that stands at start.
func New(start time.Time) *Timeline { return &Timeline{now: start.UTC(), patience: patience} }

// Patience sets how long, on the machine's clock, somebody who could begin is waited for before the order is given up.
func (t *Timeline) Patience(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.patience = d
}

// Now is the modelled time.
func (t *Timeline) Now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now
}

// Reach moves the clock on to a moment that is not before now, when nobody is at work. It never moves it back.
func (t *Timeline) Reach(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at.After(t.now) {
		t.now = at.UTC()
	}
}

// Follow begins a run of the engine in the given order: the keys are the URNs that it will work on, the values those that
// each waits for. The clock then stands still while something could begin that has not. Without an order, any waiting operation moves it.
func (t *Timeline) Follow(waitsFor map[string][]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.order, t.spans, t.lost = newOrder(waitsFor), nil, nil
}

// Ended ends the run and gives what happened in it, in the order in which it ended, and the URNs that were waited for in vain.
func (t *Timeline) Ended() (spans []Span, lost []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	spans, lost = t.spans, t.lost
	t.order, t.spans, t.lost = nil, nil, nil
	t.move()
	return spans, lost
}

type callKey struct{}

// Begin begins an operation on a resource; end ends it.
func (t *Timeline) Begin(ctx context.Context, urn, operation string) (_ context.Context, end func(error)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.awake++
	t.order.begun(urn)
	span := Span{URN: urn, Operation: operation, Start: t.now}
	return context.WithValue(ctx, callKey{}, true), func(err error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.awake--
		span.End, span.Failed = t.now, err != nil
		t.spans = append(t.spans, span)
		t.order.ended(urn)
		if err != nil {
			t.order = nil // the engine begins nothing new
		}
		t.move()
	}
}

// Over says that the engine is done with a resource, whether or not there was anything to do.
func (t *Timeline) Over(urn string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.order.begun(urn)
	t.order.ended(urn)
	t.move()
}

// Unordered gives the order up: the engine does something that it does not describe, such as a replacement.
func (t *Timeline) Unordered() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.order = nil
	t.move()
}

// Wait returns when d has passed on the timeline. Outside of an operation it returns at once: nothing happens meanwhile.
func (t *Timeline) Wait(ctx context.Context, d time.Duration) error {
	if ctx.Value(callKey{}) == nil || d <= 0 {
		return ctx.Err()
	}
	t.mu.Lock()
	s := &sleeper{until: t.now.Add(d), wake: make(chan struct{})}
	heap.Push(&t.sleepers, s)
	t.awake--
	t.move()
	t.mu.Unlock()
	select {
	case <-s.wake:
		return ctx.Err()
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.index >= 0 {
		heap.Remove(&t.sleepers, s.index)
		t.awake++
	}
	return ctx.Err()
}

// move sets the clock to the next moment at which somebody has waited long enough.
func (t *Timeline) move() {
	if t.restless != nil {
		t.restless.Stop()
		t.restless = nil
	}
	if t.awake > 0 || len(t.sleepers) == 0 {
		return
	}
	if t.order.pending() {
		t.restless = time.AfterFunc(t.patience, t.giveUp)
		return
	}
	if next := t.sleepers[0].until; next.After(t.now) {
		t.now = next
	}
	for len(t.sleepers) > 0 && !t.sleepers[0].until.After(t.now) {
		s, _ := heap.Pop(&t.sleepers).(*sleeper)
		t.awake++
		close(s.wake)
	}
}

// giveUp goes on without an order that the engine does not follow.
func (t *Timeline) giveUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.awake > 0 || !t.order.pending() {
		return
	}
	t.lost, t.order = t.order.due(), nil
	t.move()
}

// sleeper is somebody who waits.
type sleeper struct {
	until time.Time
	wake  chan struct{}
	index int // in the heap, -1 once woken
}

// sleepers is a heap of those who wait, the earliest first.
type sleepers []*sleeper

// Len is how many wait.
func (s *sleepers) Len() int { return len(*s) }

// Less says who wakes first.
func (s *sleepers) Less(i, j int) bool { return (*s)[i].until.Before((*s)[j].until) }

// Swap exchanges two places.
func (s *sleepers) Swap(i, j int) {
	all := *s
	all[i], all[j] = all[j], all[i]
	all[i].index, all[j].index = i, j
}

// Push adds one; use heap.Push.
func (s *sleepers) Push(x any) {
	one, _ := x.(*sleeper)
	one.index = len(*s)
	*s = append(*s, one)
}

// Pop takes the last one away; use heap.Pop.
func (s *sleepers) Pop() any {
	old := *s
	last := old[len(old)-1]
	last.index = -1
	*s = old[:len(old)-1]
	return last
}

var _ heap.Interface = (*sleepers)(nil)
