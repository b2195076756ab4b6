package drills

import (
	"context"
	"fmt"

	"enterprise-openai/queries"
	"enterprise-openai/rehearsal/report"
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
	// Answers are the first rows of every query.
	Answers []report.Query `json:"answers"`
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
	answered, answers := map[string]int{}, []report.Query{}
	for _, q := range queries.All() {
		result, err := a.engine.RunAt(ctx, a.end, queries.Fill(q.Text, l), a.tables)
		if err != nil {
			f.add("query %s: %v", q.Name, err)
			continue
		}
		rows := byColumn(result)
		answered[q.Name] = len(rows)
		answers = append(answers, answerOf(q, result))
		if k, ok := known[q.Name]; ok {
			k.compare(rows, a.visits, f)
		}
	}
	if len(a.visits) == 0 {
		return nil, fmt.Errorf("the traffic has no calls")
	}
	return &QuestionsMeasured{Rows: answered, Compared: len(known), Answers: answers}, nil
}
