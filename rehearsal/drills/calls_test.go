package drills

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/dataplane"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/stacks"
)

func TestACallIsMadeAsClientsMakeIt(t *testing.T) {
	for name, c := range map[string]struct {
		a       ask
		address string
		headers map[string]string
		body    string
	}{
		"dated, with a key": {ask{surface: dated, deployment: "gpt", key: "k"},
			"https://gw/openai/deployments/gpt/chat/completions?api-version=2024-10-21", map[string]string{"api-key": "k", "Authorization": ""},
			`{"messages":[{"role":"user","content":"hello"}]}`},
		"v1, with a token": {ask{surface: v1, deployment: "gpt", token: "t", prompt: "Hi"},
			"https://gw/openai/v1/chat/completions", map[string]string{"api-key": "", "Authorization": "Bearer t"},
			`{"model":"gpt","messages":[{"role":"user","content":"Hi"}]}`},
		"a key in the query": {ask{surface: v1, deployment: "gpt", key: "k", keyInQuery: true},
			"https://gw/openai/v1/chat/completions?api-key=k", map[string]string{"api-key": ""},
			`{"model":"gpt","messages":[{"role":"user","content":"hello"}]}`},
		"an embedding on a path of its own": {ask{base: "confidential", surface: dated, deployment: "embed", embed: true, maxTokens: 5},
			"https://gw/confidential/openai/deployments/embed/embeddings?api-version=2024-10-21", nil, `{"input":"hello"}`},
		"streamed, with a system message and a size": {ask{surface: v1, deployment: "gpt", stream: true, system: "Be short.", maxTokens: 7},
			"https://gw/openai/v1/chat/completions", nil,
			`{"model":"gpt","stream":true,"max_completion_tokens":7,"messages":[{"role":"system","content":"Be short."},{"role":"user","content":"hello"}]}`},
		"a response": {ask{surface: v1, deployment: "gpt", respond: true}, "https://gw/openai/v1/responses", nil,
			`{"model":"gpt","messages":[{"role":"user","content":"hello"}]}`},
	} {
		r, err := c.a.request(t.Context(), "https://gw")
		require.NoError(t, err, name)
		assert.Equal(t, http.MethodPost, r.Method, name)
		assert.Equal(t, c.address, r.URL.String(), name)
		for header, want := range c.headers {
			assert.Equal(t, want, r.Header.Get(header), "%s: %s", name, header)
		}
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err, name)
		assert.JSONEq(t, c.body, string(body), name)
	}
}

// opened is a sandbox of the small environment.
func opened(t *testing.T, options ...deployed.Option) *sandbox {
	t.Helper()
	g, err := siteOf(t, deployed.New(t, options...)).open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	return g
}

func TestCallersHaveWhatTheirProductTakes(t *testing.T) {
	g := opened(t)
	callers, err := g.callers()
	require.NoError(t, err)
	require.Len(t, callers, 3)
	for i, c := range callers {
		product := g.site.Settings.Products[i]
		assert.Equal(t, product.Name, c.product.Name)
		assert.Equal(t, product.Authentication.TakesKeys(), c.key != "", "%s: key", product.Name)
		assert.Equal(t, product.Authentication.TakesTokens(), c.token != "", "%s: token", product.Name)
		assert.Equal(t, "gpt-4o", c.deployment, "the first deployment for chat")
		assert.False(t, c.embed)
	}
	embedding, err := g.callerOf("embed")
	require.NoError(t, err)
	assert.True(t, embedding.embed)
	_, err = g.callerOf("nowhere")
	assert.EqualError(t, err, "no product has deployment nowhere")
	_, err = g.teamKey("legal", "standard")
	assert.EqualError(t, err, "team legal has no subscription on product standard")
	_, err = g.teamKey("", "nowhere")
	assert.EqualError(t, err, "no team has a subscription on product nowhere")
}

