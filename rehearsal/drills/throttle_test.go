package drills

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/clock"
	"enterprise-openai/stacks"
)

// limits is a trial of a deployment's limits.
func limits(site *Site) *throttleTrial {
	t := &throttleTrial{findings: &findings{}, site: site, ThrottleMeasured: ThrottleMeasured{Products: map[string]*LimitsMeasured{}}}
	for _, p := range site.Settings.Products {
		t.Products[p.Name] = &LimitsMeasured{}
	}
	return t
}

// limit is one part of the drill.
type limit func(*throttleTrial, context.Context, stacks.Product) error

func (t *throttleTrial) noise(ctx context.Context, _ stacks.Product) error { return t.neighbours(ctx) }

func TestEveryLimitThatIsAnotherThanPromisedIsReported(t *testing.T) {
	withoutRole := func(s *deployed.Site) { s.Delete(s.Role("sweden")); s.Delete(s.Role("france")) }
	for name, c := range map[string]struct {
		try     limit
		options []deployed.Option
		then    func(*deployed.Site)
		says    string
	}{
		"a wait of two minutes": {(*throttleTrial).requests, []deployed.Option{replaced("requests", `renewal-period="60"`, `renewal-period="120"`)}, nil,
			`standard: the request after the last one of a minute got Retry-After "120", not between 1 and 60 seconds`},
		"a limit on requests ten times too high": {(*throttleTrial).requests, []deployed.Option{replaced("requests", `calls="20"`, `calls="200"`)}, nil,
			"standard: the request after the last one of a minute was answered 200, where 429 was promised"},
		"a limit on requests that counts answers": {(*throttleTrial).abandoned, []deployed.Option{replaced("requests", `renewal-period="60"`, `renewal-period="60" increment-condition="@(context.Response != null && context.Response.StatusCode == 200)"`)}, nil,
			"calls of one minute whose caller had hung up, where the limit is 20"},
		"one token limit for everybody": {(*throttleTrial).noise, []deployed.Option{replaced("limits", `"tokens:" + (string)context.Variables["caller"]`, `"tokens:"`)}, nil,
			"of team support was answered 429"},
		"reservations that count answers": {(*throttleTrial).reserved, []deployed.Option{replaced("reservation", `renewal-period="60"`, `renewal-period="60" increment-condition="@(true)"`)}, nil,
			"tokens of calls of one minute that may reserve 40000"},
		"no quota": {(*throttleTrial).quota, []deployed.Option{replaced("limits", `token-quota="10000"`, `token-quota="1000000"`)}, nil,
			"a call when the quota is used up was answered 200, where 403 was promised"},
		"half of the requests": {(*throttleTrial).requests, []deployed.Option{replaced("requests", `calls="20"`, `calls="10"`)}, nil,
			"standard: request 11 of 20 per minute was answered 429 RateLimitExceeded"},
		"a refusal that outlasts its Retry-After": {(*throttleTrial).requests, []deployed.Option{replaced("refusal", "<set-header name=\"Content-Type\" exists-action=\"override\">",
			`<set-header name="Retry-After" exists-action="override"><value>1</value></set-header><set-header name="Content-Type" exists-action="override">`)}, nil,
			"standard: the request after the last one of a minute was answered 429 RateLimitExceeded after the 1 seconds of its Retry-After"},
		"a refusal without Retry-After": {(*throttleTrial).requests, []deployed.Option{replaced("requests", `retry-after-header-name="Retry-After"`, `retry-after-header-name="x-wait"`)}, nil,
			`the request after the last one of a minute got Retry-After "", not between 1 and 60 seconds`},
		"no account that is reached by calls whose caller hangs up": {(*throttleTrial).abandoned, []deployed.Option{replaced("deployment", `(string)context.Variables["members"] == ""`, "true")}, nil,
			"standard: accounts worked on 0 calls of one minute whose caller had hung up, where the limit is 20"},
		"ten times the tokens": {(*throttleTrial).tokens, []deployed.Option{replaced("limits", `tokens-per-minute="2000"`, `tokens-per-minute="20000"`)}, nil,
			"tokens were answered within a minute, where the limit is 2000 (and the one call that crosses it)"},
		"no limit on tokens": {(*throttleTrial).tokens, []deployed.Option{replaced("limits", `tokens-per-minute="2000"`, `tokens-per-minute="200000"`)}, nil,
			"standard: a call when the minute's tokens are used up was answered 200, where 429 was promised"},
		"half of the tokens": {(*throttleTrial).tokens, []deployed.Option{replaced("limits", `tokens-per-minute="2000"`, `tokens-per-minute="900"`)}, nil,
			"tokens were answered within a minute, where the limit is 2000"},
		"half of the quota": {(*throttleTrial).quota, []deployed.Option{replaced("limits", `token-quota="10000"`, `token-quota="5000"`)}, nil,
			"tokens of the quota used a call was answered 403 QuotaExceeded"},
		"a noisy team without limits": {(*throttleTrial).noise, []deployed.Option{
			deployed.Policy("limits", strings.NewReplacer(`tokens-per-minute="2000"`, `tokens-per-minute="2000000"`, `token-quota="10000"`, `token-quota="10000000"`).Replace),
			replaced("requests", `calls="20"`, `calls="2000"`), reservingNothing}, nil, "requests in a minute and none was refused"},
		"reservations that the gateway's own limit hides": {(*throttleTrial).reserved, []deployed.Option{replaced("requests", `calls="20"`, `calls="1"`)}, nil,
			"tokens of calls of one minute that may reserve 40000 (1 calls were let through, 1 answered 429)"},
		"reservations that are never used up": {(*throttleTrial).reserved, []deployed.Option{replaced("reservation", `calls="@((int)context.Variables["reservable"])"`, `calls="100000"`)}, nil,
			"standard, abandoned: with everything reserved a call was answered 200, where 429 was promised"},
		"calls at once that an account refuses": {(*throttleTrial).reserved, nil, withoutRole,
			"standard, parallel: 1 calls were answered 502 BackendRefused, where 200 or 429 was promised"},
		"abandoned calls that a quota refuses": {(*throttleTrial).reserved, []deployed.Option{replaced("limits", `token-quota="10000"`, `token-quota="1"`)}, nil,
			"standard, abandoned streams: 12 calls were answered 403 QuotaExceeded, where 200 or 429 was promised"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deployed.New(t, c.options...)
			if c.then != nil {
				c.then(d)
			}
			trial := limits(siteOf(t, d))
			require.NoError(t, c.try(trial, t.Context(), d.Settings.Products[0]))
			assert.Contains(t, joined(trial.all()), c.says)
		})
	}
}

