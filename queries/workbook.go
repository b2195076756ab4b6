package queries

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Workbook is what a workbook depends on: what is logged, and what its pickers offer.
type Workbook struct {
	// Title is the heading.
	Title string
	// Messages and Bodies say which flavours have something to show.
	Messages, Bodies bool
	// Lookups are put into the queries; their teams are those of the team picker.
	Lookups Lookups
	// Models are those of the model picker, without their versions.
	Models []string
}

// tab is one page of the workbook.
type tab struct {
	name, title string
	panels      []panel
}

// panel is one answer: a query file, and how it is shown.
type panel struct {
	query string
	// title replaces the query's.
	title string
	// then is KQL behind the query, for a chart of it.
	then  string
	chart string
	// everyone leaves the team picker out: the rows are of accounts, or of metrics, and know no team.
	everyone bool
	// model names the column that the model picker chooses from; empty leaves it out.
	model bool
	// text is true for what needs prompts and answers.
	text bool
	// days replaces the time picker.
	days int
}

// Charts of a panel, as workbooks name them.
const (
	table     = "table"
	barChart  = "barchart"
	timeChart = "timechart"
)

// tabs are the workbook. Every query file is in it, in the flavour that the settings allow for.
var tabs = []tab{
	{"usage", "Usage", []panel{
		{query: "usage-and-cost", title: "Tokens by team and day", then: "| summarize Tokens = sum(PromptTokens + CompletionTokens) by Day, Team", chart: timeChart, model: true},
		{query: "usage-and-cost", model: true},
		{query: "tokens-by-ip-and-model", model: true},
		{query: "top-callers"},
		{query: "tokens-by-caller", everyone: true},
		{query: "usage-by-person"},
		{query: "media-by-team"},
		{query: "quota-burn-down", days: 31},
	}},
	{"cost", "Cost", []panel{
		{query: "usage-and-cost", title: "Cost by team and day", then: "| summarize Cost = sum(Cost) by Day, Team", chart: timeChart, model: true},
		{query: "usage-and-cost", title: "Cost by team and cost centre", then: "| summarize Cost = sum(Cost), Tokens = sum(PromptTokens + CompletionTokens), Unpriced = sum(Unpriced) by Team, CostCentre | order by Cost desc", model: true},
		{query: "usage-and-cost", title: "Cost by product and model", then: "| summarize Cost = sum(Cost) by Product, Model | order by Cost desc", chart: barChart, model: true},
		{query: "provisioned-units"},
		{query: "reconciliation", everyone: true},
	}},
	{"health", "Health", []panel{
		{query: "region-health"},
		{query: "errors-by-cause"},
		{query: "throttled-callers"},
		{query: "failover-trails"},
		{query: "latency", model: true},
		{query: "time-to-first-token", everyone: true},
	}},
	{"audit", "Audit", []panel{
		{query: "prompts-and-completions", model: true, text: true},
		{query: "calls-without-messages", text: true},
		{query: "abandoned-calls"},
		{query: "content-filter-hits"},
	}},
}

// pick is the query of a panel in the flavour that there is, or false when there is none.
func (w Workbook) pick(p panel) (Query, bool, error) {
	q, err := Find(p.query)
	if err != nil {
		return q, false, err
	}
	switch {
	case q.Flavour == Bodies:
		return q, w.Bodies, nil
	case !p.text || w.Messages:
		return q, true, nil
	case !w.Bodies:
		return q, false, nil
	}
	other, err := Find(p.query + "-bodies")
	return other, err == nil, nil // a question that bodies cannot answer is left out
}

// text is the query of a panel, with the pickers' parameters in it: {Team} and {Model} are lists of quoted names, or '*'.
func (w Workbook) text(p panel, q Query) string {
	var text strings.Builder
	if !p.everyone {
		text.WriteString(w.chosenTeams())
	}
	text.WriteString(strings.TrimRight(Fill(q.Text, w.Lookups), "\n"))
	if p.model {
		// Logs name a model with its version.
		text.WriteString("\n" + `| where '*' in ({Model}) or extract(@"^(.*?)(-\d{4}-\d{2}-\d{2})?$", 1, Model) in ({Model})`)
	}
	if p.then != "" {
		text.WriteString("\n" + p.then)
	}
	return text.String() + "\n"
}

// noKey is the team of calls with a token alone.
const noKey = "(token)"

// chosenTeams puts a part of the gateway's log in the place of all of it, so that a query file need not know of pickers.
func (w Workbook) chosenTeams() string {
	rows := []string{row(quote(""), quote(noKey))}
	for _, t := range w.Lookups.Teams {
		rows = append(rows, row(quote(t.SubscriptionID), quote(t.Team)))
	}
	return "let Subscriptions = datatable(SubscriptionId: string, Name: string)[" + strings.Join(rows, ",") + "];\n" +
		"let ApiManagementGatewayLogs = table(\"ApiManagementGatewayLogs\")\n" +
		"    | where '*' in ({Team}) or ApimSubscriptionId in ((Subscriptions | where Name in ({Team}) | project SubscriptionId));\n"
}

// teams are the names that the team picker offers.
func (w Workbook) teams() []string {
	names := []string{}
	for _, t := range w.Lookups.Teams {
		if !slices.Contains(names, t.Team) {
			names = append(names, t.Team)
		}
	}
	return append(names, noKey)
}

// JSON is the workbook of a workspace in the portal's format, indented.
func (w Workbook) JSON(workspaceID string) (string, error) {
	book := notebook{
		Version: "Notebook/1.0", Items: []any{heading("heading", "# "+w.Title), w.pickers(), links()},
		Resources: []string{workspaceID}, Schema: "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
	}
	for _, t := range tabs {
		group, err := w.group(t)
		if err != nil {
			return "", err
		}
		book.Items = append(book.Items, group)
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // a query reads as it is in its file
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(book); err != nil {
		return "", fmt.Errorf("workbook: %w", err)
	}
	return text.String(), nil
}
