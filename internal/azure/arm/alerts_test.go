package arm

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	insights   = group + "/providers/Microsoft.Insights/"
	people     = insights + "actionGroups/people"
	queryRule  = insights + "scheduledQueryRules/errors"
	metricRule = insights + "metricAlerts/capacity"
	book       = insights + "workbooks/12345678-1234-5678-9234-567812345678"
	search     = workspace + "/savedSearches/top"

	peopleBody = `{"location":"global","properties":{"groupShortName":"people","enabled":true,"emailReceivers":[{"name":"a@example.com","emailAddress":"a@example.com","useCommonAlertSchema":true}]}}`
	queryBody  = `{"location":"swedencentral","kind":"LogAlert","properties":{"enabled":true,"severity":2,"scopes":["` + workspace + `"],"evaluationFrequency":"PT5M","windowSize":"PT15M","overrideQueryTimeRange":"P2D","autoMitigate":true,` +
		`"criteria":{"allOf":[{"query":"T | count","timeAggregation":"Maximum","metricMeasureColumn":"Count","operator":"GreaterThanOrEqual","threshold":5,"dimensions":[{"name":"Caller","operator":"Include","values":["*"]}],"failingPeriods":{"numberOfEvaluationPeriods":3,"minFailingPeriodsToAlert":2}}]},"actions":{"actionGroups":["` + people + `"]}}}`
	metricBody = `{"location":"global","properties":{"enabled":true,"severity":2,"scopes":["` + service + `"],"evaluationFrequency":"PT5M","windowSize":"PT15M",` +
		`"criteria":{"odata.type":"Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria","allOf":[{"name":"errors","metricName":"Requests","dimensions":[{"name":"GatewayResponseCodeCategory","operator":"Include","values":["5xx"]}],"operator":"GreaterThan","threshold":5,"timeAggregation":"Total","criterionType":"StaticThresholdCriterion"}]},"actions":[{"actionGroupId":"` + people + `"}]}}`
	bookBody   = `{"location":"swedencentral","kind":"shared","properties":{"displayName":"Models","category":"workbook","sourceId":"` + workspace + `","serializedData":"{\"version\":\"Notebook/1.0\",\"items\":[{\"type\":1}]}"}}`
	searchBody = `{"properties":{"category":"Models","displayName":"Top","query":"T | count"}}`
)

func TestAlertsAreRefusedAsAzureRefusesThem(t *testing.T) {
	notified := func(a *azure) { a.ok(people, peopleBody) }
	wrong := func(name, path, body, message string) rule {
		return rule{name: name, path: path, body: body, prepare: notified, status: 400, code: "InvalidRequestContent", message: message}
	}
	runRules(t, map[string]string{people: peopleBody, insights + "actionGroups/b": peopleBody, queryRule: queryBody, metricRule: metricBody}, []rule{
		{name: "group in a region", path: people, body: with(peopleBody, `"global"`, `"westeurope"`), status: 400, code: "LocationNotAvailableForResourceType"},
		wrong("short name", insights+"actionGroups/b", with(peopleBody, `"people"`, `"enterprise-ai"`), "12 characters"),
		wrong("no email address", insights+"actionGroups/b", with(peopleBody, `"emailAddress":"a@example.com"`, `"emailAddress":"a"`), "properties.emailReceivers[0].emailAddress"),
		wrong("one name twice", insights+"actionGroups/b", with(peopleBody, `}]}}`, `}],"webhookReceivers":[{"name":"A@example.com","serviceUri":"https://x"}]}}`), "properties.webhookReceivers[0].name"),
		wrong("group without a short name", insights+"actionGroups/b", with(peopleBody, `"groupShortName":"people",`, ``), "groupShortName"),
		wrong("severity", queryRule, with(queryBody, `"severity":2`, `"severity":5`), "Severity 5 is not 0 to 4."),
		wrong("severity of a metric", metricRule, with(metricBody, `"severity":2`, `"severity":5`), "Severity 5 is not 0 to 4."),
		wrong("frequency", queryRule, with(queryBody, `"PT5M"`, `"PT7M"`), "properties.evaluationFrequency"),
		wrong("window", queryRule, with(queryBody, `"PT15M"`, `"P7D"`), "properties.windowSize"),
		wrong("range beyond two days", queryRule, with(queryBody, `"P2D"`, `"P14D"`), "properties.overrideQueryTimeRange"),
		wrong("muted and mitigated", queryRule, with(queryBody, `"autoMitigate":true`, `"autoMitigate":true,"muteActionsDuration":"PT1H"`), "autoMitigate"),
		wrong("window of a metric", metricRule, with(metricBody, `"PT15M"`, `"PT10M"`), "properties.windowSize"),
		wrong("two scopes", queryRule, with(queryBody, `"scopes":[`, `"scopes":["`+service+`",`), "exactly one scope"),
		wrong("no column", queryRule, with(queryBody, `"metricMeasureColumn":"Count",`, ``), "metricMeasureColumn"),
		wrong("operator", queryRule, with(queryBody, `"GreaterThanOrEqual"`, `"AtLeast"`), "'AtLeast' is not one of"),
		wrong("periods", queryRule, with(queryBody, `"minFailingPeriodsToAlert":2`, `"minFailingPeriodsToAlert":4`), "4 of 3 periods"),
		wrong("dimension without values", queryRule, with(queryBody, `["*"]`, `[]`), "dimensions[0]"),
		wrong("unknown property", queryRule, with(queryBody, `"severity"`, `"urgency":1,"severity"`), "urgency"),
		wrong("criteria of no kind", metricRule, with(metricBody, `"odata.type":"Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",`, ``), "odata.type"),
		wrong("criteria of several resources", metricRule, with(metricBody, `SingleResource`, `MultipleResource`), "odata.type"),
		{name: "workspace that is not there", path: queryRule, body: with(queryBody, "workspaces/logs", "workspaces/none"), prepare: notified, status: 404, code: "ResourceNotFound"},
		{name: "group that is not there", path: queryRule, body: queryBody, status: 404, code: "ResourceNotFound", message: "actionGroups/people", freed: notified},
		{name: "metric's group that is not there", path: metricRule, body: metricBody, status: 404, code: "ResourceNotFound", message: "actionGroups/people", freed: notified},
		{name: "metric", path: metricRule, body: with(metricBody, `"Requests"`, `"Request"`), prepare: notified, status: 400, code: "BadRequest", message: "a metric named 'Request'"},
		{name: "metric's dimension", path: metricRule, body: with(metricBody, `"GatewayResponseCodeCategory"`, `"Product"`), prepare: notified, status: 400, code: "BadRequest", message: "no dimension 'Product'"},
		{name: "rule on a service", path: queryRule, body: with(queryBody, workspace, service), prepare: notified, status: 400, code: "BadRequest", message: "does not model"},
	})
}

