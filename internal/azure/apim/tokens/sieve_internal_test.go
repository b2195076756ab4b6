package tokens

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// observed feeds an answer in pieces of a size.
func observed(stream bool, answer string, size int) *Usage {
	u := &Usage{Stream: stream}
	for rest := answer; rest != ""; {
		n := min(size, len(rest))
		u.Watch([]byte(rest[:n]))
		rest = rest[n:]
	}
	u.Done()
	return u
}

func TestAnAnswerOfAnySizeIsCountedByItsOwnUsage(t *testing.T) {
	floats := strings.Repeat("0.0123456789,", 250_000)
	for name, answer := range map[string]string{
		"embeddings":                            `{"object":"list","data":[{"embedding":[` + floats + `0]}],"model":"embed","usage":{"prompt_tokens":999,"total_tokens":999}}`,
		"base64":                                `{"model":"embed","data":[{"embedding":"` + strings.Repeat("AAAA", 800_000) + `"}],"usage":{"prompt_tokens":999,"total_tokens":999}}`,
		"usage first, and one that is nobody's": `{"usage":{"prompt_tokens":999,"total_tokens":999},"model":"embed","data":[{"usage":{"total_tokens":7},"model":"x","embedding":[` + floats + `0]}]}`,
	} {
		u := observed(false, answer, 4096)
		assert.Equal(t, []any{"embed", 999, 0, 999, true}, []any{u.Model, u.Prompt, u.Completion, u.Total, u.Found}, name)
		assert.Less(t, cap(u.json.kept)+cap(u.json.key)+u.text.Cap(), 1024, "%s: what nobody asks for is not kept", name)
	}
}

func TestAStreamOfAnySizeIsCountedByItsOwnUsage(t *testing.T) {
	const last = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":990,\"total_tokens\":999}}\n\ndata: [DONE]\n\n"
	many := strings.Repeat("data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"0123456789\"}}]}\n\n", 60_000)
	u := observed(true, many+last, 4096)
	assert.Equal(t, []any{"m", 9, 990, 999, true}, []any{u.Model, u.Prompt, u.Completion, u.Total, u.Found})
	assert.Equal(t, 600_000, u.text.Len())

	large := `data: {"type":"response.completed","response":{"output":[{"result":"` + strings.Repeat("A", 3_000_000) + `"}],"model":"m",` +
		`"usage":{"input_tokens":9,"output_tokens":990,"total_tokens":999}}}` + "\n\n"
	u = observed(true, large, 4096)
	assert.Equal(t, []any{"m", 9, 990, 999, true}, []any{u.Model, u.Prompt, u.Completion, u.Total, u.Found}, "one event of 3 MB")
	assert.Less(t, cap(u.json.kept), 1024)
}

func TestOfATextNoMoreIsKeptThanIsLogged(t *testing.T) {
	u := observed(false, `{"choices":[{"message":{"content":"`+strings.Repeat("é\\nü", 2_000_000)+`"}}],"usage":{"total_tokens":999}}`, 65_536)
	assert.Equal(t, 999, u.Total)
	assert.LessOrEqual(t, u.text.Len(), maxObserved)
	assert.Greater(t, u.text.Len(), maxObserved/2)
	assert.True(t, strings.HasPrefix(u.text.String(), "é\nüé\nü"))
	assert.LessOrEqual(t, cap(u.json.kept), 2*maxObserved)
}

// reference reads an answer as a whole.
func reference(body string) (model, text string, total int) {
	var a struct {
		Model   string
		Usage   *reported
		Choices []struct{ Message struct{ Content string } }
	}
	if json.Unmarshal([]byte(body), &a) != nil {
		return "", "", 0
	}
	for _, c := range a.Choices {
		text += c.Message.Content
	}
	if a.Usage != nil {
		total = a.Usage.Total
	}
	return a.Model, text, total
}

func TestPiecesAreReadLikeTheWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	var value func(depth int) any
	value = func(depth int) any {
		switch n := random.IntN(9); {
		case n < 2 && depth > 0:
			m := map[string]any{}
			for range random.IntN(4) {
				m[[]string{"usage", "model", "a\"b", "é", "choices"}[random.IntN(5)]] = value(depth - 1)
			}
			return m
		case n < 4 && depth > 0:
			l := []any{}
			for range random.IntN(4) {
				l = append(l, value(depth-1))
			}
			return l
		default:
			return []any{nil, true, -1.5e-7, "", "a\\\"b\n", "}{][,:\"", "\u2028é\U0001F600"}[random.IntN(7)]
		}
	}
	for round := range 400 {
		answer := map[string]any{"id": value(3), "data": value(3), "z": value(2), "model": fmt.Sprint("m\\\"", round), "usage": map[string]any{"total_tokens": round + 1, "details": value(2)}}
		answer["choices"] = []any{map[string]any{"logprobs": value(2), "message": map[string]any{"role": value(1), "content": fmt.Sprint("text\n\"", round)}}}
		body, err := json.MarshalIndent(answer, "", strings.Repeat(" ", random.IntN(3)))
		require.NoError(t, err)
		text := string(body)
		switch random.IntN(4) {
		case 0:
			text = text[:random.IntN(len(text))] // cut
		case 1:
			text += string(",}] x"[random.IntN(5)])
		default:
		}
		model, said, total := reference(text)
		for _, size := range []int{1, 2, 3, 7, len(text) + 1} {
			u := observed(false, text, size)
			require.Equal(t, []any{model, said, total}, []any{u.Model, u.text.String(), u.Total}, "in pieces of %d: %s", size, text)
		}
	}
}

func TestWhatIsNoJSONIsNotCompleted(t *testing.T) {
	const usage = `"usage":{"total_tokens":3}`
	for _, body := range []string{
		"{" + usage, "{" + usage + "]", "{" + usage + ",}", "{," + usage + "}", "[{" + usage + "}]", "{" + usage + "}{}", "{" + usage + ` "a":1}`,
		"{" + usage + `,"a"}`, "{" + usage + `,"a":}`, "{" + usage + `,a:1}`, "{" + usage + `,"a":[1,]}`, "{" + usage + `,"a":[,]}`, "{" + usage + `,"a":1 2}`,
		`"x"`, "3", "", "{" + usage + `,"a":"x}`, "{" + usage + `,"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}",
	} {
		assert.Zero(t, observed(false, body, 5).Total, body[:min(len(body), 60)])
	}
	assert.Equal(t, 3, observed(false, " { "+usage+" , \"a\" : [ ] , \"b\" : { } , \"c\" : [ 1 , [ ] ] } \n", 5).Total)
}
