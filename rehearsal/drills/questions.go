package drills

import (
	"context"
	"fmt"

	"enterprise-openai/queries"
)

// questions runs every query of the project on the rows of the known traffic.
func questions() Drill {
	return Drill{
		Name:    "questions",
		Promise: "Every query in queries/ runs on the run's logs and gives the numbers known from the traffic.",
		When:    Standing,
		Run:     judged(tryQuestions),
	}
}

func tryQuestions(ctx context.Context, site *Site, a *asking, f *findings) (map[string]any, error) {
	l, err := site.Settings.Lookups()
	if err != nil {
		return nil, err
	}
	known := map[string]question{}
	for _, q := range site.questions(a.end) {
		known[q.query] = q
	}
	answered := map[string]int{}
	for _, q := range queries.All() {
		rows, err := a.query(ctx, q.Name, "", l)
		if err != nil {
			f.add("%v", err)
			continue
		}
		answered[q.Name] = len(rows)
		if k, ok := known[q.Name]; ok {
			k.compare(rows, a.visits, f)
		}
	}
	if len(a.visits) == 0 {
		return nil, fmt.Errorf("the traffic has no calls")
	}
	return map[string]any{"rows": answered, "compared": len(known)}, nil
}