func TestTheQueryOfARuleIsReadUnlessTheRuleSaysNot(t *testing.T) {
	a := world(t, func(o *Options) {
		o.CheckQuery = func(query string) error { return errors.New("KS142: no table " + query[:1]) }
	})
	a.ok(people, peopleBody)
	got := a.send(http.MethodPut, queryRule, queryBody)
	require.Equal(t, 400, got.status)
	require.Contains(t, got.message, "KS142: no table T")
	a.ok(queryRule, with(queryBody, `"autoMitigate":true`, `"autoMitigate":true,"skipQueryValidation":true`))
}

func TestARuleOnMetricsIsKept(t *testing.T) {
	a := world(t)
	a.ok(people, peopleBody)
	a.ok(metricRule, metricBody)
	require.Equal(t, "Requests", text(items(a.get(metricRule), "properties", "criteria", "allOf")[0], "metricName"))
}

func TestWorkbooksAndSavedSearchesAreRefusedAsAzureRefusesThem(t *testing.T) {
	runRules(t, map[string]string{book: bookBody, search: searchBody}, []rule{
		{name: "workbook's name", path: insights + "workbooks/models", body: bookBody, status: 400, code: "InvalidResourceName", at: book},
		{name: "workbook's kind", path: book, body: with(bookBody, `"shared"`, `"mine"`), status: 400, code: "InvalidRequestContent", message: "kind"},
		{name: "workbook that is no JSON", path: book, body: with(bookBody, `[{\"type\":1}]`, `[`), status: 400, code: "InvalidRequestContent", message: "not valid JSON"},
		{name: "workbook of another version", path: book, body: with(bookBody, `Notebook/1.0`, `Notebook/2.0`), status: 400, code: "InvalidRequestContent", message: "Notebook/1.0"},
		{name: "workbook on nothing", path: book, body: with(bookBody, `workspaces/logs`, `workspaces/none`), status: 404, code: "ResourceNotFound"},
		{name: "search without a query", path: search, body: with(searchBody, `,"query":"T | count"`, ``), status: 400, code: "InvalidRequestContent", message: "properties.query"},
		{name: "search in no workspace", path: with(search, "workspaces/logs", "workspaces/none"), body: searchBody, status: 404, code: "ParentResourceNotFound", at: search},
		{name: "search that is there", path: search, body: searchBody, prepare: func(a *azure) { a.ok(search, searchBody) }, status: 409, code: "Conflict", message: "etag", accepted: with(searchBody, `"Top"`, `"Top","etag":"*"`)},
	})
}

func TestASavedSearchIsWrittenOverWithAnEtag(t *testing.T) {
	a := world(t)
	a.ok(search, searchBody)
	a.ok(search, with(searchBody, `"Top"`, `"Top","etag":"*"`))
	a.ok(search, with(searchBody, `"Top"`, `"Top","etag":`+quoted(text(a.get(search), "etag"))))
	require.Empty(t, text(a.get(search), "properties", "etag"))
}

func quoted(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(out)
}
