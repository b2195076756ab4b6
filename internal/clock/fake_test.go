package clock_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/clock"
)

func TestTimersFireInTheOrderOfTheirTimes(t *testing.T) {
	c := clock.NewFake(time.Time{})
	var fired []string
	c.AfterFunc(2*time.Second, func() { fired = append(fired, "two") })
	c.AfterFunc(time.Second, func() {
		fired = append(fired, "one")
		c.AfterFunc(500*time.Millisecond, func() { fired = append(fired, "one and a half") })
	})
	c.Advance(3 * time.Second)
	assert.Equal(t, []string{"one", "one and a half", "two"}, fired)
	assert.Equal(t, clock.Epoch.Add(3*time.Second), c.Now())
}

func TestAStoppedTimerDoesNotFire(t *testing.T) {
	c := clock.NewFake(time.Time{})
	stop := c.AfterFunc(time.Second, func() { t.Error("a stopped timer fired") })
	assert.True(t, stop())
	assert.False(t, stop())
	c.Advance(time.Minute)
}

func TestASleeperWakesWhenTheClockIsMoved(t *testing.T) {
	c := clock.NewFake(time.Time{})
	woke := make(chan error, 1)
	go func() { woke <- c.Sleep(context.Background(), time.Minute) }()
	require.True(t, c.WaitForTimers(1))
	c.Advance(59 * time.Second)
	select {
	case <-woke:
		t.Fatal("the sleeper woke a second early")
	default:
	}
	c.Advance(time.Second)
	require.NoError(t, <-woke)
}

func TestASleeperLeavesWithItsContext(t *testing.T) {
	c := clock.NewFake(time.Time{})
	ctx, cancel := context.WithCancel(context.Background())
	left := make(chan error, 1)
	go func() { left <- c.Sleep(ctx, time.Hour) }()
	require.True(t, c.WaitForTimers(1))
	cancel()
	require.ErrorIs(t, <-left, context.Canceled)
}

func TestAutoAdvanceTurnsSleepIntoTime(t *testing.T) {
	c := clock.NewFake(time.Time{}).AutoAdvance(true)
	require.NoError(t, c.Sleep(context.Background(), 10*time.Second))
	assert.Equal(t, clock.Epoch.Add(10*time.Second), c.Now())
	assert.Equal(t, []time.Duration{10 * time.Second}, c.Slept())
}

func TestAfterOfNothingIsDueAtOnce(t *testing.T) {
	assert.Equal(t, clock.Epoch, <-clock.NewFake(time.Time{}).After(0))
}

func TestTheRealClockSleepsNoLongerThanItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, clock.Real{}.Sleep(ctx, time.Hour), context.Canceled)
	assert.NoError(t, clock.Real{}.Sleep(context.Background(), time.Nanosecond))
}
