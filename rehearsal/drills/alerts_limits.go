package drills

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/stacks"
)

// productFull uses up the tokens of many minutes with one answer: what is too much is a debt.
func (t *alertTrial) productFull() cause {
	n, c := t.site.Settings.Alerts.ThrottledMinutes, cause{name: "a product's limit"}
	product := t.smallest(func(p stacks.Product) int { return p.TokensPerMinute })
	size := product.TokensPerMinute * (n + 3)
	switch {
	case product.Name == "":
		c.cannot = "nobody has a key"
	case size > largeAnswer || size*100 >= product.TokenQuota.Tokens*t.site.Settings.Alerts.QuotaPercent:
		c.cannot = "it takes too many tokens"
	}
	refused := func(ctx context.Context, w *watched) error {
		a, err := w.someone(product.Name)
		if err != nil {
			return err
		}
		a.prompt = accounts.MarkAnswer.With(fmt.Sprint(size))
		if _, err := w.call(ctx, a, time.Minute); err != nil {
			return err
		}
		a.prompt = "Hello"
		for range n {
			got, err := w.call(ctx, a, time.Minute)
			if err == nil && got.status != http.StatusTooManyRequests {
				err = fmt.Errorf("a call beyond the tokens of minutes was answered %s", got)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	c.steps = []step{{"a team that sends too much for minutes", refused, []string{"throttling"}}}
	return c
}

// smallest is the product with a key for which something is least.
func (t *alertTrial) smallest(of func(stacks.Product) int) stacks.Product {
	var least stacks.Product
	for _, p := range t.site.Settings.Products {
		chat := slices.ContainsFunc(p.Deployments, func(d string) bool { return !embeds(t.site.Settings, d) })
		if p.Authentication.TakesKeys() && chat && (least.Name == "" || of(p) < of(least)) {
			least = p
		}
	}
	return least
}

func (t *alertTrial) quotaGoes() cause {
	c := cause{name: "a quota is used up"}
	p := t.smallest(func(p stacks.Product) int { return p.TokenQuota.Tokens })
	quota := p.TokenQuota.Tokens
	switch {
	case p.Name == "":
		c.cannot = "nobody has a key"
	case quota > 50*largeAnswer:
		c.cannot = "it takes too many calls"
	case p.TokenQuota.Period.IsShorterThanMonth():
		c.cannot = "the period is too short"
	}
	threshold := quota * t.site.Settings.Alerts.QuotaPercent / 100
	s := &quotaSpender{product: p}
	c.steps = []step{
		{"tokens below the percentage", s.until(threshold - threshold/20), nil},
		{"tokens above the percentage", s.until(threshold), []string{"quota"}},
		{"no tokens left", s.until(quota), []string{"quota", "quota-gone"}},
	}
	return c
}

// quotaSpender uses up the quota of a product, and counts what it has used.
type quotaSpender struct {
	product stacks.Product
	used    int
}

// until is a step that spends until so many tokens are used.
func (s *quotaSpender) until(tokens int) func(context.Context, *watched) error {
	return func(ctx context.Context, w *watched) error {
		a, err := w.someone(s.product.Name)
		if err != nil {
			return err
		}
		for s.used < tokens {
			if err := s.spend(ctx, w, &a, tokens); err != nil {
				return err
			}
		}
		// What an answer says is left may not have its own tokens taken off.
		a.prompt = accounts.MarkAnswer.With("1")
		got, err := w.call(ctx, a, 5*time.Minute)
		s.used += got.usage()
		return err
	}
}

// spend makes one call. Never beyond by more than a little: the last call of a step takes exactly what is left.
func (s *quotaSpender) spend(ctx context.Context, w *watched, a *ask, tokens int) error {
	quota := s.product.TokenQuota.Tokens
	a.prompt = accounts.MarkAnswer.With(fmt.Sprint(min(largeAnswer, max(1, tokens-s.used-tokensOfHello/2))))
	got, err := w.call(ctx, *a, time.Duration(largeAnswer/s.product.TokensPerMinute+2)*time.Minute)
	switch {
	case err != nil:
		return err
	case got.status == http.StatusForbidden && tokens == quota && quota-s.used < tokensOfHello:
		s.used = quota // too few are left for the prompt
	case got.status != http.StatusOK:
		return fmt.Errorf("with %d of %d tokens used a call was answered %s", s.used, quota, got)
	default:
		s.used += got.usage()
	}
	return nil
}
