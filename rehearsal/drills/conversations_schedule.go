package drills

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

// schedule lets conversations go on while accounts go away and come back, weights change and time passes. What happens next is drawn.
type schedule struct {
	*sandbox
	*findings
	// draw is a number from 0 to below n.
	draw  func(n int) int
	pool  stacks.Pool
	talks []*talk
	// out are the accounts that do not answer now; troubled is until when callers may notice that one did not.
	out      map[string]bool
	troubled time.Time
	ScheduleMeasured
}

// ScheduleMeasured counts what happened.
type ScheduleMeasured struct {
	Turns int `json:"turns"`
	// Unavailable are turns that were answered with a documented error while an account was out.
	Unavailable int `json:"unavailable"`
	// Outages and Weights are how often an account went away and a pool was changed; Foreign are calls about another caller's response.
	Outages int `json:"outages"`
	Weights int `json:"weights"`
	Foreign int `json:"foreign"`
}

// topics are words that nothing else is about; every conversation has its own.
var topics = []string{"river", "mountain", "forest", "desert", "island", "harbour", "meadow", "glacier"}

// gatewayForgets is how long after an outage a caller may still notice it: longer than every breaker, Retry-After and silence here.
const gatewayForgets = 2 * time.Minute

// outages are the ways in which accounts go away.
var outages = []accounts.Fault{
	{Kind: accounts.FaultStatus, Status: http.StatusServiceUnavailable},
	{Kind: accounts.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: 20 * time.Second},
	{Kind: accounts.FaultStatus, Status: http.StatusInternalServerError},
	{Kind: accounts.FaultRefused},
}

// step lets one thing happen.
func (s *schedule) step(ctx context.Context) error {
	s.clock.Advance(time.Duration(5+s.draw(20)) * time.Second)
	t := s.any(func(*talk) bool { return true })
	switch s.draw(10) {
	case 0:
		return s.lose()
	case 1:
		s.heal()
		return nil
	case 2:
		return s.weigh()
	case 3:
		s.clock.Advance(time.Duration(s.draw(300)) * time.Second)
		return nil
	case 4:
		if t = s.any(func(t *talk) bool { return t.previous != "" }); t != nil {
			return s.visitOwn(ctx, t)
		}
		return nil
	case 5:
		if t = s.any(func(t *talk) bool { return t.previous != "" }); t != nil {
			return s.visitForeign(ctx, t)
		}
		return nil
	default:
		return s.turn(ctx, t)
	}
}

// any is one of the conversations that suit, nil if none does.
func (s *schedule) any(suits func(*talk) bool) *talk {
	all := slices.DeleteFunc(slices.Clone(s.talks), func(t *talk) bool { return !suits(t) })
	if len(all) == 0 {
		return nil
	}
	return all[s.draw(len(all))]
}

// lose takes one account away.
func (s *schedule) lose() error {
	account := s.pool.Members[s.draw(len(s.pool.Members))].Account.Name
	fault := outages[s.draw(len(outages))]
	name := s.accountName(account)
	fault.Name, fault.Match = "out", accounts.Match{Account: name}
	s.out[name] = true
	s.Outages++
	return s.Models.Script(fault)
}

// heal brings every account back.
func (s *schedule) heal() {
	if s.calm(); len(s.out) > 0 {
		s.troubled = s.clock.Now().Add(gatewayForgets)
	}
	s.Models.Heal("")
	clear(s.out)
}

// calm reports that nobody may notice an outage.
func (s *schedule) calm() bool { return len(s.out) == 0 && !s.clock.Now().Before(s.troubled) }

// accountName is the name that an account of the settings was deployed with.
func (s *schedule) accountName(account string) string {
	for _, r := range s.arm.Resources(accountType) {
		if strings.Contains(r.Name, account) {
			return r.Name
		}
	}
	return account
}

// weigh gives the members of the pool other priorities and weights.
func (s *schedule) weigh() error {
	s.Weights++
	return s.setPool(s.pool, func(int) (priority, weight int) { return 1 + s.draw(2), 1 + s.draw(100) })
}

