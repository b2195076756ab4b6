package accounts

import (
	"strings"
	"sync"
	"time"
)

// tank is the utilisation of a provisioned deployment: a leaky bucket. A call is accepted while utilisation is at or
// below 100 %, adds its estimated cost at once, is corrected when its real size is known, and the level falls
// continuously with the number of units (Microsoft Learn: ai-services/openai/concepts/provisioned-throughput,
// "How does the service decide when to send a 429?").
type tank struct {
	mu    sync.Mutex
	level float64 // in unit-minutes
	at    time.Time
}

// burst is the work at 100 % utilisation, in minutes of the deployment's whole capacity. Utilisation is measured over
// one minute; the depth of the bucket is [M] unverified.
const burst = 1.0

// perUnit is how many tokens one unit processes in a minute.
type perUnit struct{ input, output float64 }

// unitRates are from the table of the page above; models it does not list are taken as gpt-4o [M] unverified.
func unitRates(model string) perUnit {
	switch {
	case strings.HasPrefix(model, "gpt-4o-mini"):
		return perUnit{37_000, 12_333}
	case strings.HasPrefix(model, "gpt-5.4"): // an answer's token counts six times (provisioned-throughput-onboarding)
		return perUnit{2_400, 400}
	}
	return perUnit{2_500, 833}
}

// cost is the work of a call in unit-minutes.
func cost(model string, u Usage) float64 {
	r := unitRates(model)
	return float64(u.Prompt)/r.input + float64(u.Completion)/r.output
}

// drain lets the level fall by what the units did since the last look.
func (t *tank) drain(now time.Time, units int) {
	if passed := now.Sub(t.at); passed > 0 {
		t.level = max(0, t.level-float64(units)*passed.Minutes())
	}
	t.at = now
}

// admit adds an estimated cost, or says how long it takes until utilisation is below 100 %.
func (t *tank) admit(now time.Time, units int, estimate float64) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drain(now, units)
	full := float64(units) * burst
	if t.level > full {
		return max(time.Millisecond, time.Duration((t.level-full)/float64(units)*float64(time.Minute)))
	}
	t.level += estimate
	return 0
}

// correct replaces an estimate by the real cost.
func (t *tank) correct(now time.Time, units int, difference float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drain(now, units)
	t.level = max(0, t.level+difference)
}

// utilisation is the level as a share of capacity.
func (t *tank) utilisation(now time.Time, units int) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drain(now, units)
	return t.level / (float64(units) * burst)
}
