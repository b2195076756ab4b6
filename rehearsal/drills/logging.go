package drills

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/queries"
)

// logging looks for every call of the known traffic in the logs, and takes away, one by one, what lets it be there.
func logging() Drill {
	return Drill{
		Name:    "logging",
		Promise: "Every call is found by a query with prompt, answer, exact tokens, model, product and source address: streamed or not, over 8 KB, over 32 KB; and what is missing for that is named.",
		When:    Standing,
		Work:    with(knownTraffic, tryLogging),
	}
}

// LoggingMeasured counts calls.
type LoggingMeasured struct {
	Calls int `json:"calls"`
	// Found are the calls with a complete row, by their form.
	Found map[string]int `json:"found"`
	// Exported counts the calls whose whole text is in the Event Hub, where there is one.
	Exported *int `json:"exported,omitempty"`
	// Named are the gaps that were named when a part was taken away, by part. Nothing is taken away where a row is missing already.
	Named map[string]string `json:"named,omitempty"`
}

func tryLogging(ctx context.Context, a *asking, f *findings) (*LoggingMeasured, error) {
	site := a.site
	for _, gap := range a.gaps {
		f.add("missing: %s", gap)
	}
	rows, err := a.query(ctx, "prompts-and-completions", "\n| lookup kind=leftouter (ApiManagementGatewayLogs | project CorrelationId, ProductId) on CorrelationId", queries.Lookups{})
	if err != nil {
		return nil, err
	}
	byID := map[string]map[string]any{}
	for _, row := range rows {
		byID[text(row, "CorrelationId")] = row
	}
	found := map[string]int{}
	for _, v := range a.visits {
		if !v.served() {
			continue
		}
		row, ok := byID[v.id]
		if !ok {
			f.add("%s is in no log", v.who())
			continue
		}
		wrong := v.inLog(site, row)
		for _, w := range wrong {
			f.add("%s is logged with %s", v.who(), w)
		}
		if len(wrong) == 0 {
			found[v.form.name]++
		}
	}
	tryTables(site, f)
	exported := tryExported(site, a, f)
	measured := &LoggingMeasured{Calls: len(a.visits), Found: found}
	if site.Settings.Logging.EventHub != nil {
		measured.Exported = &exported
	}
	if len(f.list) > 0 {
		return measured, nil // taking away proves something only where nothing is missing
	}
	measured.Named, err = tryWithout(ctx, site, f)
	return measured, err
}

// tryTables looks how long the tables keep their rows.
func tryTables(site *Site, f *findings) {
	deployed := map[string]arm.Resource{}
	for _, table := range site.ARM.Resources("Microsoft.OperationalInsights/workspaces/tables") {
		deployed[table.Name] = table
	}
	for _, table := range site.Settings.Logging.Tables {
		properties := properties(deployed[string(table.Name)].Body)
		for key, days := range map[string]int{"retentionInDays": table.RetentionDays, "totalRetentionInDays": table.TotalRetentionDays} {
			if retention, _ := properties[key].(float64); days != 0 && int(retention) != days {
				f.add("table %s has %s %v, where the settings say %d", table.Name, key, properties[key], days)
			}
		}
	}
}

// inLog says what a row has wrong about a visit.
func (v *visit) inLog(site *Site, row map[string]any) []string {
	var wrong []string
	differs := func(what, got, want string) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s %s instead of %s", what, shown(got), shown(want)))
		}
	}
	l := site.Settings.Logging
	differs("prompt tokens", text(row, "PromptTokens"), fmt.Sprint(v.prompted))
	differs("completion tokens", text(row, "CompletionTokens"), fmt.Sprint(v.answered))
	product, address := v.product.Name, v.address
	if v.key == "" {
		product = "" // the log takes it from the subscription, which a call with a token alone does not have
	}
	if !l.ClientIP {
		address = ""
	}
	differs("product", text(row, "ProductId"), product)
	differs("subscription", text(row, "Subscription"), v.subscription)
	differs("source address", text(row, "CallerIpAddress"), address)
	if text(row, "Model") == "" || v.model != "" && text(row, "Model") != v.model {
		differs("model", text(row, "Model"), v.model)
	}
	if !l.Messages || private(v.product) {
		return wrong // that its text is nowhere is the privacy drill's business
	}
	differs("prompt", text(row, "Prompt"), v.promptText())
	if !v.embed {
		differs("answer", text(row, "Completion"), v.completion)
	}
	return wrong
}

// promptText is the prompt as a reader of the logs sees it: a line for each message.
func (v *visit) promptText() string {
	if v.system == "" {
		return v.ask.prompt
	}
	return v.system + "\n" + v.ask.prompt
}

// shown is a text as a failure quotes it.
func shown(s string) string {
	if len(s) > 60 {
		return fmt.Sprintf("%q… (%d bytes)", s[:60], len(s))
	}
	return fmt.Sprintf("%q", s)
}

