package drills

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

// failover loses one region after the other in every way a region can be lost, then all of them at once.
func failover() Drill {
	return Drill{
		Name:    "failover",
		Promise: "While one account of a deployment is well, its callers see no failure; when none is, they get an error that does not blame them.",
		When:    Standing,
		Work:    with(aSandbox, tryFailover),
	}
}

// loss is a way to fail, and what callers see when every account fails so.
type loss struct {
	name  string
	fault accounts.Fault
	// all is the status when no account is left.
	all int
	// breaks is true when the breaker notices, so that the next call does not ask the account again.
	breaks bool
}

// notDeployed is what an account answers for a deployment it does not have.
const notDeployed = `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`

func losses() []loss {
	// A caller can cause 408, 499 and 500, and a failed connection counts as 500: none of them opens a breaker (decision 0004).
	status := func(code, all int) loss {
		breaks := !slices.Contains([]int{http.StatusRequestTimeout, 499, http.StatusInternalServerError}, code)
		return loss{fmt.Sprint("status ", code), accounts.Fault{Kind: accounts.FaultStatus, Status: code}, all, breaks}
	}
	kind := func(k accounts.FaultKind) loss { return loss{string(k), accounts.Fault{Kind: k}, 503, false} }
	missing := loss{"deployment missing", accounts.Fault{Kind: accounts.FaultStatus, Status: 404, Body: notDeployed}, 404, false}
	throttled := loss{"status 429 for a minute", accounts.Fault{Kind: accounts.FaultStatus, Status: 429, RetryAfter: time.Minute}, 429, true}
	conflict := loss{"status 409 with Retry-After", accounts.Fault{Kind: accounts.FaultStatus, Status: 409, RetryAfter: time.Second}, 409, false}
	return []loss{
		status(401, 502), status(403, 502), status(408, 503), status(429, 429), status(499, 503),
		status(500, 503), status(502, 503), status(503, 503), status(504, 503),
		throttled, missing, conflict,
		kind(accounts.FaultReset), kind(accounts.FaultRefused), kind(accounts.FaultDNS), kind(accounts.FaultTLS), kind(accounts.FaultTimeout),
	}
}

// FailoverMeasured counts losses and calls.
type FailoverMeasured struct {
	// RegionsLost counts losses of one region, Kinds the ways to lose one.
	RegionsLost int `json:"regionsLost"`
	Kinds       int `json:"kinds"`
	Calls       int `json:"calls"`
	Answered    int `json:"answered"`
	// ExtraAttempts are answered calls by how many accounts they were offered to beyond the one that answered.
	ExtraAttempts map[string]int `json:"extraAttempts"`
	// Regions are the losses of each region, alone.
	Regions map[string]*report.RegionLost `json:"regions"`
	// Course is a steady load while the region that is called first is lost for some minutes; it is left out where no deployment has
	// two regions.
	Course *report.Course `json:"course,omitempty"`
	// LongestWait is how long a stream waited for an account that says nothing.
	LongestWait float64 `json:"longestWaitForASilentRegionSeconds"`
}

func tryFailover(ctx context.Context, g *sandbox, f *findings) (*FailoverMeasured, error) {
	s := g.site.Settings
	t := &failoverTrial{sandbox: g, findings: f, FailoverMeasured: FailoverMeasured{Kinds: len(losses()), ExtraAttempts: map[string]int{}, Regions: map[string]*report.RegionLost{}}}
	for _, pool := range s.Pools() {
		c, err := g.callerOf(pool.Deployment)
		if err != nil {
			continue // it has no callers
		}
		for _, l := range losses() {
			for _, region := range poolRegions(pool) {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				if err := t.loseOne(ctx, c, pool, l, region); err != nil {
					return nil, err
				}
			}
			if err := t.loseAll(ctx, c, pool, l); err != nil {
				return nil, err
			}
		}
	}
	if err := t.cutStream(ctx); err != nil {
		return nil, err
	}
	waited, err := tryFailoverFromSilence(ctx, g.site, f)
	if err != nil {
		return nil, err
	}
	t.LongestWait = waited
	if t.Course, err = failoverCourse(ctx, g.site, f); err != nil {
		return nil, err
	}
	return &t.FailoverMeasured, nil
}

// failoverTrial counts what happens.
type failoverTrial struct {
	*sandbox
	*findings
	FailoverMeasured
}

// fresh ends every fault and lets so much time pass that no breaker is open and no limit is used.
func (t *failoverTrial) fresh(faults ...accounts.Fault) error {
	t.Models.Heal("")
	t.clock.Advance(5 * time.Minute)
	t.records.take()
	return t.Models.Script(faults...)
}

