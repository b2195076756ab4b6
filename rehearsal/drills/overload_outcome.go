package drills

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"enterprise-openai/rehearsal/report"
)

// outcome is what came of a run.
type outcome struct {
	answered, served, refused int
	// other counts what is neither answered nor 429, by status.
	other map[string]int
	// untold counts 429 without a usable Retry-After.
	untold int
	// byPriority are served tokens by the priority of the account.
	byPriority map[int]int
	attempts   int
	// course is the run over time.
	course *report.Course
}

func (o *outcome) count(got answer, size int) {
	switch got.status {
	case http.StatusOK:
		o.answered++
		o.served += size
	case http.StatusTooManyRequests:
		o.refused++
		if wait, err := strconv.Atoi(got.header.Get("Retry-After")); err != nil || wait < 1 {
			o.untold++
		}
	default:
		o.other[got.String()]++
	}
}

func (o *outcome) measured(l *load) *ServedMeasured {
	shares := map[string]float64{}
	for priority, tokens := range o.byPriority {
		shares[fmt.Sprint("priority ", priority)] = rounded(float64(tokens) / float64(max(1, o.served)))
	}
	return &ServedMeasured{
		Goodput: rounded(float64(o.served) / float64(l.capacity)), Answered: o.answered, Refused429: o.refused, OtherErrors: o.other,
		AttemptsPerCall: rounded(float64(o.attempts) / float64(l.calls())), Shares: shares, Course: o.course,
	}
}

func rounded(v float64) float64 { return float64(int(v*1000+0.5)) / 1000 }

func (l *load) judge(f *findings, o outcome) {
	if least := int(leastServed * float64(l.capacity)); o.served < least {
		f.add("%d of %d tokens were served: %.1f %%, where %.0f %% were promised", o.served, l.capacity, 100*float64(o.served)/float64(l.capacity), 100*leastServed)
	}
	for _, status := range slices.Sorted(maps.Keys(o.other)) {
		f.add("%d calls were answered %s although accounts were merely busy", o.other[status], status)
	}
	if o.untold > 0 {
		f.add("%d refusals did not say when to come back", o.untold)
	}
}
