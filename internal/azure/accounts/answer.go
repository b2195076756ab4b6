package accounts

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Marker steers an answer from inside the prompt: a test sends it where a person would write words.
type Marker string

const (
	// MarkAnswer is [[answer:N]]: the answer has N tokens. [[answer:max]] uses all of max_tokens.
	MarkAnswer Marker = "answer"
	// MarkFilter is [[filter:CATEGORY]]: the prompt is refused by the content filter. Categories: hate, self_harm,
	// sexual, violence, jailbreak.
	MarkFilter Marker = "filter"
	// MarkTool is [[tool:NAME]]: the answer is a call of that tool, when it is offered. Several marks are several calls.
	MarkTool Marker = "tool"
	// MarkFilterAnswer is [[filter-answer:CATEGORY]]: the answer is cut by the content filter.
	MarkFilterAnswer Marker = "filter-answer"
)

// With writes the marker with its value, ready to be put into a prompt.
func (m Marker) With(value string) string { return "[[" + string(m) + ":" + value + "]]" }

var markers = regexp.MustCompile(`\[\[([a-z-]+):([A-Za-z0-9_-]+)\]\]`)

// marked returns the value of the last marker of its kind in a prompt.
func marked(prompt string, m Marker) (string, bool) {
	found, ok := "", false
	for _, match := range markers.FindAllStringSubmatch(prompt, -1) {
		if match[1] == string(m) {
			found, ok = match[2], true
		}
	}
	return found, ok
}

// DefaultAnswerTokens is the length of an answer when nobody asks for another.
const DefaultAnswerTokens = 16

// maxAnswerTokens bounds an answer whose length the prompt asks for by marker, which would exhaust this machine.
const maxAnswerTokens = 128_000

// answer is generated text, token by token.
type answer struct {
	pieces []string
	// joined is how many tokens more than pieces there are: a character of several tokens is one piece.
	joined int
	// calls are made instead of an answer; overhead are their tokens.
	calls    []madeCall
	overhead int
	// finish is the finish_reason: stop, length or content_filter.
	finish string
	// filtered is the category that cut the answer.
	filtered string
}

func (a answer) text() string { return strings.Join(a.pieces, "") }

func (a answer) tokens() int { return len(a.pieces) + a.joined + a.overhead }

// compose makes the answer to a prompt. limit is max_tokens, 0 for none.
func compose(model, prompt string, limit int) answer {
	want := DefaultAnswerTokens
	if v, ok := marked(prompt, MarkAnswer); ok {
		if n, err := strconv.Atoi(v); err == nil {
			want = n
		} else if v == "max" && limit > 0 {
			want = limit
		}
	}
	want = min(max(want, 1), maxAnswerTokens)
	a := answer{finish: "stop"}
	if limit > 0 && want > limit {
		want, a.finish = limit, "length"
	}
	if category, ok := marked(prompt, MarkFilterAnswer); ok {
		want, a.finish, a.filtered = (want+1)/2, "content_filter", category
	}
	a.pieces = pieces(model, markers.ReplaceAllString(prompt, ""), want)
	return a
}

var plainWord = regexp.MustCompile(`[a-z]+`)

// filler is a word that is one token, with its leading space, in every encoding.
const filler = " and"

// pieces echoes the words of a prompt as exactly n tokens. It uses only a space and lower-case letters before every
// word, because every encoding splits text there: the tokens of the parts are then the tokens of the whole.
func pieces(model, prompt string, n int) []string {
	encoding := codecs[encodingOf(model)]()
	words := plainWord.FindAllString(prompt, 64)
	out := make([]string, 0, n)
	for i := 0; len(out) < n; i++ {
		word := filler
		if len(words) > 0 {
			word = " " + words[i%len(words)]
		}
		_, tokens, err := encoding.Encode(word)
		if err != nil || len(tokens) > n-len(out) {
			tokens = []string{filler}
		}
		out = append(out, tokens...)
	}
	return out
}

// madeCall is a call of a tool with its arguments, token by token.
type madeCall struct {
	toolUse
	pieces []string
}

func (c madeCall) text() string { return strings.Join(c.pieces, "") }

// called is an answer that calls tools. What calls cost besides their names and arguments is not published, as with the calls of
// a prompt; a limit cuts the arguments.
func called(model string, want wish, limit int) answer {
	a := answer{finish: want.finish}
	for _, use := range want.calls {
		name := CountTokens(model, use.name)
		left := limit - a.tokens() - name
		if limit > 0 && left <= 0 {
			a.finish = "length"
			return a
		}
		made := spelled(model, use.arguments, "", max(left, 0))
		a.calls = append(a.calls, madeCall{use, made.pieces})
		a.overhead += name + made.tokens()
		if made.finish == "length" {
			a.finish = "length"
			return a
		}
	}
	return a
}

// spelled is an answer of a given text, which a limit or the content filter may cut.
func spelled(model, text, prompt string, limit int) answer {
	a := answer{finish: "stop"}
	_, tokens, err := codecs[encodingOf(model)]().Encode(text)
	if err != nil {
		tokens = []string{text} // not reached: the default mode tokenizes any bytes
	}
	if limit > 0 && len(tokens) > limit {
		tokens, a.finish = tokens[:limit], "length"
	}
	if category, ok := marked(prompt, MarkFilterAnswer); ok {
		tokens, a.finish, a.filtered = tokens[:(len(tokens)+1)/2], "content_filter", category
	}
	rest := ""
	for _, token := range tokens {
		if rest += token; utf8.ValidString(rest) {
			a.pieces, rest = append(a.pieces, rest), ""
		}
	}
	a.joined = len(tokens) - len(a.pieces)
	return a
}
