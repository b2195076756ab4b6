package accounts_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/clock"
)

// events splits a stream into the data of its events.
func events(t *testing.T, body string) []string {
	t.Helper()
	require.True(t, strings.HasSuffix(body, "\n\n"), "every event ends with an empty line")
	var out []string
	for _, frame := range strings.Split(strings.TrimSuffix(body, "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(frame, "data: ")
		require.True(t, ok, frame)
		out = append(out, data)
	}
	return out
}

func TestAStreamHasTheEventsOfAzureInTheirOrder(t *testing.T) {
	s, _ := service(t)
	for _, usage := range []bool{false, true} {
		options := ""
		if usage {
			options = `,"stream_options":{"include_usage":true}`
		}
		got := post(t, s, chatPath, `{"stream":true,"max_tokens":3,"messages":[{"role":"user","content":"one two three four"}]`+options+`}`)
		require.Equal(t, 200, got.status)
		assert.Equal(t, "text/event-stream; charset=utf-8", got.header.Get("Content-Type"))
		list := events(t, got.body)
		require.Equal(t, "[DONE]", list[len(list)-1])
		var chunks []map[string]any
		for _, data := range list[:len(list)-1] {
			var chunk map[string]any
			require.NoError(t, json.Unmarshal([]byte(data), &chunk))
			chunks = append(chunks, chunk)
		}
		first := chunks[0]
		assert.Equal(t, []any{}, first["choices"])
		assert.Equal(t, []any{"", ""}, []any{first["id"], first["object"]}, "empty, but there")
		assert.EqualValues(t, 0, first["created"])
		assert.Contains(t, list[0], `"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{`)
		choice := func(i int) map[string]any { return chunks[i]["choices"].([]any)[0].(map[string]any) }
		assert.Equal(t, map[string]any{"role": "assistant", "content": ""}, choice(1)["delta"])
		for i := 2; i <= 4; i++ {
			assert.Equal(t, "chat.completion.chunk", chunks[i]["object"])
			assert.NotEmpty(t, choice(i)["delta"].(map[string]any)["content"])
			assert.Contains(t, choice(i), "content_filter_results")
			assert.Nil(t, choice(i)["finish_reason"])
		}
		assert.Equal(t, map[string]any{}, choice(5)["delta"])
		assert.Equal(t, "length", choice(5)["finish_reason"])
		if !usage {
			assert.Len(t, chunks, 6)
			assert.NotContains(t, got.body, `"usage"`, "nobody asked")
			continue
		}
		require.Len(t, chunks, 7)
		for _, chunk := range chunks[:6] {
			assert.Contains(t, chunk, "usage")
			assert.Nil(t, chunk["usage"])
		}
		assert.Equal(t, []any{}, chunks[6]["choices"])
		assert.EqualValues(t, 3, chunks[6]["usage"].(map[string]any)["completion_tokens"])
		assert.EqualValues(t, s.Requests()[len(s.Requests())-1].Usage.Prompt, chunks[6]["usage"].(map[string]any)["prompt_tokens"])
	}
}

// gate is a clock on which every wait lasts until the test lets it pass.
type gate struct {
	*clock.Fake
	steps chan struct{}
}

func (g *gate) Sleep(ctx context.Context, _ time.Duration) error {
	select {
	case <-g.steps:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestEveryEventLeavesBeforeTheNextIsMade(t *testing.T) {
	g := &gate{newClock(), make(chan struct{})}
	s, err := accounts.New([]accounts.Account{account()}, accounts.Deps{Clock: g, Tokens: trusted})
	require.NoError(t, err)
	require.NoError(t, s.Script(accounts.Fault{Kind: accounts.FaultSlowBody, Delay: time.Second}))
	srv := server(t, s)
	req, err := http.NewRequest(http.MethodPost, srv.URL+chatPath, strings.NewReader(`{"stream":true,"messages":[{"role":"user","content":"hi"}]}`))
	require.NoError(t, err)
	req.Header.Set("Api-Key", testKey)
	// The bound only ends a failing test: a held-back event never comes, because the next one waits for this test.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	res, err := srv.Client().Do(req.WithContext(ctx))
	require.NoError(t, err, "the headers leave before the first event is made")
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for _, want := range []string{"prompt_filter_results", `"role":"assistant"`, `"content":" hi"`} {
		g.steps <- struct{}{}
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		assert.Contains(t, line, want)
		_, err = lines.ReadString('\n')
		require.NoError(t, err)
	}
}

func TestAnAnswerHasExactlyTheTokensThatWereAskedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := rapid.SampledFrom([]string{"gpt-4o", "gpt-4", "gpt-35-turbo", "o3", "gpt-5", "text-davinci-003"}).Draw(t, "model")
		prompt := strings.Join(rapid.SliceOf(rapid.StringMatching(`[a-z]{1,14}`)).Draw(t, "words"), " ") + rapid.String().Draw(t, "prompt")
		want := rapid.IntRange(1, 300).Draw(t, "tokens")
		text := accounts.Compose(model, prompt+accounts.MarkAnswer.With(itoa(want)), 0)
		if got := accounts.CountTokens(model, text); got != want {
			t.Fatalf("%q has %d tokens, want %d", text, got, want)
		}
	})
}

func TestAnswersAreDeterministic(t *testing.T) {
	s, _ := service(t)
	content := func() string {
		got := post(t, s, chatPath, `{"messages":[{"role":"user","content":"the same question"}]}`)
		var body struct {
			Choices []struct{ Message struct{ Content string } }
		}
		require.NoError(t, json.Unmarshal([]byte(got.body), &body))
		return body.Choices[0].Message.Content
	}
	first, second := content(), content()
	assert.Equal(t, first, second)
	assert.Contains(t, first, "question")
}

func TestAnEmbeddingIsTheSameInBothEncodings(t *testing.T) {
	s, _ := service(t)
	floats := post(t, s, deployment("embed", "embeddings"), `{"input":"x","dimensions":2}`)
	packed := post(t, s, deployment("embed", "embeddings"), `{"input":"x","dimensions":2,"encoding_format":"base64"}`)
	assert.Regexp(t, `"embedding":\[-?0\.\d+(e-\d+)?,-?0\.\d+(e-\d+)?\]`, floats.body)
	assert.Regexp(t, `"embedding":"[A-Za-z0-9+/]{10,11}=?="`, packed.body)
	_, usage, found := strings.Cut(floats.body, `"usage"`)
	assert.True(t, found)
	assert.True(t, strings.HasSuffix(packed.body, `"usage"`+usage), packed.body)
}

func TestBodiesAreReadToTheEnd(t *testing.T) {
	s, _ := service(t)
	srv := server(t, s)
	res, err := srv.Client().Get(srv.URL + "/openai/v1/models")
	require.NoError(t, err)
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.NoError(t, res.Body.Close())
	assert.EqualValues(t, len(raw), res.ContentLength)
}
