package drills

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"enterprise-openai/internal/azure/logs"
)

// privacy searches every table for prompts and answers of products whose text is not logged.
func privacy() Drill {
	return Drill{
		Name:    "privacy",
		Promise: "Prompts and answers of a confidential product are in no table of the workspace, in no event and stored by no account, however the call ended; its calls and tokens are logged.",
		When:    Standing,
		Work:    with(knownTraffic, tryPrivacy),
	}
}

// PrivacyMeasured counts what was searched.
type PrivacyMeasured struct {
	// Calls are those to confidential products.
	Calls        int `json:"calls"`
	RowsSearched int `json:"rowsSearched"`
	// RowsWithOtherText are the rows and events that have the text of other products: a search that finds none of it proves nothing.
	RowsWithOtherText int `json:"rowsWithOtherText"`
	EventsSearched    int `json:"eventsSearched"`
	// ResponsesStored are those of other products that accounts store.
	ResponsesStored int `json:"responsesStored"`
}

func tryPrivacy(ctx context.Context, a *asking, f *findings) (*PrivacyMeasured, error) {
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
			f.add("%s is not counted: it cannot be charged", v.who())
		}
	}
	rows, control, err := a.searchTables(f)
	if err != nil {
		return nil, err
	}
	for _, event := range a.events {
		if strings.Contains(event.Body, loggedText) {
			control++
		}
		if strings.Contains(event.Body, privateText) {
			f.add("text of a confidential product is in the Event Hub: %s", shown(event.Body))
		}
	}
	// A search that finds nothing proves something only where there is something to find.
	if a.site.Settings.Logging.Messages && len(a.gaps) == 0 && control == 0 && calls < len(a.visits) {
		f.add("the text of the other products is in no table either: the search proves nothing")
	}
	stored, err := tryStoredResponses(ctx, a.site, f)
	if err != nil {
		return nil, err
	}
	return &PrivacyMeasured{ResponsesStored: stored, Calls: calls, RowsSearched: rows, RowsWithOtherText: control, EventsSearched: len(a.events)}, nil
}

// searchTables looks for the text of confidential products in every column. It gives how many rows there are, and how many have the
// text of other products.
func (a *asking) searchTables(f *findings) (rows, control int, err error) {
	for _, table := range logs.Schema() {
		for _, row := range a.store.Rows(table.Name) {
			rows++
			line, err := json.Marshal(row)
			if err != nil {
				return 0, 0, fmt.Errorf("table %s: %w", table.Name, err)
			}
			if strings.Contains(string(line), loggedText) {
				control++
			}
			for _, column := range table.Columns {
				if cell, err := json.Marshal(row[column.Name]); err == nil && strings.Contains(string(cell), privateText) {
					f.add("text of a confidential product is in column %s of table %s, correlation id %v", column.Name, table.Name, row["CorrelationId"])
				}
			}
		}
	}
	return rows, control, nil
}

// tryStoredResponses asks every product for a response that nobody wants to be stored, and looks into the accounts. It gives how
// many responses of the other products are there: accounts store what does not say otherwise.
func tryStoredResponses(ctx context.Context, site *Site, f *findings) (stored int, err error) {
	g, err := site.open(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if err := g.plenty(); err != nil {
		return 0, err
	}
	callers, err := g.callers()
	if err != nil {
		return 0, err
	}
	inAccounts := func() (all int) {
		for _, account := range g.arm.Resources(accountType) {
			all += len(g.Models.Stored(account.Name))
		}
		return all
	}
	for _, c := range callers {
		if c.embed {
			continue
		}
		before := inAccounts()
		c.ask.surface, c.ask.respond = v1, true
		got, err := g.askWith(ctx, c.ask, fmt.Sprintf(`{"model": %q, "input": "A question about %s"}`, c.deployment, secretWord(c.product)))
		if err != nil {
			return 0, err
		}
		now := inAccounts() - before
		switch {
		case got.status != http.StatusOK:
			f.add("a response for product %s was answered %s", c.product.Name, got)
		case private(c.product) && now > 0:
			f.add("an account stores a response of the confidential product %s", c.product.Name)
		case !private(c.product):
			stored += now
		}
	}
	return stored, nil
}