// What a reservation lets through tells nothing while calls fail for another reason: the reason is the failure.
func TestCallsThatFailOtherwiseAreNoReservation(t *testing.T) {
	g := opened(t)
	callers, err := g.callers()
	require.NoError(t, err)
	trial := limits(g.site)
	trial.spent(t.Context(), g, callers[0], "parallel", outcome{refused: 3, other: map[string]int{"502 BackendRefused": 2, "a cut connection": 1}})
	assert.Equal(t, []string{
		"standard, parallel: 2 calls were answered 502 BackendRefused, where 200 or 429 was promised",
		"standard, parallel: 1 calls were answered a cut connection, where 200 or 429 was promised",
	}, trial.all())
}

func TestAProductWithoutACallerHasNoLimitToTry(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	for _, try := range []limit{(*throttleTrial).requests, (*throttleTrial).abandoned, (*throttleTrial).tokens, (*throttleTrial).quota} {
		assert.EqualError(t, try(limits(site), t.Context(), stacks.Product{Name: "nobody's", RequestsPerMinute: 20, TokensPerMinute: 2000}), "it has no caller")
	}
}

func TestAReservationIsTriedWhereThereIsOneThatCanBeUsedUp(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	p := site.Settings.Products[0]
	for name, c := range map[string]struct {
		change func(*stacks.Product)
		skips  []string
	}{
		"none":          {func(p *stacks.Product) { p.ReservedTokensPerMinute = 0 }, nil},
		"of embeddings": {func(p *stacks.Product) { p.Deployments = []string{"embed"} }, nil},
		"a large one": {func(p *stacks.Product) { p.ReservedTokensPerMinute = mostReserved + 1 },
			[]string{"standard.reservedTokensPerMinute: it takes too many tokens"}},
	} {
		changed := p
		c.change(&changed)
		trial := limits(site)
		require.NoError(t, trial.reserved(t.Context(), changed), name)
		assert.Equal(t, c.skips, trial.NotTried, name)
		assert.Nil(t, trial.Products[p.Name].ReservedTokensPerMinute, name)
	}
}

