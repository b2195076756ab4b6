package drills

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

// losing is a trial of failover on what was deployed, with a caller of gpt-4o and its pool.
func losing(t *testing.T, site *Site, prepare ...func(*sandbox) error) (*failoverTrial, caller, stacks.Pool) {
	t.Helper()
	g, err := site.open(t.Context(), prepare...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	c, err := g.callerOf("gpt-4o")
	require.NoError(t, err)
	return &failoverTrial{sandbox: g, findings: &findings{}, FailoverMeasured: FailoverMeasured{ExtraAttempts: map[string]int{}, Regions: map[string]*report.RegionLost{}}},
		c, poolOf(site.Settings, "gpt-4o")
}

// lossOf is a way to lose a region.
func lossOf(t *testing.T, name string) loss {
	t.Helper()
	all := losses()
	i := slices.IndexFunc(all, func(l loss) bool { return l.name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return all[i]
}

// loseRegion loses one region, loseEvery all of them, in one way.
func loseRegion(name string) func(*testing.T, *failoverTrial, caller, stacks.Pool) error {
	return func(t *testing.T, f *failoverTrial, c caller, pool stacks.Pool) error {
		return f.loseOne(t.Context(), c, pool, lossOf(t, name), "swedencentral")
	}
}

func loseEvery(name string) func(*testing.T, *failoverTrial, caller, stacks.Pool) error {
	return func(t *testing.T, f *failoverTrial, c caller, pool stacks.Pool) error {
		return f.loseAll(t.Context(), c, pool, lossOf(t, name))
	}
}

func cutOff(t *testing.T, f *failoverTrial, _ caller, _ stacks.Pool) error {
	t.Helper()
	return f.cutStream(t.Context())
}

func silenced(t *testing.T, f *failoverTrial, c caller, pool stacks.Pool) error {
	t.Helper()
	_, err := f.silenceOne(t.Context(), c.ask, pool, "swedencentral")
	return err
}

func TestALossThatCallersNoticeIsReported(t *testing.T) {
	// A breaker that opens only after many failures is as good as none.
	patient := brokenBreakers(func(rule map[string]any) { rule["failureCondition"].(map[string]any)["count"] = 100 })
	fewer := func(s *deployed.Site) { s.Settings.Gateway.Failover.MaxAttempts = 1 }
	for name, c := range map[string]struct {
		try     func(*testing.T, *failoverTrial, caller, stacks.Pool) error
		options []deployed.Option
		then    func(*deployed.Site)
		says    string
	}{
		"a region that is lost":       {loseRegion("status 503"), nil, nil, ""},
		"a region that does not dial": {loseRegion(string(accounts.FaultRefused)), nil, nil, ""},
		"every region":                {loseEvery("status 429"), nil, nil, ""},
		"a stream that breaks off":    {cutOff, nil, nil, ""},
		"a silent region":             {silenced, nil, nil, ""},
		"a breaker that is patient": {loseRegion("status 503"), []deployed.Option{replaced("failover", `fault == "down" && context.Response.StatusCode <= 500`, `fault == "down"`)}, patient,
			"swedencentral lost (status 503): the second call to gpt-4o was offered to the lost region again (2 attempts): its breaker did not open"},
		"more attempts than the settings allow": {loseRegion("status 500"), nil, fewer,
			"swedencentral lost (status 500): a call to gpt-4o was offered 2 times, more than failover.maxAttempts"},
		"a refusal of accounts that is passed on": {loseEvery("status 403"), []deployed.Option{replaced("failover", `status == 401 || status == 403`, `status == 401`)}, nil,
			"every region lost (status 403): gpt-4o answered 403 403, where 502 was promised"},
		"no account and no time to come back": {loseEvery("status 503"), []deployed.Option{replaced("answer",
			`<value>@(Math.Min(context.Variables.GetValueOrDefault<int>("retry-after", 10), int.Parse("{{retry-after-cap-seconds}}")).ToString())</value>`, `<value>soon</value>`)}, nil,
			`every region lost (status 503): gpt-4o answered 503 with Retry-After "soon", not between 1 and `},
		"a stream that is sent again": {cutOff, []deployed.Option{replaced("failover", `new [] { 408, 499,`, `new [] { 200, 408, 499,`)}, nil,
			"a stream that broke after its first events was offered 3 times: its caller reads the beginning twice"},
		"a stream that the gateway reads as a whole": {cutOff, []deployed.Option{replaced("answer", `<set-variable name="foreign" value="@(string.Concat(`,
			`<set-variable name="whole" value="@(context.Response.Body.As<string>(preserveContent: true))" /><set-variable name="foreign" value="@(string.Concat(`)}, nil,
			", which its caller takes for a whole answer"},
		"a silent region that callers wait for": {silenced, []deployed.Option{replaced("failover", `(bool)context.Variables["streamed"] ? "{{stream-seconds}}"`, `(bool)context.Variables["streamed"] ? "{{deadline-seconds}}"`)}, nil,
			"swedencentral takes connections and says nothing: gpt-4o answered "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deployed.New(t, c.options...)
			if c.then != nil {
				c.then(d)
			}
			trial, caller, pool := losing(t, siteOf(t, d), oneUnit, silent)
			require.NoError(t, c.try(t, trial, caller, pool))
			if c.says == "" {
				assert.Empty(t, trial.all())
				assert.Positive(t, trial.Calls)
				return
			}
			assert.Contains(t, joined(trial.all()), c.says)
		})
	}
}

func TestACutStreamNeedsAnAccountThatItReached(t *testing.T) {
	trial, _, _ := losing(t, siteOf(t, deployed.New(t, replaced("deployment", `(string)context.Variables["members"] == ""`, "true"))))
	assert.EqualError(t, trial.cutStream(t.Context()), "the cut stream reached no account")
	assert.Contains(t, joined(trial.all()), "a stream that broke after its first events was offered 0 times")
	trial.site.Settings.Products = nil
	assert.NoError(t, trial.cutStream(t.Context()), "nobody streams")
}

func TestALostRegionCountsItsCallsByWhoCouldAnswer(t *testing.T) {
	lost := &report.RegionLost{}
	countLost(lost, true, answer{status: http.StatusOK})
	countLost(lost, true, answer{status: http.StatusServiceUnavailable})
	countLost(lost, false, answer{status: http.StatusOK})
	countLost(lost, false, answer{status: http.StatusServiceUnavailable})
	assert.Equal(t, &report.RegionLost{Calls: 2, Answered: 1, Alone: 2}, lost)
}

func TestAGatewayHasAUnitAtLeast(t *testing.T) {
	trial := &failoverTrial{sandbox: &sandbox{site: &Site{}}}
	assert.Equal(t, 1, trial.units())
	trial.site.Settings.Gateway.Units = 3
	assert.Equal(t, 3, trial.units())
}

func TestASilentAccountWaitsUntilItsCallerGivesUp(t *testing.T) {
	g := opened(t)
	require.NoError(t, silent(g))
	ctx, cancel := context.WithCancel(t.Context())
	before := g.clock.Now()
	cancel()
	assert.ErrorIs(t, g.time.Sleep(ctx, silence), context.Canceled)
	assert.Equal(t, before, g.clock.Now(), "nobody waits any more")
}
