package policytest_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest"
)

// ran runs one case of the project's fixture and returns its failures, each as line and text.
func ran(t *testing.T, engine *policytest.Engine, text string) policytest.Result {
	t.Helper()
	c, err := policytest.Parse("x.txtar", []byte(text))
	require.NoError(t, err)
	r, err := engine.RunCase(t.Context(), c)
	require.NoError(t, err)
	return r
}

func newEngine(t *testing.T) *policytest.Engine {
	t.Helper()
	engine, err := policytest.NewEngine()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, engine.Close()) })
	return engine
}

func TestDocumentsOfOnesOwnRunFromTheArchiveOrAFolder(t *testing.T) {
	results, err := policytest.Run(t.Context(), "testdata")
	require.NoError(t, err)
	require.Len(t, results, 3)
	for _, r := range results {
		assert.True(t, r.Pass, "%s: %v", r.File, r.Failures)
	}
}

const served = `A call is answered.

-- case.yaml --
backends:
  sweden: [{status: 429, headers: {Retry-After: 7}}]
calls:
  - key: red
    expect:
      status: 201
      headers: {Content-Type: text/plain, x-missing: "*"}
      absent: [x-gateway-consumed-tokens]
      json:
        id: chat-2
        choices: []
      contains: [nowhere]
      lacks: [Hello]
      body: exactly
      cut: true
      held-back: true
      took: 3s
    called: [france]
    seen:
      - {path: /x, headers: {Authorization: none}, body: other}
      - {}
      - {}
    log:
      product: open
      attempts: []
      tokens: 16
      traces: [nothing]
      metrics: {Total Tokens: 16, Other: 1}
      dimensions: {Product: open}
      model: gpt-3
`

func TestEveryExpectationThatIsNotMetIsToldWithItsLine(t *testing.T) {
	r := ran(t, newEngine(t), served)
	assert.False(t, r.Pass)
	got := map[int]string{}
	for _, f := range r.Failures {
		got[f.Line] += f.Text + "\n"
	}
	for line, part := range map[int]string{
		9: "expect.status: want 201, got 200: {", 10: `want "text/plain", got "application/json"`, 11: "has to be absent, got",
		13: `expect.json.id: want "chat-2", got "chat-1"`, 14: "expect.json.choices: want a list of 0", 15: `"nowhere" is not in the body`,
		16: `"Hello" is in the body`, 17: `want "exactly"`, 18: "expect.cut: want true, got false", 19: "expect.held-back: want true",
		20: "expect.took: want 3s, got 0s", 21: "called: want [france], got [sweden, france]", 23: `seen[0].path: want "/x", got "/openai/deployments/gpt-4o/chat/completions"`,
		25: "seen[2]: no backend saw a request number 3", 27: `log.product: want "open", got "standard"`,
		28: `got ["sweden-gpt-4o 429","france-gpt-4o 200"]`, 29: "log.tokens: want 16, got 15", 30: `no trace says "nothing"`,
		31: "want 16, got 15", 32: `want "open", metric Total Tokens has "standard"`,
		33: `log.model: want "gpt-3", got "gpt-4o"`,
	} {
		assert.Contains(t, got[line], part, "line %d", line)
	}
}

