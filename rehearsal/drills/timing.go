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
		Run: func(_ context.Context, env *Env) (map[string]any, []string) {
			measured := map[string]any{}
			f := &findings{}
			for _, run := range []struct {
				name     string
				schedule *Schedule
			}{{"up", env.Deployed}, {"destroy", env.Destroyed}} {
				if run.schedule == nil {
					f.add("%s was not timed", run.name)
					continue
				}
				took, least := tryTiming(run.name, run.schedule, f)
				measured[run.name+"Minutes"], measured[run.name+"BoundMinutes"] = took.Minutes(), least.Minutes()
			}
			if env.Deployed != nil {
				measured["criticalPath"], measured["callersWaitMinutes"] = env.Deployed.Critical(), env.Deployed.rolesLeft().Minutes()
				_, needless := Needed(env.Deployed.Resources)
				for _, n := range needless {
					f.add("%s", n)
				}
			}
			return measured, f.all()
		},
	}
}

// Critical is the chain that decided how long the run took, a step a line.
func (s *Schedule) Critical() []string {
	return steps(timeline.Critical(s.Spans, s.Order(s.Resources)))
}

// Took is how long the run took, and the least it could have taken.
func (s *Schedule) Took() (took, least time.Duration) {
	needed, _ := Needed(s.Resources)
	least, _ = timeline.Bound(s.Spans, s.Order(needed))
	return timeline.Length(s.Spans), least
}

// rolesLeft is how long after the run the last role takes to reach its account: until then callers get 502.
func (s *Schedule) rolesLeft() time.Duration {
	var left time.Duration
	for _, span := range s.Spans {
		if strings.Contains(span.URN, ":RoleAssignment::") {
			left = max(left, span.End.Add(arm.RoleSpread).Sub(s.Spans[len(s.Spans)-1].End))
		}
	}
	return left
}

func tryTiming(name string, s *Schedule, f *findings) (took, least time.Duration) {
	took, least = s.Took()
	for _, urn := range s.Lost {
		f.add("%s: the engine did not begin %s when it could have", name, urn)
	}
	if least == 0 {
		f.add("%s: nothing was timed", name)
		return took, least
	}
	if ratio := took.Seconds() / least.Seconds(); ratio > mostOverBound {
		f.add("%s takes %s, %.2f times the %s of its longest unavoidable chain; what decided: %s",
			name, minutes(took), ratio, minutes(least), fmt.Sprint(s.Critical()))
	}
	return took, least
}
