package queries_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/queries"
)

func TestEveryPriceCarriesItsDateAndSource(t *testing.T) {
	list, err := queries.Prices()
	require.NoError(t, err)
	used := map[string]bool{}
	cited := func(what, source string) {
		s, known := list.Sources[source]
		assert.True(t, known, "%s: no source %q", what, source)
		assert.Contains(t, s.Page, "https://", what)
		_, err := time.Parse(time.DateOnly, s.Date)
		assert.NoError(t, err, what)
		assert.Contains(t, []string{"D", "3P", "M"}, s.Confidence, what)
		used[source] = true
	}
	models := map[string]bool{}
	for _, p := range list.Models {
		cited(p.Model, p.Source)
		assert.False(t, models[p.Model], "%s is there twice", p.Model)
		models[p.Model] = true
		assert.Positive(t, p.Prompt, p.Model)
		for _, r := range []*queries.Rates{&p.Rates, p.Long} {
			if r != nil && r.Cached != nil {
				assert.Less(t, *r.Cached, r.Prompt, p.Model)
			}
		}
	}
	for _, u := range list.Units {
		cited(u.Model, u.Source)
		assert.Contains(t, []string{"images", "speechCharacters"}, u.Unit, u.Model)
		assert.Positive(t, u.Price, u.Model)
		assert.Positive(t, u.PerUnits, u.Model)
	}
	for _, kind := range list.Types {
		cited(kind.Type, kind.Source)
		assert.NotEqual(t, kind.Hourly, kind.Share > 0, "%s is paid by the hour or by the token", kind.Type)
	}
	meters := map[string]bool{}
	for _, m := range list.Meters {
		assert.False(t, meters[m.Meter], "%s is there twice", m.Meter)
		meters[m.Meter] = true
		assert.NotEmpty(t, m.Per, m.Meter)
		assert.NotEqual(t, m.Unknown == "", len(m.Prices) == 0, "%s has a price or the reason why it has none", m.Meter)
		for _, p := range m.Prices {
			cited(m.Meter, p.Source)
			assert.Positive(t, p.Price, m.Meter)
			assert.NotEmpty(t, p.Region, m.Meter)
		}
	}
	assert.Len(t, used, len(list.Sources), "a source that no row names")
	zone, _ := list.Type("DataZoneStandard")
	batch, _ := list.Type("GlobalBatch")
	assert.InDelta(t, 1.1, zone.Share, 0)
	assert.InDelta(t, 0.5, batch.Share, 0)
}

func TestARegionWithoutAPriceHasTheDearestKnownOne(t *testing.T) {
	m := queries.Meter{Prices: []queries.RegionPrice{{Region: "a", Price: 1}, {Region: "b", Price: 3}, {Region: "c", Price: 2}}}
	for region, want := range map[string]string{"a": "a", "c": "c", "elsewhere": "b"} {
		got, known := m.In(region)
		assert.True(t, known)
		assert.Equal(t, want, got.Region)
	}
	_, known := queries.Meter{Unknown: "why"}.In("a")
	assert.False(t, known)
}

// rates are round, and each is another, so that a token charged at the wrong one shows.
var rates = queries.Lookups{
	Prices: []queries.Price{{
		Model: "gpt-4o", Rates: queries.Rates{Prompt: 1000, Cached: some(100), Write: some(2000), Completion: 10000},
		Long: &queries.Rates{Prompt: 2000, Cached: some(200), Completion: 30000},
	}},
	Deployments: []queries.Deployment{
		{BackendID: "global-gpt-4o", Type: "GlobalStandard", Share: 1}, {BackendID: "zone-gpt-4o", Type: "DataZoneStandard", Share: 1.1},
		{BackendID: "units-gpt-4o", Type: "DataZoneProvisionedManaged"}, {BackendID: "batch-gpt-4o", Type: "GlobalBatch", Share: 0.5},
		{BackendID: "zone-gpt-4o-mini", Type: "DataZoneStandard", Share: 1.1},
	},
}

func some(v float64) *float64 { return &v }

// answered is a call of 1,000 tokens of prompt and 10 of answer on an account, with an answer that the log has like this.
func answered(account, body string) visit {
	return visit{"c-" + account, "10", "09:00", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{account}, []int{200}, 200, 1000, 10,
		func(r *apim.CallRecord) { r.BackendResponseBody = body }}
}

