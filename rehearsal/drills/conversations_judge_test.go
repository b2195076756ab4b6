package drills

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/clock"
	"enterprise-openai/stacks"
)

func TestATurnIsReadFromEveryFormOfAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		body             string
		id               string
		prompted, cached int
		wrong            string
	}{
		"a chat":          {`{"id":"c","usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":4}}}`, "c", 9, 4, ""},
		"a response":      {`{"id":"r","output":[{}],"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":2}}}`, "r", 7, 2, ""},
		"a streamed chat": {"data: {\"id\":\"c\"}\n\ndata: {\"id\":\"c\",\"usage\":{\"prompt_tokens\":9}}\r\n\ndata: [DONE]\n\n", "c", 9, 0, ""},
		"a streamed response": {"event: response.created\ndata: {\"response\":{\"id\":\"r\"}}\n\nevent: response.completed\ndata: {\"response\":{\"id\":\"r\",\"usage\":{\"input_tokens\":5}}}\n\n",
			"r", 5, 0, ""},
		"events behind the usage": {"data: {\"id\":\"c\",\"usage\":{\"prompt_tokens\":9}}\n\ndata: {\"id\":\"other\"}\n\n", "c", 9, 0, ""},
		"no usage":                {`{"id":"c"}`, "", 0, 0, `an answer without usage: {"id":"c"}`},
		"no JSON":                 {"not found", "", 0, 0, "an answer: invalid character"},
	} {
		made, err := readTurn(c.body)
		if c.wrong != "" {
			assert.ErrorContains(t, err, c.wrong, name)
			continue
		}
		require.NoError(t, err, name)
		prompted, cached := made.usage()
		assert.Equal(t, []any{c.id, c.prompted, c.cached}, []any{made.ID, prompted, cached}, name)
	}
}

func TestWhatWasAnsweredIsTheOutputOrTheChat(t *testing.T) {
	assert.Equal(t, `{"a":1}{"b":2}`, turnMade{Output: []json.RawMessage{json.RawMessage(`{"a":1}`), json.RawMessage(`{"b":2}`)}}.text(answer{body: "unread"}))
	assert.Equal(t, "yes", turnMade{}.text(answer{body: `{"choices":[{"message":{"content":"yes"}}]}`}))
}

func TestAConversationIsBoundByWhatOneAccountAloneCanRead(t *testing.T) {
	reasoning := []json.RawMessage{json.RawMessage(`{"type":"reasoning","encrypted_content":"x"}`)}
	for name, c := range map[string]struct {
		talk talk
		want bool
	}{
		"stored, at its beginning":  {talk{form: stored}, false},
		"stored, going on":          {talk{form: stored, previous: "resp_1"}, true},
		"carried without reasoning": {talk{form: carried, items: []json.RawMessage{json.RawMessage(`{"role":"user"}`)}}, false},
		"carried with reasoning":    {talk{form: carried, items: reasoning}, true},
		"repeated":                  {talk{form: repeated, items: reasoning}, false},
	} {
		assert.Equal(t, c.want, c.talk.bound(), name)
	}
}

func TestATurnSendsWhatItsFormNeeds(t *testing.T) {
	items := []json.RawMessage{json.RawMessage(`"a"`), json.RawMessage(`"b"`)}
	for name, c := range map[string]struct {
		talk   talk
		stream bool
		want   string
	}{
		"the first of a stored one": {talk{form: stored}, false, `{"model":"gpt","stream":false,"input":["b"],"max_output_tokens":64}`},
		"the next of a stored one": {talk{form: stored, previous: "r"}, true,
			`{"model":"gpt","stream":true,"input":["b"],"max_output_tokens":64,"previous_response_id":"r"}`},
		"of a carried one": {talk{form: carried}, false,
			`{"model":"gpt","stream":false,"input":["a","b"],"max_output_tokens":64,"store":false,"include":["reasoning.encrypted_content"]}`},
		"of a repeated one": {talk{form: repeated}, false, `{"model":"gpt","stream":false,"messages":["a","b"],"max_completion_tokens":64}`},
		"of a repeated one, streamed": {talk{form: repeated}, true,
			`{"model":"gpt","stream":true,"messages":["a","b"],"max_completion_tokens":64,"stream_options":{"include_usage":true}}`},
	} {
		c.talk.ask.deployment = "gpt"
		body, err := json.Marshal(c.talk.body(items, c.stream))
		require.NoError(t, err, name)
		assert.JSONEq(t, c.want, string(body), name)
	}
}

// scheduled is a schedule on a clock, without a gateway.
func scheduled(talks ...*talk) *schedule {
	return &schedule{sandbox: &sandbox{clock: clock.NewFake(clock.Epoch)}, findings: &findings{}, talks: talks, out: map[string]bool{}, draw: func(int) int { return 0 }}
}

func refusal(status int, code, after string) answer {
	return answer{status: status, header: http.Header{"Retry-After": {after}}, body: `{"error":{"code":"` + code + `","message":"m"}}`}
}

