package drills

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
)

// conversations keeps conversations on the client's side, whose reasoning only the account that made it can read, and takes that account away.
func conversations() Drill {
	return Drill{
		Name: "conversations",
		Promise: "A conversation that its caller keeps goes on with the account that can read its reasoning, on whichever the pool decides; when that account " +
			"is out, the caller gets ConversationUnavailable with Retry-After and goes on afterwards, and others notice nothing. Whatever accounts, weights and units " +
			"do, a turn is answered or refused with a documented error, never with another caller's text; one that stays on its account finds its prompt in the " +
			"account's cache, and first turns are spread by weight and priority.",
		When: Standing,
		Work: with(twoUnits, tryConversations),
	}
}

// ConversationsMeasured counts turns, and the attempts that they took.
type ConversationsMeasured struct {
	Turns    int `json:"turns"`
	Attempts int `json:"attempts"`
	// Interrupted are the conversations whose account was out for a turn.
	Interrupted int `json:"interrupted"`
	// NotTried are deployments whose model gives no reasoning.
	NotTried []string `json:"notTried,omitempty"`
	// Schedule is what happened to conversations while accounts went away and weights changed.
	Schedule ScheduleMeasured `json:"schedule"`
	// Cache is what conversations gained from an account that knows them; nil where no product has a deployment for chat.
	Cache *CacheMeasured `json:"cache,omitempty"`
	// FirstTurns are the shares of first turns by account, with weights of 3 to 1 and then with priorities.
	FirstTurns map[string]float64 `json:"firstTurns,omitempty"`
	Preferred  map[string]float64 `json:"preferred,omitempty"`
}

// twoUnits gives the drill a copy of what was deployed on a gateway of two units, each of which knows only what it has seen itself.
func twoUnits(ctx context.Context, env *Env) (*sandbox, func() error, error) {
	if env.Site == nil {
		return nil, nil, errNotServed
	}
	g, err := env.Site.open(ctx, func(g *sandbox) error { g.units = 2; return nil })
	if err != nil {
		return nil, nil, err
	}
	return g, func() error { _ = g.Close(); return nil }, nil
}

// turnsOfConversation is how often each caller says something.
const turnsOfConversation = 5

func tryConversations(ctx context.Context, g *sandbox, f *findings) (*ConversationsMeasured, error) {
	if err := g.plenty(); err != nil {
		return nil, err
	}
	callers, err := g.callers()
	if err != nil {
		return nil, err
	}
	measured := &ConversationsMeasured{}
	for _, c := range callers {
		if c.embed {
			continue
		}
		c.surface, c.respond = v1, true
		talk := &conversation{g: g, ask: c.ask}
		for range turnsOfConversation {
			g.records.take()
			got, err := talk.turn(ctx)
			if err != nil {
				return nil, err
			}
			measured.Turns, measured.Attempts = measured.Turns+1, measured.Attempts+g.records.takeAttempts()
			if got.status != http.StatusOK {
				f.add("%s: a turn of a conversation was answered %s", c.product.Name, got)
			}
		}
		if !talk.reasons {
			measured.NotTried = append(measured.NotTried, c.product.Name+": "+c.deployment+" gives no reasoning")
			continue
		}
		measured.Interrupted++
		if err := talk.interrupted(ctx, f, c.product.Name); err != nil {
			return nil, err
		}
	}
	return measured, g.tryMany(ctx, f, measured)
}

// conversation is what one caller and the model have said.
type conversation struct {
	g       *sandbox
	ask     ask
	items   []json.RawMessage
	reasons bool
}

// turn says something more and keeps the answer's items.
func (c *conversation) turn(ctx context.Context) (answer, error) {
	said := append(slices.Clone(c.items), json.RawMessage(`{"role":"user","content":"hello"}`))
	body, err := json.Marshal(map[string]any{"model": c.ask.deployment, "store": false, "include": []string{"reasoning.encrypted_content"}, "input": said})
	if err != nil {
		return answer{}, err
	}
	got, err := c.g.askWith(ctx, c.ask, string(body))
	if err != nil || got.status != http.StatusOK {
		return got, err
	}
	var response struct {
		Output []json.RawMessage `json:"output"`
	}
	if err := json.Unmarshal([]byte(got.body), &response); err != nil {
		return got, fmt.Errorf("a response: %w", err)
	}
	c.items = slices.Concat(said, response.Output)
	c.reasons = c.reasons || strings.Contains(got.body, `"encrypted_content"`)
	return got, nil
}

// interrupted takes away the account that answered last for one turn.
func (c *conversation) interrupted(ctx context.Context, f *findings, product string) error {
	seen := c.g.Models.Requests()
	if len(seen) == 0 {
		return errors.New("no account was called")
	}
	owner := seen[len(seen)-1].Account
	if err := c.g.Models.Script(accounts.Fault{Name: "owner", Match: accounts.Match{Account: owner}, Kind: accounts.FaultStatus, Status: http.StatusServiceUnavailable}); err != nil {
		return err
	}
	got, err := c.turn(ctx)
	if err != nil {
		return err
	}
	code, _ := got.failure()
	if code != "ConversationUnavailable" || got.header.Get("Retry-After") == "" {
		f.add("%s: with account %s out a turn was answered %s, where ConversationUnavailable with Retry-After was promised", product, owner, got)
	}
	if len(poolOf(c.g.site.Settings, c.ask.deployment).Members) > 1 {
		fresh := &conversation{g: c.g, ask: c.ask}
		if got, err = fresh.turn(ctx); err != nil {
			return err
		}
		if got.status != http.StatusOK {
			f.add("%s: with account %s out a new conversation was answered %s", product, owner, got)
		}
	}
	c.g.Models.Heal("owner")
	c.g.clock.Advance(time.Minute) // longer than Retry-After and any breaker
	if got, err = c.turn(ctx); err != nil {
		return err
	}
	if got.status != http.StatusOK {
		f.add("%s: with account %s back the conversation was answered %s", product, owner, got)
	}
	return nil
}