// absence is a resource, or a part of one, that is taken away from a copy of what was deployed.
type absence struct {
	name string
	// says is part of the gap that has to be named.
	says string
	// edit changes a resource of the saved state, or says that it goes.
	edit func(kind, id string, properties map[string]any) (gone bool)
}

const settingKind = "microsoft.insights/diagnosticsettings"

// absences are what one row needs. All of it is taken away in the saved state: Azure itself refuses to delete a logger that
// a diagnostic names, while a program that never made it would simply not have it.
func absences(hub bool) []absence {
	all := []absence{
		{"the setting for language models", "largeLanguageModel logs in the diagnostic", func(kind, _ string, properties map[string]any) bool {
			if strings.HasSuffix(kind, "/diagnostics") {
				delete(properties, "largeLanguageModel")
			}
			return false
		}},
		{"the logger", "the logger", func(kind, id string, _ map[string]any) bool {
			return kind == "microsoft.apimanagement/service/loggers" && strings.HasSuffix(id, "/azuremonitor")
		}},
		{"the diagnostic setting", "a diagnostic setting of the gateway", func(kind, id string, _ map[string]any) bool {
			return kind == settingKind && strings.Contains(id, "/microsoft.apimanagement/")
		}},
		{"the destination type", "the destination type Dedicated", func(kind, id string, properties map[string]any) bool {
			if kind == settingKind && strings.Contains(id, "/microsoft.apimanagement/") {
				delete(properties, "logAnalyticsDestinationType")
			}
			return false
		}},
	}
	if hub {
		all = append(all,
			absence{"the role on the Event Hub", "the role Azure Event Hubs Data Sender", func(kind, id string, _ map[string]any) bool {
				return kind == "microsoft.authorization/roleassignments" && strings.Contains(id, "/eventhubs/")
			}},
			absence{"the Event Hub", "the event hub", func(kind, _ string, _ map[string]any) bool { return kind == "microsoft.eventhub/namespaces/eventhubs" }},
			absence{"the Event Hub's private endpoint", "a way from the gateway to", func(kind, _ string, properties map[string]any) bool {
				if kind != "microsoft.network/privateendpoints" {
					return false
				}
				text, err := json.Marshal(properties)
				return err == nil && strings.Contains(strings.ToLower(string(text)), "/microsoft.eventhub/")
			}})
	}
	return all
}

// tryWithout makes a call on copies that each lack something, and gives what was named as missing.
func tryWithout(ctx context.Context, site *Site, f *findings) (map[string]string, error) {
	named := map[string]string{}
	for _, a := range absences(site.Settings.Logging.EventHub != nil) {
		g, err := site.open(ctx, func(g *sandbox) error { return g.edit(a.edit) })
		if err != nil {
			return nil, fmt.Errorf("without %s: %w", a.name, err)
		}
		store, err := g.oneCall(ctx)
		gaps := dataplane.LogGaps(g.arm)
		_ = g.Close() // what it wrote stays
		if err != nil {
			return nil, fmt.Errorf("without %s: %w", a.name, err)
		}
		if store == nil {
			return named, nil // no product keeps text
		}
		if written := g.written(a, store); written > 0 {
			f.add("without %s a call was logged all the same, in %d rows", a.name, written)
		}
		i := slices.IndexFunc(gaps, func(gap string) bool { return strings.Contains(gap, a.says) })
		if i < 0 {
			f.add("without %s nothing says that %s is missing, but: %s", a.name, a.says, strings.Join(gaps, "; "))
			continue
		}
		named[a.name] = gaps[i]
	}
	return named, nil
}

// written counts what a call left where it could not: in the table, or in the Event Hub.
func (g *sandbox) written(a absence, store *logs.Store) int {
	if strings.Contains(a.name, "Event Hub") {
		return len(g.HubEvents())
	}
	return len(store.Rows(logs.LLMLog))
}

// edit changes the saved state of a copy, past what the resource manager would allow.
func (g *sandbox) edit(change func(kind, id string, properties map[string]any) (gone bool)) error {
	var saved bytes.Buffer
	if err := g.arm.Save(&saved); err != nil {
		return err
	}
	var state map[string]any
	if err := json.Unmarshal(saved.Bytes(), &state); err != nil {
		return fmt.Errorf("saved state: %w", err)
	}
	resources, _ := state["resources"].([]any)
	state["resources"] = slices.DeleteFunc(resources, func(r any) bool {
		kind, id := jsonpath.Text(r, "type"), jsonpath.Text(r, "id")
		return change(strings.ToLower(kind), strings.ToLower(id), jsonpath.Object(r, "body", "properties"))
	})
	changed, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("saved state: %w", err)
	}
	return g.arm.Load(bytes.NewReader(changed))
}