func TestTheSmallestQuotaStandsForAll(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	larger := site.Settings.Products[0]
	larger.TokenQuota.Tokens++
	trial := limits(site)
	require.NoError(t, trial.quota(t.Context(), larger))
	assert.Nil(t, trial.Products[larger.Name].Quota)
	assert.Empty(t, trial.NotTried)
}

func TestRequestsAreNotTriedWhereTokensEndFirst(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	p := site.Settings.Products[0]
	p.RequestsPerMinute = p.TokensPerMinute/tokensOfHello + 1
	trial := limits(site)
	require.NoError(t, trial.requests(t.Context(), p))
	assert.Nil(t, trial.Products[p.Name].RequestsPerMinute)
}

func TestNeighboursAreTwoTeamsWithKeysOfOneProduct(t *testing.T) {
	s := deployed.New(t).Settings
	for name, c := range map[string]struct {
		change func(*stacks.Settings)
		want   []string
	}{
		"as deployed":         {func(*stacks.Settings) {}, []string{"standard", "search", "support"}},
		"people with tokens":  {func(s *stacks.Settings) { s.Products[0].Authentication = stacks.AuthenticationEntra }, []string{"", "", ""}},
		"one team for each":   {func(s *stacks.Settings) { s.Teams = s.Teams[1:] }, []string{"", "", ""}},
		"two teams on others": {func(s *stacks.Settings) { s.Teams[0].Products = []string{"confidential"} }, []string{"confidential", "search", "legal"}},
	} {
		changed := deepCopy(s)
		c.change(&changed)
		product, one, other := limits(&Site{Settings: changed}).pair()
		assert.Equal(t, c.want, []string{product.Name, one, other}, name)
	}
}

func TestACallIsGivenUpOnlyByTheClockForIt(t *testing.T) {
	g := opened(t)
	_, err := g.abandon(t.Context(), ask{})
	assert.EqualError(t, err, "the sandbox has no clock to hang up by")
	_, err = g.abandonAll(t.Context(), ask{}, 2)
	assert.Error(t, err, "none of several")
	require.NoError(t, hangingUp(g))
	marked, ok := g.time.(*markedClock)
	require.True(t, ok)
	assert.Equal(t, thinking, marked.mark)
	assert.Same(t, g.clock, marked.Fake)
}

func TestCallsAtOnceAreEachMadeBeforeTheOneBeforeIsAnswered(t *testing.T) {
	trial := limits(siteOf(t, deployed.New(t)))
	g, c, err := trial.open(t.Context(), "standard", hangingUp)
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	c.prompt = accounts.MarkAnswer.With("1")
	got, err := g.atOnce(t.Context(), c.ask, 4)
	require.NoError(t, err)
	assert.Equal(t, outcome{answered: 4, other: map[string]int{}}, got)
	assert.Len(t, g.Models.Requests(), 4)
	assert.Equal(t, clock.Epoch, g.clock.Now().Truncate(time.Hour), "nobody has waited for the account")
}
