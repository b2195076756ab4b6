package drills

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/azure/logs"
	"enterprise-openai/internal/azure/logs/kql"
)

// alerts makes the causes of alerts happen, and evaluates the deployed rules as Azure would.
func alerts() Drill {
	return Drill{
		Name:    "alerts",
		Promise: "Every alert fires on its cause and on nothing else, and notifies the addresses in the settings: calls that leave a region, refusals for minutes, server errors, a quota, calls without messages, a key from a new network, callers that hang up, accounts that count more than the log.",
		When:    Standing,
		Work:    with(theSite, tryAlerts),
	}
}

// alertTrial asks the rules that were deployed.
type alertTrial struct {
	*findings
	site   *Site
	rules  []alertRule
	engine *kql.Engine
	// now is when the rules are evaluated.
	now time.Time
}

// alertRule is a deployed rule, about logs or about a metric.
type alertRule struct {
	name   string
	log    logs.Rule
	metric *metricRule
}

const (
	queryRuleType  = "Microsoft.Insights/scheduledQueryRules"
	metricRuleType = "Microsoft.Insights/metricAlerts"
	groupOfPeople  = "Microsoft.Insights/actionGroups"
)

// AlertsMeasured is what the deployed rules did.
type AlertsMeasured struct {
	Rules int `json:"rules"`
	// Notified are the addresses that the rules reach.
	Notified []string `json:"notified"`
	// Fired are the rules and what they fired on, by cause.
	Fired map[string][]string `json:"fired"`
	// NotTried are causes that cannot be made to happen here, with the reason.
	NotTried map[string]string `json:"notTried,omitempty"`
}

