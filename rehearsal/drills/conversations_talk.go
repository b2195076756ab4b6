package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// talkForm is who keeps a conversation.
type talkForm string

const (
	// stored is a conversation that an account keeps: previous_response_id continues it.
	stored talkForm = "stored"
	// carried is one that its caller keeps, with reasoning that only one account can read.
	carried talkForm = "carried"
	// repeated is one that its caller sends as a chat, which any account can answer.
	repeated talkForm = "repeated"
)

// talk is a conversation between a caller and a model.
type talk struct {
	g    *sandbox
	ask  ask
	form talkForm
	// topic is a word of every turn, and of no other conversation.
	topic string
	// opening is more text of the first turn.
	opening string
	// previous is the last response of a stored conversation; items are what was said and answered in any other.
	previous string
	items    []json.RawMessage
	// prompted are the tokens of the last prompt, cached those of it that the account had read before.
	prompted, cached int
}

// bound reports that one account alone can go on with the conversation.
func (t *talk) bound() bool {
	return t.previous != "" || t.form == carried && strings.Contains(string(slices.Concat(t.items...)), `"encrypted_content"`)
}

// say makes the next turn. The conversation goes on only from a turn that was answered.
func (t *talk) say(ctx context.Context, stream bool) (answer, error) {
	text := t.topic + " and " + t.topic
	if len(t.items) == 0 && t.previous == "" {
		text += t.opening
	}
	turn, err := json.Marshal(map[string]string{"role": "user", "content": text})
	if err != nil {
		return answer{}, err
	}
	items := append(slices.Clone(t.items), turn)
	got, err := t.call(ctx, http.MethodPost, "", t.body(items, stream))
	if err != nil || got.status != http.StatusOK {
		return got, err
	}
	made, err := readTurn(got.body)
	if err != nil {
		return got, err
	}
	t.prompted, t.cached = made.usage()
	switch t.form {
	case stored:
		t.previous = made.ID
	case carried:
		t.items = slices.Concat(items, made.Output)
	case repeated:
		reply, err := json.Marshal(map[string]string{"role": "assistant", "content": made.text(got)})
		if err != nil {
			return got, err
		}
		t.items = slices.Concat(items, []json.RawMessage{reply})
	}
	return got, nil
}

// body is the call of a turn.
func (t *talk) body(items []json.RawMessage, stream bool) map[string]any {
	body := map[string]any{"model": t.ask.deployment, "stream": stream}
	switch t.form {
	case stored:
		body["input"], body["max_output_tokens"] = items[len(items)-1:], talkTokens
		if t.previous != "" {
			body["previous_response_id"] = t.previous
		}
	case carried:
		body["input"], body["max_output_tokens"] = items, talkTokens
		body["store"], body["include"] = false, []string{"reasoning.encrypted_content"}
	case repeated:
		body["messages"], body["max_completion_tokens"] = items, talkTokens
		if stream {
			body["stream_options"] = map[string]bool{"include_usage": true}
		}
	}
	return body
}

// talkTokens is the largest answer of a turn.
const talkTokens = 64

// call is a call of the conversation's caller, below the path of its form.
func (t *talk) call(ctx context.Context, method, below string, body any) (answer, error) {
	a := t.ask
	a.surface, a.respond = v1, t.form != repeated
	r, err := a.request(ctx, "https://"+t.g.HostName)
	if err != nil {
		return answer{}, err
	}
	r.Method, r.Body, r.ContentLength = method, http.NoBody, 0
	r.URL.Path += below
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(data))), int64(len(data))
	}
	return t.g.serve(r), nil
}

// turnMade is what an answer has of both operations, plain or at the end of a stream.
type turnMade struct {
	ID     string            `json:"id"`
	Output []json.RawMessage `json:"output"`
	Usage  *struct {
		Input  int `json:"input_tokens"`
		Prompt int `json:"prompt_tokens"`
		Of     struct {
			Cached int `json:"cached_tokens"`
		} `json:"input_tokens_details"`
		OfChat struct {
			Cached int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
}

var eventData = regexp.MustCompile(`(?m)^data: (\{.*\})\r?$`)

// readTurn reads a plain answer, or the last event of a stream that has a usage.
func readTurn(body string) (turnMade, error) {
	texts := []string{body}
	if events := eventData.FindAllStringSubmatch(body, -1); len(events) > 0 {
		texts = nil
		for _, event := range events {
			texts = append(texts, event[1])
		}
	}
	for _, text := range slices.Backward(texts) {
		var made struct {
			turnMade
			Response *turnMade `json:"response"`
		}
		if err := json.Unmarshal([]byte(text), &made); err != nil {
			return turnMade{}, fmt.Errorf("an answer: %w", err)
		}
		if made.Response != nil {
			made.turnMade = *made.Response
		}
		if made.Usage != nil {
			return made.turnMade, nil
		}
	}
	return turnMade{}, fmt.Errorf("an answer without usage: %.200s", body)
}

func (m turnMade) usage() (prompted, cached int) {
	return m.Usage.Input + m.Usage.Prompt, m.Usage.Of.Cached + m.Usage.OfChat.Cached
}

// text is what was answered.
func (m turnMade) text(a answer) string {
	if len(m.Output) > 0 {
		return string(slices.Concat(m.Output...))
	}
	text, _ := a.read()
	return text
}
