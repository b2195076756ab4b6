package limit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestAWindowNeverHoldsMoreThanItsCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		calls, period := rapid.IntRange(1, 5).Draw(t, "calls"), time.Duration(rapid.IntRange(1, 60).Draw(t, "period"))*time.Second
		r := &rate{}
		now := time.Unix(0, 0)
		var admitted []time.Time
		for range rapid.IntRange(1, 80).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20000).Draw(t, "passes")) * time.Millisecond)
			ok, _, wait := r.admit(now, calls, period)
			if ok {
				r.count(now, 1)
				admitted = append(admitted, now)
			} else if again, _, _ := r.admit(now.Add(wait), calls, period); !again {
				t.Fatalf("a call is refused again after the wait of %v that the refusal gave", wait)
			} else {
				now = now.Add(wait)
			}
			n := 0
			for _, at := range admitted {
				if at.After(now.Add(-period)) {
					n++
				}
			}
			if n > calls {
				t.Fatalf("%d calls within %v, %d allowed", n, period, calls)
			}
		}
	})
}

func TestWhoWaitsAsToldGetsHisTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := float64(rapid.IntRange(10, 1000).Draw(t, "limit"))
		r := &tokenRate{perMinute: limit, bucket: rapid.Bool().Draw(t, "bucket")}
		now := time.Unix(0, 0)
		for range rapid.IntRange(1, 20).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "passes")) * time.Second)
			want := float64(rapid.IntRange(0, int(limit)).Draw(t, "want"))
			r.roll(now)
			if r.used >= limit || r.used+want > limit {
				wait := time.Duration(WholeSeconds(r.wait(now, limit, want))) * time.Second
				now = now.Add(wait)
				r.roll(now)
				if r.used >= limit || r.used+want > limit {
					t.Fatalf("after %v: %v used of %v, %v wanted", wait, r.used, limit, want)
				}
			}
			r.used += float64(rapid.IntRange(0, 3*int(limit)).Draw(t, "consumed"))
		}
	})
}

func TestDurationsAreWordedAsAzureWordsThem(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		7*time.Hour + time.Minute + 20*time.Second:      {"07:01:20", "7 hours, 1 minute and 20 seconds"},
		489*time.Hour + 58*time.Minute + 55*time.Second: {"20.09:58:55", "20 days, 9 hours, 58 minutes and 55 seconds"},
		time.Second: {"00:00:01", "1 second"},
	} {
		assert.Equal(t, want, [2]string{TimeSpan(d), InWords(d)})
	}
}