// setPool writes the pool of a deployment with other priorities and weights, as an administrator would.
func (g *sandbox) setPool(pool stacks.Pool, of func(member int) (priority, weight int)) error {
	service, err := g.service()
	if err != nil {
		return err
	}
	id := service + "/backends/" + policies.PoolID(pool.Deployment)
	var members []any
	for i, m := range pool.Members {
		priority, weight := of(i)
		members = append(members, map[string]any{"id": service + "/backends/" + policies.BackendID(m.Account.Name, pool.Deployment), "priority": priority, "weight": weight})
	}
	_, err = g.send(http.MethodPut, id, map[string]any{"properties": map[string]any{"type": "Pool", "pool": map[string]any{"services": members}}})
	return err
}

// turn lets a conversation go on, and judges the answer.
func (s *schedule) turn(ctx context.Context, t *talk) error {
	s.Turns++
	bound, before := t.bound(), t.prompted
	got, err := t.say(ctx, s.draw(3) == 0)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("a turn of a %s conversation about %s", t.form, t.topic)
	if got.status != http.StatusOK {
		s.excuse(what, got, bound)
		return nil
	}
	s.own(what, t, got)
	if bound && t.prompted <= before {
		s.add("%s counted %d tokens of a prompt after %d: what was said before is lost", what, t.prompted, before)
	}
	return nil
}

// excuse judges an answer that is no success: a documented error with Retry-After, and only while somebody may notice an outage.
func (s *schedule) excuse(what string, got answer, bound bool) {
	s.Unavailable++
	allowed := []string{"RateLimitReached", "BackendUnavailable"}
	if bound {
		allowed = append(allowed, "ConversationUnavailable")
	}
	switch code, _ := got.failure(); {
	case !slices.Contains(allowed, code) || got.header.Get("Retry-After") == "":
		s.add("%s was answered %s with Retry-After %q, where %s with a Retry-After was promised", what, got, got.header.Get("Retry-After"), strings.Join(allowed, " or "))
	case s.calm():
		s.add("%s was answered %s although every account has been well for %s", what, got, gatewayForgets)
	}
}

// own checks that an answer is about the conversation's topic, and about no other.
func (s *schedule) own(what string, t *talk, got answer) {
	text := got.body
	if chat, _ := got.read(); t.form == repeated {
		text = chat
	}
	for _, other := range s.talks {
		if has := strings.Contains(text, other.topic); has != (other == t) {
			s.add("%s was answered about %s: %.200s", what, other.topic, text)
		}
	}
}

// visitOwn reads, lists or deletes the last response of a stored conversation.
func (s *schedule) visitOwn(ctx context.Context, t *talk) error {
	method, below := http.MethodGet, "/"+t.previous
	switch s.draw(3) {
	case 0:
		below += "/input_items"
	case 1:
		method = http.MethodDelete
	}
	got, err := t.call(ctx, method, below, nil)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%s of a response about %s", method, t.topic)
	switch {
	case got.status != http.StatusOK:
		s.excuse(what, got, true)
	case method == http.MethodDelete:
		t.previous, t.prompted = "", 0
	default:
		s.own(what, t, got)
	}
	return nil
}

// visitForeign lets another caller read or continue a response, which does not exist for it.
func (s *schedule) visitForeign(ctx context.Context, t *talk) error {
	other := s.any(func(other *talk) bool {
		return other.form != repeated && (other.ask.key != t.ask.key || other.ask.token != t.ask.token)
	})
	if other == nil {
		return nil
	}
	s.Foreign++
	want, method, below, body := "404 not_found", http.MethodGet, "/"+t.previous, any(nil)
	switch s.draw(3) {
	case 0:
		method = http.MethodDelete
	case 1:
		want, method, below = "400 previous_response_not_found", http.MethodPost, ""
		body = map[string]any{"model": other.ask.deployment, "input": "go on", "previous_response_id": t.previous, "max_output_tokens": talkTokens}
	}
	got, err := other.call(ctx, method, below, body)
	if err != nil {
		return err
	}
	if got.String() == want {
		return nil
	}
	what := fmt.Sprintf("%s of another caller's response about %s", method, t.topic)
	if got.status == http.StatusOK {
		s.add("%s was served: %.200s", what, got.body)
		return nil
	}
	s.excuse(what, got, true)
	return nil
}