func TestATurnIsRefusedOnlyInTroubleAndInDocumentedWords(t *testing.T) {
	for name, c := range map[string]struct {
		got   answer
		bound bool
		out   bool
		says  string
	}{
		"an account is out":            {refusal(503, "BackendUnavailable", "5"), false, true, ""},
		"the account of a bound one":   {refusal(503, "ConversationUnavailable", "5"), true, true, ""},
		"limits are reached":           {refusal(429, "RateLimitReached", "5"), false, true, ""},
		"no account is out":            {refusal(503, "BackendUnavailable", "5"), false, false, "a turn was answered 503 BackendUnavailable although every account has been well for 2m0s"},
		"an unbound one is bound":      {refusal(503, "ConversationUnavailable", "5"), false, true, "where RateLimitReached or BackendUnavailable with a Retry-After was promised"},
		"a refusal without a time":     {refusal(503, "BackendUnavailable", ""), false, true, `a turn was answered 503 BackendUnavailable with Retry-After ""`},
		"an error of nobody's":         {refusal(500, "", "5"), true, true, "where RateLimitReached or BackendUnavailable or ConversationUnavailable with a Retry-After was promised"},
		"another error, without delay": {refusal(400, "invalid_encrypted_content", ""), true, true, "a turn was answered 400 invalid_encrypted_content"},
	} {
		s := scheduled()
		s.out["a"] = c.out
		if !c.out {
			clear(s.out)
		}
		s.excuse("a turn", c.got, c.bound)
		assert.Equal(t, 1, s.Unavailable, name)
		if c.says == "" {
			assert.Empty(t, s.all(), name)
			continue
		}
		assert.Contains(t, joined(s.all()), c.says, name)
	}
}

func TestTroubleEndsSomeTimeAfterTheLastOutage(t *testing.T) {
	s := scheduled()
	assert.True(t, s.calm())
	s.out["a"] = true
	assert.False(t, s.calm())
	clear(s.out)
	s.troubled = s.clock.Now().Add(gatewayForgets)
	s.clock.Advance(gatewayForgets - time.Second)
	assert.False(t, s.calm(), "a breaker may still be open")
	s.clock.Advance(time.Second)
	assert.True(t, s.calm())
}

func TestAnAnswerIsAboutItsOwnConversationAlone(t *testing.T) {
	river, forest := &talk{form: stored, topic: "river"}, &talk{form: repeated, topic: "forest"}
	chat := func(text string) answer {
		return answer{body: `{"object":"river","choices":[{"message":{"content":"` + text + `"}}]}`}
	}
	for name, c := range map[string]struct {
		t    *talk
		got  answer
		want []string
	}{
		"its own":            {river, answer{body: "a river"}, nil},
		"of another one too": {river, answer{body: "a river in a forest"}, []string{"a turn was answered about forest: a river in a forest"}},
		"of another one": {river, answer{body: "a forest"}, []string{
			"a turn was answered about river: a forest", "a turn was answered about forest: a forest"}},
		"a chat is read, not searched as a whole": {forest, chat("a forest"), nil},
		"a chat of another one":                   {forest, chat("forest and river"), []string{"a turn was answered about river: forest and river"}},
	} {
		s := scheduled(river, forest)
		s.own("a turn", c.t, c.got)
		assert.Equal(t, c.want, s.all(), name)
	}
}

func TestWhatHappensNextHappensToAConversationThatSuits(t *testing.T) {
	first, second := &talk{topic: "river"}, &talk{topic: "forest", previous: "r"}
	s := scheduled(first, second)
	assert.Same(t, second, s.any(func(t *talk) bool { return t.previous != "" }))
	assert.Nil(t, s.any(func(*talk) bool { return false }))
	var below int
	s.draw = func(n int) int { below = n; return n - 1 }
	assert.Same(t, second, s.any(func(*talk) bool { return true }))
	assert.Equal(t, 2, below)
}

// sharesOf are what the accounts of a pool of two got of first turns.
func sharesOf(sweden, france float64) map[string]float64 {
	return map[string]float64{"sweden": sweden, "france": france}
}

func TestFirstTurnsAreSpreadByWeightAndPriority(t *testing.T) {
	pool := stacks.Pool{Members: []stacks.PoolMember{{Account: stacks.Account{Name: "sweden"}}, {Account: stacks.Account{Name: "france"}}}}
	for name, c := range map[string]struct {
		weighted, preferred map[string]float64
		want                []string
	}{
		"three to one":            {sharesOf(0.75, 0.25), sharesOf(1, 0), nil},
		"nearly":                  {sharesOf(0.6, 0.4), sharesOf(1, 0), nil},
		"half and half":           {sharesOf(0.5, 0.5), sharesOf(1, 0), []string{"account sweden got 0.50 of the first turns, where its weight is 0.75 of all", "account france got 0.50 of the first turns, where its weight is 0.25 of all"}},
		"priority for none":       {sharesOf(0.75, 0.25), sharesOf(0.5, 0.5), []string{"account france with priority 2 got 0.50 of the first turns"}},
		"the other one preferred": {sharesOf(0.75, 0.25), sharesOf(0, 1), []string{"account sweden with priority 1 got 0.00 of the first turns", "account france with priority 2 got 1.00 of the first turns"}},
	} {
		f := &findings{}
		judgeFirstTurns(f, pool, &ConversationsMeasured{FirstTurns: c.weighted, Preferred: c.preferred})
		assert.Equal(t, c.want, f.all(), name)
	}
}