func TestWhatCannotBeReadIsToldWithFileAndLine(t *testing.T) {
	script := func(text string) string { return "A promise.\n\n-- case.yaml --\n" + text }
	call := "calls:\n  - expect: {status: 200}\n"
	for name, c := range map[string]struct{ text, want string }{
		"no promise":              {"-- case.yaml --\n" + call, "x.txtar:1: the promise is missing"},
		"no script":               {"A promise.\n-- other.yaml --\n", "the archive has no case.yaml"},
		"a file twice":            {script(call) + "-- a.xml --\n-- a.xml --\n", "two files a.xml"},
		"no calls":                {script("fixture: project\n"), "a case has at least one call"},
		"a misspelt field":        {script("calls:\n  - expcet: {status: 200}\n"), "x.txtar:5: field expcet not found"},
		"broken YAML":             {script("calls: [\n"), "x.txtar:"},
		"a wrong type":            {script("calls:\n  - expect: {status: many}\n"), "x.txtar:5: cannot unmarshal"},
		"no status":               {script("calls:\n  - key: red\n"), "x.txtar:5: expect.status is missing"},
		"an unknown fixture":      {script("fixture: mine\n" + call), `x.txtar:4: fixture "mine" is unknown; there are project and own`},
		"own in the project":      {script("own: {path: x}\n" + call), "x.txtar:4: own belongs to fixture: own"},
		"facts in one's own":      {script("fixture: own\nfacts: {max-attempts: 2}\n" + call), "x.txtar:5: facts belongs to fixture: project"},
		"an unknown backend":      {script("backends:\n  sewden: [{}]\n" + call), `x.txtar:5: backend "sewden" is unknown; there are france, norway, sweden`},
		"an unknown fault":        {script("backends:\n  sweden: [{fault: tired}]\n" + call), `fault "tired" is unknown; there are dns, refused, reset, tls`},
		"a repetition of nothing": {script("backends:\n  sweden: [{body: x, repeat: {text: y, bytes: 3}}]\n" + call), "x.txtar:5: repeat has a text and a number of bytes, and stands in body or events as $(repeat)"},
		"a body without it":       {script("calls:\n  - {expect: {status: 200}, body: x, repeat: {text: y, bytes: 3}}\n"), "x.txtar:5: repeat has a text and a number of bytes, and stands in body as $(repeat)"},
		"an unknown privacy":      {script("facts:\n  products:\n    - {name: p, privacy: some}\n" + call), `x.txtar:6: privacy "some" is unknown; there are full, metadata`},
		"unknown authentication":  {script("facts:\n  products:\n    - {name: p, authentication: keys}\n" + call), `x.txtar:6: authentication "keys" is unknown; there are key, entra, both`},
		"a team of no product":    {script("facts:\n  teams: {red: gold}\n" + call), `x.txtar:5: team red has the product "gold", which is not among the products`},
		"no account":              {script("facts:\n  pools: {gpt-4o: []}\n" + call), "x.txtar:4: pools have no account, and an environment has at least one"},
		"two orders":              {script("facts:\n  pools: {a: [{account: xx}, {account: yy}], b: [{account: yy}, {account: xx}]}\n" + call), "x.txtar:4: pools list xx in different orders"},
		"an unknown wrong token":  {script("calls:\n  - {token: {wrong: colour}, expect: {status: 401}}\n"), `token.wrong "colour" is unknown`},
		"a request without path":  {script("calls:\n  - {request: POST, expect: {status: 200}}\n"), `request "POST" is not a method and a path`},
		"two bodies":              {script("calls:\n  - {body: x, json: {}, expect: {status: 200}}\n"), "body and json are both given"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policytest.Parse("x.txtar", []byte(c.text))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestAnOlderKeyIsReadAndTheNewOneNamed(t *testing.T) {
	const text = "A promise.\n\n-- case.yaml --\ncalls:\n  - key: red\n    expect: {status: 200}\n    asked: [france]\n"
	r := ran(t, newEngine(t), text)
	assert.Equal(t, []string{"x.txtar:7: asked: is the older name of this key; write called"}, r.Notes)
	require.Len(t, r.Failures, 1, "what the older key expects is checked")
	assert.Equal(t, "called: want [france], got [sweden]", r.Failures[0].Text)
	_, err := policytest.Parse("x.txtar", []byte(text+"    called: [france]\n"))
	assert.EqualError(t, err, "x.txtar:7: asked: is the older name of called, and both are given; remove it")
}

func TestADocumentThatCannotBeSavedIsToldWithItsPosition(t *testing.T) {
	c, err := policytest.Parse("x.txtar", []byte("A promise.\n\n-- case.yaml --\nfixture: own\ncalls:\n  - expect: {status: 200}\n-- api.xml --\n"+
		"<policies><inbound>\n<set-variable name=\"a\" value=\"@(context.Reqest.Url)\" /></inbound><backend /><outbound /><on-error /></policies>\n"))
	require.NoError(t, err)
	_, err = newEngine(t).RunCase(t.Context(), c)
	assert.ErrorContains(t, err, "api.xml:2:")
	assert.ErrorContains(t, err, "Reqest")
}

func TestFilesAreFoundByNameOrBelowAFolder(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700))
	for _, f := range []string{"a/b/one.txtar", "a/two.txtar", "a/notes.md"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, f), nil, 0o600))
	}
	found, err := policytest.Find(dir, filepath.Join(dir, "a", "notes.md"))
	require.NoError(t, err)
	assert.Len(t, found, 3)
	_, err = policytest.Find(t.TempDir())
	assert.ErrorContains(t, err, "there is no .txtar file in")
	_, err = policytest.Find(filepath.Join(dir, "missing"))
	assert.Error(t, err)
}

func TestAnInterruptedRunSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c, err := policytest.Parse("x.txtar", []byte("A promise.\n\n-- case.yaml --\ncalls:\n  - {key: red, expect: {status: 200}}\n"))
	require.NoError(t, err)
	_, err = newEngine(t).RunCase(ctx, c)
	assert.ErrorIs(t, err, context.Canceled)
}

// TestTheExampleOfTheDocumentationHolds runs the cases that docs/policy-cases.md shows.
func TestTheExampleOfTheDocumentationHolds(t *testing.T) {
	page, err := os.ReadFile("../../docs/policy-cases.md")
	require.NoError(t, err)
	examples := regexp.MustCompile("(?s)```text\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, examples, 2)
	engine := newEngine(t)
	for _, e := range examples {
		r := ran(t, engine, e[1])
		assert.True(t, r.Pass, "%v", r.Failures)
	}
	for _, field := range fieldsOf(t, "case.go") {
		assert.Contains(t, string(page), "`"+field+"`", "a field that the page does not explain")
	}
}

// fieldsOf are the names of the format, from the tags of its types.
func fieldsOf(t *testing.T, file string) []string {
	t.Helper()
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	var names []string
	for _, m := range regexp.MustCompile(`yaml:"([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		names = append(names, strings.TrimSpace(m[1]))
	}
	return names
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(served))
	f.Add([]byte("A promise.\n-- case.yaml --\ncalls: [1, {expect: []}]\n"))
	f.Add([]byte("-- case.yaml --\n\x00: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := policytest.Parse("x.txtar", data); err == nil && c.Promise == "" {
			t.Error("a case without a promise")
		}
	})
}

func TestACaseCanBeRunASecondTimeWithStreams(t *testing.T) {
	r := ran(t, newEngine(t), "A call.\n\n-- case.yaml --\nstreamed: true\ncalls:\n  - key: red\n    expect: {status: 200, json: {id: chat-1}}\n  - key: red\n    json: {messages: []}\n    expect: {status: 200, json: {id: chat-1}}\n")
	require.Len(t, r.Failures, 1, "%v", r.Failures)
	assert.Equal(t, 7, r.Failures[0].Line)
	assert.Contains(t, r.Failures[0].Text, "as a stream: expect.json: the body is no JSON")
}

func TestACaseThatCannotRunHidesNoOther(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("a.txtar", "Broken.\n\n-- case.yaml --\nfixture: own\ncalls:\n  - expect: {status: 200}\n-- api.xml --\n<policies><inbound><set-variable name=\"x\" value=\"@(contxt.Api.Id)\" /></inbound></policies>\n")
	write("b.txtar", "Whole.\n\n-- case.yaml --\ncalls:\n  - key: red\n    expect: {status: 200}\n")
	results, err := policytest.Run(t.Context(), dir)
	require.ErrorContains(t, err, "a.txtar: gateway: policy expressions: api.xml:1:")
	require.Len(t, results, 1)
	assert.True(t, results[0].Pass)
}
