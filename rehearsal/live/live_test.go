package live

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/drills"
)

// fake is a stack that remembers what it was asked to do.
type fake struct {
	now     drills.Live
	changed chan struct{}
	did     []string
}

func (f *fake) Live() (drills.Live, <-chan struct{}) { return f.now, f.changed }

func (f *fake) Ask(_ context.Context, team int, prompt string) (drills.Asked, error) {
	f.did = append(f.did, prompt)
	return drills.Asked{Status: 200 + team}, nil
}

func (f *fake) Cut(region string, _ bool) error {
	f.did = append(f.did, region)
	return nil
}

func serve(t *testing.T) (*Server, *fake) {
	t.Helper()
	stack := &fake{changed: make(chan struct{})}
	s, err := Serve(t.Context(), "dev", []drills.TeamAccess{{Team: "<b>legal", Product: "confidential"}, {Product: "people"}}, stack)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s, stack
}

// call makes a request as the page does, changed.
func call(t *testing.T, method, url, body string, changes ...func(*http.Request)) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for _, change := range changes {
		change(r)
	}
	got, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	text, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	require.NoError(t, got.Body.Close())
	return got.StatusCode, string(text), got.Header
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestNobodyReachesThePageWithoutItsAddress(t *testing.T) {
	s, stack := serve(t)
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+/[A-Za-z0-9_-]{22}/$`, s.URL)
	other, _ := serve(t)
	require.NotEqual(t, s.token, other.token)

	ask := `{"team":1,"prompt":"hi"}`
	status, _, _ := call(t, http.MethodPost, s.URL+"ask", ask)
	require.Equal(t, http.StatusOK, status, "the page itself may")
	require.Equal(t, []string{"hi"}, stack.did)

	base := "http://" + s.host + "/"
	for name, c := range map[string]struct {
		url    string
		change func(*http.Request)
		status int
	}{
		"no token":                 {base + "ask", nil, http.StatusNotFound},
		"a part of the token":      {base + s.token[:10] + "/ask", nil, http.StatusNotFound},
		"another page's token":     {base + other.token + "/ask", nil, http.StatusNotFound},
		"a name that leads here":   {s.URL + "ask", func(r *http.Request) { r.Host = "evil.example" }, http.StatusForbidden},
		"localhost":                {s.URL + "ask", func(r *http.Request) { r.Host = "localhost:80" }, http.StatusForbidden},
		"another origin":           {s.URL + "ask", header("Origin", "https://evil.example"), http.StatusForbidden},
		"no origin that it tells":  {s.URL + "ask", header("Origin", "null"), http.StatusForbidden},
		"another site":             {s.URL + "ask", header("Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		"a form":                   {s.URL + "ask", header("Content-Type", "text/plain"), http.StatusUnsupportedMediaType},
		"a path that is not there": {s.URL + "live.go", nil, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			change := c.change
			if change == nil {
				change = func(*http.Request) {}
			}
			status, _, headers := call(t, http.MethodPost, c.url, ask, change)
			assert.Equal(t, c.status, status)
			assert.Empty(t, headers.Get("Access-Control-Allow-Origin"))
		})
	}
	assert.Equal(t, []string{"hi"}, stack.did, "nothing reached the stack")
}

func TestABodyThatIsNotThePagesIsRefusedWithTheReason(t *testing.T) {
	s, stack := serve(t)
	for body, want := range map[string]string{
		`{"region":"x","cut":true} {}`: "more than one value",
		`{"regoin":"x"}`:               `unknown field "regoin"`,
		`[]`:                           "cannot unmarshal array",
		`{"region":"` + strings.Repeat("x", 70000) + `"}`: "too large",
	} {
		status, text, _ := call(t, http.MethodPost, s.URL+"cut", body)
		assert.Equal(t, http.StatusBadRequest, status)
		assert.Contains(t, text, want)
	}
	assert.Empty(t, stack.did)
}

func TestThePageAllowsNothingFromElsewhereAndEscapesNames(t *testing.T) {
	s, _ := serve(t)
	status, text, headers := call(t, http.MethodGet, s.URL, "")
	require.Equal(t, http.StatusOK, status)
	assert.Contains(t, text, "&lt;b&gt;legal on confidential")
	assert.Contains(t, text, "a member of the groups on people")
	assert.Equal(t, policy, headers.Get("Content-Security-Policy"))
	assert.Equal(t, "no-store", headers.Get("Cache-Control"))
	assert.Equal(t, "no-referrer", headers.Get("Referrer-Policy"), "the token is in the address")
}

func TestEventsComeWhenSomethingChanges(t *testing.T) {
	s, stack := serve(t)
	stack.now.Regions = []drills.LiveRegion{{Name: "first"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"events", nil)
	require.NoError(t, err)
	got, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = got.Body.Close() }()
	lines := bufio.NewScanner(got.Body)
	event := func() string {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return text
			}
		}
		return "the stream ended"
	}
	assert.Contains(t, event(), `{"name":"first","cut":false}`)
	before := stack.changed
	stack.now.Regions, stack.changed = []drills.LiveRegion{{Name: "second", Cut: true}}, make(chan struct{})
	close(before)
	assert.Contains(t, event(), `{"name":"second","cut":true}`)
	require.NoError(t, s.Close())
	assert.Equal(t, "the stream ended", event(), "a server that closes waits for nobody")
}
