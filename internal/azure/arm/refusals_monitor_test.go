package arm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReceiversAndConditionsAreRefusedAsAzureRefusesThem(t *testing.T) {
	notified := func(a *azure) { a.ok(people, peopleBody) }
	hook := func(address string) string {
		return with(peopleBody, `}]}}`, `}],"webhookReceivers":[{"name":"hook","serviceUri":"`+address+`"}]}}`)
	}
	wrong := func(name, path, body, message string) rule {
		return rule{name: name, path: path, body: body, prepare: notified, status: 400, code: "InvalidRequestContent", message: message}
	}
	periods := func(least, of int) string {
		return with(with(queryBody, `"minFailingPeriodsToAlert":2`, fmt.Sprintf(`"minFailingPeriodsToAlert":%d`, least)),
			`"numberOfEvaluationPeriods":3`, fmt.Sprintf(`"numberOfEvaluationPeriods":%d`, of))
	}
	cases := []rule{
		wrong("a hook without TLS", people, hook("http://a.example.com"), "properties.webhookReceivers[0].serviceUri"),
		wrong("a receiver without a name", people, with(peopleBody, `"name":"a@example.com",`, ""), "Receiver names must be unique"),
		wrong("no period", queryRule, periods(1, 0), "1 of 0 periods: there are 1 to 6 periods, and no more of them can fail."),
		wrong("seven periods", queryRule, periods(1, 7), "1 of 7 periods"),
		wrong("no failing period", queryRule, periods(0, 3), "0 of 3 periods"),
		wrong("a severity below zero", queryRule, with(queryBody, `"severity":2`, `"severity":-1`), "Severity -1 is not 0 to 4."),
		wrong("two conditions", queryRule, with(queryBody, `"allOf":[`, `"allOf":[{},`), "A log alert has exactly one condition, not 2."),
		wrong("no query", queryRule, with(queryBody, `"query":"T | count",`, ""), "criteria.allOf[0].query"),
		wrong("no threshold", queryRule, with(queryBody, `"threshold":5,`, ""), "criteria.allOf[0].threshold"),
		wrong("a mute that no rule takes", queryRule, with(queryBody, `"autoMitigate":true`, `"autoMitigate":false,"muteActionsDuration":"PT1M"`), "properties.muteActionsDuration"),
		wrong("muted without a word about mitigation", queryRule, with(queryBody, `"autoMitigate":true`, `"muteActionsDuration":"PT1H"`), "while alerts resolve by themselves"),
		wrong("no criterion", metricRule, with(metricBody, metricBody[strings.Index(metricBody, `"allOf":[`):strings.Index(metricBody, `]},"actions"`)], `"allOf":[`), "A metric alert needs a criterion."),
		wrong("a criterion without a name", metricRule, with(metricBody, `"name":"errors",`, ""), "criteria.allOf[0].name"),
		wrong("a criterion without a threshold", metricRule, with(metricBody, `"threshold":5,`, ""), "criteria.allOf[0].threshold"),
		wrong("a frequency of metrics", metricRule, with(metricBody, `"PT5M"`, `"PT10M"`), "properties.evaluationFrequency"),
	}
	for name, accepted := range map[string]string{
		"a hook without TLS": hook("https://a.example.com"), "seven periods": periods(1, 6), "no period": periods(1, 1), "no failing period": periods(3, 3),
		"a severity below zero":                 with(queryBody, `"severity":2`, `"severity":0`),
		"a mute that no rule takes":             with(queryBody, `"autoMitigate":true`, `"autoMitigate":false,"muteActionsDuration":"PT5M"`),
		"muted without a word about mitigation": with(queryBody, `"autoMitigate":true`, `"autoMitigate":false,"muteActionsDuration":"PT1H"`),
	} {
		at := slices.IndexFunc(cases, func(r rule) bool { return r.name == name })
		require.NotEqual(t, -1, at, "there is no refusal %q", name)
		cases[at].accepted = accepted
	}
	runRules(t, map[string]string{people: peopleBody, queryRule: queryBody, metricRule: metricBody}, cases)
}

