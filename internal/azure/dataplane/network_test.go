package dataplane_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/dataplane"
	site "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/tlsca"
)

// visit calls a host from a place and returns the status, or the error.
func visit(t *testing.T, p *dataplane.Plane, from dataplane.Place, host, path string, headers ...string) (int, string) {
	t.Helper()
	ca, err := tlsca.New()
	require.NoError(t, err)
	listener, err := p.Open(t.Context(), from, "127.0.0.1:0", ca)
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	r, err := http.NewRequest(http.MethodPost, "https://"+host+path, strings.NewReader(`{"messages":[{"role":"user","content":"hello"}]}`))
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := listener.Client().Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(data)
}

func TestTheNetworkModeDecidesWhoFindsTheGateway(t *testing.T) {
	for mode, c := range map[string]struct{ outside, inside string }{
		"External": {"200", "200"},
		"Internal": {"no such host", "200"},
		"None":     {"502", "502"}, // it answers, but no account accepts it: there is no private path
	} {
		t.Run(mode, func(t *testing.T) {
			s := site.New(t, site.Mode(mode))
			for from, want := range map[dataplane.Place]string{dataplane.Outside: c.outside, dataplane.Inside: c.inside} {
				p := plane(t, s)
				status, text := visit(t, p, from, s.Host, chat, "api-key", s.Key("search-standard"))
				if want == "no such host" {
					assert.Contains(t, text, want, from)
					continue
				}
				assert.Equal(t, want, jsonNumber(status), "%s: %s", from, text)
			}
		})
	}
}

func jsonNumber(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestAnInternalGatewayIsFoundByItsPrivateZoneAlone(t *testing.T) {
	s := site.New(t, site.Mode("Internal"))
	p := plane(t, s)
	zone := s.ID("PrivateZone", "gateway-gateway")
	s.Put(zone+"/A/@", `{"properties":{"ttl":300,"aRecords":[{"ipv4Address":"10.20.0.99"}]}}`)
	_, text := visit(t, p, dataplane.Inside, s.Host, chat)
	assert.Contains(t, text, "timeout", "nobody has that address")
	s.Delete(zone + "/A/@")
	_, text = visit(t, p, dataplane.Inside, s.Host, chat)
	assert.Contains(t, text, "no such host")
}

func TestAnAccountIsPrivateInsideAndClosedOutside(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	host := s.AccountName("sweden") + ".openai.azure.com"
	status, text := visit(t, p, dataplane.Outside, host, chat)
	assert.Equal(t, 403, status)
	assert.Contains(t, text, "Public access is disabled")
	status, _ = visit(t, p, dataplane.Inside, host, chat)
	assert.Equal(t, 401, status, "inside, the network lets everybody through, and the credential decides")
	_, text = visit(t, p, dataplane.Inside, "aoai-test-oai-norway-site.openai.azure.com", chat)
	assert.Contains(t, text, "no such host")
}

func TestKeysWorkOnAnAccountThatAllowsThem(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	host := s.AccountName("sweden") + ".openai.azure.com"
	var key string
	for _, r := range s.Resources("Microsoft.CognitiveServices/accounts") {
		if r.Name == s.AccountName("sweden") {
			key, _ = r.Private["key1"].(string)
		}
	}
	require.NotEmpty(t, key)
	status, text := visit(t, p, dataplane.Inside, host, chat, "api-key", key)
	assert.Equal(t, 403, status)
	assert.Contains(t, text, "AuthenticationTypeDisabled")
	s.Change(s.Account("sweden"), func(p map[string]any) { p["disableLocalAuth"] = false })
	status, text = visit(t, p, dataplane.Inside, host, chat, "api-key", key)
	assert.Equal(t, 200, status, text)
	s.Change(s.Account("sweden"), func(p map[string]any) { p["publicNetworkAccess"] = "Enabled" })
	status, text = visit(t, p, dataplane.Outside, host, chat, "api-key", key)
	assert.Equal(t, 403, status, "open to the internet, but its firewall denies by default")
	assert.Contains(t, text, "Firewall")
}

func TestAnAccountWithoutASubdomainHasNoName(t *testing.T) {
	s := site.New(t)
	s.Put(s.Group+"/providers/Microsoft.CognitiveServices/accounts/norway", `{"location":"norwayeast","kind":"OpenAI","sku":{"name":"S0"},"properties":{}}`)
	p := plane(t, s)
	_, ok := p.Models.Account("norway")
	assert.False(t, ok)
	_, text := visit(t, p, dataplane.Inside, "norway.openai.azure.com", chat)
	assert.Contains(t, text, "no such host")
}

func TestARoleCountsFromWhereverItIsGiven(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	principal := s.Resources("Microsoft.ApiManagement/service")[0].Body["identity"].(map[string]any)["principalId"].(string)
	s.Delete(s.Role("sweden"))
	s.Delete(s.Role("france"))
	require.Equal(t, 502, ask(p, chat, s.Key("search-standard")).Code, "nobody has a role")
	s.Put(s.Group+"/providers/Microsoft.Authorization/roleAssignments/33333333-3333-4333-8333-333333333339", site.RoleBody(principal, "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"))
	require.NoError(t, p.Refresh(t.Context()))
	for _, name := range []string{"sweden", "france"} {
		account, ok := p.Models.Account(s.AccountName(name))
		require.True(t, ok)
		assert.Equal(t, []string{principal}, account.Roles, "a role on the group counts on %s", name)
	}
}

func TestFaultsOfANetworkAreFeltByDirectCallersToo(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	require.NoError(t, p.Models.Script(accounts.RegionOut("swedencentral")))
	_, text := visit(t, p, dataplane.Inside, s.AccountName("sweden")+".openai.azure.com", chat)
	assert.Contains(t, text, "connection refused")
	status, _ := visit(t, p, dataplane.Inside, s.AccountName("france")+".openai.azure.com", chat)
	assert.Equal(t, 401, status)
}

func TestTheDoorAnswersItsAddressAsTheGateway(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	ca, err := tlsca.New()
	require.NoError(t, err)
	listener, err := p.Open(t.Context(), dataplane.Outside, "127.0.0.1:0", ca)
	require.NoError(t, err)
	r, err := http.NewRequest(http.MethodPost, listener.URL+chat, strings.NewReader(`{"messages":[{"role":"user","content":"hello"}]}`))
	require.NoError(t, err)
	r.Header.Set("api-key", s.Key("search-standard"))
	res, err := ca.Client().Do(r)
	require.NoError(t, err)
	_ = res.Body.Close()
	assert.Equal(t, 200, res.StatusCode)
	_, err = p.Open(t.Context(), dataplane.Outside, "0.0.0.0:0", ca)
	assert.ErrorContains(t, err, "loopback only")
}
