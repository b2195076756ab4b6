package tokens

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"
)

func TestAPromptIsCountedHoweverItIsNested(t *testing.T) {
	words := func(s string) int { return len(strings.Fields(s)) }
	for body, want := range map[string]int{
		`{"messages":[{"role":"system","content":"a b"},{"role":"user","content":"c"}]}`:                                                                2*messageTokens + 3,
		`{"messages":[{"role":"user","content":[{"type":"text","text":"a b"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}`: messageTokens + 2 + imageTokens,
		`{"input":"a b c"}`:                                 3,
		`{"input":["a","b c"]}`:                             3,
		`{"input":[[1,2,3],[4]]}`:                           4,
		`{"prompt":"a"}`:                                    1,
		`{"prompt":null}`:                                   0,
		`{"messages":{"role":1}}`:                           messageTokens,
		`{"input":[{"role":"user","content":"hello you"}]}`: messageTokens + 2,
		`{}`: 0,
	} {
		var p Prompt
		require.NoError(t, json.Unmarshal([]byte(body), &p))
		assert.Equal(t, want, p.count(words), body)
	}
}

func TestTokensAreCountedWithTheModelsVocabulary(t *testing.T) {
	for model, want := range map[string]tokenizer.Encoding{
		"gpt-4o": tokenizer.O200kBase, "gpt-4.1-mini": tokenizer.O200kBase, "o3": tokenizer.O200kBase, "": tokenizer.O200kBase, "team-deployment": tokenizer.O200kBase,
		"gpt-4": tokenizer.Cl100kBase, "gpt-4-32k": tokenizer.Cl100kBase, "gpt-35-turbo": tokenizer.Cl100kBase, "text-embedding-3-large": tokenizer.Cl100kBase,
	} {
		assert.Equal(t, want, encodingOf(model), model)
	}
	var counter Tiktoken
	assert.Equal(t, 2, counter.Count("gpt-4o", "hello world"))
	assert.Equal(t, 2, counter.Count("gpt-4", "hello world"))
	assert.Zero(t, counter.Count("gpt-4o", ""))
}

func TestUsageIsReadHoweverTheStreamIsCutIntoPieces(t *testing.T) {
	const stream = "event: x\r\ndata: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"hé\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"llo\"}}],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}\n\ndata: [DONE]"
	for size := 1; size <= len(stream); size++ {
		u := Usage{Stream: true}
		for rest := stream; rest != ""; {
			n := min(size, len(rest))
			u.Watch([]byte(rest[:n]))
			rest = rest[n:]
		}
		u.Done()
		require.Equal(t, []any{"m", "héllo", 3, 4, 7, true}, []any{u.Model, u.text.String(), u.Prompt, u.Completion, u.Total, u.Found}, size)
	}
}

func TestAnAnswerThatIsNoJSONCountsNothing(t *testing.T) {
	for _, body := range []string{"", "hello", "{", `{"usage":{}}`, `{"usage":null}`, `{"usage":"x"}`} {
		u := Usage{}
		u.Watch([]byte(body))
		u.Done()
		assert.False(t, u.Found, body)
	}
}
