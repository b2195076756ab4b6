package accounts_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/clock"
)

const (
	apiVersion = "2024-10-21"
	gateway    = "77777777-7777-4777-8777-777777777777"
	stranger   = "99999999-9999-4999-8999-999999999999"
	tenant     = "11111111-1111-4111-8111-111111111111"
	testKey    = "0123456789abcdef0123456789abcdef"
)

// newClock stands still until a call waits, which moves it at once.
func newClock() *clock.Fake {
	return clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)).AutoAdvance(true)
}

// tokens trusts what its tests wrote: token → tenant and principal.
type tokens map[string][2]string

func (t tokens) PrincipalOf(token string, _ []string) (string, string, error) {
	who, ok := t[token]
	if !ok {
		return "", "", errors.New("not a token")
	}
	return who[0], who[1], nil
}

// trusted are the tokens of every test.
var trusted = tokens{"gateway-token": {tenant, gateway}, "stranger-token": {tenant, stranger}, "foreign-token": {stranger, gateway}}

// account is an account with one deployment of each kind and room for everything, unless changed.
func account(changes ...func(*accounts.Account)) accounts.Account {
	a := accounts.Account{
		Name: "aoai-east", Subdomain: "contoso-east", Region: "eastus2", TenantID: tenant, PublicNetworkAccess: true,
		Keys: []string{testKey, "fedcba9876543210fedcba9876543210"}, Roles: []string{gateway},
		Deployments: []accounts.Deployment{
			{Name: "chat", Model: "gpt-4o", Version: "2024-08-06", SKU: "GlobalStandard", Capacity: 1000},
			{Name: "old", Model: "gpt-35-turbo", Version: "0125", SKU: "Standard", Capacity: 1000},
			{Name: "reason", Model: "o3", Version: "2025-04-16", SKU: "GlobalStandard", Capacity: 1000},
			{Name: "embed", Model: "text-embedding-3-small", Version: "1", SKU: "Standard", Capacity: 1000},
			{Name: "draw", Model: "dall-e-3", Version: "3.0", SKU: "Standard", Capacity: 2},
			{Name: "paint", Model: "gpt-image-1", Version: "2025-04-15", SKU: "GlobalStandard", Capacity: 2},
			{Name: "speak", Model: "tts-hd", Version: "001", SKU: "Standard", Capacity: 3},
			{Name: "hear", Model: "whisper", Version: "001", SKU: "Standard", Capacity: 3},
			{Name: "reserved", Model: "gpt-4o", Version: "2024-08-06", SKU: "ProvisionedManaged", Capacity: 50},
		},
	}
	for _, change := range changes {
		change(&a)
	}
	return a
}

// service serves one account by a clock of its own.
func service(t testing.TB, changes ...func(*accounts.Account)) (*accounts.Service, *clock.Fake) {
	t.Helper()
	c := newClock()
	s, err := accounts.New([]accounts.Account{account(changes...)}, accounts.Deps{Clock: c, Tokens: trusted})
	require.NoError(t, err)
	return s, c
}

// capacity sets the capacity of the chat deployment.
func capacity(n int) func(*accounts.Account) {
	return func(a *accounts.Account) { a.Deployments[0].Capacity = n }
}

// server serves the account over TLS on loopback.
func server(t testing.TB, s *accounts.Service) *httptest.Server {
	t.Helper()
	srv := httptest.NewTLSServer(s.Handler("aoai-east"))
	t.Cleanup(srv.Close)
	return srv
}

type reply struct {
	status int
	header http.Header
	body   string
}

const chatPath = "/openai/deployments/chat/chat/completions?api-version=" + apiVersion

// hello is the smallest valid chat.
const hello = `{"messages":[{"role":"user","content":"hello"}]}`

// do sends a request in process, as the gateway would: with its token, through the private endpoint.
func do(t testing.TB, s *accounts.Service, method, path, body string, headers ...string) reply {
	t.Helper()
	return doVia(t, s, accounts.PrivateEndpoint, method, path, body, headers...)
}

func doVia(t testing.TB, s *accounts.Service, via accounts.Arrival, method, path, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequest(method, "https://contoso-east.openai.azure.com"+path, bytes.NewBufferString(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer gateway-token")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.Transport(via).RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return reply{res.StatusCode, res.Header, string(raw)}
}

func post(t testing.TB, s *accounts.Service, path, body string) reply {
	t.Helper()
	return do(t, s, http.MethodPost, path, body)
}
