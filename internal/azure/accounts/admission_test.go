package accounts_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"enterprise-openai/internal/azure/accounts"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ask is a chat that reserves a number of answer tokens; its prompt is estimated as one token.
func ask(tokens int) string {
	return fmt.Sprintf(`{"max_tokens":%d,"messages":[{"role":"user","content":"hi"}]}`, tokens)
}

func slice(d time.Duration) func(*accounts.Account) {
	return func(a *accounts.Account) { a.Deployments[0].RequestSlice = d }
}

func TestTokensBeyondTheLimitAreA429WithRealHeaders(t *testing.T) {
	s, clock := service(t, capacity(10))
	first := post(t, s, chatPath, ask(5999))
	require.Equal(t, 200, first.status, first.body)
	for name, want := range map[string]string{
		"X-Ratelimit-Limit-Tokens": "10000", "X-Ratelimit-Remaining-Tokens": "4000", "X-Ratelimit-Reset-Tokens": "60",
		"X-Ratelimit-Limit-Requests": "60", "X-Ratelimit-Remaining-Requests": "59", "X-Ratelimit-Reset-Requests": "10",
		"X-Ms-Region": "East US 2", "X-Ms-Deployment-Name": "chat", "X-Ms-Rai-Invoked": "true", "X-Content-Type-Options": "nosniff",
	} {
		assert.Equal(t, want, first.header.Get(name), name)
	}
	for _, name := range []string{"Apim-Request-Id", "X-Request-Id", "X-Ms-Client-Request-Id", "Azureml-Model-Session", "Strict-Transport-Security"} {
		assert.NotEmpty(t, first.header.Get(name), name)
	}
	clock.Advance(34 * time.Second)
	second := post(t, s, chatPath, ask(4000))
	assert.Equal(t, 429, second.status)
	assert.Equal(t, `{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."}}`, second.body)
	assert.Equal(t, "26", second.header.Get("Retry-After"))
	assert.Equal(t, "26000", second.header.Get("Retry-After-Ms"))
	assert.Equal(t, 200, post(t, s, chatPath, ask(3999)).status, "what fits is still served")
	clock.Advance(26*time.Second - time.Millisecond)
	assert.Equal(t, 429, post(t, s, chatPath, ask(4000)).status, "a millisecond early is early")
	clock.Advance(time.Millisecond)
	assert.Equal(t, 200, post(t, s, chatPath, ask(4000)).status, "Retry-After is honest")
}

func TestTheEstimateCountsEveryAnswer(t *testing.T) {
	s, _ := service(t)
	post(t, s, chatPath, `{"max_tokens":100,"n":3,"messages":[{"role":"user","content":"12345678"}]}`)
	post(t, s, chatPath, `{"messages":[{"role":"user","content":"12345678"}]}`)
	post(t, s, deployment("old", "completions"), `{"max_tokens":10,"n":1,"best_of":4,"prompt":"12345678"}`)
	var got []int
	for _, r := range s.Requests() {
		got = append(got, r.Estimate)
	}
	assert.Equal(t, []int{2 + 300, 2 + 16, 2 + 40}, got)
}

func TestACallLargerThanTheLimitNeverPasses(t *testing.T) {
	s, _ := service(t, capacity(1))
	got := post(t, s, chatPath, ask(1000))
	assert.Equal(t, 429, got.status)
	assert.Equal(t, "86400", got.header.Get("Retry-After"))
}

func TestRequestsAreCountedInSlices(t *testing.T) {
	// 10 thousand tokens a minute are 60 requests a minute: 10 in 10 seconds, 1 in 1 second.
	for period, fit := range map[time.Duration]int{0: 10, time.Second: 1, 10 * time.Second: 10} {
		s, clock := service(t, capacity(10), slice(period))
		for i := range fit {
			require.Equal(t, 200, post(t, s, chatPath, ask(1)).status, "%s: %d", period, i)
		}
		got := post(t, s, chatPath, ask(1))
		assert.Equal(t, 429, got.status)
		assert.Contains(t, got.body, "have exceeded call rate limit")
		wait, err := strconv.Atoi(got.header.Get("Retry-After"))
		require.NoError(t, err)
		clock.Advance(time.Duration(wait) * time.Second)
		assert.Equal(t, 200, post(t, s, chatPath, ask(1)).status)
	}
}

func TestRequestsPerMinuteFollowTheModel(t *testing.T) {
	for model, want := range map[string]int{"gpt-4o": 180, "gpt-35-turbo": 180, "o1": 5, "o3": 30, "o4-mini": 30, "o3-mini": 3, "o3-pro": 3} {
		assert.Equal(t, want, accounts.Deployment{Model: model, Capacity: 30}.RequestsPerMinute(), model)
	}
	assert.Equal(t, 1, accounts.Deployment{Model: "o3-mini", Capacity: 1}.RequestsPerMinute())
}

