package timeline

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// work is an operation that waits once.
func work(t *Timeline, urn string, d time.Duration) {
	ctx, end := t.Begin(context.Background(), urn, "create")
	end(t.Wait(ctx, d))
}

// together runs each function on a goroutine of its own, as the engine does.
func together(run ...func()) {
	var all sync.WaitGroup
	for _, f := range run {
		all.Go(f)
	}
	all.Wait()
}

func TestOperationsThatDoNotWaitForEachOtherPassSideBySide(t *testing.T) {
	clock := New(start)
	clock.Follow(map[string][]string{"a": nil, "b": nil})
	together(func() { work(clock, "a", time.Minute) }, func() { work(clock, "b", 2*time.Minute) })
	spans, lost := clock.Ended()
	assert.Empty(t, lost)
	assert.Equal(t, 2*time.Minute, Length(spans))
	require.Len(t, spans, 2)
	assert.Equal(t, start, spans[0].Start)
	assert.Equal(t, start, spans[1].Start, "the clock stood still until both had begun")
}

func TestTheClockStandsStillUntilWhoeverCouldBeginHasBegun(t *testing.T) {
	clock := New(start)
	clock.Follow(map[string][]string{"first": nil, "long": nil, "second": {"first"}})
	together(func() { work(clock, "long", time.Hour) },
		func() {
			work(clock, "first", time.Minute)
			assert.Equal(t, start.Add(time.Minute), clock.Now(), "the second could begin: nothing moves")
			work(clock, "second", time.Minute)
		})
	spans, _ := clock.Ended()
	assert.Equal(t, time.Hour, Length(spans))
	assert.Equal(t, start.Add(2*time.Minute), latest(spans)["second"].End)
}

func TestWhatTheEngineLeavesAloneIsNotWaitedFor(t *testing.T) {
	clock := New(start)
	clock.Follow(map[string][]string{"same": nil, "new": {"same"}})
	clock.Over("same")
	work(clock, "new", time.Minute)
	spans, lost := clock.Ended()
	assert.Empty(t, lost)
	assert.Len(t, spans, 1)
}

func TestAfterAFailureNobodyIsWaitedFor(t *testing.T) {
	clock := New(start)
	clock.Follow(map[string][]string{"fails": nil, "never": {"fails"}, "long": nil})
	together(func() { work(clock, "long", time.Hour) },
		func() {
			_, end := clock.Begin(context.Background(), "fails", "create")
			end(errors.New("409"))
		})
	spans, lost := clock.Ended()
	assert.Empty(t, lost)
	assert.True(t, latest(spans)["fails"].Failed)
	assert.Equal(t, time.Hour, Length(spans))
}

func TestAnOrderThatTheEngineDoesNotFollowIsGivenUpAndTold(t *testing.T) {
	clock := New(start)
	clock.patience = time.Millisecond // nobody comes, however long one waits
	clock.Follow(map[string][]string{"here": nil, "nowhere": nil})
	work(clock, "here", time.Minute)
	_, lost := clock.Ended()
	assert.Equal(t, []string{"nowhere"}, lost)
}

func TestWithoutAnOrderWhoeverWaitsMovesTheClock(t *testing.T) {
	clock := New(start)
	work(clock, "any", time.Minute)
	assert.Equal(t, start.Add(time.Minute), clock.Now())
}

func TestOutsideOfAnOperationNothingIsWaitedFor(t *testing.T) {
	clock := New(start)
	require.NoError(t, clock.Wait(context.Background(), time.Hour))
	assert.Equal(t, start, clock.Now())
}

func TestAnInterruptedWaitEndsAtOnce(t *testing.T) {
	clock := New(start)
	clock.Follow(map[string][]string{"here": nil, "nowhere": nil})
	ctx, cancel := context.WithCancel(context.Background())
	ctx, end := clock.Begin(ctx, "here", "create")
	done := make(chan error)
	go func() { done <- clock.Wait(ctx, time.Hour) }()
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	end(context.Canceled)
	assert.Equal(t, start, clock.Now())
	assert.Zero(t, clock.awake, "whoever was interrupted is counted once: the next operations are waited for as before")
}

// span is an operation from one minute to another.
func span(urn string, from, to int) Span {
	return Span{URN: urn, Start: start.Add(time.Duration(from) * time.Minute), End: start.Add(time.Duration(to) * time.Minute)}
}

func TestTheCriticalPathIsTheChainThatDecided(t *testing.T) {
	spans := []Span{span("group", 0, 1), span("network", 1, 3), span("account", 1, 9), span("gateway", 3, 38), span("api", 38, 39)}
	waits := map[string][]string{"network": {"group"}, "account": {"group"}, "gateway": {"network", "account"}, "api": {"gateway"}}
	var urns []string
	for _, s := range Critical(spans, waits) {
		urns = append(urns, s.URN)
	}
	assert.Equal(t, []string{"group", "account", "gateway", "api"}, urns)
}

func TestTheBoundIsTheLongestChainOfNeeds(t *testing.T) {
	spans := []Span{span("group", 0, 1), span("network", 1, 3), span("account", 3, 11), span("gateway", 11, 46)}
	least, chain := Bound(spans, map[string][]string{"network": {"group"}, "account": {"group"}, "gateway": {"network", "group"}})
	assert.Equal(t, 38*time.Minute, least)
	assert.Equal(t, []string{"group", "network", "gateway"}, chain)
}

func TestABoundOfACircleEnds(t *testing.T) {
	least, _ := Bound([]Span{span("a", 0, 1), span("b", 1, 2)}, map[string][]string{"a": {"b"}, "b": {"a"}})
	assert.Equal(t, 2*time.Minute, least)
}
