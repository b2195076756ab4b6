package accounts_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
)

func TestTheBookSumsUpByAccountDeploymentAndPrincipal(t *testing.T) {
	s, _ := service(t, capacity(10))
	post(t, s, chatPath, ask(8))
	post(t, s, chatPath, ask(9995)) // throttled
	post(t, s, chatPath, `{"max_tokens":2,"stream":true,"messages":[{"role":"user","content":"hi"}]}`)
	do(t, s, http.MethodPost, chatPath, hello, "Api-Key", testKey)
	do(t, s, http.MethodPost, chatPath, hello, "Authorization", "Bearer stranger-token")
	do(t, s, http.MethodPost, chatPath, hello, "Authorization", "")
	post(t, s, deployment("embed", "embeddings"), `{"input":"a b c"}`)

	prompt := 3 + 3 + accounts.CountTokens("gpt-4o", "user") + accounts.CountTokens("gpt-4o", "hi")
	served := map[string]accounts.Count{}
	for _, c := range s.Served() {
		served[c.Deployment+"/"+c.Principal] = c
	}
	assert.Equal(t, accounts.Count{Account: "aoai-east", Deployment: "chat", Principal: gateway, Requests: 3, Answered: 2, Throttled: 1,
		Estimate: 9 + 3, Usage: accounts.Usage{Prompt: 2 * prompt, Completion: 8 + 2}}, served["chat/"+gateway])
	assert.Equal(t, 1, served["chat/"+accounts.KeyPrincipal].Answered)
	assert.Equal(t, 0, served["chat/"+stranger].Answered)
	assert.Equal(t, 1, served["chat/"].Requests, "unknown callers are booked too")
	assert.Equal(t, accounts.Usage{Prompt: 3}, served["embed/"+gateway].Usage)
}

func TestACredentialCannotHideFromTheBook(t *testing.T) {
	s, _ := service(t)
	do(t, s, http.MethodPost, chatPath+"&subscription-key=in-query", strings.Replace(hello, "hello", "in-body", 1),
		"Api-Key", "in-header", "Ocp-Apim-Subscription-Key", "in-apim", "X-Custom", "prefix in-custom suffix")
	require.Len(t, s.Requests(), 1)
	r := s.Requests()[0]
	for _, secret := range []string{"in-query", "in-header", "in-apim", "in-custom", "in-body", "gateway-token"} {
		assert.True(t, r.Holds(secret), secret)
	}
	assert.False(t, r.Holds("elsewhere"))
	assert.False(t, r.Holds(""))
	assert.ElementsMatch(t, []accounts.Credential{
		{Account: "aoai-east", Where: "api-key", Value: "in-header"}, {Account: "aoai-east", Where: "authorization", Value: "Bearer gateway-token"},
		{Account: "aoai-east", Where: "ocp-apim-subscription-key", Value: "in-apim"}, {Account: "aoai-east", Where: "subscription-key", Value: "in-query"},
	}, s.Credentials())
	s.ForgetRequests()
	assert.Empty(t, s.Requests())
	assert.Empty(t, s.Credentials())
	assert.Empty(t, s.Served())
}

func TestTheBookKeepsTheLastRequestsAndAllSums(t *testing.T) {
	s, err := accounts.New([]accounts.Account{account()}, accounts.Deps{Clock: newClock(), Tokens: trusted, KeepRequests: 3})
	require.NoError(t, err)
	for range 10 {
		post(t, s, chatPath, ask(1))
	}
	assert.Len(t, s.Requests(), 3)
	assert.Equal(t, 10, s.Served()[0].Requests)
}

func TestWhoeverSeesAnAnswerFindsItsCallInTheBook(t *testing.T) {
	s, _ := service(t)
	for i, body := range []string{hello, streamed, "not JSON"} {
		r, err := http.NewRequest(http.MethodPost, "https://"+account().Host()+chatPath, strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Api-Key", testKey)
		res, err := s.Transport(accounts.Public).RoundTrip(r)
		require.NoError(t, err)
		book := s.Requests() // nothing of the body has been read yet
		require.Len(t, book, i+1, body)
		assert.Equal(t, res.StatusCode, book[i].Status, body)
		require.NoError(t, res.Body.Close())
	}
}

func TestAccountsComeAndGo(t *testing.T) {
	s, _ := service(t)
	err := s.Put(accounts.Account{Name: "bad", Deployments: []accounts.Deployment{{Name: "x"}, {Name: "X", Model: "gpt-4o", Capacity: 1}}})
	for _, text := range []string{"custom subdomain", "without a model", "capacity 0", "occurs twice"} {
		assert.ErrorContains(t, err, text)
	}
	assert.ErrorContains(t, s.Put(account(func(a *accounts.Account) { a.Name = "twin" })), `belongs to account "aoai-east"`)
	_, ok := s.ByHost("CONTOSO-EAST.cognitiveservices.azure.com:443")
	assert.True(t, ok)
	s.Remove("AOAI-EAST")
	_, ok = s.ByHost("contoso-east.openai.azure.com")
	assert.False(t, ok)
	assert.NoError(t, s.Put(account(func(a *accounts.Account) { a.Name = "twin" })), "a removed account frees its subdomain")
}