func TestASandboxChangesNothingOfTheStack(t *testing.T) {
	d := deployed.New(t)
	site := siteOf(t, d)
	before := len(d.Resources(""))
	g, err := site.open(t.Context(), func(g *sandbox) error {
		return g.edit(func(kind, _ string, _ map[string]any) bool { return kind == "microsoft.insights/diagnosticsettings" })
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	assert.Empty(t, g.arm.Resources("Microsoft.Insights/diagnosticSettings"))
	assert.Len(t, d.Resources(""), before)
	_, err = g.subscribe("one-more", "/products/standard")
	require.NoError(t, err)
	_, there := d.Get(d.Service + "/subscriptions/one-more")
	assert.False(t, there)
	_, err = site.open(t.Context(), func(*sandbox) error { return assert.AnError })
	assert.ErrorIs(t, err, assert.AnError, "a sandbox that cannot be prepared is not opened")
}

func TestWhatIsDoneByHandSaysWhatAzureAnswered(t *testing.T) {
	d := deployed.New(t)
	_, err := byHand(d.Server, http.MethodPut, d.Service+"/namedValues/a", apiVersion, map[string]any{"properties": map[string]any{}})
	assert.ErrorContains(t, err, "PUT "+d.Service+"/namedValues/a: status 400")
	_, err = byHand(d.Server, http.MethodGet, d.Service+"/namedValues/nowhere", apiVersion, nil)
	assert.ErrorContains(t, err, "status 404")
	_, err = byHand(d.Server, http.MethodPut, d.Service, apiVersion, map[string]any{"x": func() {}})
	assert.Error(t, err, "a body that cannot be JSON")
	out, err := byHand(d.Server, http.MethodGet, d.Service+"?x=1", apiVersion, nil)
	require.NoError(t, err)
	assert.NotEmpty(t, out["id"])
}

func TestTheKnownTrafficHasEveryFormOfEveryPayer(t *testing.T) {
	g := opened(t)
	visits, err := g.plan()
	require.NoError(t, err)
	forms := map[string]map[string]bool{}
	addresses := map[string]string{}
	for _, v := range visits {
		payer := v.team + "/" + v.product.Name
		if forms[payer] == nil {
			forms[payer] = map[string]bool{}
		}
		forms[payer][v.form.name] = true
		addresses[payer] = v.address
		assert.Equal(t, private(v.product), strings.Contains(v.ask.prompt, privateText), v.who())
		assert.Equal(t, !private(v.product), strings.Contains(v.ask.prompt, loggedText), v.who())
		assert.Equal(t, v.team != "", v.subscription != "", v.who())
	}
	for payer, seen := range forms {
		for _, form := range chatForms() {
			assert.True(t, seen[form.name], "%s makes no call %q", payer, form.name)
		}
		if !strings.HasSuffix(payer, "/confidential") && !strings.HasSuffix(payer, "/assistants") { // which have no embeddings
			assert.True(t, seen["embedding"], payer)
		}
	}
	assert.Len(t, forms, 4, "two teams on standard, one on confidential, and people with a token")
	different := map[string]bool{}
	for _, address := range addresses {
		different[address] = true
	}
	assert.Len(t, different, len(addresses), "every payer calls from an address of its own")
}

func TestACallThatIsNotAnsweredAsPlannedEndsTheTraffic(t *testing.T) {
	g := opened(t)
	visits, err := g.plan()
	require.NoError(t, err)
	store := logs.New(dataplane.LogOptions(g.arm, g.site.SubscriptionID))
	v := visits[0]
	v.form.status = 418
	assert.ErrorContains(t, g.visit(t.Context(), v, store), `the call "plain" of team search on product standard was answered 200, where 418 was to be expected`)
	v.form.status, v.form.least = 200, 1<<20
	assert.ErrorContains(t, g.visit(t.Context(), v, store), "was to be answered with 1048576 bytes, and got ")
}

// event is one of the export to an Event Hub.
func event(t *testing.T, x exported) dataplane.HubEvent {
	t.Helper()
	text, err := json.Marshal(x)
	require.NoError(t, err)
	return dataplane.HubEvent{Hub: "hub", Event: apim.Event{Body: string(text)}}
}

func TestExportedTextIsPutTogetherFromAllItsPieces(t *testing.T) {
	whole := []dataplane.HubEvent{
		event(t, exported{CorrelationID: "c", Part: "prompt", Text: "b", Piece: 2, Pieces: 2}),
		event(t, exported{CorrelationID: "c", Part: "answer", Text: "yes", Piece: 1, Pieces: 1}),
		event(t, exported{CorrelationID: "c", Part: "prompt", Text: "a", Piece: 1, Pieces: 2}),
	}
	texts, err := (&evidence{events: whole}).parts()
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"c/prompt": "ab", "c/answer": "yes"}, texts)
	_, err = (&evidence{events: whole[:2]}).parts()
	assert.EqualError(t, err, "1 of the 2 pieces of c/prompt are in the Event Hub")
	_, err = (&evidence{events: []dataplane.HubEvent{{Hub: "events", Event: apim.Event{Body: `{"CorrelationID":`}}}}).parts()
	assert.ErrorContains(t, err, "an event in hub events is not whole")
}

