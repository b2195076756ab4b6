package drills

import (
	"context"
	"fmt"
	"net/http"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/stacks"
)

// neighbours lets one team of a product send ten times what it may, and another one what it may.
func (t *throttleTrial) neighbours(ctx context.Context) error {
	product, noisy, quiet := t.pair()
	if quiet == "" {
		t.skip("neighbours", "no product has two teams")
		return nil
	}
	g, c, err := t.open(ctx, product.Name)
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	loud, soft := c.ask, c.ask
	if loud.key, err = g.teamKey(noisy, product.Name); err != nil {
		return err
	}
	if soft.key, err = g.teamKey(quiet, product.Name); err != nil {
		return err
	}
	// One call is a tenth of what a minute allows, so that the noisy team is beyond it soon.
	loud.prompt = accounts.MarkAnswer.With(fmt.Sprint(max(1, min(product.TokensPerMinute/10, largeAnswer))))
	sent, refused := 0, 0
	allowed := min(product.RequestsPerMinute, product.TokensPerMinute/tokensOfHello, 30)
	for i := range allowed {
		for range 5 {
			sent++
			if got := g.ask(ctx, loud); got.status == http.StatusTooManyRequests {
				refused++
			}
		}
		if got := g.ask(ctx, soft); got.status != http.StatusOK {
			t.add("%s: request %d of team %s was answered %s while team %s sent many times its share", product.Name, i+1, quiet, got, noisy)
			break
		}
	}
	t.Neighbours = &NoiseMeasured{NoisySent: sent, NoisyRefused: refused, QuietAnswered: allowed}
	if refused == 0 {
		t.add("%s: team %s sent %d requests in a minute and none was refused", product.Name, noisy, sent)
	}
	return nil
}

// pair is a product of keys that two teams have.
func (t *throttleTrial) pair() (product stacks.Product, one, other string) {
	for _, p := range t.site.Settings.Products {
		if !p.Authentication.TakesKeys() {
			continue
		}
		var teams []string
		for _, team := range t.site.Settings.Teams {
			for _, name := range team.Products {
				if name == p.Name {
					teams = append(teams, team.Name)
				}
			}
		}
		if len(teams) > 1 {
			return p, teams[0], teams[1]
		}
	}
	return stacks.Product{}, "", ""
}
