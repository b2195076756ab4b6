package policies_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"enterprise-openai/policies"
	"enterprise-openai/policies/policytest"
)

// usageMember is what a streamed chat gets, at the start of its body.
const usageMember = `"stream_options":{"include_usage":true},`

// texts are values that a parser would change when it writes them again.
var texts = []string{
	`"2024-06-01T10:00:00.000+02:00"`, `"2025-01-15T00:00:00.100Z"`, `"/Date(1198908717056)/"`, `"\/Date(0)\/"`, `1.0`, `1e400`, `-0`, `1.10`,
	`12345678901234567890123456789`, `0.1000000000000000055511151231257827`, `"\u00e9\u0000"`, `"é"`, `"\ud83d\ude00"`, `"😀"`, `"</script>"`, `"a\"b\\"`, `"{\"stream\":true"`,
	`"],}"`, `null`, `true`, `false`, `""`,
}

// drawJSON is the text of any JSON value, with white space of any kind.
func drawJSON(t *rapid.T, depth int) string {
	space := rapid.SampledFrom([]string{"", " ", "\n\t", "\r\n"}).Draw(t, "space")
	kind := rapid.IntRange(0, 3).Draw(t, "kind")
	if depth == 0 || kind < 2 {
		return space + rapid.SampledFrom(texts).Draw(t, "text") + space
	}
	var parts []string
	for range rapid.IntRange(0, 3).Draw(t, "size") {
		part := drawJSON(t, depth-1)
		if kind == 3 {
			part = space + rapid.SampledFrom([]string{`"a"`, `"a"`, `"stream"`, `"stream_options"`, `"include_usage"`, `"data_sources"`, `"model"`, `"Stream"`}).Draw(t, "name") + space + ":" + part
		}
		parts = append(parts, part)
	}
	if kind == 3 {
		return "{" + strings.Join(parts, ",") + space + "}"
	}
	return "[" + strings.Join(parts, ",") + space + "]"
}

// A body reaches the account as the caller wrote it: a streamed chat gets one member more, and no other byte changes.
func TestTheCallersTextIsNeverChanged(t *testing.T) {
	engine := newEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		members := []string{`"messages" : ` + drawJSON(t, 3), `"metadata":` + drawJSON(t, 3), `"Stream_Options":` + drawJSON(t, 1)}
		streamed := rapid.Bool().Draw(t, "streamed")
		if streamed {
			members = append(members, rapid.SampledFrom([]string{`"stream":true`, `"stream" : true `, `"\u0073tream":true`}).Draw(t, "stream"))
		}
		request := "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
		if rapid.Bool().Draw(t, "v1") {
			request = "POST /openai/v1/chat/completions"
			members = append(members, `"model":"gpt-4o"`)
		}
		body := rapid.SampledFrom([]string{"", " ", "\n"}).Draw(t, "before") + "{" + strings.Join(rapid.Permutation(members).Draw(t, "order"), ",") + "}"
		require.True(t, json.Valid([]byte(body)), body)
		want := body
		if streamed {
			want = strings.Replace(body, "{", "{"+usageMember, 1)
		}
		gateway, err := engine.Project(t.Context(), policytest.Facts{})
		require.NoError(t, err)
		defer gateway.Close()
		outcome, err := gateway.Call(t.Context(), policytest.Call{Key: "red", Request: request, Body: &body})
		require.NoError(t, err)
		require.Len(t, outcome.Seen, 1, outcome.Body)
		require.Equal(t, want, outcome.Seen[0].Body)
	})
}

// reserialised finds a body that is read as JSON and written again.
var reserialised = regexp.MustCompile(`(?s)<set-body>[^<]*?Body\.As<J(Object|Token|Array)>.*?</set-body>`)

func TestNoDocumentWritesABodyThatItHasParsed(t *testing.T) {
	assert.Regexp(t, reserialised, `<set-body>@(context.Request.Body.As<JObject>(preserveContent: true).ToString())</set-body>`, "the rule is blind")
	facts := policies.Facts{ExportLogger: "hub", MaxAttempts: 1, DeadlineSeconds: 1, RetryAfterCapSeconds: 1}
	fragments, err := facts.Fragments()
	require.NoError(t, err)
	for _, fragment := range fragments {
		assert.NotRegexp(t, reserialised, fragment.Document, fragment.Name)
	}
	for _, surface := range []policies.Surface{policies.Deployments, policies.V1} {
		document, err := facts.API(surface)
		require.NoError(t, err)
		assert.NotRegexp(t, reserialised, document, surface)
	}
}