func TestExportedTextIsComparedWithTheTraffic(t *testing.T) {
	site := siteOf(t, deployed.New(t, deployed.With(exporting)))
	made := func(id string) *visit {
		v := &visit{id: id, form: form{name: "plain", status: 200}, team: "search", answer: answer{status: 200, body: "yes"}}
		v.product, v.ask.prompt = site.Settings.Products[0], "Hi"
		return v
	}
	prompt := `{"messages":[{"role":"user","content":"Hi"}]}`
	for name, c := range map[string]struct {
		prompt, answer string
		says           string
	}{
		"whole":             {prompt, "yes", ""},
		"another prompt":    {`{"input":"Ho"}`, "yes", `the prompt of the call "plain" of team search on product standard is in the Event Hub as "Ho" instead of "Hi"`},
		"another answer":    {prompt, "no", `is in the Event Hub as "no" instead of "yes"`},
		"no answer":         {prompt, "", `the answer of the call "plain" of team search on product standard is not in the Event Hub`},
		"neither":           {"", "", `the prompt of the call "plain" of team search on product standard is not in the Event Hub`},
		"a prompt of words": {"Ho", "yes", `as "Ho" instead of "Hi"`},
	} {
		var events []dataplane.HubEvent
		for part, text := range map[string]string{"prompt": c.prompt, "answer": c.answer} {
			if text != "" {
				events = append(events, event(t, exported{CorrelationID: "c", Part: part, Text: text, Piece: 1, Pieces: 1}))
			}
		}
		f := &findings{}
		found := tryExported(site, &asking{evidence: &evidence{events: events, visits: []*visit{made("c")}}}, f)
		if c.says == "" {
			assert.Empty(t, f.all(), name)
			assert.Equal(t, 1, found, name)
			continue
		}
		assert.Contains(t, joined(f.all()), c.says, name)
		assert.Zero(t, found, name)
	}
}

