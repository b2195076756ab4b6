package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"enterprise-openai/internal/azure/logs"
)

// privacy searches every table for what products whose text is not kept were asked and answered.
func privacy() Drill {
	return Drill{
		Name:    "privacy",
		Promise: "What a confidential product is asked and answers is in no table of the workspace and in no event, whatever became of the call; its calls and tokens are.",
		When:    Standing,
		Run:     judged(tryPrivacy),
	}
}

func tryPrivacy(_ context.Context, site *Site, a *asking, f *findings) (map[string]any, error) {
	counted := map[string]bool{}
	for _, row := range a.store.Rows(logs.LLMLog) {
		if row["ModelName"] != nil {
			counted[fmt.Sprint(row["CorrelationId"])] = true
		}
	}
	calls := 0
	for _, v := range a.visits {
		if !private(v.product) {
			continue
		}
		calls++
		if v.served() && !counted[v.id] {
			f.add("%s is not counted: nobody can be charged for it", v.who())
		}
	}
	rows, control := 0, 0
	for _, table := range logs.Schema() {
		for _, row := range a.store.Rows(table.Name) {
			rows++
			line, err := json.Marshal(row)
			if err != nil {
				return nil, fmt.Errorf("table %s: %w", table.Name, err)
			}
			if strings.Contains(string(line), kept) {
				control++
			}
			for _, column := range table.Columns {
				if cell, err := json.Marshal(row[column.Name]); err == nil && strings.Contains(string(cell), said) {
					f.add("text of a confidential product is in column %s of table %s, correlation id %v", column.Name, table.Name, row["CorrelationId"])
				}
			}
		}
	}
	for _, event := range a.events {
		if strings.Contains(event.Body, kept) {
			control++
		}
		if strings.Contains(event.Body, said) {
			f.add("text of a confidential product is in the Event Hub: %s", shown(event.Body))
		}
	}
	// A search that finds nothing proves something only where there is something to find.
	if site.Settings.Logging.Messages && len(a.gaps) == 0 && control == 0 && calls < len(a.visits) {
		f.add("the text of the other products is in no table either: the search proves nothing")
	}
	return map[string]any{"calls": calls, "rowsSearched": rows, "rowsWithOtherText": control, "eventsSearched": len(a.events)}, nil
}
