package accounts_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnAccountRemembersTheBeginningsOfPrompts(t *testing.T) {
	s, clock := service(t)
	long := strings.Repeat("river ", 1300)
	cached := func(path, body string) int {
		t.Helper()
		got := post(t, s, path, body)
		require.Equal(t, 200, got.status, got.body)
		var made struct {
			Usage struct {
				Chat struct {
					Cached int `json:"cached_tokens"`
				} `json:"prompt_tokens_details"`
				Response struct {
					Cached int `json:"cached_tokens"`
				} `json:"input_tokens_details"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(got.body), &made))
		return made.Usage.Chat.Cached + made.Usage.Response.Cached
	}
	chat := func(prompt string) string { return `{"messages":[{"role":"user","content":"` + prompt + `"}]}` }
	assert.Zero(t, cached(chatPath, chat(long)), "it is new")
	assert.Equal(t, 1024+2*128, cached(chatPath, chat(long)), "in steps of 128 tokens")
	assert.Equal(t, 1024+128, cached(chatPath, chat(strings.Repeat("river ", 1200)+"lake")), "as far as it is the same")
	assert.Equal(t, 1024+2*128, cached(responsesPath, `{"model":"chat","input":"`+long+`"}`))
	assert.Zero(t, cached(chatPath, chat("lake "+long)), "the beginning is another one")
	assert.Zero(t, cached(chatPath, chat(strings.Repeat("sea ", 900))))
	assert.Zero(t, cached(chatPath, chat(strings.Repeat("sea ", 900))), "short prompts are read again")
	old := strings.Replace(chatPath, "/chat/", "/old/", 1)
	assert.Zero(t, cached(old, chat(long))+cached(old, chat(long)), "the model is older than gpt-4o")
	clock.Advance(5*time.Minute + time.Second)
	assert.Zero(t, cached(chatPath, chat(long)), "nobody has used it for minutes")

	streamed := post(t, s, chatPath, `{"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"`+long+`"}]}`)
	assert.Contains(t, streamed.body, `"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":1280}`)
}