// call asks and counts how many accounts it took.
func (t *failoverTrial) call(ctx context.Context, a ask) (got answer, attempts int) {
	got = t.ask(ctx, a)
	t.Calls++
	attempts = t.records.takeAttempts()
	if got.status == http.StatusOK {
		t.Answered++
		t.ExtraAttempts[strconv.Itoa(attempts-1)]++
	}
	return got, attempts
}

// loseOne loses a region while the rest is well, calls twice, plain and streamed, and then gives the region back.
func (t *failoverTrial) loseOne(ctx context.Context, c caller, pool stacks.Pool, l loss, region string) error {
	fault := l.fault
	fault.Match = accounts.Match{Region: region, Deployment: dialless(l.fault, pool.Deployment)}
	if err := t.fresh(fault); err != nil {
		return err
	}
	t.RegionsLost++
	left := len(poolRegions(pool)) > 1
	lost := t.Regions[region]
	if lost == nil {
		lost = &report.RegionLost{}
		t.Regions[region] = lost
	}
	lost.Losses++
	what := fmt.Sprintf("%s lost (%s)", region, l.name)
	for i, on := range []surface{dated, v1} {
		a := c.ask
		a.surface, a.stream = on, i == 0 && !a.embed
		got, attempts := t.call(ctx, a)
		countLost(lost, left, got)
		switch {
		case left && got.status != http.StatusOK:
			t.add("%s: %s answered %s although other regions are well", what, pool.Deployment, got)
		case left && i == 1 && l.breaks && attempts > 1 && t.units() == 1:
			t.add("%s: the second call to %s was offered to the lost region again (%d attempts): its breaker did not open", what, pool.Deployment, attempts)
		case attempts > max(t.site.Settings.Gateway.Failover.MaxAttempts, 1):
			t.add("%s: a call to %s was offered %d times, more than failover.maxAttempts", what, pool.Deployment, attempts)
		}
	}
	return nil
}

func countLost(lost *report.RegionLost, left bool, got answer) {
	switch {
	case !left:
		lost.Alone++
	case got.status == http.StatusOK:
		lost.Answered++
		fallthrough
	default:
		lost.Calls++
	}
}

func (t *failoverTrial) units() int { return max(1, t.site.Settings.Gateway.Units) }

// dialless is the deployment that a fault can name: before there is a connection the deployment is not known.
func dialless(f accounts.Fault, deployment string) string {
	if f.DialError("") != nil {
		return ""
	}
	return deployment
}

func (t *failoverTrial) loseAll(ctx context.Context, c caller, pool stacks.Pool, l loss) error {
	if err := t.fresh(l.fault); err != nil {
		return err
	}
	for range 2 { // the second call meets open breakers
		got, attempts := t.call(ctx, c.ask)
		what := fmt.Sprintf("every region lost (%s): %s", l.name, pool.Deployment)
		switch {
		case got.status != l.all && (attempts > 0 || got.status != http.StatusServiceUnavailable):
			t.add("%s answered %s, where %d was promised", what, got, l.all)
		case got.status == 429 || got.status == 503:
			wait, err := strconv.Atoi(got.header.Get("Retry-After"))
			if err != nil || wait < 1 || wait > t.site.Settings.Gateway.Failover.RetryAfterCapSeconds {
				t.add("%s answered %d with Retry-After %q, not between 1 and %d seconds", what, got.status, got.header.Get("Retry-After"), t.site.Settings.Gateway.Failover.RetryAfterCapSeconds)
			}
		}
	}
	return nil
}

// cutStream breaks a stream after its first events: it must be seen as broken, and must not be sent to anybody else.
func (t *failoverTrial) cutStream(ctx context.Context) error {
	callers, err := t.callers()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(callers, func(c caller) bool { return !c.embed })
	if i < 0 {
		return nil
	}
	if err := t.fresh(accounts.Fault{Kind: accounts.FaultCut, AfterChunks: 3}); err != nil {
		return err
	}
	a := callers[i].ask
	a.stream = true
	t.Models.ForgetRequests()
	got, attempts := t.call(ctx, a)
	switch {
	case attempts != 1:
		t.add("a stream that broke after its first events was offered %d times: its caller reads the beginning twice", attempts)
	case got.status != -1:
		t.add("a stream that broke off ended as %s, which its caller takes for a whole answer", got)
	}
	if len(t.Models.Requests()) == 0 {
		return errors.New("the cut stream reached no account")
	}
	return nil
}

// poolRegions are the regions of a pool's accounts.
func poolRegions(p stacks.Pool) []string {
	found := map[string]bool{}
	for _, m := range p.Members {
		found[m.Account.Location] = true
	}
	return slices.Sorted(maps.Keys(found))
}
