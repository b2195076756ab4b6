package drills

import (
	"context"
	"fmt"
	"strings"
	"time"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/timeline"
)

// mostOverBound is how much longer than its longest unavoidable chain a run may take (design: Budgets).
const mostOverBound = 1.05

// timing holds the time that the first deployment and the destruction would take on Azure against the least that they could take.
// Durations are typical ones, most of them from experience rather than documentation: the ratio is the point, not the minutes.
func timing() Drill {
	return Drill{
		Name:    "timing",
		Promise: "Nothing waits that need not: deployment and destruction take at most 1.05 times their longest unavoidable chain, and every order has a reason.",
		When:    Gone,
		Work:    with(theStack, tryTiming),
	}
}

// TimingMeasured are modelled minutes. The bounds are the lengths of the longest unavoidable chains.
type TimingMeasured struct {
	UpMinutes           float64 `json:"upMinutes"`
	UpBoundMinutes      float64 `json:"upBoundMinutes"`
	DestroyMinutes      float64 `json:"destroyMinutes"`
	DestroyBoundMinutes float64 `json:"destroyBoundMinutes"`
	// CriticalPath are the steps that decided how long the deployment took, the first one first.
	CriticalPath []string `json:"criticalPath"`
	// CallersWaitMinutes is how long after the deployment the last role reaches its account: until then callers get 502.
	CallersWaitMinutes float64 `json:"callersWaitMinutes"`
}

func tryTiming(_ context.Context, env *Env, f *findings) (*TimingMeasured, error) {
	m := &TimingMeasured{CriticalPath: []string{}}
	m.UpMinutes, m.UpBoundMinutes = compareTimes("up", env.Deployed, f)
	m.DestroyMinutes, m.DestroyBoundMinutes = compareTimes("destroy", env.Destroyed, f)
	if env.Deployed != nil {
		m.CriticalPath, m.CallersWaitMinutes = env.Deployed.Critical(), rolesLeft(env.Deployed).Minutes()
		_, needless := timeline.Needed(env.Deployed.Resources)
		for _, n := range needless {
			f.add("%s", n)
		}
	}
	return m, nil
}

// rolesLeft is how long after the run the last role takes to reach its account: until then callers get 502.
func rolesLeft(s *timeline.Schedule) time.Duration {
	var left time.Duration
	for _, span := range s.Spans {
		if strings.Contains(span.URN, ":RoleAssignment::") {
			left = max(left, span.End.Add(arm.RoleSpread).Sub(s.Spans[len(s.Spans)-1].End))
		}
	}
	return left
}

// compareTimes gives how many minutes a run took, and the least it could have taken.
func compareTimes(name string, s *timeline.Schedule, f *findings) (tookMinutes, leastMinutes float64) {
	if s == nil {
		f.add("%s was not timed", name)
		return 0, 0
	}
	took, least := s.Took()
	for _, urn := range s.Lost {
		f.add("%s: the engine did not begin %s when it could have", name, urn)
	}
	if least == 0 {
		f.add("%s: nothing was timed", name)
	} else if ratio := took.Seconds() / least.Seconds(); ratio > mostOverBound {
		f.add("%s takes %s, %.2f times the %s of its longest unavoidable chain; what decided: %s",
			name, timeline.Minutes(took), ratio, timeline.Minutes(least), fmt.Sprint(s.Critical()))
	}
	return took.Minutes(), least.Minutes()
}
