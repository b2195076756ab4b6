package drills

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"enterprise-openai/queries"
)

// questions runs every query of the project on the rows of the known traffic.
func questions() Drill {
	return Drill{
		Name:    "questions",
		Promise: "Every query in queries/ runs on the run's logs; tokens by address and model, prompts and completions, throttled callers and content filter hits give the numbers known from the traffic.",
		When:    Standing,
		Run:     judged(tryQuestions),
	}
}

func tryQuestions(ctx context.Context, site *Site, a *asking, f *findings) (map[string]any, error) {
	l, err := site.Settings.Lookups()
	if err != nil {
		return nil, err
	}
	answered := map[string]int{}
	for _, q := range queries.All() {
		rows, err := a.query(ctx, q.Name, "", l)
		if err != nil {
			f.add("%v", err)
			continue
		}
		answered[q.Name] = len(rows)
	}
	flavours := map[string]func(*visit) bool{"": (*visit).served}
	if site.Settings.Logging.Bodies {
		flavours["-bodies"] = (*visit).wholeBody
	}
	for flavour, counts := range flavours {
		if err := a.original(ctx, flavour, counts, site.Settings.Logging.ClientIP, f); err != nil {
			return nil, err
		}
	}
	if err := a.refusals(ctx, site.Settings.Logging.Bodies, f); err != nil {
		return nil, err
	}
	return map[string]any{"rows": answered, "flavours": len(flavours)}, nil
}

// refusals asks who met a limit and, where bodies are kept, whom the content filter stopped.
func (a *asking) refusals(ctx context.Context, bodies bool, f *findings) error {
	throttled, filtered := map[string]int{}, map[string]int{}
	for _, v := range a.visits {
		caller := v.subscription
		if v.key == "" {
			caller = "(token)"
		}
		switch {
		case v.form.status == 429:
			throttled[caller]++
		case v.marker != "" && bodies && !private(v.product):
			filtered[caller]++
		}
	}
	for _, q := range []struct {
		name, count string
		known       map[string]int
	}{{"throttled-callers", "Refused", throttled}, {"content-filter-hits", "Hits", filtered}} {
		rows, err := a.query(ctx, q.name, "", queries.Lookups{})
		if err != nil {
			return err
		}
		told := map[string]int{}
		for _, row := range rows {
			told[text(row, "Caller")] += whole(row, q.count)
		}
		if !maps.Equal(told, q.known) {
			f.add("%s: %v, where the traffic had %v", q.name, told, q.known)
		}
	}
	return nil
}

// wholeBody says whether a visit's answer can be read from its logged body: JSON that is not cut, of a product that keeps text.
func (v *visit) wholeBody() bool {
	return v.served() && !v.stream && !private(v.product) && len(v.body) <= keptBody
}

// place is what tokens are counted by.
type place struct{ address, model string }

// original asks the two questions of the architecture that this project stands in for.
func (a *asking) original(ctx context.Context, flavour string, counts func(*visit) bool, addresses bool, f *findings) error {
	known, calls := map[place]tokens{}, 0
	for _, v := range a.visits {
		if !counts(v) {
			continue
		}
		calls++
		p := place{v.address, v.model}
		if !addresses {
			p.address = ""
		}
		known[p] = known[p].plus(v.prompted, v.answered)
	}
	rows, err := a.query(ctx, "tokens-by-ip-and-model"+flavour, "", queries.Lookups{})
	if err != nil {
		return err
	}
	told := map[place]tokens{}
	for _, row := range rows {
		t := tokens{}.plus(whole(row, "PromptTokens"), whole(row, "CompletionTokens"))
		told[place{text(row, "CallerIpAddress"), text(row, "Model")}] = t
		if whole(row, "TotalTokens") != t.prompt+t.completion {
			f.add("tokens-by-ip-and-model%s: the total of %s is %d", flavour, t, whole(row, "TotalTokens"))
		}
	}
	all := maps.Clone(known)
	maps.Copy(all, told)
	inOrder := func(a, b place) int { return strings.Compare(a.address+a.model, b.address+b.model) }
	for _, p := range slices.SortedFunc(maps.Keys(all), inOrder) {
		if told[p] != known[p] {
			f.add("tokens-by-ip-and-model%s: %s from %q with model %q, where the traffic had %s", flavour, told[p], p.address, p.model, known[p])
		}
	}
	rows, err = a.query(ctx, "prompts-and-completions"+flavour, "", queries.Lookups{})
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, row := range rows {
		ids[text(row, "CorrelationId")] = true
	}
	for _, v := range a.visits {
		if counts(v) && !v.embed && !ids[v.id] {
			f.add("prompts-and-completions%s: %s is not in it", flavour, v.who())
		}
	}
	if calls == 0 {
		return fmt.Errorf("no call of the traffic can be seen in the logs")
	}
	return nil
}