func TestSettingsOfDiagnosticsAreRefusedAsAzureRefusesThem(t *testing.T) {
	named := func(name string) string { return service + "/providers/Microsoft.Insights/diagnosticSettings/" + name }
	to := func(sink, more string) string { return `{"properties":{` + sink + more + `}}` }
	storage := `"storageAccountId":"` + group + `/providers/Microsoft.Storage/storageAccounts/s"`
	log := func(category string) string { return `,"logs":[{"category":"` + category + `","enabled":true}]` }
	several := func(n int) func(*azure) {
		return func(a *azure) {
			for i := range n {
				a.ok(named(fmt.Sprintf("more%d", i)), to(storage, log("GatewayLogs")))
			}
		}
	}
	runRules(t, nil, []rule{
		{
			name: "a sixth setting", prepare: several(maxSettings - 1), path: named("sixth"), body: to(storage, log("GatewayLlmLogs")),
			status: 400, code: "BadRequest", message: "The limit of 5 diagnostic settings was reached.",
			freed: func(a *azure) { a.remove(named("more0")) },
		},
		{
			name: "a metric that is neither on nor off", path: named("second"), body: to(storage, `,"metrics":[{"category":"AllMetrics"}]`),
			status: 400, code: "InvalidRequestContent", message: "Path 'properties.metrics[0].enabled'",
			accepted: to(storage, `,"metrics":[{"category":"AllMetrics","enabled":false}]`),
		},
		{
			name: "a log of no category", path: named("second"), body: to(storage, `,"logs":[{"enabled":true}]`), status: 400,
			code: "InvalidRequestContent", message: "A log has a category or a categoryGroup.",
			accepted: to(storage, `,"logs":[{"categoryGroup":"AllLogs","enabled":true}]`),
		},
		{
			name: "a category of another type", path: account + "/providers/Microsoft.Insights/diagnosticSettings/logs",
			body: to(storage, log("GatewayLogs")), status: 400, code: "BadRequest", message: "Category 'GatewayLogs' is not supported.",
			accepted: to(storage, log("RequestResponse")),
		},
		{
			name: "a setting of a group", path: group + "/providers/Microsoft.Insights/diagnosticSettings/logs", body: to(storage, log("Audit")),
			status: 400, code: "BadRequest", message: "does not model it", at: account + "/providers/Microsoft.Insights/diagnosticSettings/logs",
			accepted: to(storage, log("Audit")),
		},
	})
}

func TestKeysOfAWorkspaceWithoutLocalAuthenticationAreNotListed(t *testing.T) {
	closed := with(logsBody, `"retentionInDays":30`, `"features":{"disableLocalAuth":true}`)
	runRules(t, nil, []rule{{
		name: "keys", prepare: func(a *azure) { a.ok(workspace, closed) }, method: "POST", path: workspace + "/sharedKeys",
		status: 400, code: "BadRequest", message: "Local authentication is disabled for the workspace '" + workspace + "'.",
		freed: func(a *azure) { a.ok(workspace, logsBody) },
	}})
}

// The figures are those of 'retentionInDays' (Microsoft Learn: azure-monitor/logs/data-retention-configure).
func TestRetentionsAreTakenToTheirEdges(t *testing.T) {
	of := func(days int) string { return with(logsBody, "30", fmt.Sprint(days)) }
	table := func(days, total int) string {
		return fmt.Sprintf(`{"properties":{"retentionInDays":%d,"totalRetentionInDays":%d}}`, days, total)
	}
	path := workspace + "/tables/AppMetrics"
	var cases []rule
	for refused, accepted := range map[int]int{3: 4, 5: 4, 8: 7, 29: 30, 731: 730} {
		cases = append(cases, rule{
			name: fmt.Sprintf("a workspace of %d days", refused), path: workspace, body: of(refused), status: 400, code: "InvalidParameter",
			message:  fmt.Sprintf("'RetentionInDays' property doesn't match the SKU limits: %d is not 30 to 730.", refused),
			accepted: of(accepted),
		})
	}
	for _, total := range yearsKept {
		cases = append(cases, rule{
			name: fmt.Sprintf("a table of %v days and one", total), path: path, body: table(30, int(total)+1), status: 400,
			code: "InvalidParameter", message: fmt.Sprintf("'totalRetentionInDays' %v is neither 4 to 730", total+1), accepted: table(30, int(total)),
		})
	}
	cases = append(cases, rule{
		name: "a table of three days", path: path, body: table(3, 30), status: 400, code: "InvalidParameter",
		message: "'retentionInDays' 3 is not 4 to 730.", accepted: table(4, 30),
	}, rule{
		name: "a table that every workspace has", method: "DELETE", path: path, status: 400, code: "InvalidOperation",
		message: "Table 'AppMetrics' is a Microsoft table and cannot be deleted.", at: workspace + "/tables/Own_CL",
		prepare: func(a *azure) { a.ok(workspace+"/tables/Own_CL", tableBody) },
	})
	runRules(t, nil, cases)
}

