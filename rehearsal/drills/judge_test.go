package drills

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/apim"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/rehearsal/clients"
	"enterprise-openai/stacks"
)

// sentence is an answer of as many tokens as the clients' drill asks for.
func sentence(t *testing.T) string {
	t.Helper()
	text := ""
	for accounts.CountTokens("gpt-4o", text) < clientTokens {
		text += " river"
	}
	require.Equal(t, clientTokens, accounts.CountTokens("gpt-4o", text))
	return text
}

func TestEveryKindOfCallOfALibraryIsJudged(t *testing.T) {
	whole := sentence(t)
	refusal := expectation{Call: clients.Call{Kind: "plain"}, status: 401, text: "invalid subscription key"}
	of := func(kind string) expectation { return expectation{Call: clients.Call{Kind: kind}} }
	for name, c := range map[string]struct {
		e    expectation
		a    clients.Answer
		says string
	}{
		"a whole answer":               {of("plain"), clients.Answer{Text: whole}, ""},
		"an answer that is cut":        {of("plain"), clients.Answer{Text: "river"}, "the answer has 1 tokens, not the 24 that the account sent"},
		"a stream in pieces":           {of("stream"), clients.Answer{Text: whole, Size: 3}, ""},
		"a stream in one piece":        {of("stream"), clients.Answer{Text: whole, Size: 1}, "the stream came in one piece"},
		"an embedding":                 {of("embedding"), clients.Answer{Size: 1536}, ""},
		"an empty embedding":           {of("embedding"), clients.Answer{}, "the embedding is empty"},
		"a value of the schema":        {of("parse"), clients.Answer{Text: `{"name":"Rhine","kind":"river"}`}, ""},
		"a value of another kind":      {of("parse"), clients.Answer{Text: `{"name":"Rhine","kind":"sea"}`}, "is not what its schema says"},
		"a value without a name":       {of("parse"), clients.Answer{Text: `{"kind":"river"}`}, "is not what its schema says"},
		"no value at all":              {of("parse"), clients.Answer{Text: `Rhine`}, "is not what its schema says: invalid character"},
		"a tool that is called":        {of("tools"), clients.Answer{Text: whole, Size: 1}, ""},
		"no tool":                      {of("tools"), clients.Answer{Text: whole}, "0 tools were called, not the one that is required"},
		"a response that goes on":      {of("response"), clients.Answer{Text: whole, Size: 2}, ""},
		"a response without a past":    {of("response"), clients.Answer{Text: whole, Size: 1}, "the second response does not count the first as its prompt"},
		"a failure":                    {of("plain"), clients.Answer{Status: 500, Error: "no"}, "failed with 500: no"},
		"a refusal with its reason":    {refusal, clients.Answer{Status: 401, Error: "Access denied: invalid subscription key."}, ""},
		"a refusal that did not come":  {refusal, clients.Answer{Text: whole}, "it worked, where a refusal with 401 was promised"},
		"a refusal of another kind":    {refusal, clients.Answer{Status: 403, Error: "no"}, "it was refused with 403, not 401: no"},
		"a refusal without its reason": {refusal, clients.Answer{Status: 401, Error: "no"}, `its error does not contain the reason "invalid subscription key": no`},
	} {
		got := c.e.judge(c.a)
		if c.says == "" {
			assert.Empty(t, got, name)
			continue
		}
		assert.Contains(t, got, c.says, name)
	}
}

func TestACallOfALibraryIsNamedByWhatItHas(t *testing.T) {
	for want, call := range map[string]clients.Call{
		"a key": {Key: "k"}, "a token": {Token: "t"}, "a key and a token": {Key: "k", Token: "t"},
	} {
		assert.Equal(t, want, expectation{Call: call}.with())
	}
}

func TestOverloadIsJudgedByShareFailuresAndRefusals(t *testing.T) {
	l := &load{capacity: 1000}
	for name, c := range map[string]struct {
		o    outcome
		want []string
	}{
		"all of it":             {outcome{served: 1000}, nil},
		"the least":             {outcome{served: 950}, nil},
		"too little":            {outcome{served: 949}, []string{"949 of 1000 tokens were served: 94.9 %, where 95 % were promised"}},
		"a failure":             {outcome{served: 1000, other: map[string]int{"503": 2}}, []string{"2 calls were answered 503 although accounts were merely busy"}},
		"refusals without when": {outcome{served: 1000, untold: 3}, []string{"3 refusals did not say when to come back"}},
	} {
		f := &findings{}
		l.judge(f, c.o)
		assert.Equal(t, c.want, f.all(), name)
	}
}

