package diff

import (
	"strings"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
)

// logged is what an API's calls leave in the logs.
type logged struct {
	diagnostic                         bool
	messages, requests, answers, addrs bool
	percent                            int
}

func loggedBy(inputs map[string]any) logged {
	l := logged{
		diagnostic: true,
		messages: jsonpath.Text(inputs, "largeLanguageModel", "logs") == "enabled" &&
			jsonpath.Text(inputs, "largeLanguageModel", "requests", "messages") == "all",
		requests: whole(jsonpath.At(inputs, "frontend", "request", "body", "bytes")) > 0,
		answers: whole(jsonpath.At(inputs, "backend", "response", "body", "bytes")) > 0 ||
			whole(jsonpath.At(inputs, "frontend", "response", "body", "bytes")) > 0,
		percent: whole(jsonpath.At(inputs, "sampling", "percentage")),
	}
	l.addrs, _ = jsonpath.At(inputs, "logClientIp").(bool)
	return l
}

// logs are what a product's calls leave: the least that one of its APIs leaves.
func (e *environment) logs(product string) (logged, bool) {
	var all logged
	found := false
	for _, id := range sortedKeys(e.apis) {
		a := e.apis[id]
		if !a.products[product] {
			continue
		}
		l := a.logged
		if !found {
			all, found = l, true
			continue
		}
		all = logged{
			all.diagnostic && l.diagnostic, all.messages && l.messages, all.requests && l.requests, all.answers && l.answers,
			all.addrs && l.addrs, min(all.percent, l.percent),
		}
	}
	return all, found
}

// logging says what is logged and kept.
func (c *comparison) logging() {
	texts := map[string][]string{} // products by what changes for them
	for _, name := range sortedKeys(c.before.products) {
		old, had := c.before.logs(name)
		now, has := c.after.logs(name)
		if !had || !has {
			continue
		}
		for i, kind := range logKinds {
			if i > 0 && !now.diagnostic {
				break // nothing at all is logged
			}
			if was, is := kind.of(old), kind.of(now); was != is {
				word := kind.what + " are no longer logged"
				if is {
					word = kind.what + " are logged"
				}
				texts[word] = append(texts[word], name)
			}
		}
		if now.percent < old.percent && now.diagnostic {
			c.say(Change, "%d %% instead of %d %% of the calls of product *%s* are logged", now.percent, old.percent, name)
			c.warn(Logs, "only %d %% of the calls of product *%s* are logged", now.percent, name)
		}
		was, is := c.before.products[name], c.after.products[name]
		if was.KeepsText && !is.KeepsText {
			c.say(Change, "accounts no longer store prompts and answers of product *%s*, and none are exported", name)
		}
		if is.KeepsText && !was.KeepsText {
			c.say(Change, "accounts may store prompts and answers of product *%s*", name)
			c.warn(Privacy, "prompts and answers of product *%s* may be stored", name)
		}
	}
	for _, word := range sortedKeys(texts) {
		products := named("product", texts[word])
		c.say(Change, "%s of %s", word, products)
		if strings.Contains(word, "no longer") {
			c.warn(Logs, "%s of %s", word, products)
		} else {
			c.warn(Privacy, "%s of %s", word, products)
		}
	}
	c.person()
	c.retention()
	c.diagnostics()
}

var logKinds = []struct {
	what string
	of   func(logged) bool
}{
	{"calls", func(l logged) bool { return l.diagnostic }},
	{"prompts and answers", func(l logged) bool { return l.messages }},
	{"bodies of requests", func(l logged) bool { return l.requests }},
	{"bodies of answers", func(l logged) bool { return l.answers }},
	{"callers' addresses", func(l logged) bool { return l.addrs }},
}

// person says how logs keep who is behind a token.
func (c *comparison) person() {
	old, now := c.before.facts.person, c.after.facts.person
	if old == now || old == "" || now == "" {
		return
	}
	words := map[string]string{"id": "their object id", "hash": "a hash of their object id", "none": "nothing"}
	c.say(Change, "logs keep %s instead of %s of the person behind an Entra token", words[now], words[old])
	if now == "none" || now == "hash" && old == "id" {
		c.warn(Logs, "logs no longer say who is behind an Entra token: %s", words[now])
	} else {
		c.warn(Privacy, "logs keep %s of the person behind an Entra token", words[now])
	}
}

// messagesTable is the table of prompts and answers.
const messagesTable = "ApiManagementGatewayLlmLog"

// kept is how many days tables keep their rows: those queries reach, and those that a search job reaches. The workspace's own is
// under the empty name.
func (e *environment) kept() (reached, total map[string]int) {
	reached, total = map[string]int{}, map[string]int{}
	e.each("Workspace", func(r plan.Resource) { reached[""] = whole(jsonpath.At(r.Inputs, "retentionInDays")) })
	total[""] = reached[""]
	e.eachInTemplates("Microsoft.OperationalInsights/workspaces/tables", func(_ plan.Resource, name string, properties map[string]any) {
		reached[name], total[name] = reached[""], reached[""]
		if days := whole(properties["retentionInDays"]); days > 0 {
			reached[name], total[name] = days, days
		}
		if days := whole(properties["totalRetentionInDays"]); days > 0 {
			total[name] = days
		}
	})
	for _, days := range []map[string]int{reached, total} {
		if _, ok := days[messagesTable]; !ok {
			days[messagesTable] = days[""]
		}
	}
	return reached, total
}

