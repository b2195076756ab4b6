package queries_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/logs/kql"
	"enterprise-openai/queries"
)

const workspaceID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"

// item is what a test reads of a workbook's item.
type item struct {
	Type    int    `json:"type"`
	Name    string `json:"name"`
	Content struct {
		Query, Title, Visualization string
		TimeParameter               string `json:"timeContextFromParameter"`
		Items                       []item
		Parameters                  []struct {
			Name, JSONData string
			Type           int
		}
		Links []struct{ SubTarget string }
	} `json:"content"`
	Visible struct{ ParameterName, Value string } `json:"conditionalVisibility"`
}

// drawn are the items of a workbook of the test's lookups.
func drawn(t *testing.T, messages, bodies bool) []item {
	t.Helper()
	text, err := queries.Workbook{Title: "Models", Messages: messages, Bodies: bodies, Lookups: lookups, Models: []string{"gpt-4o", "gpt-4o-mini"}}.JSON(workspaceID)
	require.NoError(t, err)
	var book struct {
		Version   string
		Items     []item
		Resources []string `json:"fallbackResourceIds"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &book))
	assert.Equal(t, "Notebook/1.0", book.Version)
	assert.Equal(t, []string{workspaceID}, book.Resources)
	return book.Items
}

// panels are the queries of a workbook, by their items' names.
func panels(items []item) map[string]item {
	found := map[string]item{}
	for _, i := range items {
		if i.Type == 3 {
			found[i.Name] = i
		}
		for name, inner := range panels(i.Content.Items) {
			found[name] = inner
		}
	}
	return found
}

// picked puts choices where the portal would: a list of quoted texts, or the value for all of them.
func picked(text, team, model string) string {
	return strings.NewReplacer("{Team}", team, "{Model}", model).Replace(text)
}

const everything = "'*'"

func TestEveryQueryOfTheWorkbookBindsWhateverIsPicked(t *testing.T) {
	for _, messages := range []bool{true, false} {
		for name, p := range panels(drawn(t, messages, true)) {
			for _, choice := range []string{everything, "'Red','Blue'"} {
				text := picked(p.Content.Query, choice, choice)
				assert.NotRegexp(t, `\{[A-Za-z]`, text, "%s has a parameter that nobody picks", name)
				found, err := engine.Check(limited(t), name, text)
				require.NoError(t, err)
				assert.Empty(t, found, name)
			}
		}
	}
}

func TestAWorkbookWithNothingPickedGivesWhatTheFilesGive(t *testing.T) {
	s := logged(traffic)
	compared := 0
	for name, p := range panels(drawn(t, true, true)) {
		result, err := engine.Run(limited(t), picked(p.Content.Query, everything, everything), s.Tables())
		require.NoError(t, err, name)
		for _, q := range queries.All() {
			if q.Title == p.Content.Title {
				assert.Equal(t, answer(t, s, q), result, name)
				compared++
			}
		}
	}
	assert.Equal(t, 19, compared)
}

// rows runs the panel of a title and gives one column.
func rows(t *testing.T, title, team, model, column string) []any {
	t.Helper()
	for _, p := range panels(drawn(t, true, true)) {
		if p.Content.Title != title {
			continue
		}
		result, err := engine.Run(limited(t), picked(p.Content.Query, team, model), logged(traffic).Tables())
		require.NoError(t, err)
		at := slices.IndexFunc(result.Columns, func(c kql.Column) bool { return c.Name == column })
		var cells []any
		for _, row := range result.Rows {
			if !slices.Contains(cells, row[at]) {
				cells = append(cells, row[at])
			}
		}
		return cells
	}
	require.Fail(t, "no panel", title)
	return nil
}

func TestPickersChooseTeamsAndModels(t *testing.T) {
	const usage = "Usage and cost by team, product, model, region and day"
	assert.ElementsMatch(t, []any{"Red", `Blue "B"`, "(token)", "green-private"}, rows(t, usage, everything, everything, "Team"))
	assert.Equal(t, []any{"Red"}, rows(t, usage, "'Red'", everything, "Team"))
	assert.ElementsMatch(t, []any{"Red", "(token)"}, rows(t, usage, "'Red','(token)'", everything, "Team"))
	assert.Equal(t, []any{"gpt-4o-mini"}, rows(t, usage, everything, "'gpt-4o-mini'", "Model"))
	assert.Equal(t, []any{"gpt-4o-2024-08-06"}, rows(t, "Latency", everything, "'gpt-4o'", "Model"))
	assert.Equal(t, []any{"red-standard"}, rows(t, "Throttled callers and the limit they hit", "'Red'", everything, "Caller"))
	assert.Equal(t, []any{"Red"}, rows(t, "Cost by team and cost centre", "'Red'", everything, "Team"))
}

func TestEveryQueryIsInTheWorkbookInAFlavourThatIsLogged(t *testing.T) {
	shown := func(messages, bodies bool) []string {
		var names []string
		for name := range panels(drawn(t, messages, bodies)) {
			_, rest, _ := strings.Cut(name, "-")
			_, query, _ := strings.Cut(rest, "-")
			if !slices.Contains(names, query) {
				names = append(names, query)
			}
		}
		return names
	}
	var always []string
	for _, q := range queries.All() {
		if q.Flavour != queries.Bodies && q.Name != "prompts-and-completions" && q.Name != "calls-without-messages" {
			always = append(always, q.Name)
		}
	}
	assert.ElementsMatch(t, append(slices.Clone(always), "prompts-and-completions", "calls-without-messages", "content-filter-hits"), shown(true, true))
	assert.ElementsMatch(t, append(slices.Clone(always), "prompts-and-completions", "calls-without-messages"), shown(true, false))
	assert.ElementsMatch(t, append(slices.Clone(always), "prompts-and-completions-bodies", "content-filter-hits"), shown(false, true))
	assert.ElementsMatch(t, always, shown(false, false))
}

func TestTheWorkbookHasTabsAndPickers(t *testing.T) {
	items := drawn(t, true, true)
	var pickers, tabs, groups []string
	for _, i := range items {
		for _, p := range i.Content.Parameters {
			pickers = append(pickers, p.Name)
		}
		for _, l := range i.Content.Links {
			tabs = append(tabs, l.SubTarget)
		}
		if i.Type == 12 {
			assert.Equal(t, "Tab", i.Visible.ParameterName)
			groups = append(groups, i.Visible.Value)
		}
	}
	assert.Equal(t, []string{"TimeRange", "Team", "Model"}, pickers)
	assert.Equal(t, []string{"usage", "cost", "health", "audit"}, tabs)
	assert.Equal(t, tabs, groups)
	for name, p := range panels(items) {
		if !strings.Contains(name, "quota-burn-down") { // a month, whatever is picked
			assert.Equal(t, "TimeRange", p.Content.TimeParameter, name)
		}
	}
}

func TestATeamCannotBecomePartOfTheWorkbooksQueries(t *testing.T) {
	l := queries.Lookups{Teams: []queries.Team{{SubscriptionID: "red-standard", Team: "x\"]; print 1 //\n\\", CostCentre: "\t"}}}
	text, err := queries.Workbook{Messages: true, Lookups: l}.JSON(workspaceID)
	require.NoError(t, err)
	var book struct{ Items []item }
	require.NoError(t, json.Unmarshal([]byte(text), &book))
	for name, p := range panels(book.Items) {
		found, err := engine.Check(limited(t), name, picked(p.Content.Query, everything, everything))
		require.NoError(t, err)
		assert.Empty(t, found, name)
	}
}
