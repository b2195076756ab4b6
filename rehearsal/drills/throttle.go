package drills

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/stacks"
)

// throttle uses up every limit of every product, and checks that no other caller notices.
func throttle() Drill {
	return Drill{
		Name: "throttle",
		Promise: "Requests and tokens per minute end in 429 with a Retry-After that is true, quotas in 403; calls at once, and calls that are given up, cost no more than a minute may reserve, nor more images and speech than it may count; " +
			"a noisy team costs a quiet one nothing.",
		When: Standing,
		Work: with(theSite, tryThrottle),
	}
}

// ThrottleMeasured is what callers got before a limit refused them.
type ThrottleMeasured struct {
	// Products are the limits that were used up, by product.
	Products map[string]*LimitsMeasured `json:"products"`
	// Neighbours is what a noisy team did and a quiet one got.
	Neighbours *NoiseMeasured `json:"neighbours,omitempty"`
	// NotTried are limits that were not tried, with the reason.
	NotTried []string `json:"notTried,omitempty"`
}

// LimitsMeasured counts what was answered before the refusal.
type LimitsMeasured struct {
	RequestsPerMinute *int `json:"requestsPerMinute,omitempty"`
	// AbandonedPerMinute are the calls of one minute that accounts worked on although their caller had hung up.
	AbandonedPerMinute *int `json:"abandonedPerMinute,omitempty"`
	TokensPerMinute    *int `json:"tokensPerMinute,omitempty"`
	// ReservedTokensPerMinute are the tokens that accounts generated in one minute for calls that nothing but their reservation held.
	ReservedTokensPerMinute *ReservedMeasured `json:"reservedTokensPerMinute,omitempty"`
	// ImagesPerMinute and SpeechCharactersPerMinute count calls, each of one image or up to a hundred characters.
	ImagesPerMinute           *UnitsMeasured `json:"imagesPerMinute,omitempty"`
	SpeechCharactersPerMinute *UnitsMeasured `json:"speechCharactersPerMinute,omitempty"`
	// Quota is in tokens.
	Quota *int `json:"quota,omitempty"`
}

// NoiseMeasured counts calls.
type NoiseMeasured struct {
	NoisySent     int `json:"noisySent"`
	NoisyRefused  int `json:"noisyRefused"`
	QuietAnswered int `json:"quietAnswered"`
}

func tryThrottle(ctx context.Context, site *Site, f *findings) (*ThrottleMeasured, error) {
	t := &throttleTrial{site: site, findings: f, ThrottleMeasured: ThrottleMeasured{Products: map[string]*LimitsMeasured{}}}
	for _, product := range site.Settings.Products {
		t.Products[product.Name] = &LimitsMeasured{}
		for _, try := range []func(context.Context, stacks.Product) error{t.requests, t.abandoned, t.reserved, t.units, t.tokens, t.quota} {
			if err := try(ctx, product); err != nil {
				return nil, fmt.Errorf("product %s: %w", product.Name, err)
			}
		}
	}
	return &t.ThrottleMeasured, t.neighbours(ctx)
}

type throttleTrial struct {
	*findings
	ThrottleMeasured
	site *Site
}

// skip notes a limit that is too large to be used up here.
func (t *throttleTrial) skip(limit, reason string) {
	t.NotTried = append(t.NotTried, limit+": "+reason)
}

func (t *throttleTrial) open(ctx context.Context, product string, prepare ...func(*sandbox) error) (*sandbox, caller, error) {
	g, err := t.site.open(ctx, prepare...)
	if err != nil {
		return nil, caller{}, err
	}
	if err := g.plenty(); err != nil {
		return nil, caller{}, err
	}
	callers, err := g.callers()
	if err != nil {
		return nil, caller{}, err
	}
	for _, c := range callers {
		if c.product.Name == product {
			return g, c, nil
		}
	}
	return nil, caller{}, fmt.Errorf("it has no caller")
}

// requests sends one call more than a minute holds.
func (t *throttleTrial) requests(ctx context.Context, p stacks.Product) error {
	g, c, err := t.open(ctx, p.Name)
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	most := p.RequestsPerMinute
	if tokens := p.TokensPerMinute / tokensOfHello; tokens < most {
		return nil // tokens end first
	}
	if most > mostRequests {
		t.skip(p.Name+".requestsPerMinute", "it takes too many calls")
		return nil
	}
	for i := range most {
		if got := g.ask(ctx, c.ask); got.status != http.StatusOK {
			t.add("%s: request %d of %d per minute was answered %s", p.Name, i+1, most, got)
			return nil
		}
	}
	t.Products[p.Name].RequestsPerMinute = &most
	t.refused(ctx, g, c.ask, p.Name+": the request after the last one of a minute", http.StatusTooManyRequests)
	return nil
}