func TestARowIsComparedWithItsCall(t *testing.T) {
	d := deployed.New(t)
	site := siteOf(t, d)
	v := &visit{id: "c", team: "search", subscription: "search-standard", address: "203.0.113.1", model: "gpt-4o-2024-11-20",
		completion: "yes", prompted: 5, answered: 2, form: form{name: "plain", status: 200}}
	v.product, v.key, v.ask.prompt, v.system = site.Settings.Products[0], "k", "Hi", "Be short."
	row := func(change func(map[string]any)) map[string]any {
		r := map[string]any{
			"PromptTokens": 5.0, "CompletionTokens": 2.0, "ProductId": "standard", "Subscription": "search-standard", "CallerIpAddress": "203.0.113.1",
			"Model": "gpt-4o-2024-11-20", "Prompt": "Be short.\nHi", "Completion": "yes",
		}
		if change != nil {
			change(r)
		}
		return r
	}
	assert.Empty(t, v.inLog(site, row(nil)))
	for column, says := range map[string]string{
		"PromptTokens": "prompt tokens", "CompletionTokens": "completion tokens", "ProductId": "product", "Subscription": "subscription",
		"CallerIpAddress": "source address", "Model": "model", "Prompt": "prompt", "Completion": "answer",
	} {
		wrong := v.inLog(site, row(func(r map[string]any) { r[column] = "other" }))
		require.Len(t, wrong, 1, column)
		assert.True(t, strings.HasPrefix(wrong[0], says+` "other" instead of `), wrong[0])
	}
	site.Settings.Logging.ClientIP, site.Settings.Logging.Messages = false, false
	assert.Empty(t, v.inLog(site, row(func(r map[string]any) { r["CallerIpAddress"], r["Prompt"], r["Completion"] = "", "", "" })))
	v.key = "" // a call with a token has no subscription, and so no product in the log
	v.subscription = ""
	assert.Empty(t, v.inLog(site, row(func(r map[string]any) { r["CallerIpAddress"], r["ProductId"], r["Subscription"] = "", "", "" })))
}

func TestCellsOfQueriesAreNumbersOrNothing(t *testing.T) {
	row := map[string]any{"float": 12.0, "text": "34", "fraction": "0.5", "empty": nil, "word": "many"}
	assert.Equal(t, []int{12, 34, 0, 0}, []int{whole(row, "float"), whole(row, "text"), whole(row, "empty"), whole(row, "nowhere")})
	assert.InDelta(t, 0.5, fraction(row, "fraction"), 0)
	assert.InDelta(t, 12, fraction(row, "float"), 0)
	assert.Zero(t, whole(row, "word"))
}

func TestLossesSayWhatCallersSeeAndWhatBreakersNotice(t *testing.T) {
	seen := map[string]loss{}
	for _, l := range losses() {
		assert.NotContains(t, seen, l.name)
		seen[l.name] = l
	}
	assert.Len(t, seen, 17)
	for name, want := range map[string]struct {
		all    int
		breaks bool
	}{
		"status 401": {502, true}, "status 403": {502, true}, "status 408": {503, false}, "status 429": {429, true}, "status 500": {503, false},
		"status 503": {503, true}, "deployment missing": {404, false}, "status 409 with Retry-After": {409, false},
		string(accounts.FaultReset): {503, false}, string(accounts.FaultTimeout): {503, false},
	} {
		assert.Equal(t, want.all, seen[name].all, name)
		assert.Equal(t, want.breaks, seen[name].breaks, name)
	}
	assert.Empty(t, dialless(accounts.Fault{Kind: accounts.FaultRefused}, "gpt-4o"), "without a connection no deployment is known")
	assert.Equal(t, "gpt-4o", dialless(accounts.Fault{Kind: accounts.FaultStatus, Status: 500}, "gpt-4o"))
}

func TestAnAlertsNameAndReceiversAreReadFromTheRule(t *testing.T) {
	for physical, want := range map[string]string{
		"aoai-dev-alert-server-errors-x1": "server-errors", "aoai-dev-alert-quota-x1": "quota", "something": "something", "aoai-alert-": "aoai-alert-",
	} {
		assert.Equal(t, want, alertName(physical))
	}
	d := withAlerts(t)
	trial := &alertTrial{findings: &findings{}, site: siteOf(t, d)}
	group := d.ID("ActionGroup", "alerts")
	for name, c := range map[string]struct {
		rule map[string]any
		want []string
	}{
		"a query's":        {map[string]any{"actions": map[string]any{"actionGroups": []any{strings.ToUpper(group)}}}, []string{"a@example.com"}},
		"a metric's":       {map[string]any{"actions": []any{map[string]any{"actionGroupId": group}}}, []string{"a@example.com"}},
		"nobody's":         {map[string]any{}, nil},
		"of another group": {map[string]any{"actions": []any{map[string]any{"actionGroupId": group + "x"}}}, nil},
	} {
		assert.Equal(t, c.want, trial.reached(c.rule), name)
	}
	assert.Equal(t, "nobody", people(nil))
	d.Change(group, func(p map[string]any) { p["enabled"] = false })
	assert.Empty(t, trial.reached(map[string]any{"actions": []any{map[string]any{"actionGroupId": group}}}), "a group that is switched off reaches nobody")
}

