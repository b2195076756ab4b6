package drills

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

// reasoningModels gives every chat a model that reasons, on two accounts that share the load, and products that no drill exhausts.
var reasoningModels = deployed.With(func(s *stacks.Settings) {
	for i := range s.Accounts {
		s.Accounts[i].Priority = 1
		s.Accounts[i].Deployments[0].Model, s.Accounts[i].Deployments[0].Version = "gpt-5-mini", "2025-08-07"
	}
	for i := range s.Products {
		s.Products[i].TokensPerMinute, s.Products[i].TokenQuota.Tokens = 20_000, 100_000_000
	}
})

func TestConversationsStayWithTheAccountThatCanReadThem(t *testing.T) {
	for name, c := range map[string]struct {
		option []deployed.Option
		says   string
	}{
		"as deployed": {nil, ""},
		"foreign reasoning is the caller's fault": {[]deployed.Option{replaced("failover", `{ return "foreign"; }`, `{ return ""; }`)}, "a turn of a conversation was answered 400 invalid_encrypted_content"},
		"an account that is out is any account":   {[]deployed.Option{replaced("answer", `GetValueOrDefault<string>("encrypted", "")`, `GetValueOrDefault<string>("nothing", "")`)}, "where ConversationUnavailable with Retry-After was promised"},
		"anybody goes on with a response":         {[]deployed.Option{replaced("response", `return owner == null || owner == (string)context.Variables["owner"] ? "found" : "foreign";`, `return "found";`)}, "of another caller's response about river was served"},
		"a follow-up goes to any account":         {[]deployed.Option{replaced("response", `<set-variable name="members" value="@((string)context.Variables["holder"])" />`, ``)}, "previous_response_not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			d := deployed.New(t, append(c.option, reasoningModels)...)
			o := byName(t, "conversations").Run(context.Background(), &Env{Site: siteOf(t, d)})
			if c.says == "" {
				assert.Empty(t, o.Failures)
				shaped(t, byName(t, "conversations"), o.Measured)
				measured := o.Measured.(*ConversationsMeasured)
				assert.Positive(t, measured.Interrupted)
				assert.Greater(t, measured.Attempts, measured.Turns, "the pool chose the other account now and then")
				assert.Positive(t, measured.Schedule.Unavailable*measured.Schedule.Foreign*measured.Schedule.Weights)
				assert.Greater(t, measured.Cache.Shares[stored], measured.Cache.Shares[repeated], "staying on one account raises what its cache has")
				return
			}
			assert.Contains(t, strings.Join(o.Failures, "\n"), c.says)
		})
	}
}

// TestWhateverHappensATurnIsAnsweredOrRefusedAsDocumented draws what happens.
func TestWhateverHappensATurnIsAnsweredOrRefusedAsDocumented(t *testing.T) {
	g, done, err := twoUnits(t.Context(), &Env{Site: siteOf(t, deployed.New(t, reasoningModels))})
	require.NoError(t, err)
	defer func() { require.NoError(t, done()) }()
	require.NoError(t, g.plenty())
	rapid.Check(t, func(r *rapid.T) {
		talks, pool, err := g.talks()
		require.NoError(r, err)
		g.clock.Advance(time.Hour)
		f := &findings{}
		s := &schedule{sandbox: g, findings: f, pool: pool, talks: talks, out: map[string]bool{},
			draw: func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "draw") }}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			require.NoError(r, s.step(t.Context()))
		}
		s.heal()
		require.Empty(r, f.all())
	})
}