func TestAnswersUnderOverloadAreCountedByWhatTheySay(t *testing.T) {
	o := outcome{other: map[string]int{}}
	header := func(after string) http.Header { return http.Header{"Retry-After": {after}} }
	for _, a := range []answer{
		{status: 200}, {status: 200}, {status: 429, header: header("7")}, {status: 429, header: header("0")}, {status: 429}, {status: 503}, {status: -1},
	} {
		o.count(a, 50)
	}
	assert.Equal(t, outcome{answered: 2, served: 100, refused: 3, untold: 2, other: map[string]int{"503": 1, "a cut connection": 1}}, o)
}

func TestTheWidestPoolHasTheMostRegions(t *testing.T) {
	s := deployed.New(t).Settings
	pool, ok := widestPool(s)
	require.True(t, ok)
	assert.Equal(t, "gpt-4o", pool.Deployment)
	assert.Len(t, poolRegions(pool), 2)
	s.Products = nil
	_, ok = widestPool(s)
	assert.False(t, ok, "nobody could call it")
}

func TestQueriesAreComparedWithTheTraffic(t *testing.T) {
	q := question{"calls", []string{"Team"}, []string{"Calls", "Tokens"}, func(v *visit) ([]string, []int) {
		return about(v.served(), v.team), []int{1, v.prompted}
	}}
	visits := []*visit{
		{team: "search", form: form{status: 200}, prompted: 5}, {team: "search", form: form{status: 200}, prompted: 6},
		{team: "support", form: form{status: 200}, prompted: 7}, {team: "support", form: form{status: 429}, prompted: 100},
	}
	row := func(team string, calls, tokens float64) map[string]any {
		return map[string]any{"Team": team, "Calls": calls, "Tokens": tokens}
	}
	for name, c := range map[string]struct {
		rows []map[string]any
		want []string
	}{
		"the same":                     {[]map[string]any{row("search", 2, 11), row("support", 1, 7)}, nil},
		"the same in several rows":     {[]map[string]any{row("search", 1, 5), row("search", 1, 6), row("support", 1, 7)}, nil},
		"a team more without a number": {[]map[string]any{row("search", 2, 11), row("support", 1, 7), row("nobody", 0, 0)}, nil},
		"one token less":               {[]map[string]any{row("search", 2, 10), row("support", 1, 7)}, []string{"calls: Calls, Tokens of search are 2 10, where the traffic had 2 11"}},
		"a team that is missing":       {[]map[string]any{row("search", 2, 11)}, []string{"calls: Calls, Tokens of support are nowhere, where the traffic had 1 7"}},
		"a team that has no name":      {[]map[string]any{row("search", 2, 11), row("support", 1, 7), row("", 1, 1)}, []string{`calls: Calls, Tokens of "" are 1 1, where the traffic had nowhere`}},
		"more than two differences": {[]map[string]any{row("a", 1, 1), row("b", 1, 1), row("c", 1, 1), row("search", 2, 11), row("support", 1, 7)},
			[]string{"calls: Calls, Tokens of a are 1 1, where the traffic had nowhere", "calls: Calls, Tokens of b are 1 1, where the traffic had nowhere", "calls: 1 more differences"}},
	} {
		f := &findings{}
		q.compare(c.rows, visits, f)
		assert.Equal(t, c.want, f.all(), name)
	}
}

func TestAMetricRuleCountsTheCallsOfItsWindow(t *testing.T) {
	rule, err := readMetricRule(map[string]any{"windowSize": "PT5M", "criteria": map[string]any{"allOf": []any{map[string]any{
		"metricName": "Requests", "threshold": 2.0,
		"dimensions": []any{map[string]any{"name": "GatewayResponseCodeCategory", "values": []any{"5xx"}}},
	}}}})
	require.NoError(t, err)
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	call := func(before time.Duration, status int) *apim.CallRecord {
		return &apim.CallRecord{Time: now.Add(-before), ResponseCode: status}
	}
	assert.Empty(t, rule.evaluate([]*apim.CallRecord{call(time.Minute, 503), call(time.Minute, 429), call(6*time.Minute, 503)}, now))
	fired := rule.evaluate([]*apim.CallRecord{call(time.Minute, 503), call(2*time.Minute, 500)}, now)
	require.Len(t, fired, 1)
	assert.InDelta(t, 2, fired[0].Value, 0)
	rule.metric = "Capacity"
	assert.Empty(t, rule.evaluate([]*apim.CallRecord{call(time.Minute, 503), call(2*time.Minute, 500)}, now), "the embedded gateway has no load")

	_, err = readMetricRule(map[string]any{"windowSize": "PT5M", "criteria": map[string]any{"allOf": []any{}}})
	assert.EqualError(t, err, "0 criteria")
	_, err = readMetricRule(map[string]any{"windowSize": "soon", "criteria": map[string]any{"allOf": []any{map[string]any{}}}})
	assert.Error(t, err)
}