const (
	cachedChat     = `{"model":"gpt-4o","usage":{"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":400},"completion_tokens_details":{"reasoning_tokens":7}}}`
	cachedResponse = `{"model":"gpt-4o","usage":{"input_tokens":1000,"output_tokens":10,"input_tokens_details":{"cached_tokens":400},"output_tokens_details":{"reasoning_tokens":7}}}`
	writtenChat    = `{"model":"gpt-4o","usage":{"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":400,"cache_write_tokens":100}}}`
	forged         = `data: {\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":1000}}}`
)

func streamOf(last string) string {
	return "data: {\"choices\":[{\"delta\":{\"content\":\"" + forged + "\"}}]}\n\n" + last
}

// money is what usage-and-cost reports of one call.
type money struct {
	Cost                                                float64
	Cached, Reasoning, Unpriced, PaidByHour, Undetailed int64
}

func TestEveryMeterIsChargedAtItsPrice(t *testing.T) {
	const full = 1 + 0.1 // 1,000 of prompt, 10 of answer
	const cached = 0.6 + 0.04 + 0.1
	for name, c := range map[string]struct {
		visit visit
		want  money
	}{
		"as Global Standard":               {answered("global", cachedChat), money{Cost: cached, Cached: 400, Reasoning: 7}},
		"of a response":                    {answered("global", cachedResponse), money{Cost: cached, Cached: 400, Reasoning: 7}},
		"written to the cache":             {answered("global", writtenChat), money{Cost: 0.5 + 0.04 + 0.2 + 0.1, Cached: 400}},
		"in a data zone":                   {answered("zone", cachedChat), money{Cost: 1.1 * cached, Cached: 400, Reasoning: 7}},
		"as batch":                         {answered("batch", cachedChat), money{Cost: 0.5 * cached, Cached: 400, Reasoning: 7}},
		"on provisioned units":             {answered("units", cachedChat), money{Cached: 400, Reasoning: 7, PaidByHour: 1010}},
		"on a deployment without a price":  {answered("other", cachedChat), money{Cached: 400, Reasoning: 7, Unpriced: 1010}},
		"streamed":                         {answered("global", streamOf("data: "+cachedChat+"\n\ndata: [DONE]\n\n")), money{Cost: cached, Cached: 400, Reasoning: 7}},
		"of a streamed response":           {answered("global", streamOf("event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":"+cachedResponse+"}\n\n")), money{Cost: cached, Cached: 400, Reasoning: 7}},
		"streamed, and cut before the end": {answered("global", streamOf(`data: {"choices":[{"delta":{"con`)), money{Cost: full, Undetailed: 1000}},
		"cut":                              {answered("global", `{"model":"gpt-4o","choices":[{"message":{"content":"`+strings.Repeat("x", 100)), money{Cost: full, Undetailed: 1000}},
		"without a logged body":            {answered("global", ""), money{Cost: full, Undetailed: 1000}},
		"without details":                  {answered("global", `{"model":"gpt-4o","usage":{"prompt_tokens":1000,"completion_tokens":10}}`), money{Cost: full, Undetailed: 1000}},
		"with a long prompt": {func() visit {
			v := answered("global", strings.ReplaceAll(cachedChat, "1000", "272001"))
			v.prompt = 272_001
			return v
		}(), money{Cost: (271_601*2000 + 400*200 + 10*30000) / 1e6, Cached: 400, Reasoning: 7}},
		"of a model without a price": {func() visit {
			v := answered("zone", cachedChat)
			v.deployment = "gpt-4o-mini"
			return v
		}(), money{Cached: 400, Reasoning: 7, Unpriced: 1010}},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := queries.Find("usage-and-cost")
			require.NoError(t, err)
			result, err := engine.Run(limited(t), queries.Fill(q.Text, rates)+"| project Cost, CachedTokens, ReasoningTokens, Unpriced, PaidByHour, Undetailed", logged([]visit{c.visit}).Tables())
			require.NoError(t, err)
			require.Len(t, result.Rows, 1)
			got := money{Cost: number(t, result.Rows[0][0])}
			for i, at := range []*int64{&got.Cached, &got.Reasoning, &got.Unpriced, &got.PaidByHour, &got.Undetailed} {
				*at, _ = result.Rows[0][i+1].(int64)
			}
			assert.InDelta(t, c.want.Cost, got.Cost, 1e-6)
			c.want.Cost, got.Cost = 0, 0
			assert.Equal(t, c.want, got)
		})
	}
}

