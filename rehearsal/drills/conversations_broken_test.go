package drills

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

// part is a part of the drill on conversations, on its own talks.
type part func(ctx context.Context, g *sandbox, f *findings, talks []*talk, pool stacks.Pool) error

// interruption takes away the account of a conversation that its caller keeps.
func interruption(ctx context.Context, g *sandbox, f *findings, talks []*talk, _ stacks.Pool) error {
	a := talks[0].ask
	a.surface, a.respond = v1, true
	kept := &conversation{g: g, ask: a}
	if _, err := kept.turn(ctx); err != nil {
		return err
	}
	return kept.interrupted(ctx, f, "standard")
}

// twoTurns lets one stored conversation go on, as the schedule does.
func twoTurns(ctx context.Context, g *sandbox, f *findings, talks []*talk, pool stacks.Pool) error {
	s := &schedule{sandbox: g, findings: f, pool: pool, talks: talks, out: map[string]bool{}, draw: func(int) int { return 1 }}
	for range 2 {
		if err := s.turn(ctx, talks[0]); err != nil {
			return err
		}
	}
	return nil
}

func cached(ctx context.Context, g *sandbox, f *findings, talks []*talk, pool stacks.Pool) error {
	_, err := g.measureCache(ctx, f, talks, pool)
	return err
}

func begun(ctx context.Context, g *sandbox, f *findings, talks []*talk, pool stacks.Pool) error {
	_, err := g.begin(ctx, f, talks[0], pool, weighted)
	return err
}

func TestEveryPartOfConversationsSaysWhatIsBroken(t *testing.T) {
	// The responses' own edit of the body, which a mistake would make.
	edit := func(with string) deployed.Option {
		return replaced("usage", `return text.Insert(text.IndexOf('{') + 1, "\"" + name + "\":" + value + ",");`, with)
	}
	for name, c := range map[string]struct {
		try    part
		option []deployed.Option
		then   func(*deployed.Site)
		says   string
	}{
		"an account that is out for a turn": {interruption, nil, nil, ""},
		"two turns":                         {twoTurns, nil, nil, ""},
		"a long conversation":               {cached, nil, nil, ""},
		"nobody else while an account is out": {interruption, nil, func(s *deployed.Site) { s.Delete(s.Role("france")) },
			"out a new conversation was answered 503 BackendUnavailable"},
		"an account that is left out for an hour": {interruption, nil, brokenBreakers(func(rule map[string]any) { rule["tripDuration"] = "PT1H" }),
			"back the conversation was answered 503 "},
		"what was said before is left out": {twoTurns, []deployed.Option{edit(`return text.Replace("previous_response_id", "user");`)}, nil,
			"what was said before is lost"},
		"a prompt that begins anew every time": {cached, []deployed.Option{replaced("usage", `body["store"][0] == "false") { return text; }`,
			`body["store"][0] == "false") { return text.Replace("\"content\":\"", "\"content\":\"" + context.RequestId); }`)}, nil,
			"turn 2 of a carried conversation found nothing of its prompt in the account's cache: it did not stay there"},
		"a follow-up of something else": {cached, []deployed.Option{edit(`return text.Replace("previous_response_id\":\"resp", "previous_response_id\":\"other");`)}, nil,
			"of a long stored conversation was answered 400 previous_response_not_found"},
		"nobody who can begin": {begun, nil, func(s *deployed.Site) { s.Delete(s.Role("sweden")); s.Delete(s.Role("france")) },
			"a first turn was answered 502 BackendRefused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deployed.New(t, append(c.option, reasoningModels)...)
			if c.then != nil {
				c.then(d)
			}
			g, done, err := twoUnits(t.Context(), &Env{Site: siteOf(t, d)})
			require.NoError(t, err)
			defer func() { require.NoError(t, done()) }()
			require.NoError(t, g.plenty())
			talks, pool, err := g.talks()
			require.NoError(t, err)
			f := &findings{}
			require.NoError(t, c.try(t.Context(), g, f, talks, pool))
			if c.says == "" {
				assert.Empty(t, f.all())
				return
			}
			assert.Contains(t, joined(f.all()), c.says)
		})
	}
}

func TestEveryCallerTalksInEveryFormAboutATopicOfItsOwn(t *testing.T) {
	g := opened(t, reasoningModels)
	talks, pool, err := g.talks()
	require.NoError(t, err)
	assert.Equal(t, "gpt-4o", pool.Deployment)
	require.Len(t, talks, len(topics))
	forms, withKeyAlone := map[talkForm]int{}, 0
	for i, talk := range talks {
		forms[talk.form]++
		if talk.ask.token == "" {
			withKeyAlone++
		}
		assert.Equal(t, topics[i], talk.topic)
	}
	assert.Equal(t, map[talkForm]int{stored: 2, carried: 3, repeated: 3}, forms, "two teams, and a confidential one that stores nothing")
	assert.Equal(t, 6, withKeyAlone, "both teams of the first product")
	g.site.Settings.Products = nil
	talks, _, err = g.talks()
	require.NoError(t, err)
	assert.Empty(t, talks)
	assert.NoError(t, g.tryMany(t.Context(), &findings{}, &ConversationsMeasured{}), "nobody talks")
}

func TestAModelWithoutReasoningIsSaidNotToBeTried(t *testing.T) {
	g := opened(t, deployed.With(func(s *stacks.Settings) {
		s.Products[0].TokensPerMinute, s.Products[0].TokenQuota.Tokens = 20_000, 100_000_000
	}))
	f := &findings{}
	callers, err := g.callers()
	require.NoError(t, err)
	g.site.Settings.Products = []stacks.Product{callers[0].product}
	got, err := tryConversations(t.Context(), g, f)
	require.NoError(t, err)
	assert.Empty(t, f.all())
	assert.Equal(t, []string{"standard: gpt-4o gives no reasoning"}, got.NotTried)
	assert.Zero(t, got.Interrupted)
	assert.Equal(t, turnsOfConversation, got.Turns)
}

func TestAnAccountGoesAwayUnderTheNameItWasDeployedWith(t *testing.T) {
	g := opened(t)
	s := &schedule{sandbox: g, findings: &findings{}, pool: poolOf(g.site.Settings, "gpt-4o"), out: map[string]bool{}, draw: func(n int) int { return n - 1 }}
	require.NoError(t, s.lose())
	require.Len(t, s.out, 1)
	for name := range s.out {
		assert.True(t, strings.Contains(name, "france") && strings.HasPrefix(name, "aoai-"), name)
	}
	assert.Equal(t, "nowhere", s.accountName("nowhere"))
	assert.False(t, s.calm())
	s.heal()
	assert.Empty(t, s.out)
	assert.Equal(t, s.clock.Now().Add(gatewayForgets), s.troubled)
	before := s.troubled
	s.clock.Advance(gatewayForgets + time.Second)
	s.heal()
	assert.Equal(t, before, s.troubled, "where nothing was out nothing is to be forgotten")
}