func tryAlerts(ctx context.Context, site *Site, f *findings) (m *AlertsMeasured, err error) {
	m = &AlertsMeasured{Notified: []string{}, Fired: map[string][]string{}, NotTried: map[string]string{}}
	if site.Settings.Alerts == nil {
		m.NotTried["alerts"] = "the settings name nobody"
		return m, nil
	}
	t := &alertTrial{findings: f, site: site}
	engine, done := site.engine()
	defer func() { err = errors.Join(err, done()) }()
	t.engine = engine
	if err := t.read(); err != nil {
		return nil, err
	}
	m.Rules, m.Notified = len(t.rules), t.notified()
	m.NotTried["capacity"] = "the embedded gateway has no load"
	if err := t.onKnownTraffic(ctx); err != nil {
		return m, err
	}
	for _, c := range t.causes() {
		if c.cannot != "" {
			m.NotTried[c.name] = c.cannot
			continue
		}
		if m.Fired[c.name], err = t.happen(ctx, c); err != nil {
			return m, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return m, nil
}

// read takes the rules from what was deployed.
func (t *alertTrial) read() error {
	for _, r := range t.site.ARM.Resources(queryRuleType) {
		rule, err := logs.ReadRule(properties(r.Body))
		if err != nil {
			return fmt.Errorf("rule %s: %w", r.Name, err)
		}
		t.rules = append(t.rules, alertRule{name: alertName(r.Name), log: rule})
	}
	for _, r := range t.site.ARM.Resources(metricRuleType) {
		rule, err := readMetricRule(properties(r.Body))
		if err != nil {
			return fmt.Errorf("rule %s: %w", r.Name, err)
		}
		t.rules = append(t.rules, alertRule{name: alertName(r.Name), metric: &rule})
	}
	if len(t.rules) == 0 {
		return errors.New("no alert rule is deployed")
	}
	return nil
}

// alertName is the part of a rule's name that says what it is about: prefix-stack-alert-NAME-suffix.
func alertName(physical string) string {
	_, rest, found := strings.Cut(physical, "-alert-")
	end := strings.LastIndexByte(rest, '-')
	if !found || end < 0 {
		return physical
	}
	return rest[:end]
}

// ask gives what fires now, by rule.
func (t *alertTrial) ask(ctx context.Context, store *logs.Store, calls []*apim.CallRecord) (map[string][]logs.Fired, error) {
	fired, tables := map[string][]logs.Fired{}, store.Tables()
	for _, rule := range t.rules {
		var found []logs.Fired
		var err error
		if rule.metric != nil {
			found = rule.metric.evaluate(calls, t.now)
		} else if found, err = rule.log.Evaluate(ctx, t.engine, tables, t.now); err != nil {
			return nil, fmt.Errorf("rule %s: %w", rule.name, err)
		}
		if len(found) > 0 {
			fired[rule.name] = found
		}
	}
	return fired, nil
}

// expect compares what fires with what should.
func (t *alertTrial) expect(when string, fired map[string][]logs.Fired, want []string) []string {
	var lines []string
	for _, rule := range t.rules {
		found, expected := fired[rule.name], slices.Contains(want, rule.name)
		switch {
		case len(found) == 0 && expected:
			t.add("%s: rule %s did not fire", when, rule.name)
		case len(found) > 0 && !expected:
			t.add("%s: rule %s fired (%s), which it should not", when, rule.name, found[0])
		}
		for _, one := range found {
			lines = append(lines, rule.name+" ("+one.String()+")")
		}
	}
	for _, name := range want {
		if !slices.ContainsFunc(t.rules, func(r alertRule) bool { return r.name == name }) {
			t.add("%s: there is no rule %s", when, name)
		}
	}
	return lines
}

// onKnownTraffic asks about the traffic of the other drills on logs, in which nothing of this is hidden.
func (t *alertTrial) onKnownTraffic(ctx context.Context) error {
	e, err := t.site.known(ctx)
	if err != nil {
		return err
	}
	t.now = e.end
	fired, err := t.ask(ctx, e.store, nil)
	if err != nil {
		return err
	}
	if t.site.Settings.Alerts.Failovers < callsInAWindow {
		delete(fired, "regional-failover") // depends on which calls were the last
	}
	t.expect("the known traffic", fired, nil)
	return nil
}

// callsInAWindow is how many calls of the known traffic an alert sees.
const callsInAWindow = 3

// watched is a sandbox whose calls are logged.
type watched struct {
	*sandbox
	store *logs.Store
	calls []*apim.CallRecord
}

// call waits, asks, and books the call as the workspace does.
func (w *watched) call(ctx context.Context, a ask, pause time.Duration) (answer, error) {
	w.clock.Advance(pause)
	got := w.ask(ctx, a)
	w.book()
	return got, ctx.Err()
}

// book writes what the gateway and the accounts log of the calls since the last time.
func (w *watched) book() {
	records := w.records.take()
	for _, record := range records {
		w.store.Record(record)
	}
	w.calls = append(w.calls, records...)
	for _, call := range w.AccountCalls() {
		w.store.Account(call)
	}
	w.Models.ForgetRequests()
}

// oneUnit makes what follows a failure exact: each unit of a gateway has breakers of its own and learns for itself.
func oneUnit(g *sandbox) error { g.units = 1; return nil }

// happen lets a cause happen on a sandbox of its own, and asks the rules after each step.
func (t *alertTrial) happen(ctx context.Context, c cause) (lines []string, err error) {
	g, err := t.site.open(ctx, append([]func(*sandbox) error{oneUnit}, c.prepare...)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if err := g.plenty(); err != nil {
		return nil, err
	}
	lines = []string{}
	w := &watched{sandbox: g, store: logs.New(dataplane.LogOptions(g.arm, t.site.SubscriptionID))}
	for _, s := range c.steps {
		if err := s.do(ctx, w); err != nil {
			return nil, err
		}
		t.now = g.clock.Now().Add(time.Second)
		fired, err := t.ask(ctx, w.store, w.calls)
		if err != nil {
			return nil, err
		}
		lines = append(lines, t.expect(s.name, fired, s.fires)...)
	}
	return lines, nil
}