func TestNoMinuteEverAdmitsMoreThanTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := accounts.Deployment{Name: "d", Model: "gpt-4o", SKU: "Standard", Capacity: rapid.IntRange(1, 5).Draw(t, "capacity")}
		var m accounts.Meter
		now := newClock().Now()
		type admitted struct {
			at     time.Time
			tokens int
		}
		var calls []admitted
		for i := range rapid.IntRange(1, 200).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 15_000).Draw(t, "pause")) * time.Millisecond)
			tokens := rapid.IntRange(1, 2500).Draw(t, "tokens")
			ok, wait := m.Admit(now, d, tokens)
			if !ok && wait <= 0 {
				t.Fatalf("call %d: refused without a wait", i)
			}
			if ok {
				calls = append(calls, admitted{now, tokens})
			}
		}
		for i, first := range calls {
			sum := 0
			for _, c := range calls[i:] {
				if c.at.Sub(first.at) < time.Minute {
					sum += c.tokens
				}
			}
			if sum > d.TokensPerMinute() {
				t.Fatalf("%d tokens in the minute from %s, the limit is %d", sum, first.at, d.TokensPerMinute())
			}
		}
	})
}

func TestRetryAfterIsTheFirstMomentWithRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := accounts.Deployment{Name: "d", Model: "gpt-4o", SKU: "Standard", Capacity: 1, RequestSlice: time.Second}
		var m accounts.Meter
		now := newClock().Now()
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			now = now.Add(time.Duration(1000+rapid.IntRange(0, 9_000).Draw(t, "pause")) * time.Millisecond)
			tokens := rapid.IntRange(1, 1000).Draw(t, "tokens")
			if ok, wait := m.Admit(now, d, tokens); !ok {
				if early, _ := m.Admit(now.Add(wait-time.Nanosecond), d, tokens); early {
					t.Fatalf("there was room before the %s that were told", wait)
				}
				now = now.Add(wait).Truncate(time.Second).Add(time.Second) // a fresh slice of requests
				if ok, again := m.Admit(now, d, tokens); !ok {
					t.Fatalf("after waiting %s there is no room for another %s", wait, again)
				}
			}
		}
	})
}

func TestAProvisionedDeploymentRefusesWhenItIsFullAndRecovers(t *testing.T) {
	s, clock := service(t)
	path := deployment("reserved", "chat/completions")
	// 50 units of gpt-4o write 50 × 833 tokens a minute; each call below costs a little over half of that.
	body := `{"max_tokens":21000,"messages":[{"role":"user","content":"` + accounts.MarkAnswer.With("max") + `"}]}`
	for range 2 {
		got := post(t, s, path, body)
		require.Equal(t, 200, got.status)
		assert.Empty(t, got.header.Get("X-Ratelimit-Limit-Tokens"), "units have no token limit")
	}
	assert.Greater(t, s.Utilisation("aoai-east", "reserved"), 1.0, "a burst just over 100 % is permitted")
	refused := post(t, s, path, body)
	require.Equal(t, 429, refused.status)
	ms, err := strconv.Atoi(refused.header.Get("Retry-After-Ms"))
	require.NoError(t, err)
	assert.Less(t, ms, 2000, "a provisioned deployment is back within moments")
	clock.Advance(time.Duration(ms) * time.Millisecond)
	assert.Equal(t, 200, post(t, s, path, body).status)
}

func TestUtilisationIsCorrectedByTheRealAnswer(t *testing.T) {
	s, clock := service(t)
	path := deployment("reserved", "chat/completions")
	for range 20 { // each reserves 40,000 tokens and writes 16
		require.Equal(t, 200, post(t, s, path, ask(40_000)).status)
	}
	assert.Less(t, s.Utilisation("aoai-east", "reserved"), 0.02)
	clock.Advance(time.Minute)
	assert.Zero(t, s.Utilisation("aoai-east", "reserved"))
	assert.Zero(t, s.Utilisation("aoai-east", "chat"))
}

func TestProvisionedCapacityIsKeptOverTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tank accounts.Tank
		now, units, spent := newClock().Now(), 10, 0.0
		start := now
		largest := 0.0
		for range rapid.IntRange(1, 300).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pause")) * time.Millisecond)
			cost := rapid.Float64Range(0.01, 4).Draw(t, "cost")
			if tank.Admit(now, units, cost) == 0 {
				spent, largest = spent+cost, max(largest, cost)
			}
		}
		// What drained, one full bucket, and the one call that went over it.
		if limit := float64(units)*now.Sub(start).Minutes() + float64(units) + largest + 1e-6; spent > limit {
			t.Fatalf("%.2f unit-minutes were spent, %.2f exist", spent, limit)
		}
	})
}

func TestLimitsOutliveAChangeOfTheAccount(t *testing.T) {
	s, _ := service(t, capacity(10))
	require.Equal(t, 200, post(t, s, chatPath, ask(9000)).status)
	require.NoError(t, s.Put(account(capacity(10), func(a *accounts.Account) { a.Roles = append(a.Roles, stranger) })))
	assert.Equal(t, 429, post(t, s, chatPath, ask(9000)).status)
	require.NoError(t, s.Put(account(capacity(20))))
	assert.Equal(t, 200, post(t, s, chatPath, ask(9000)).status, "more capacity counts at once")
}

func TestEveryFailureKeepsTheHeadersOfTheDataPlane(t *testing.T) {
	s, _ := service(t)
	got := do(t, s, http.MethodPost, deployment("none", "chat/completions"), hello, "X-Ms-Client-Request-Id", "mine")
	assert.Equal(t, "mine", got.header.Get("X-Ms-Client-Request-Id"))
	assert.Empty(t, got.header.Get("X-Ratelimit-Limit-Tokens"), "an unknown deployment has no limits")
	assert.Empty(t, got.header.Get("Azureml-Model-Session"), "no model answered")
}
