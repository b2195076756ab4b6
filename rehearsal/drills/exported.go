package drills

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// exported is an event of the export to an Event Hub.
type exported struct {
	CorrelationID, Part, Text, Product, Deployment string
	Piece, Pieces                                  int
	Streamed                                       bool
}

// parts are the prompts and answers in the Event Hub, by call and part, put together from their pieces.
func (e *evidence) parts() (map[string]string, error) {
	byPart := map[string][]exported{}
	for _, event := range e.events {
		var x exported
		if err := json.Unmarshal([]byte(event.Body), &x); err != nil {
			return nil, fmt.Errorf("an event in hub %s is not whole: %w", event.Hub, err)
		}
		key := x.CorrelationID + "/" + x.Part
		byPart[key] = append(byPart[key], x)
	}
	texts := map[string]string{}
	for key, pieces := range byPart {
		slices.SortFunc(pieces, func(a, b exported) int { return a.Piece - b.Piece })
		if len(pieces) != pieces[0].Pieces {
			return nil, fmt.Errorf("%d of the %d pieces of %s are in the Event Hub", len(pieces), pieces[0].Pieces, key)
		}
		for _, piece := range pieces {
			texts[key] += piece.Text
		}
	}
	return texts, nil
}

// tryExported looks for the whole text of every served call in the Event Hub. Streamed answers are in the tables alone, and
// products whose text is not logged send none, which is the privacy drill's business.
func tryExported(site *Site, a *asking, f *findings) (found int) {
	if site.Settings.Logging.EventHub == nil {
		return 0
	}
	texts, err := a.parts()
	if err != nil {
		f.add("%v", err)
		return 0
	}
	for _, v := range a.visits {
		if !v.served() || private(v.product) {
			continue
		}
		before := len(f.list)
		prompt, sent := texts[v.id+"/prompt"]
		if !sent {
			f.add("the prompt of %s is not in the Event Hub", v.who())
		} else if got := promptOf(prompt); got != v.promptText() {
			f.add("the prompt of %s is in the Event Hub as %s instead of %s", v.who(), shown(got), shown(v.promptText()))
		}
		answer, sent := texts[v.id+"/answer"]
		switch {
		case v.embed || v.stream:
		case !sent:
			f.add("the answer of %s is not in the Event Hub", v.who())
		case answer != v.body:
			f.add("the answer of %s is in the Event Hub as %s instead of %s", v.who(), shown(answer), shown(v.body))
		}
		if len(f.list) == before {
			found++
		}
	}
	return found
}

// promptOf is the prompt in a request's body, a line for each message.
func promptOf(body string) string {
	var request struct {
		Messages []struct{ Content string }
		Input    string
	}
	if json.Unmarshal([]byte(body), &request) != nil {
		return body
	}
	lines := []string{}
	for _, m := range request.Messages {
		lines = append(lines, m.Content)
	}
	return request.Input + strings.Join(lines, "\n")
}
