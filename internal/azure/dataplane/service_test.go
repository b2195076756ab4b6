package dataplane_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/dataplane"
	site "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/azure/entra"
	"enterprise-openai/internal/clock"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/stacks"
)

func TestWithoutAGatewayThereIsNothingToServe(t *testing.T) {
	_, err := dataplane.New(t.Context(), dataplane.Options{ARM: arm.New(arm.Options{SubscriptionID: azure.SubscriptionID}), TenantID: azure.TenantID})
	assert.EqualError(t, err, "0 API Management services are deployed; a rehearsal serves exactly one")
}

func TestAChangeIsInForceAtTheNextCall(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	key := s.Key("search-standard")
	require.Equal(t, 200, ask(p, chat, key).Code)
	s.Put(s.Service+"/subscriptions/search-standard", `{"properties":{"displayName":"search","scope":"/products/standard","state":"suspended"}}`)
	assert.Equal(t, 401, ask(p, chat, key).Code, "a suspended key")
	s.Put(s.Service+"/subscriptions/search-standard", `{"properties":{"displayName":"search","scope":"/products/standard","state":"active"}}`)
	s.Delete(s.Service + "/products/standard/apis/openai")
	assert.Equal(t, 401, ask(p, chat, key).Code, "the product has lost the API")
}

func TestAnAccountThatIsDeletedIsNoLongerServed(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	s.Delete(s.Endpoint("france"))
	s.Delete(s.Role("france"))
	s.Delete(s.Account("france") + "/deployments/gpt-4o")
	s.Delete(s.Account("france") + "/deployments/embed")
	s.Delete(s.Account("france"))
	require.NoError(t, p.Refresh(t.Context()))
	_, ok := p.Models.Account(s.AccountName("france"))
	assert.False(t, ok)
}

func TestDiagnosticsDecideWhatIsRecorded(t *testing.T) {
	kept := func(path, key, token string, s *site.Site, p *dataplane.Plane, r *records) string {
		r.all = nil
		req := httptest.NewRequest(http.MethodPost, "https://"+s.Host+path+"&api-key="+key, strings.NewReader(`{"messages":[{"role":"user","content":"a secret plan"}]}`))
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, req)
		require.Equal(t, 200, w.Code, w.Body)
		require.Len(t, r.all, 1)
		assert.NotContains(t, r.all[0].URL, key, "dataMasking hides the key in the logged URL")
		require.NotNil(t, r.all[0].LLM)
		return r.all[0].LLM.Request
	}
	s := site.New(t)
	r := &records{}
	p := plane(t, s, func(o *dataplane.Options) { o.Recorder = r })
	people, err := p.AddPeople(drills.Members(s.Settings))
	require.NoError(t, err)
	token, err := people.Token(dataplane.Person{Product: "confidential"})
	require.NoError(t, err)
	assert.Contains(t, kept(chat, s.Key("search-standard"), "", s, p, r), "a secret plan")
	assert.Empty(t, kept("/metadata"+chat, s.Key("legal-confidential"), token, s, p, r), "a product that keeps no text")

	s.Delete(s.Service + "/apis/openai/diagnostics/azuremonitor")
	s.Delete(s.Service + "/diagnostics/azuremonitor")
	r.all = nil
	require.Equal(t, 200, ask(p, chat, s.Key("search-standard")).Code)
	assert.Nil(t, r.all[0].AzureMonitor, "no diagnostic, no log")
}

func TestTheClockIsTheExpressionsTooAndPlanesShareNothing(t *testing.T) {
	s := site.New(t, site.With(func(s *stacks.Settings) { s.Products[0].RequestsPerMinute = 2 }))
	one, other := clock.NewFake(clock.Epoch), clock.NewFake(clock.Epoch)
	p := plane(t, s, func(o *dataplane.Options) { o.Clock = one })
	q := plane(t, s, func(o *dataplane.Options) { o.Clock = other })
	key := s.Key("search-standard")
	for range 2 {
		require.Equal(t, 200, ask(p, chat, key).Code)
	}
	assert.Equal(t, 429, ask(p, chat, key).Code)
	assert.Equal(t, 200, ask(q, chat, key).Code, "another plane of the same deployment counts for itself")
	one.Advance(clock.Epoch.AddDate(0, 0, 1).Sub(clock.Epoch))
	assert.Equal(t, 200, ask(p, chat, key).Code)
}

func TestPeopleGetTokensThatSayWhatTheyAre(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	people, err := p.AddPeople(drills.Members(s.Settings))
	require.NoError(t, err)
	everybodyIs(t, p, people)
}

// Groups in the gateway are for the developer portal. Who belongs to a product is in the token and decided by policy, so that
// membership is the same where nobody signs in to a portal and the gateway has no groups.
func TestMembershipIsTheSameWithAndWithoutTheGatewaysGroups(t *testing.T) {
	s := site.New(t)
	p := plane(t, s)
	people, err := p.AddPeople(drills.Members(s.Settings))
	require.NoError(t, err)
	t.Run("with", func(t *testing.T) { everybodyIs(t, p, people) })
	for _, product := range s.Settings.Products {
		s.Delete(s.Service + "/products/" + product.Name + "/groups/" + product.Name)
		s.Delete(s.Service + "/groups/" + product.Name)
	}
	s.Delete(s.Service + "/identityProviders/aad")
	t.Run("without", func(t *testing.T) { everybodyIs(t, p, people) })
}

// everybodyIs asks for everybody what a member, a stranger and a forger get.
func everybodyIs(t *testing.T, p *dataplane.Plane, people *dataplane.People) {
	t.Helper()
	for name, c := range map[string]struct {
		person dataplane.Person
		change []entra.Spoil
		status int
	}{
		"a member":                     {dataplane.Person{Product: "assistants"}, nil, 200},
		"a member of another product":  {dataplane.Person{Product: "standard"}, nil, 403},
		"nobody's":                     {dataplane.Person{}, nil, 403},
		"a member in too many groups":  {dataplane.Person{Product: "assistants", ManyGroups: true}, nil, 403},
		"a member with a forged token": {dataplane.Person{Product: "assistants"}, []entra.Spoil{entra.WrongKey()}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := people.Token(c.person, c.change...)
			require.NoError(t, err)
			r := httptest.NewRequest(http.MethodPost, "https://"+p.HostName+chat, strings.NewReader(`{"messages":[{"role":"user","content":"hello"}]}`))
			r.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			assert.Equal(t, c.status, w.Code, w.Body)
		})
	}
}