func TestWhatTrafficCostsFollowsFromItsModelAndType(t *testing.T) {
	d := deployed.New(t)
	site := siteOf(t, d)
	call := func(deployment, sku string) *visit {
		v := &visit{form: form{status: 200}, sku: sku, prompted: 1000, answered: 1000}
		v.deployment = deployment
		return v
	}
	standard, err := site.bill([]*visit{call("gpt-4o", "Standard")})
	require.NoError(t, err)
	assert.Positive(t, standard.cost)
	twice, err := site.bill([]*visit{call("gpt-4o", "Standard"), call("gpt-4o", "Standard")})
	require.NoError(t, err)
	assert.InDelta(t, 2*standard.cost, twice.cost, roundings)
	hourly, err := site.bill([]*visit{call("gpt-4o", "ProvisionedManaged")})
	require.NoError(t, err)
	assert.Equal(t, bill{byHour: 2000}, hourly)
	unknown, err := site.bill([]*visit{call("gpt-4o", "NoSuchType")})
	require.NoError(t, err)
	assert.Equal(t, bill{unpriced: 2000}, unknown)
	refused := call("gpt-4o", "Standard")
	refused.form.status = 429
	nothing, err := site.bill([]*visit{refused})
	require.NoError(t, err)
	assert.Equal(t, bill{}, nothing)
}

func TestAnswersAreReadStreamedOrNot(t *testing.T) {
	for name, body := range map[string]string{
		"whole":    `{"model":"gpt-4o-2024-11-20","choices":[{"message":{"content":"two words"}}]}`,
		"streamed": "data: {\"model\":\"gpt-4o-2024-11-20\",\"choices\":[{\"delta\":{\"content\":\"two \"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"words\"}}]}\n\ndata: [DONE]\n\n",
	} {
		completion, model := answer{body: body}.read()
		assert.Equal(t, "two words", completion, name)
		assert.Equal(t, "gpt-4o-2024-11-20", model, name)
	}
	completion, model := answer{body: "not found"}.read()
	assert.Empty(t, completion+model)
}

func TestThePromiseOfAccessFollowsFromTheSettingsAlone(t *testing.T) {
	s := deployed.New(t).Settings
	byName := map[string]stacks.Product{}
	for _, p := range s.Products {
		byName[p.Name] = p
	}
	standard, assistants := byName["standard"], byName["assistants"]
	require.NotEmpty(t, standard.Name)
	require.NotEmpty(t, assistants.Name)
	key := badge{value: "k", product: "standard", valid: true}
	member := badge{value: "t", product: "assistants", valid: true}
	call := func(p stacks.Product, deployment string) ask { return ask{base: s.BasePath(p), deployment: deployment} }
	for name, c := range map[string]struct {
		a          ask
		key, token badge
		want       int
	}{
		"a key of the product":               {call(standard, standard.Deployments[0]), key, badge{}, 200},
		"a deployment that does not exist":   {call(standard, "no-such-deployment"), key, badge{}, 404},
		"a key that proves nothing":          {call(standard, standard.Deployments[0]), badge{value: "x"}, badge{}, 401},
		"nothing at all":                     {call(standard, standard.Deployments[0]), badge{}, badge{}, 401},
		"a member's token alone":             {call(assistants, assistants.Deployments[0]), badge{}, member, 200},
		"the token of somebody in no group":  {call(assistants, assistants.Deployments[0]), badge{}, badge{value: "t", valid: true}, 403},
		"an invented key and a good token":   {call(assistants, assistants.Deployments[0]), badge{value: "x"}, member, 401},
		"a token that proves nothing":        {call(assistants, assistants.Deployments[0]), badge{}, badge{value: "t"}, 401},
		"a member's token for no deployment": {call(assistants, "no-such-deployment"), badge{}, member, 404},
	} {
		assert.Equal(t, c.want, expected(s, c.a, c.key, c.token), name)
	}
}

func TestAFailureQuotesAnAnswerShortly(t *testing.T) {
	long := strings.Repeat("a", 61)
	for want, a := range map[string]answer{
		"a cut connection": {status: -1},
		"200":              {status: 200, body: `{"choices":[]}`},
		"404 NotFound":     {status: 404, body: `{"error":{"code":"NotFound","message":"No."}}`},
	} {
		assert.Equal(t, want, a.String())
	}
	assert.Equal(t, `"`+long[:60]+`"… (61 bytes)`, shown(long))
	assert.Equal(t, `"a"`, shown("a"))
}