func (c *comparison) retention() {
	old, oldTotal := c.before.kept()
	now, nowTotal := c.after.kept()
	for _, table := range sortedKeys(old, now) {
		if _, had := old[table]; !had {
			old[table], oldTotal[table] = old[""], oldTotal[""]
		}
		if _, has := now[table]; !has {
			now[table], nowTotal[table] = now[""], nowTotal[""]
		}
		what, personal := c.rows(table)
		if old[table] != now[table] {
			c.keeps(what+" are kept", old[table], now[table], personal)
		}
		if oldTotal[table] != nowTotal[table] && (nowTotal[table] != now[table] || oldTotal[table] != old[table]) {
			c.keeps(what+" can be searched for", oldTotal[table], nowTotal[table], personal)
		}
	}
	c.cap()
	c.hub()
}

// rows are the rows of a table, and whether they are personal data.
func (c *comparison) rows(table string) (what string, personal bool) {
	switch table {
	case "":
		return "logs", false
	case messagesTable:
		var products []string
		for _, name := range sortedKeys(c.after.products) {
			if l, ok := c.after.logs(name); ok && l.messages {
				products = append(products, name)
			}
		}
		if len(products) == 0 {
			return "token counts", false
		}
		return "prompts of " + starred(products), true
	}
	return "rows of " + table, false
}

func (c *comparison) keeps(what string, old, now int, personal bool) {
	c.say(Change, "%s %d days instead of %d", what, now, old)
	switch {
	case now < old:
		c.warn(Logs, "%s %d days instead of %d", what, now, old)
	case personal:
		c.warn(Privacy, "%s %d days instead of %d", what, now, old)
	}
}

// cap says how much the workspace takes in a day.
func (c *comparison) cap() {
	of := func(e *environment) float64 {
		most := -1.0
		e.each("Workspace", func(r plan.Resource) {
			if v, ok := jsonpath.At(r.Inputs, "workspaceCapping", "dailyQuotaGb").(float64); ok {
				most = v
			}
		})
		return most
	}
	old, now := of(c.before), of(c.after)
	switch {
	case old == now:
	case now < 0:
		c.say(Note, "the workspace takes logs without a cap, no longer %g GB a day", old)
	case old < 0:
		c.say(Change, "the workspace takes at most %g GB of logs a day", now)
		c.warn(Logs, "above %g GB a day nothing more is logged", now)
	default:
		c.say(Change, "the workspace takes %g instead of %g GB of logs a day", now, old)
		if now < old {
			c.warn(Logs, "above %g GB a day, instead of %g, nothing more is logged", now, old)
		}
	}
}

// hub says whether whole texts leave through an Event Hub.
func (c *comparison) hub() {
	of := func(e *environment) (days int, there bool) {
		e.each("EventHub", func(r plan.Resource) { days, there = whole(jsonpath.At(r.Inputs, "messageRetentionInDays")), true })
		return days, there
	}
	old, had := of(c.before)
	now, has := of(c.after)
	switch {
	case has && !had:
		c.say(Change, "whole prompts and answers go to an Event Hub, which keeps them %d days", now)
		c.warn(Privacy, "whole prompts and answers go to an Event Hub")
	case had && !has:
		c.say(Loss, "whole prompts and answers no longer go to an Event Hub")
	case old != now:
		c.keeps("events of the Event Hub are kept", old, now, true)
	}
}

// diagnostics says which records resources leave.
func (c *comparison) diagnostics() {
	of := func(e *environment) map[string]string { // by resource and category
		all := map[string]string{}
		e.each("DiagnosticSetting", func(r plan.Resource) {
			for _, kind := range []string{"logs", "metrics"} {
				for _, entry := range jsonpath.Objects(r.Inputs, kind) {
					category := jsonpath.Text(entry, "category") + jsonpath.Text(entry, "categoryGroup")
					if on, ok := entry["enabled"].(bool); ok && on && category != "" {
						all[r.Name+" "+category] = r.Name
					}
				}
			}
		})
		return all
	}
	old, now := of(c.before), of(c.after)
	for _, key := range sortedKeys(old) {
		resource := old[key]
		if _, has := now[key]; !has && c.after.has("DiagnosticSetting", resource) {
			c.say(Change, "records are no longer kept: %s", key)
			c.warn(Logs, "records are no longer kept: %s", key)
		}
	}
	for _, key := range sortedKeys(now) {
		if _, had := old[key]; !had && c.before.has("DiagnosticSetting", now[key]) {
			c.say(Note, "records are kept: %s", key)
		}
	}
}

func (e *environment) has(kind, name string) bool {
	_, ok := e.symbols[kind+" "+name]
	return ok
}
