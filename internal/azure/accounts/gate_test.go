package accounts_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/accounts"
)

func closed(a *accounts.Account)  { a.PublicNetworkAccess = false }
func keyless(a *accounts.Account) { a.DisableLocalAuth = true }
func denied(a *accounts.Account)  { a.NetworkDefaultDeny = true }

func TestTheGateRefusesWithAzuresOwnWords(t *testing.T) {
	const (
		public  = `{"error":{"code":"403","message": "Public access is disabled. Please configure private endpoint."}}`
		wall    = `{"error":{"code":"403","message": "Access denied due to Virtual Network/Firewall rules."}}`
		noKeys  = `{"error":{"code":"AuthenticationTypeDisabled","message": "Key based authentication is disabled for this resource."}}`
		badKey  = `{"error":{"code":"401","message": "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."}}`
		noToken = `{ "statusCode": 401, "message": "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired." }`
		foreign = `{"error":{"code":"Tenant provided in token does not match resource token","message":"Token tenant ` + stranger + ` does not match resource tenant."}}`
		noRole  = "{\"error\":{\"code\":\"PermissionDenied\",\"message\":\"The principal `" + stranger + "` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action` to perform `POST /openai/deployments/{deployment-id}/chat/completions` operation.\"}}"
	)
	type changes []func(*accounts.Account)
	for name, tc := range map[string]struct {
		account changes
		via     accounts.Arrival
		headers []string
		status  int
		body    string
	}{
		"public with public access off":       {changes{closed}, accounts.Public, nil, 403, public},
		"public with a network rule":          {changes{denied}, accounts.Public, nil, 403, wall},
		"network before credential":           {changes{closed}, accounts.Public, []string{"Authorization", "Bearer nonsense"}, 403, public},
		"network before key":                  {changes{closed, keyless}, accounts.Public, []string{"Api-Key", "wrong"}, 403, public},
		"private with public access off":      {changes{closed}, accounts.PrivateEndpoint, nil, 200, ""},
		"private with a network rule":         {changes{denied}, accounts.PrivateEndpoint, nil, 200, ""},
		"public with public access on":        {nil, accounts.Public, nil, 200, ""},
		"right key":                           {nil, accounts.PrivateEndpoint, []string{"Authorization", "", "Api-Key", testKey}, 200, ""},
		"right key as bearer":                 {nil, accounts.PrivateEndpoint, []string{"Authorization", "Bearer " + testKey}, 200, ""},
		"wrong key":                           {nil, accounts.PrivateEndpoint, []string{"Api-Key", "wrong"}, 401, badKey},
		"right key with keys off":             {changes{keyless}, accounts.PrivateEndpoint, []string{"Api-Key", testKey}, 403, noKeys},
		"right key as bearer with keys off":   {changes{keyless}, accounts.PrivateEndpoint, []string{"Authorization", "Bearer " + testKey}, 403, noKeys},
		"wrong key beside a token, keys off":  {changes{keyless}, accounts.PrivateEndpoint, []string{"Api-Key", "wrong"}, 403, noKeys},
		"token with keys off":                 {changes{keyless}, accounts.PrivateEndpoint, nil, 200, ""},
		"no credential":                       {nil, accounts.PrivateEndpoint, []string{"Authorization", ""}, 401, noToken},
		"not a token":                         {nil, accounts.PrivateEndpoint, []string{"Authorization", "Bearer nonsense"}, 401, noToken},
		"not bearer":                          {nil, accounts.PrivateEndpoint, []string{"Authorization", "Basic gateway-token"}, 401, noToken},
		"token of another tenant":             {nil, accounts.PrivateEndpoint, []string{"Authorization", "Bearer foreign-token"}, 400, foreign},
		"token without a role":                {nil, accounts.PrivateEndpoint, []string{"Authorization", "Bearer stranger-token"}, 401, noRole},
		"subscription key is no Azure OpenAI": {nil, accounts.PrivateEndpoint, []string{"Authorization", "", "Ocp-Apim-Subscription-Key", testKey}, 401, noToken},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := service(t, tc.account...)
			got := doVia(t, s, tc.via, http.MethodPost, chatPath, hello, tc.headers...)
			assert.Equal(t, tc.status, got.status, got.body)
			if tc.body != "" {
				assert.Equal(t, tc.body, got.body)
			}
			assert.NotEmpty(t, got.header.Get("Apim-Request-Id"))
		})
	}
}

func TestARequestIsPublicUnlessItIsSaidToBePrivate(t *testing.T) {
	s, _ := service(t, closed)
	srv := server(t, s)
	res, err := srv.Client().Post(srv.URL+chatPath, "application/json", http.NoBody)
	assert.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, http.StatusForbidden, res.StatusCode)
}

func TestPathsAreAnsweredOnTheirOwnSurfaceOnly(t *testing.T) {
	const v = "?api-version=" + apiVersion
	const chat, response = `{"model":"chat","messages":[{"role":"user","content":"hi"}]}`, `{"model":"chat","input":"hi"}`
	s, _ := service(t)
	for _, tc := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"POST", chatPath, 200, ""},
		{"POST", "/openai/deployments/CHAT/chat/completions" + v, 200, ""},
		{"POST", "/openai/deployments/chat/chat/completions?api-version=2025-01-01-preview", 200, ""},
		{"POST", "/openai/deployments/chat/chat/completions", 404, "404"},
		{"POST", "/openai/deployments/chat/chat/completions?api-version=latest", 404, "404"},
		{"GET", chatPath, 404, "404"},
		{"POST", "/" + chatPath, 200, ""},
		{"POST", "/deployments/chat/chat/completions" + v, 404, "404"},
		{"POST", "/openai/deployments/chat/audio/speech?api-version=2023-05-15", 404, "404"},
		{"POST", "/openai/deployments/chat/audio/speech" + v, 404, "404"},
		{"POST", "/openai/deployments/chat/audio/speech?api-version=2024-05-01-preview", 400, "OperationNotSupported"},
		{"POST", "/openai/deployments/chat/responses?api-version=2025-03-01-preview", 404, "404"},
		{"POST", "/openai/deployments//chat/completions" + v, 404, "404"},
		{"POST", "/openai/chat/completions" + v, 404, "404"},
		{"POST", "/openai/deployments/none/chat/completions" + v, 404, "DeploymentNotFound"},
		{"POST", "/openai/responses" + v, 404, "404"},
		{"POST", "/openai/responses?api-version=2025-03-01-preview", 200, ""},
		{"GET", "/openai/models" + v, 200, ""},
		{"GET", "/openai/models/none" + v, 404, "404"},
		{"POST", "/openai/v1/chat/completions", 200, ""},
		{"POST", "/openai/v1/chat/completions?api-version=preview", 200, ""},
		{"POST", "/openai/v1/responses", 200, ""},
		{"GET", "/openai/v1/models", 200, ""},
		{"POST", "/openai/v1/models", 404, "404"},
		{"POST", "/openai/v1/deployments/chat/chat/completions", 404, "404"},
		{"POST", "/openai/v1/batches", 404, "404"},
	} {
		body := chat
		if strings.Contains(tc.path, "/responses") {
			body = response
		}
		got := do(t, s, tc.method, tc.path, body)
		assert.Equal(t, tc.status, got.status, "%s %s: %s", tc.method, tc.path, got.body)
		if tc.code != "" {
			assert.Contains(t, got.body, `"code":"`+tc.code+`"`, tc.path)
		}
	}
}