func TestSavedSearchesHaveTheirVersions(t *testing.T) {
	versioned := func(n int) string { return with(searchBody, `"query"`, fmt.Sprintf(`"version":%d,"query"`, n)) }
	runRules(t, nil, []rule{
		{
			name: "version 3", path: search, body: versioned(3), status: 400, code: "InvalidRequestContent",
			message: "'3' is not 1 or 2. Path 'properties.version'.", accepted: versioned(2),
		},
		{
			name: "an old etag", prepare: func(a *azure) { a.ok(search, searchBody) }, path: search,
			body: with(searchBody, `"query"`, `"etag":"W/\"old\"","query"`), status: 409, code: "Conflict",
			message: "The saved search 'top' already exists", accepted: with(searchBody, `"query"`, `"etag":"*","query"`),
		},
		{
			name: "a workbook without items", path: book, body: with(bookBody, `[{\"type\":1}]`, `[]`), status: 400,
			code: "InvalidRequestContent", message: "The workbook is no Notebook/1.0 with items.", accepted: bookBody,
		},
		{
			name: "a workbook on what is no id", path: book, body: with(bookBody, workspace, "logs"), status: 400,
			code: "LinkedInvalidPropertyId", message: "Property id 'logs' is invalid.", accepted: with(bookBody, workspace, "Azure Monitor"),
		},
	})
}

func TestNamespacesAndHubsAreRefusedByTheirTiers(t *testing.T) {
	tier := func(name string, units int, access string) string {
		return fmt.Sprintf(`{"location":"swedencentral","sku":{"name":"%s","tier":"%s","capacity":%d},"properties":{"publicNetworkAccess":"%s"}}`,
			name, name, units, access)
	}
	of := func(name string) func(*azure) {
		return func(a *azure) { a.ok(namespace+"2", tier(name, 1, "Enabled")) }
	}
	hub := func(partitions, days int) string {
		return fmt.Sprintf(`{"properties":{"partitionCount":%d,"messageRetentionInDays":%d}}`, partitions, days)
	}
	path, fresh := namespace+"2/eventhubs/hub", namespace+"2"
	cases := []rule{
		{
			name: "a private basic namespace", path: fresh, body: tier("Basic", 1, "Disabled"), status: 400, code: "InvalidRequestContent",
			message: "The Basic tier has no private endpoints.", accepted: tier("Standard", 1, "Disabled"),
		},
		{
			name: "a name that another group has", prepare: func(a *azure) { a.ok(root+"/resourceGroups/two", `{"location":"swedencentral"}`) },
			path: strings.Replace(namespace, "/rg/", "/two/", 1), body: namespaceBody, status: 400, code: "NamespaceUnavailable",
			message: "Namespace name 'evhns-test' is unavailable.", freed: func(a *azure) { a.remove(namespace) },
		},
		{
			name: "no unit", path: fresh, body: tier("Premium", 0, "Enabled"), status: 400, code: "InvalidRequestContent",
			message: "The capacity of the Premium tier must be 1 to 16, it is 0.", accepted: tier("Premium", 16, "Enabled"),
		},
		{
			name: "partitions that shrink", prepare: func(a *azure) { of("Standard")(a); a.ok(path, hub(4, 1)) }, path: path, body: hub(2, 1),
			status: 400, code: "BadRequest", message: "The partition count of an event hub cannot be changed.", accepted: hub(4, 7),
		},
	}
	// Microsoft Learn: event-hubs/event-hubs-quotas.
	for name, most := range map[string]struct{ partitions, days int }{"Basic": {32, 1}, "Standard": {32, 7}, "Premium": {100, 90}} {
		cases = append(cases, rule{
			name: "a partition more than " + name + " has", prepare: of(name), path: path, body: hub(most.partitions+1, 1), status: 400,
			code: "InvalidRequestContent", message: fmt.Sprintf("The partition count must be 1 to %d, it is %d.", most.partitions, most.partitions+1),
			accepted: hub(most.partitions, 1),
		}, rule{
			name: "a day more than " + name + " keeps", prepare: of(name), path: path, body: hub(1, most.days+1), status: 400,
			code: "InvalidRequestContent", message: fmt.Sprintf("The retention must be 1 to %d days, it is %d.", most.days, most.days+1),
			accepted: hub(1, most.days),
		})
	}
	runRules(t, nil, cases)
}

