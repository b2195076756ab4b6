package accounts

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// window is the period of the token limit.
const window = time.Minute

// assumedAnswer is what admission adds for a call without max_tokens [M] unverified: Microsoft lists max_tokens among
// the parts of the estimate and names no value for its absence.
const assumedAnswer = 16

// neverFits is the wait in the answer to a call that is larger than the whole limit. "Please retry after 86400 seconds" is seen
// in alex-wolf-ps/dbchatprov2#2 and jasonacox/TinyLLM#17; that it means this case is [M] unverified.
const neverFits = 24 * time.Hour

// spend is a number of tokens admitted at a moment.
type spend struct {
	at     time.Time
	tokens int
}

// meter admits calls to one pay-as-you-go deployment. The documentation speaks of a counter that is reset each minute
// (Microsoft Learn: ai-services/openai/how-to/quota); here the minute slides, so that no 60 seconds ever carry more than
// the limit and a drill cannot profit from a reset.
type meter struct {
	mu       sync.Mutex
	spent    []spend
	sum      int
	requests []time.Time
	slice    time.Time
	inSlice  int
}

// quota is the state of a deployment's limits after a decision, for the x-ratelimit headers.
type quota struct {
	tokens, tokensLeft     int
	requests, requestsLeft int
	tokensReset            time.Duration
	requestsReset          time.Duration
}

// verdict is the decision about one call.
type verdict struct {
	quota quota
	// limit is "token" or "call" when the call is refused.
	limit string
	wait  time.Duration
}

// admit decides about a call of an estimated size. Refused calls count as requests, but spend no tokens.
func (m *meter) admit(now time.Time, d Deployment, estimate int) verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	period := d.RequestSlice
	if period <= 0 {
		period = DefaultRequestSlice
	}
	if start := now.Truncate(period); !start.Equal(m.slice) {
		m.slice, m.inSlice = start, 0
	}
	m.inSlice++
	m.requests = append(m.requests, now)
	var v verdict
	if m.inSlice > perSlice(d.RequestsPerMinute(), period) {
		v.limit, v.wait = "call", m.slice.Add(period).Sub(now)
	} else if wait := m.room(now, d.TokensPerMinute(), estimate); wait > 0 {
		v.limit, v.wait = "token", wait
	} else {
		m.spent, m.sum = append(m.spent, spend{now, estimate}), m.sum+estimate
	}
	v.quota = m.state(now, d, period)
	return v
}

// perSlice spreads a minute's requests evenly; one request always fits into a slice.
func perSlice(perMinute int, period time.Duration) int {
	return max(1, int(int64(perMinute)*int64(period)/int64(time.Minute)))
}

// room is how long a call must wait until the window has room for it; 0 when it has.
func (m *meter) room(now time.Time, limit, estimate int) time.Duration {
	if estimate > limit {
		return neverFits
	}
	over := m.sum + estimate - limit
	for _, s := range m.spent {
		if over <= 0 {
			break
		}
		if over -= s.tokens; over <= 0 {
			return s.at.Add(window).Sub(now)
		}
	}
	return 0
}

// forget drops what is older than the window. A spend leaves exactly 60 seconds after it was made.
func (m *meter) forget(now time.Time) {
	edge := now.Add(-window)
	i := 0
	for ; i < len(m.spent) && !m.spent[i].at.After(edge); i++ {
		m.sum -= m.spent[i].tokens
	}
	m.spent = m.spent[i:]
	j := slices.IndexFunc(m.requests, func(at time.Time) bool { return at.After(edge) })
	if j < 0 {
		j = len(m.requests)
	}
	m.requests = m.requests[j:]
}

func (m *meter) state(now time.Time, d Deployment, period time.Duration) quota {
	q := quota{tokens: d.TokensPerMinute(), requests: d.RequestsPerMinute(), requestsReset: m.slice.Add(period).Sub(now)}
	q.tokensLeft = max(0, q.tokens-m.sum)
	q.requestsLeft = max(0, q.requests-len(m.requests))
	if len(m.spent) > 0 {
		q.tokensReset = m.spent[len(m.spent)-1].at.Add(window).Sub(now)
	}
	return q
}

// header writes the limits. On Azure the reset values are whole seconds, not OpenAI's "20ms" (openai/openai-dotnet#838).
func (q quota) header(h http.Header) {
	if q.tokens == 0 {
		return
	}
	h.Set("X-Ratelimit-Limit-Requests", fmt.Sprint(q.requests))
	h.Set("X-Ratelimit-Limit-Tokens", fmt.Sprint(q.tokens))
	h.Set("X-Ratelimit-Remaining-Requests", fmt.Sprint(q.requestsLeft))
	h.Set("X-Ratelimit-Remaining-Tokens", fmt.Sprint(q.tokensLeft))
	h.Set("X-Ratelimit-Reset-Requests", fmt.Sprint(seconds(q.requestsReset)))
	h.Set("X-Ratelimit-Reset-Tokens", fmt.Sprint(seconds(q.tokensReset)))
}

// limits holds the meters of all deployments. They outlive a change of the account's configuration.
type limits struct {
	mu     sync.Mutex
	meters map[string]*meter
	tanks  map[string]*tank
}

func (l *limits) meter(account, deployment string) *meter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return entry(&l.meters, account+"/"+deployment)
}

func (l *limits) tank(account, deployment string) *tank {
	l.mu.Lock()
	defer l.mu.Unlock()
	return entry(&l.tanks, account+"/"+deployment)
}

func entry[T any](m *map[string]*T, key string) *T {
	if *m == nil {
		*m = map[string]*T{}
	}
	if (*m)[key] == nil {
		(*m)[key] = new(T)
	}
	return (*m)[key]
}
