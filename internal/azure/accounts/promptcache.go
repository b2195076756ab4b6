package accounts

import (
	"encoding/binary"
	"hash/fnv"
	"strings"
	"sync"
	"time"
)

// What an account remembers of prompts (Microsoft Learn: foundry/openai/how-to/prompt-caching): prompts of at least 1,024 tokens whose beginning
// it has read before, in steps of 128 tokens, until some minutes after the last use ("typically within 5 to 10 minutes of inactivity", of
// which this is the least).
const (
	leastCached    = 1024
	cachedStep     = 128
	cachedInactive = 5 * time.Minute
)

// maxBeginnings bounds the memory: what has expired is dropped when there are more.
const maxBeginnings = 100_000

// promptCache are the beginnings of prompts that deployments have read. [M] Whether two deployments of one model in an account share
// them is not documented, nor how a call is led to the machine that has them: here they do not share, and every repetition is a hit.
type promptCache struct {
	mu   sync.Mutex
	used map[beginning]time.Time
}

// beginning names the first tokens of a prompt.
type beginning struct {
	deployment string
	sum        uint64
}

// hit returns how many of a prompt's first tokens the deployment has read before, and remembers the prompt.
func (c *promptCache) hit(deployment string, tokens []uint, now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used == nil {
		c.used = map[beginning]time.Time{}
	}
	if len(c.used) > maxBeginnings {
		for b, at := range c.used {
			if now.Sub(at) > cachedInactive {
				delete(c.used, b)
			}
		}
	}
	cached := 0
	sum := fnv.New64a()
	for i, token := range tokens {
		_, _ = sum.Write(binary.LittleEndian.AppendUint64(nil, uint64(token)))
		if read := i + 1; read >= leastCached && (read-leastCached)%cachedStep == 0 {
			b := beginning{deployment, sum.Sum64()}
			if at, known := c.used[b]; known && now.Sub(at) <= cachedInactive {
				cached = read
			}
			c.used[b] = now
		}
	}
	return cached
}

// cached is how much of a prompt the deployment has read before. What is counted is the text of the prompt, which is a little less than its
// tokens: roles and separators are not part of it.
func (x *exchange) cached(prompt string) int {
	if !cachesPrompts(x.d.Model) || len(prompt) < leastCached { // a token is a character at least
		return 0
	}
	tokens, _, err := codecs[encodingOf(x.d.Model)]().Encode(prompt)
	if err != nil || len(tokens) < leastCached {
		return 0
	}
	return x.s.prompts.hit(strings.ToLower(x.account.Name+"/"+x.d.Name), tokens, x.s.deps.Clock.Now())
}

// cachesPrompts reports "GPT-4o or newer".
func cachesPrompts(model string) bool {
	for _, family := range []string{"gpt-4o", "gpt-4.1", "gpt-4.5"} {
		if strings.HasPrefix(model, family) {
			return true
		}
	}
	return reasoning(model)
}