// abandoned gives up every call of a minute: accounts get no more of them than of calls that are waited for.
func (t *throttleTrial) abandoned(ctx context.Context, p stacks.Product) error {
	most := p.RequestsPerMinute
	if most > mostRequests {
		t.skip(p.Name+".abandonedPerMinute", "it takes too many calls")
		return nil
	}
	g, c, err := t.open(ctx, p.Name, hangingUp)
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	for range most + most/10 + 1 {
		if _, err := g.abandon(ctx, c.ask); err != nil {
			return err
		}
	}
	served := len(g.Models.Requests())
	t.Products[p.Name].AbandonedPerMinute = &served
	if served == 0 || served > most {
		t.add("%s: accounts worked on %d calls of one minute whose caller had hung up, where the limit is %d", p.Name, served, most)
	}
	return nil
}

// mostRequests is how many calls a drill may spend on one limit.
const mostRequests = 300

// tokensOfHello is more than the smallest call costs.
const tokensOfHello = 30

// refused expects a refusal, and that a wait as long as Retry-After ends it, and not a much shorter one.
func (t *throttleTrial) refused(ctx context.Context, g *sandbox, a ask, what string, status int) {
	got := g.ask(ctx, a)
	if got.status != status {
		t.add("%s was answered %s, where %d was promised", what, got, status)
		return
	}
	wait, err := strconv.Atoi(got.header.Get("Retry-After"))
	if status != http.StatusTooManyRequests {
		return
	}
	if err != nil || wait < 1 || wait > 60 {
		t.add("%s got Retry-After %q, not between 1 and 60 seconds", what, got.header.Get("Retry-After"))
		return
	}
	g.clock.Advance(time.Duration(wait) * time.Second)
	if got := g.ask(ctx, a); got.status != http.StatusOK {
		t.add("%s was answered %s after the %d seconds of its Retry-After", what, got, wait)
	}
}

// tokens spends a minute's tokens in a few calls.
func (t *throttleTrial) tokens(ctx context.Context, p stacks.Product) error {
	g, c, err := t.open(ctx, p.Name)
	if err != nil || c.embed {
		return err
	}
	defer func() { _ = g.Close() }()
	if p.TokensPerMinute > 4*largeAnswer {
		t.skip(p.Name+".tokensPerMinute", "it takes too many tokens")
		return nil
	}
	c.prompt = accounts.MarkAnswer.With(fmt.Sprint(max(1, p.TokensPerMinute/4)))
	used := 0
	for range 6 {
		got := g.ask(ctx, c.ask)
		if got.status != http.StatusOK {
			break
		}
		total := got.usage()
		used += total
	}
	t.Products[p.Name].TokensPerMinute = &used
	// The call that crosses the limit is answered: its size is not known before.
	if most := p.TokensPerMinute * 3 / 2; used < p.TokensPerMinute || used > most {
		t.add("%s: %d tokens were answered within a minute, where the limit is %d (and the one call that crosses it)", p.Name, used, p.TokensPerMinute)
	}
	t.refused(ctx, g, c.ask, p.Name+": a call when the minute's tokens are used up", http.StatusTooManyRequests)
	return nil
}

// largeAnswer is as many tokens as one answer can have here.
const largeAnswer = 100_000

// quota spends the tokens of a whole period, minute after minute.
func (t *throttleTrial) quota(ctx context.Context, p stacks.Product) error {
	g, c, err := t.open(ctx, p.Name)
	if err != nil || c.embed {
		return err
	}
	defer func() { _ = g.Close() }()
	for _, other := range t.site.Settings.Products {
		if other.TokenQuota.Tokens < p.TokenQuota.Tokens && !embeds(t.site.Settings, other.Deployments[0]) {
			return nil // the smallest quota stands for all
		}
	}
	if p.TokenQuota.Tokens > 50*largeAnswer {
		t.skip(p.Name+".quota", "it takes too many calls")
		return nil
	}
	size := min(largeAnswer, p.TokenQuota.Tokens/4)
	c.prompt = accounts.MarkAnswer.With(fmt.Sprint(max(1, size)))
	used := 0
	for used < p.TokenQuota.Tokens {
		got := g.ask(ctx, c.ask)
		if got.status != http.StatusOK {
			t.add("%s: with %d of %d tokens of the quota used a call was answered %s", p.Name, used, p.TokenQuota.Tokens, got)
			return nil
		}
		total := got.usage()
		used += total
		// What goes beyond a minute's tokens is a debt that the next minutes pay.
		g.clock.Advance(time.Duration(total/p.TokensPerMinute+2) * time.Minute)
	}
	t.Products[p.Name].Quota = &used
	t.refused(ctx, g, c.ask, p.Name+": a call when the quota is used up", http.StatusForbidden)
	return nil
}
