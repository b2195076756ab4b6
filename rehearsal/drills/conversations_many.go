package drills

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"enterprise-openai/stacks"
)

// scheduleSteps is how much happens in the drill; the same steps happen in every run.
const scheduleSteps = 150

// tryMany lets many conversations go on at once, then measures what an account's cache and the pool's weights do for them.
func (g *sandbox) tryMany(ctx context.Context, f *findings, measured *ConversationsMeasured) error {
	talks, pool, err := g.talks()
	if err != nil || len(talks) == 0 {
		return err
	}
	g.clock.Advance(time.Hour)           // what came before has used no limit
	steps := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same steps in every run
	s := &schedule{sandbox: g, findings: f, draw: steps.IntN, pool: pool, talks: talks, out: map[string]bool{}}
	for range scheduleSteps {
		if err := s.step(ctx); err != nil {
			return err
		}
	}
	s.heal()
	measured.Schedule = s.ScheduleMeasured
	g.clock.Advance(time.Hour)
	if measured.Cache, err = g.measureCache(ctx, f, talks, pool); err != nil {
		return err
	}
	return g.measureFirstTurns(ctx, f, talks[0], pool, measured)
}

// talks are conversations about one deployment: one of each form for each of two callers.
func (g *sandbox) talks() ([]*talk, stacks.Pool, error) {
	callers, err := g.callers()
	if err != nil {
		return nil, stacks.Pool{}, err
	}
	callers = slices.DeleteFunc(callers, func(c caller) bool { return c.embed })
	if len(callers) == 0 {
		return nil, stacks.Pool{}, nil
	}
	pool := poolOf(g.site.Settings, callers[0].deployment)
	var all []*talk
	for _, c := range callers {
		if c.deployment != pool.Deployment {
			continue
		}
		payers, err := g.payers(c)
		if err != nil {
			return nil, pool, err
		}
		for _, payer := range payers[:min(2, len(payers))] {
			for _, form := range []talkForm{stored, carried, repeated} {
				if form == stored && private(c.product) || len(all) == len(topics) {
					continue // nothing of such a product is stored
				}
				all = append(all, &talk{g: g, ask: payer.ask, form: form, topic: topics[len(all)]})
			}
		}
	}
	return all, pool, nil
}

// CacheMeasured is what accounts had read before of the prompts that they got.
type CacheMeasured struct {
	// Shares are cached tokens of a follow-up's prompt by the form of the conversation, while the pool's accounts share the load.
	Shares map[talkForm]float64 `json:"shares"`
	// Tokens are the cached tokens by account.
	Tokens map[string]int `json:"tokens"`
}

const (
	// cacheTurns are the follow-ups of a conversation whose cache is measured.
	cacheTurns = 4
	// cacheWords make a first turn that is long enough to be cached.
	cacheWords = 1300
)

// measureCache lets one conversation of each form go on while all accounts share the load. One that stays on its account has to find
// its prompt there.
func (g *sandbox) measureCache(ctx context.Context, f *findings, talks []*talk, pool stacks.Pool) (*CacheMeasured, error) {
	if err := g.setPool(pool, func(int) (int, int) { return 1, 1 }); err != nil {
		return nil, err
	}
	m := &CacheMeasured{Shares: map[talkForm]float64{}, Tokens: map[string]int{}}
	g.Models.ForgetRequests()
	for _, form := range []talkForm{stored, carried, repeated} {
		i := slices.IndexFunc(talks, func(t *talk) bool { return t.form == form })
		if i < 0 {
			continue
		}
		t := &talk{g: g, ask: talks[i].ask, form: form, topic: topics[i], opening: strings.Repeat(" water", cacheWords)}
		prompted, cached := 0, 0
		for turn := range 1 + cacheTurns {
			g.clock.Advance(time.Minute)
			got, err := t.say(ctx, false)
			if err != nil {
				return nil, err
			}
			if got.status != 200 {
				f.add("turn %d of a long %s conversation was answered %s", turn+1, form, got)
				break
			}
			if turn == 0 {
				continue
			}
			prompted, cached = prompted+t.prompted, cached+t.cached
			if t.cached == 0 && t.bound() {
				f.add("turn %d of a %s conversation found nothing of its prompt in the account's cache: it did not stay there", turn+1, form)
			}
		}
		m.Shares[form] = math.Round(100*float64(cached)/float64(max(1, prompted))) / 100
	}
	for _, r := range g.Models.Requests() {
		if r.Usage.Total() > 0 {
			m.Tokens[r.Account] += r.Usage.Cached
		}
	}
	return m, nil
}

// firstTurns are the conversations that are begun to see how they are spread, and the most by which a share may miss its weight.
const (
	firstTurns  = 100
	weightSlack = 0.2
)

// weighted and preferred are the priority and the weight of a pool's members for first turns: the first one has three times the weight
// of the others, then it alone is preferred.
func weighted(i int) (priority, weight int)  { return 1, []int{3, 1}[min(i, 1)] }
func preferred(i int) (priority, weight int) { return 1 + min(i, 1), 1 }

// measureFirstTurns begins conversations while one member has more weight, then while it is preferred.
func (g *sandbox) measureFirstTurns(ctx context.Context, f *findings, of *talk, pool stacks.Pool, m *ConversationsMeasured) error {
	if len(pool.Members) < 2 {
		return nil
	}
	var err error
	if m.FirstTurns, err = g.begin(ctx, f, of, pool, weighted); err != nil {
		return err
	}
	if m.Preferred, err = g.begin(ctx, f, of, pool, preferred); err != nil {
		return err
	}
	judgeFirstTurns(f, pool, m)
	return nil
}

// judgeFirstTurns compares the shares of accounts with their weights and priorities.
func judgeFirstTurns(f *findings, pool stacks.Pool, m *ConversationsMeasured) {
	for i, member := range pool.Members {
		name := member.Account.Name
		_, weight := weighted(i)
		if want := float64(weight) / float64(len(pool.Members)+2); math.Abs(m.FirstTurns[name]-want) > weightSlack {
			f.add("account %s got %.2f of the first turns, where its weight is %.2f of all", name, m.FirstTurns[name], want)
		}
		if priority, _ := preferred(i); (m.Preferred[name] > 0) != (priority == 1) {
			f.add("account %s with priority %d got %.2f of the first turns", name, priority, m.Preferred[name])
		}
	}
}

// begin begins conversations and returns the shares of the accounts.
func (g *sandbox) begin(ctx context.Context, f *findings, of *talk, pool stacks.Pool, weights func(int) (int, int)) (map[string]float64, error) {
	if err := g.setPool(pool, weights); err != nil {
		return nil, err
	}
	g.Models.ForgetRequests()
	for range firstTurns {
		g.clock.Advance(20 * time.Second)
		t := &talk{g: g, ask: of.ask, form: of.form, topic: of.topic}
		got, err := t.say(ctx, false)
		if err != nil {
			return nil, err
		}
		if got.status != 200 {
			f.add("a first turn was answered %s", got)
		}
	}
	shares := map[string]float64{}
	for _, r := range g.Models.Requests() {
		for _, member := range pool.Members {
			if strings.Contains(r.Account, member.Account.Name) {
				shares[member.Account.Name] += 1.0 / firstTurns
			}
		}
	}
	for name := range shares {
		shares[name] = math.Round(100*shares[name]) / 100
	}
	return shares, nil
}