func TestAnAlertIsExpectedOrNot(t *testing.T) {
	trial := &alertTrial{findings: &findings{}, rules: []alertRule{{name: "quota"}, {name: "throttling"}}}
	fired := map[string][]logs.Fired{"quota": {{Dimensions: []string{"search"}, Value: 81}}}
	assert.Len(t, trial.expect("above", fired, []string{"quota"}), 1)
	assert.Empty(t, trial.all())
	trial.expect("below", fired, nil)
	trial.expect("full", nil, []string{"throttling"})
	trial.expect("gone", nil, []string{"quota-gone"})
	require.Len(t, trial.all(), 3)
	assert.Contains(t, trial.all()[0], "below: rule quota fired (")
	assert.Equal(t, "full: rule throttling did not fire", trial.all()[1])
	assert.Equal(t, "gone: there is no rule quota-gone", trial.all()[2])
}

func TestADrillWithoutAlertsSaysThatNobodyIsTold(t *testing.T) {
	measured, failures := tried[AlertsMeasured](t, alerts(), &Env{Site: siteOf(t, deployed.New(t))})
	assert.Empty(t, failures)
	assert.Equal(t, "the settings name nobody", measured.NotTried["alerts"])
	d := withAlerts(t)
	for _, kind := range []string{queryRuleType, metricRuleType} {
		for _, r := range d.Resources(kind) {
			d.Delete(r.ID)
		}
	}
	assert.Equal(t, []string{"the drill could not be carried out: no alert rule is deployed"}, failuresOf(t, "alerts", &Env{Site: siteOf(t, d)}))
}

func TestLimitsThatAreTooLargeAreSaidNotToBeTried(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	p := site.Settings.Products[0]
	p.RequestsPerMinute, p.TokensPerMinute = 10_000, 2_000_000
	p.TokenQuota = stacks.TokenQuota{Tokens: 900_000_000, Period: "Monthly"}
	site.Settings.Products, site.Settings.Teams = []stacks.Product{p}, site.Settings.Teams[:1]
	trial := &throttleTrial{findings: &findings{}, site: site, ThrottleMeasured: ThrottleMeasured{Products: map[string]*LimitsMeasured{p.Name: {}}}}
	for _, try := range []func(context.Context, stacks.Product) error{trial.requests, trial.abandoned, trial.tokens, trial.quota} {
		require.NoError(t, try(t.Context(), p))
	}
	require.NoError(t, trial.neighbours(t.Context()))
	for _, limit := range []string{"requestsPerMinute", "abandonedPerMinute", "tokensPerMinute", "quota"} {
		assert.Contains(t, joined(trial.NotTried), "standard."+limit+": it takes too many", limit)
	}
	assert.Contains(t, trial.NotTried, "neighbours: no product has two teams")
	assert.Nil(t, trial.Neighbours)
	assert.Equal(t, &LimitsMeasured{}, trial.Products["standard"], "nothing was used up")
	assert.Empty(t, trial.all())
}

func TestTheClockOfAnAccountWaitsAsTheDrillWants(t *testing.T) {
	g := opened(t)
	waited := 0
	c := &markedClock{g.clock, 7 * time.Second, func(context.Context) error { waited++; return nil }}
	require.NoError(t, c.Sleep(t.Context(), 7*time.Second))
	assert.Equal(t, 1, waited)
	before := g.clock.Now()
	g.clock.AutoAdvance(true)
	require.NoError(t, c.Sleep(t.Context(), 3*time.Second))
	assert.Equal(t, 1, waited, "other waits are the modelled clock's")
	assert.Equal(t, 3*time.Second, g.clock.Now().Sub(before))
}
