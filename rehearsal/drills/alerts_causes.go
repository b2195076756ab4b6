package drills

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
)

// cause is something that an alert is about.
type cause struct {
	name    string
	prepare []func(*sandbox) error
	steps   []step
	// cannot says why the settings do not let it happen here.
	cannot string
}

// step is a part of a cause, and the rules that fire after it; no others do.
type step struct {
	name  string
	do    func(ctx context.Context, w *watched) error
	fires []string
}

const (
	addressBefore = "203.0.113.77:50000"
	addressNearby = "203.0.113.9:50000"
	addressAfter  = "198.51.100.7:50000"
)

func (t *alertTrial) causes() []cause {
	return []cause{t.quiet(), t.regionFails(), t.regionsFull(), t.productFull(), t.serverErrors(), t.quotaGoes(), t.gap(), t.newNetwork(), t.callersHangUp()}
}

// someone is a caller with a key whose messages are logged, with an address.
func (w *watched) someone(product string) (ask, error) {
	callers, err := w.callers()
	if err != nil {
		return ask{}, err
	}
	for _, c := range callers {
		if c.key != "" && !c.embed && (product == c.product.Name || product == "" && !private(c.product)) {
			c.ask.from, c.ask.prompt = addressBefore, "Hello"
			return c.ask, nil
		}
	}
	return ask{}, fmt.Errorf("nobody has a key for product %q", product)
}

// members is how many accounts serve the deployment of someone.
func (t *alertTrial) members() int {
	for _, p := range t.site.Settings.Products {
		if !p.Authentication.TakesKeys() || private(p) {
			continue
		}
		for _, deployment := range p.Deployments {
			if !embeds(t.site.Settings, deployment) {
				return len(poolOf(t.site.Settings, deployment).Members)
			}
		}
	}
	return 0
}

// calls makes one call after the other, each as long after the last and with the same fault, and expects a status.
func calls(n int, pause time.Duration, fault *accounts.Fault, status int) func(context.Context, *watched) error {
	return func(ctx context.Context, w *watched) error {
		a, err := w.someone("")
		if err != nil {
			return err
		}
		for range n {
			w.Models.Heal("")
			if fault != nil {
				if err := w.Models.Script(*fault); err != nil {
					return err
				}
			}
			got, err := w.call(ctx, a, pause)
			if err == nil && got.status != status {
				err = fmt.Errorf("a call was answered %s, where %d was to be expected", got, status)
			}
			if err != nil {
				return err
			}
		}
		w.Models.Heal("")
		return nil
	}
}

// later lets time pass.
func later(d time.Duration) func(context.Context, *watched) error {
	return func(_ context.Context, w *watched) error { w.clock.Advance(d); return nil }
}

func (t *alertTrial) quiet() cause {
	return cause{name: "nothing", steps: []step{
		{"calls that are answered", calls(20, time.Minute, nil, http.StatusOK), nil},
		{"an hour without a call", later(time.Hour), nil},
	}}
}

// pauseInFailure is longer than a breaker stays open.
const pauseInFailure = 20 * time.Second

func (t *alertTrial) regionFails() cause {
	n := t.site.Settings.Alerts.Failovers
	c := cause{name: "a region fails"}
	switch {
	case t.members() < 2:
		c.cannot = "nobody else could answer"
	case n > 40:
		c.cannot = "it takes too many calls"
	}
	fault := &accounts.Fault{Kind: accounts.FaultStatus, Status: http.StatusServiceUnavailable, Count: 1}
	c.steps = []step{
		{"one call less than is told", calls(n-1, pauseInFailure, fault, http.StatusOK), nil},
		{"calls that leave a region", calls(1, pauseInFailure, fault, http.StatusOK), []string{"regional-failover"}},
		{"a quarter of an hour later", later(15 * time.Minute), nil},
	}
	return c
}

func (t *alertTrial) regionsFull() cause {
	n := t.site.Settings.Alerts.ThrottledMinutes
	full := &accounts.Fault{Kind: accounts.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: pauseInFailure}
	return cause{name: "every account is full", steps: []step{
		{"a minute less than is told", calls(n-1, time.Minute, full, http.StatusTooManyRequests), nil},
		{"accounts that are full for minutes", calls(1, time.Minute, full, http.StatusTooManyRequests), []string{"throttling"}},
	}}
}

func (t *alertTrial) serverErrors() cause {
	n, c := t.site.Settings.Alerts.ServerErrors, cause{name: "server errors"}
	if n > 14 { // in five minutes
		c.cannot = "it takes too many calls"
	}
	down := &accounts.Fault{Kind: accounts.FaultStatus, Status: http.StatusServiceUnavailable}
	fires := func(errors int) []string {
		var rules []string
		if errors >= t.site.Settings.Alerts.Failovers && t.members() > 1 {
			rules = append(rules, "regional-failover") // every account was tried
		}
		if errors >= n {
			rules = append(rules, "server-errors")
		}
		return rules
	}
	c.steps = []step{
		{"one error less than is told", calls(n-1, pauseInFailure, down, http.StatusServiceUnavailable), fires(n - 1)},
		{"callers that see server errors", calls(1, pauseInFailure, down, http.StatusServiceUnavailable), fires(n)},
	}
	return c
}

// gap takes the messages out of the diagnostics, as can be done by hand.
func (t *alertTrial) gap() cause {
	c := cause{name: "messages are missing", prepare: []func(*sandbox) error{func(g *sandbox) error {
		return g.edit(func(kind, _ string, properties map[string]any) bool {
			if model, ok := properties["largeLanguageModel"].(map[string]any); ok && strings.HasSuffix(kind, "/apis/diagnostics") {
				delete(model, "requests")
				delete(model, "responses")
			}
			return false
		})
	}}}
	if !t.site.Settings.Logging.Messages {
		c.cannot = "messages are not logged"
	}
	c.steps = []step{
		{"messages that may still come", calls(1, time.Minute, nil, http.StatusOK), nil},
		{"a call without messages", later(15 * time.Minute), []string{"audit-gap"}},
	}
	return c
}

func (t *alertTrial) newNetwork() cause {
	c := cause{name: "a key goes elsewhere"}
	if !t.site.Settings.Logging.ClientIP {
		c.cannot = "addresses are not logged"
	}
	from := func(address string, pause time.Duration) func(context.Context, *watched) error {
		return func(ctx context.Context, w *watched) error {
			a, err := w.someone("")
			if err == nil {
				a.from = address
				_, err = w.call(ctx, a, pause)
			}
			return err
		}
	}
	c.steps = []step{
		{"the first call of a key", from(addressBefore, time.Minute), nil},
		{"a call from the same network", from(addressNearby, 3*time.Hour), nil},
		{"a call from a new network", from(addressAfter, time.Minute), []string{"new-network"}},
		{"two hours later", later(2 * time.Hour), nil},
	}
	return c
}
