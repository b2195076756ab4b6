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
	"enterprise-openai/stacks"
)

func TestACauseThatCannotHappenSaysWhy(t *testing.T) {
	s := deployed.New(t, deployed.With(watching)).Settings
	for name, c := range map[string]struct {
		change func(*stacks.Settings)
		want   map[string]string
	}{
		"as deployed": {func(*stacks.Settings) {}, map[string]string{}},
		"one account": {func(s *stacks.Settings) { s.Accounts = s.Accounts[:1] }, map[string]string{"a region fails": "nobody else could answer"}},
		"patient alerts": {func(s *stacks.Settings) {
			s.Alerts = &stacks.Alerts{Failovers: 41, ThrottledMinutes: 2, ServerErrors: 15, QuotaPercent: 80, AbandonedCalls: mostAbandoned + 1}
		}, map[string]string{"a region fails": "it takes too many calls", "server errors": "it takes too many calls", "callers hang up": "it takes too many calls"}},
		"nothing is logged": {func(s *stacks.Settings) { s.Logging.Messages, s.Logging.ClientIP = false, false },
			map[string]string{"messages are missing": "messages are not logged", "a key goes elsewhere": "addresses are not logged"}},
		"tokens alone": {func(s *stacks.Settings) {
			for i := range s.Products {
				s.Products[i].Authentication = stacks.AuthenticationEntra
			}
		}, map[string]string{"a region fails": "nobody else could answer", "a product's limit": "nobody has a key", "a quota is used up": "nobody has a key"}},
		"large limits": {func(s *stacks.Settings) {
			for i := range s.Products {
				s.Products[i].TokensPerMinute, s.Products[i].TokenQuota.Tokens = largeAnswer, 50*largeAnswer+1
			}
		}, map[string]string{"a product's limit": "it takes too many tokens", "a quota is used up": "it takes too many calls"}},
		"a quota of a day": {func(s *stacks.Settings) {
			for i := range s.Products {
				s.Products[i].TokenQuota.Period = stacks.PeriodDaily
			}
		}, map[string]string{"a quota is used up": "the period is too short"}},
	} {
		changed := deepCopy(s)
		changed.Alerts = &stacks.Alerts{}
		*changed.Alerts = *s.Alerts
		c.change(&changed)
		got := map[string]string{}
		for _, cause := range (&alertTrial{findings: &findings{}, site: &Site{Settings: changed}}).causes() {
			if cause.cannot != "" {
				got[cause.name] = cause.cannot
			}
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestServerErrorsOfEveryAccountAreFailoversToo(t *testing.T) {
	s := deployed.New(t, deployed.With(watching)).Settings
	for _, c := range []struct {
		failovers, errors, members int
		less, enough               []string
	}{
		{2, 2, 2, nil, []string{"regional-failover", "server-errors"}},
		{2, 3, 2, []string{"regional-failover"}, []string{"regional-failover", "server-errors"}},
		{5, 2, 2, nil, []string{"server-errors"}},
		{2, 3, 1, nil, []string{"server-errors"}},
	} {
		changed := deepCopy(s)
		changed.Accounts = changed.Accounts[:c.members]
		changed.Alerts = &stacks.Alerts{Failovers: c.failovers, ServerErrors: c.errors}
		steps := (&alertTrial{site: &Site{Settings: changed}}).serverErrors().steps
		assert.Equal(t, [][]string{c.less, c.enough}, [][]string{steps[0].fires, steps[1].fires}, "%+v", c)
	}
}

func TestRulesThatReachNobodyOrAreSwitchedOffAreReported(t *testing.T) {
	d := withAlerts(t)
	d.Change(d.ID("ScheduledQueryRule", "alerts-quota"), func(p map[string]any) { p["enabled"] = false })
	d.Change(d.ID("MetricAlert", "alerts-server-errors"), func(p map[string]any) { p["actions"] = []any{} })
	trial := &alertTrial{findings: &findings{}, site: siteOf(t, d)}
	assert.Equal(t, []string{"a@example.com"}, trial.notified())
	assert.ElementsMatch(t, []string{
		"rule quota is switched off", "server-errors: the alerts go to nobody, where the settings name a@example.com",
	}, trial.all())
}

// alarmed is a sandbox whose calls are logged.
func alarmed(t *testing.T) *watched {
	t.Helper()
	g, err := siteOf(t, withAlerts(t)).open(t.Context(), oneUnit, hangingUp)
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	return &watched{sandbox: g, store: some(t, g.site, func(v *visit) bool { return plain(v) && v.team == "search" }).store}
}

func TestACauseThatDoesNotHappenEndsTheDrill(t *testing.T) {
	product := deployed.New(t, deployed.With(watching)).Settings.Products[0]
	fault := &accounts.Fault{Kind: accounts.FaultStatus, Status: 503}
	for name, c := range map[string]struct {
		do   func(context.Context, *watched) error
		says string
	}{
		"calls that fail":           {calls(1, time.Minute, fault, 200), "a call was answered 503 BackendUnavailable, where 200 was to be expected"},
		"calls that are answered":   {calls(1, time.Minute, nil, 503), "a call was answered 200, where 503 was to be expected"},
		"a quota that is used up":   {(&quotaSpender{product: product}).until(3_000_000), "tokens used a call was answered 403 QuotaExceeded"},
		"a product that nobody has": {(&quotaSpender{product: stacks.Product{Name: "nobody's"}}).until(1), `nobody has a key for product "nobody's"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := alarmed(t) // one for each case: a quota that is used up refuses the calls of the others
			require.NoError(t, w.plenty())
			assert.ErrorContains(t, c.do(t.Context(), w), c.says)
		})
	}
}

func TestTimePassesBetweenCauses(t *testing.T) {
	w := alarmed(t)
	before := w.clock.Now()
	require.NoError(t, later(time.Hour)(t.Context(), w))
	assert.Equal(t, time.Hour, w.clock.Now().Sub(before))
}

func TestACallIsBookedOnce(t *testing.T) {
	w := alarmed(t)
	w.records.take()
	w.Models.ForgetRequests()
	a, err := w.someone("")
	require.NoError(t, err)
	rows := len(w.store.Rows("ApiManagementGatewayLogs"))
	got, err := w.call(t.Context(), a, time.Minute)
	require.NoError(t, err)
	assert.Equal(t, 200, got.status)
	w.book()
	assert.Len(t, w.calls, 1)
	assert.Len(t, w.store.Rows("ApiManagementGatewayLogs"), rows+1)
	assert.Empty(t, w.Models.Requests())
}

func TestARuleThatCannotBeReadIsNamed(t *testing.T) {
	site := siteOf(t, withAlerts(t))
	for _, kind := range []string{queryRuleType, metricRuleType} {
		g, err := site.open(t.Context(), func(g *sandbox) error {
			return g.edit(func(of, _ string, p map[string]any) bool {
				if of == strings.ToLower(kind) {
					p["windowSize"], p["evaluationFrequency"] = "soon", "soon"
				}
				return false
			})
		})
		require.NoError(t, err, kind)
		trial := &alertTrial{findings: &findings{}, site: &Site{ARM: g.arm}}
		assert.ErrorContains(t, trial.read(), "rule ", kind)
		require.NoError(t, g.Close())
	}
}
