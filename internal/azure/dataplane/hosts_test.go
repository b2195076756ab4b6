package dataplane_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/dataplane"
	site "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/tlsca"
)

func TestTheGatewayAnswersToItsOwnHostNamesAlone(t *testing.T) {
	s := site.New(t)
	seen := &records{}
	p := plane(t, s, func(o *dataplane.Options) { o.Recorder = seen })
	account := strings.TrimSuffix(s.Host, ".azure-api.net")
	for host, want := range map[string]int{
		s.Host:                                200,
		strings.ToUpper(s.Host):               200,
		s.Host + ":443":                       200,
		"evil.example.com":                    404,
		"x." + s.Host:                         404,
		s.Host + ".example.com":               404,
		account + ".portal.azure-api.net":     404,
		account + ".management.azure-api.net": 404,
		"10.20.0.4":                           404,
		"":                                    404,
	} {
		before := len(seen.all)
		r := httptest.NewRequest(http.MethodPost, "https://"+s.Host+chat, strings.NewReader(`{"messages":[{"role":"user","content":"hello"}]}`))
		r.Host = host
		r.Header.Set("api-key", s.Key("search-standard"))
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		assert.Equal(t, want, w.Code, host)
		if want != 200 {
			assert.JSONEq(t, `{"statusCode": 404, "message": "Resource not found"}`, w.Body.String(), host)
			assert.Len(t, seen.all, before, "%s is in the log", host)
		}
	}
}

// arriving are records as they come: a call is recorded after its caller has the answer.
type arriving chan *apim.CallRecord

func (a arriving) Record(c *apim.CallRecord) { a <- c }

// A client that is given the listener's URL sends this machine's name; that is the gateway's to it, also in the log.
func TestThisMachinesNameIsTheGatewaysOnEveryListener(t *testing.T) {
	s := site.New(t)
	seen := make(arriving, 3)
	p := plane(t, s, func(o *dataplane.Options) { o.Recorder = seen })
	ca, err := tlsca.New()
	require.NoError(t, err)
	listener, err := p.Open(t.Context(), dataplane.Outside, "127.0.0.1:0", ca)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	for host, want := range map[string]int{"": 200, "localhost": 200, "evil.example.com": 404} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, listener.URL+chat, strings.NewReader(`{"messages":[{"role":"user","content":"hello"}]}`))
		require.NoError(t, err)
		r.Host = host
		r.Header.Set("api-key", s.Key("search-standard"))
		got, err := listener.Client().Do(r)
		require.NoError(t, err)
		require.NoError(t, got.Body.Close())
		assert.Equal(t, want, got.StatusCode, host)
		if want == 200 {
			assert.Contains(t, (<-seen).URL, "//"+s.Host+"/")
		}
	}
	assert.Empty(t, seen)
}