func TestAPremiumHubGrows(t *testing.T) {
	a := world(t)
	a.ok(namespace+"2", `{"location":"swedencentral","sku":{"name":"Premium","tier":"Premium","capacity":1},"properties":{}}`)
	a.ok(namespace+"2/eventhubs/hub", `{"properties":{"partitionCount":4}}`)
	a.ok(namespace+"2/eventhubs/hub", `{"properties":{"partitionCount":8}}`)
}

func TestQuotasAddUpBySubscriptionRegionTypeAndModel(t *testing.T) {
	limits := func(o *Options) {
		o.Quota = func(location, sku, model string) (float64, bool) {
			return 100, location == "swedencentral" && sku == "Standard" && model == "gpt-4o"
		}
	}
	deployed := func(capacity int, sku, model string) string {
		return fmt.Sprintf(`{"sku":{"name":"%s","capacity":%d},"properties":{"model":{"format":"OpenAI","name":"%s","version":"1"}}}`, sku, capacity, model)
	}
	a := world(t, limits) // 30 of 100 are deployed
	other := account + "2"
	a.ok(other, strings.Replace(accountBody, "aoai-se", "aoai-two", 1))
	got := a.send("PUT", other+"/deployments/more", deployed(71, "Standard", "gpt-4o"))
	if got.code != "InsufficientQuota" || !strings.Contains(got.message, "The specified capacity '71' of account deployment is bigger than "+
		"available capacity '70' for UsageName 'Tokens Per Minute (thousands) - gpt-4o'.") {
		t.Errorf("71 beside 30 of 100: %s", got.raw)
	}
	a.ok(other+"/deployments/more", deployed(70, "Standard", "gpt-4o"))
	a.ok(other+"/deployments/more", deployed(70, "Standard", "gpt-4o")) // its own capacity does not count against it
	a.ok(other+"/deployments/other", deployed(500, "Standard", "gpt-4.1"))
	a.ok(other+"/deployments/global", deployed(500, "GlobalStandard", "gpt-4o"))
	a.ok(account+"3", strings.NewReplacer("aoai-se", "aoai-three", "swedencentral", "francecentral").Replace(accountBody))
	a.ok(account+"3/deployments/elsewhere", deployed(500, "Standard", "gpt-4o"))
	full := a.send("PUT", account+"/deployments/last", deployed(1, "Standard", "gpt-4o"))
	if full.code != "InsufficientQuota" {
		t.Errorf("nothing is left, and one more: %s", full.raw)
	}
	a.remove(other + "/deployments/more")
	a.ok(account+"/deployments/last", deployed(70, "Standard", "gpt-4o"))
}

// Microsoft Learn: ai-services/openai/quotas-limits, 30 Azure OpenAI resources in a region.
func TestARegionHasThirtyAccountsAtMost(t *testing.T) {
	body := func(i int, region string) string {
		return fmt.Sprintf(`{"location":"%s","kind":"OpenAI","sku":{"name":"S0"},"properties":{"customSubDomainName":"aoai-%d"}}`, region, i)
	}
	a := world(t)
	for i := range mostAccounts - 1 {
		a.ok(fmt.Sprintf("%s%d", account, i), body(i, "swedencentral"))
	}
	got := a.send("PUT", account+"-more", body(99, "swedencentral"))
	if got.status != 400 || got.code != "InsufficientQuota" || !strings.Contains(got.message, "30 Azure OpenAI accounts in swedencentral") {
		t.Errorf("the 31st account: %s", got.raw)
	}
	a.ok(account+"-more", body(99, "francecentral"))
	a.ok(account+"0", body(0, "swedencentral")) // one that is there is written again
	a.remove(account + "0")
	a.ok(account+"-last", body(98, "swedencentral"))
}