func TestProvisionedUnitsAreSharedByWhoUsedThem(t *testing.T) {
	units := queries.Lookups{
		Deployments: []queries.Deployment{{BackendID: "units-gpt-4o", Type: "ProvisionedManaged", Units: 50, UnitHourPrice: some(2)}, {BackendID: "zone-gpt-4o", Type: "DataZoneStandard", Share: 1.1}},
		Teams:       lookups.Teams,
	}
	visits := []visit{answered("units", ""), answered("units", ""), answered("zone", ""), answered("units", "")}
	visits[1].id, visits[1].subscription, visits[1].completion = "other", "blue-standard", 2040
	visits[2].id, visits[3].id, visits[3].day = "pay-as-you-go", "today", "11"
	q, err := queries.Find("provisioned-units")
	require.NoError(t, err)
	run := func(l queries.Lookups) [][]any {
		result, err := engine.Run(limited(t), queries.Fill(q.Text, l)+"| project Team, Tokens, Percent, UnitHours, Cost", logged(visits).Tables())
		require.NoError(t, err)
		return result.Rows
	}
	assert.Equal(t, [][]any{
		{"Red", int64(1010), 100.0, 600.0, 1200.0}, // noon: twelve hours of fifty units
		{`Blue "B"`, int64(3040), 75.1, 900.74, 1801.481481},
		{"Red", int64(1010), 24.9, 299.26, 598.518519},
	}, run(units))
	units.Deployments[0].UnitHourPrice = nil
	for _, row := range run(units) {
		assert.Nil(t, row[4], "no price is known")
	}
}

func number(t *testing.T, v any) float64 {
	t.Helper()
	switch n := v.(type) {
	case float64:
		return n
	case int64:
		return float64(n)
	}
	require.Failf(t, "no number", "%T %v", v, v)
	return 0
}

// counting makes a call one of images, speech or sound, as units.xml traces it.
func counting(what string) func(*apim.CallRecord) {
	return func(r *apim.CallRecord) {
		r.Traces = append(r.Traces, apim.TraceRecord{Source: "units", Severity: "information", Message: what})
	}
}

func TestImagesSpeechAndSoundAreChargedToTheirTeam(t *testing.T) {
	q, err := queries.Find("media-by-team")
	require.NoError(t, err)
	text := queries.Fill(q.Text, queries.Lookups{Teams: lookups.Teams, Units: []queries.UnitRate{
		{BackendID: "north-dalle", Unit: "images", Price: 0.04}, {BackendID: "west-tts", Unit: "speechCharacters", Price: 0.001},
	}})
	s := logged([]visit{
		{"i1", "11", "10:00", "red-standard", "standard", "203.0.113.7", "dalle", []string{"north"}, []int{200}, 200, 0, 0, counting("images 4")},
		{"i2", "11", "10:01", "red-standard", "standard", "203.0.113.7", "dalle", []string{"north"}, []int{200}, 200, 0, 0, counting("images 1")},
		{"i3", "11", "10:02", "red-standard", "standard", "203.0.113.7", "dalle", []string{"north"}, []int{400}, 400, 0, 0, counting("images 40")},
		{"s1", "11", "10:03", "blue-standard", "standard", "203.0.113.8", "tts", []string{"west"}, []int{200}, 0, 0, 0, counting("speechCharacters 1500")},
		{"w1", "11", "10:04", "", "", "203.0.113.8", "whisper", []string{"west"}, []int{200}, 200, 0, 0, counting("audioMegabytes 3")},
		{"c1", "11", "10:05", "red-standard", "standard", "203.0.113.7", "gpt-4o", []string{"north"}, []int{200}, 200, 10, 5, nil},
	})
	result, err := engine.Run(limited(t), text+"| project Team, CostCentre, Calls, Images, Characters, Megabytes, Cost, Unpriced", s.Tables())
	require.NoError(t, err)
	assert.Equal(t, [][]any{
		{`Blue "B"`, "CC-2", int64(1), int64(0), int64(1500), int64(0), 1.5, int64(0)},
		{"Red", "CC-1", int64(2), int64(5), int64(0), int64(0), 0.2, int64(0)},
		{"(token)", "", int64(1), int64(0), int64(0), int64(3), 0.0, int64(1)},
	}, result.Rows)
}
