package dataplane_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/dataplane"
	site "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/clock"
)

const chat = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"

func plane(t *testing.T, s *site.Site, change ...func(*dataplane.Options)) *dataplane.Plane {
	t.Helper()
	o := dataplane.Options{ARM: s.Server, TenantID: azure.TenantID, Clock: clock.NewFake(clock.Epoch)}
	for _, c := range change {
		c(&o)
	}
	p, err := dataplane.New(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// ask sends a chat to the gateway with a team's key.
func ask(p *dataplane.Plane, path, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "https://"+p.HostName+path, strings.NewReader(`{"messages":[{"role":"user","content":"hello"}]}`))
	r.Header.Set("api-key", key)
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func TestWhatIsDeployedAnswers(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	got := ask(p, chat, s.Key("search-standard"))
	require.Equal(t, 200, got.Code, got.Body)
	assert.Contains(t, got.Body.String(), `"model":"gpt-4o-2024-11-20"`)
	seen := p.Models.Requests()
	require.Len(t, seen, 1)
	assert.Equal(t, s.AccountName("sweden"), seen[0].Account)
	assert.Equal(t, accounts.PrivateEndpoint, seen[0].Via)
	assert.NotEmpty(t, seen[0].Principal, "the account was not called by the gateway's identity")
}

// TestAMissingPieceIsWhatAzureWouldAnswer takes one piece away from the only account that is left.
func TestAMissingPieceIsWhatAzureWouldAnswer(t *testing.T) {
	const publicOff = "Public access is disabled. Please configure private endpoint."
	for name, c := range map[string]struct {
		remove func(*site.Site)
		// status and text are the account's answer; reason is why there was none; status 0 is no request at all.
		status int
		text   string
		reason string
	}{
		"nothing":        {func(*site.Site) {}, 200, "chat.completion", ""},
		"the endpoint":   {func(s *site.Site) { s.Delete(s.Endpoint("sweden")) }, 403, publicOff, ""},
		"the zone group": {func(s *site.Site) { s.Delete(s.Endpoint("sweden") + "/privateDnsZoneGroups/default") }, 0, "", "no such host"},
		"the link":       {func(s *site.Site) { s.Delete(s.Link) }, 403, publicOff, ""},
		"the role":       {func(s *site.Site) { s.Delete(s.Role("sweden")) }, 401, "PermissionDenied", ""},
		"the right role": {func(s *site.Site) {
			principal := s.Resources("Microsoft.ApiManagement/service")[0].Body["identity"].(map[string]any)["principalId"].(string)
			s.Delete(s.Role("sweden"))
			s.Put(s.Role("sweden"), site.RoleBody(principal, "b24988ac-6180-42a0-ab88-20f7382dd24c")) // Contributor
		}, 401, "PermissionDenied", ""},
		"the deployment": {func(s *site.Site) { s.Delete(s.Account("sweden") + "/deployments/gpt-4o") }, 404, "DeploymentNotFound", ""},
		"the account": {func(s *site.Site) {
			s.Delete(s.Endpoint("sweden"))
			s.Delete(s.Role("sweden"))
			s.Delete(s.Account("sweden") + "/deployments/gpt-4o")
			s.Delete(s.Account("sweden") + "/deployments/embed")
			s.Delete(s.Account("sweden"))
		}, 0, "", "no such host"},
		"the zone group, with a link that falls back to the internet": {func(s *site.Site) {
			s.Change(s.Link, func(p map[string]any) { p["resolutionPolicy"] = "NxDomainRedirect" })
			s.Delete(s.Endpoint("sweden") + "/privateDnsZoneGroups/default")
		}, 403, publicOff, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := site.New(t)
			records := &records{}
			p := plane(t, s, func(o *dataplane.Options) { o.Recorder = records })
			c.remove(s)
			require.NoError(t, p.Models.Script(accounts.Fault{Kind: accounts.FaultStatus, Status: 503, Match: accounts.Match{Account: s.AccountName("france")}}))
			got := ask(p, chat, s.Key("search-standard"))
			var first apim.Attempt
			for _, a := range records.all[0].Attempts {
				if strings.HasPrefix(a.BackendID, "sweden-") {
					first = a
					break
				}
			}
			require.NotEmpty(t, first.BackendID, "sweden was not asked")
			assert.Equal(t, c.status, first.Status)
			if c.reason != "" {
				assert.Equal(t, "BackendConnectionFailure", first.Reason)
			}
			if c.status != 200 {
				assert.GreaterOrEqual(t, got.Code, 500, "the caller must not be blamed: %s", got.Body)
				assert.NotContains(t, got.Body.String(), "aoai-test", "the refusal names an account")
			}
			direct := throughTheNetwork(t, s, p)
			assert.Contains(t, direct, c.text+c.reason)
		})
	}
}

// records keeps what the gateway recorded.
type records struct{ all []*apim.CallRecord }

func (r *records) Record(c *apim.CallRecord) { r.all = append(r.all, c) }

// throughTheNetwork is what sweden answers the gateway's identity from where the gateway stands.
func throughTheNetwork(t *testing.T, s *site.Site, p *dataplane.Plane) string {
	t.Helper()
	require.NoError(t, p.Refresh(t.Context()))
	return p.FromTheGateway("https://" + s.AccountName("sweden") + ".openai.azure.com" + chat)
}
