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
		Work:    with(knownTraffic, tryQuestions),
	}
}

// QuestionsMeasured counts the queries' rows.
type QuestionsMeasured struct {
	// Rows are by query.
	Rows map[string]int `json:"rows"`
	// Compared counts the queries whose numbers follow from the traffic.
	Compared int `json:"compared"`
}

func tryQuestions(ctx context.Context, a *asking, f *findings) (*QuestionsMeasured, error) {
	l, err := a.site.Settings.Lookups()
	if err != nil {
		return nil, err
	}
	known := map[string]question{}
	for _, q := range a.site.questions(a.end) {
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
	return &QuestionsMeasured{Rows: answered, Compared: len(known)}, nil
}
