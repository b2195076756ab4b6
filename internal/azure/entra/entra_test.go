package entra_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/entra"
)

const (
	contoso   = "11111111-1111-4111-8111-111111111111"
	fabrikam  = "22222222-2222-4222-8222-222222222222"
	ada       = "33333333-3333-4333-8333-333333333333"
	crowd     = "33333333-3333-4333-8333-333333333334"
	cli       = "44444444-4444-4444-8444-444444444444"
	worker    = "55555555-5555-4555-8555-555555555555"
	workerSP  = "55555555-5555-4555-8555-555555555556"
	gatewayV1 = "66666666-6666-4666-8666-666666666661"
	gatewayV2 = "66666666-6666-4666-8666-666666666662"
	apim      = "77777777-7777-4777-8777-777777777777"
	apimApp   = "77777777-7777-4777-8777-777777777778"
	group     = "88888888-8888-4888-8888-888888888888"
	secret    = "not-a-real-secret"
	cognitive = "https://cognitiveservices.azure.com"
)

// clock is a clock that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func directory(t testing.TB) (*entra.Directory, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	d, err := entra.New(entra.Options{Clock: c})
	require.NoError(t, err)
	require.NoError(t, d.AddTenant(entra.Tenant{ID: contoso, Domain: "contoso.onmicrosoft.com"}))
	require.NoError(t, d.AddTenant(entra.Tenant{ID: fabrikam}))
	require.NoError(t, d.PutUser(entra.User{TenantID: contoso, ObjectID: ada, Name: "Ada", PrincipalName: "ada@contoso.example", Groups: []string{group}}))
	many := make([]string, entra.MaxGroups+1)
	for i := range many {
		many[i] = fmt.Sprintf("99999999-9999-4999-8999-%012d", i)
	}
	require.NoError(t, d.PutUser(entra.User{TenantID: contoso, ObjectID: crowd, Name: "Crowd", Groups: many}))
	for _, a := range []entra.Application{
		{ClientID: cli, ObjectID: cli, Name: "cli"},
		{ClientID: worker, ObjectID: workerSP, Name: "worker", Secret: secret, Groups: []string{group}},
		{ClientID: gatewayV1, ObjectID: gatewayV1, Identifier: "api://v1", Roles: map[string][]string{workerSP: {"Model.Call"}}},
		{ClientID: gatewayV2, ObjectID: gatewayV2, Identifier: "api://v2", TokenVersion: 2},
	} {
		a.TenantID = contoso
		require.NoError(t, d.PutApplication(a))
	}
	require.NoError(t, d.PutManagedIdentity(entra.ManagedIdentity{TenantID: contoso, PrincipalID: apim, ClientID: apimApp, ResourceID: "/subscriptions/s/resourcegroups/g/providers/Microsoft.ApiManagement/service/apim"}))
	return d, c
}

// fetch gets JSON through the transport, as a policy would.
func fetch(t testing.TB, d *entra.Directory, url string, into any) {
	t.Helper()
	res, err := (&http.Client{Transport: d.Transport()}).Get(url)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode, url)
	require.NoError(t, json.NewDecoder(res.Body).Decode(into))
}

type metadata struct {
	Issuer  string `json:"issuer"`
	JWKSURI string `json:"jwks_uri"`
}

// check verifies a token with nothing but what is published over HTTP, by the JWT library.
func check(t testing.TB, d *entra.Directory, now time.Time, configuration, token, audience string) (jwt.MapClaims, error) {
	t.Helper()
	var m metadata
	fetch(t, d, configuration, &m)
	var set struct {
		Keys []struct {
			KID string   `json:"kid"`
			X5C []string `json:"x5c"`
		} `json:"keys"`
	}
	fetch(t, d, m.JWKSURI, &set)
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(tok *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			if k.KID == tok.Header["kid"] {
				return jwt.ParseRSAPublicKeyFromPEM([]byte("-----BEGIN CERTIFICATE-----\n" + k.X5C[0] + "\n-----END CERTIFICATE-----"))
			}
		}
		return nil, fmt.Errorf("kid %v is not published", tok.Header["kid"])
	}, jwt.WithAudience(audience), jwt.WithIssuer(m.Issuer), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithValidMethods([]string{"RS256"}))
	return claims, err
}

const (
	metadataV1 = "https://login.microsoftonline.com/" + contoso + "/.well-known/openid-configuration"
	metadataV2 = "https://login.microsoftonline.com/" + contoso + "/v2.0/.well-known/openid-configuration"
)

func TestAUserTokenIsCheckedWithPublishedMetadataAlone(t *testing.T) {
	d, clock := directory(t)
	for _, tc := range []struct {
		name, resource, audience, metadata string
		want, absent                       []string
	}{
		{"v1 by URI", "api://v1", "api://v1", metadataV1, []string{"appid", "appidacr", "unique_name", "idp"}, []string{"azp", "preferred_username"}},
		{"v1 by client id", gatewayV1, gatewayV1, metadataV1, []string{"appid"}, []string{"azp"}},
		{"v2 names the client id", "api://v2", gatewayV2, metadataV2, []string{"azp", "azpacr", "preferred_username"}, []string{"appid", "unique_name", "idp"}},
		{"Microsoft's own", cognitive, cognitive, metadataV1, []string{"appid"}, []string{"groups"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			token, err := d.UserToken(ada, cli, tc.resource)
			require.NoError(t, err)
			claims, err := check(t, d, clock.Now(), tc.metadata, token.Access, tc.audience)
			require.NoError(t, err)
			assert.Equal(t, ada, claims["oid"])
			assert.Equal(t, contoso, claims["tid"])
			assert.Equal(t, "user_impersonation", claims["scp"])
			assert.NotEqual(t, ada, claims["sub"], "the subject of a user is pairwise")
			for _, name := range tc.want {
				assert.Contains(t, claims, name)
			}
			for _, name := range tc.absent {
				assert.NotContains(t, claims, name)
			}
			if !strings.HasPrefix(tc.audience, "https:") {
				assert.Equal(t, []any{group}, claims["groups"])
			}
			lifetime := token.Expires.Sub(clock.Now())
			assert.True(t, lifetime >= time.Hour && lifetime <= 90*time.Minute, lifetime)
		})
	}
}

func TestMoreThanTwoHundredGroupsBecomeAnOverageThatGraphAnswers(t *testing.T) {
	d, _ := directory(t)
	token, err := d.UserToken(crowd, cli, "api://v1")
	require.NoError(t, err)
	claims, err := d.Verify(token.Access, []string{"api://v1"})
	require.NoError(t, err)
	assert.NotContains(t, claims, "groups")
	assert.Equal(t, map[string]any{"groups": "src1"}, claims["_claim_names"])
	source := claims["_claim_sources"].(map[string]any)["src1"].(map[string]any)["endpoint"].(string)

	for _, endpoint := range []string{source, "https://graph.microsoft.com/v1.0/users/" + crowd + "/getMemberObjects"} {
		request, err := http.NewRequest(http.MethodPost, endpoint, strings.NewReader(`{"securityEnabledOnly":true}`))
		require.NoError(t, err)
		refused, err := d.Transport().RoundTrip(request)
		require.NoError(t, err)
		assert.Equal(t, http.StatusUnauthorized, refused.StatusCode, "memberships are not public")
		request.Header.Set("Authorization", "Bearer "+token.Access)
		res, err := d.Transport().RoundTrip(request)
		require.NoError(t, err)
		var answer struct{ Value []string }
		require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
		assert.Len(t, answer.Value, entra.MaxGroups+1)
	}

	// One group fewer still fits.
	require.NoError(t, d.PutUser(entra.User{TenantID: contoso, ObjectID: crowd, Groups: make([]string, entra.MaxGroups)}))
	token, err = d.UserToken(crowd, cli, "api://v1")
	require.NoError(t, err)
	claims, err = d.Verify(token.Access, []string{"api://v1"})
	require.NoError(t, err)
	assert.Len(t, claims["groups"], entra.MaxGroups)
}

func TestAnApplicationGetsItsTokenFromTheTokenEndpoint(t *testing.T) {
	d, clock := directory(t)
	post := func(path string, form url.Values) (int, map[string]any) {
		res, err := (&http.Client{Transport: d.Transport()}).PostForm("https://login.microsoftonline.com/"+path, form)
		require.NoError(t, err)
		defer res.Body.Close()
		var body map[string]any
		require.NoError(t, json.NewDecoder(res.Body).Decode(&body))
		return res.StatusCode, body
	}
	form := func(change ...string) url.Values {
		f := url.Values{"grant_type": {"client_credentials"}, "client_id": {worker}, "client_secret": {secret}, "scope": {"api://v1/.default"}}
		for i := 0; i < len(change); i += 2 {
			f.Set(change[i], change[i+1])
		}
		return f
	}
	status, body := post(contoso+"/oauth2/v2.0/token", form())
	require.Equal(t, http.StatusOK, status, body)
	claims, err := check(t, d, clock.Now(), metadataV1, body["access_token"].(string), "api://v1")
	require.NoError(t, err)
	assert.Equal(t, workerSP, claims["oid"])
	assert.Equal(t, workerSP, claims["sub"])
	assert.Equal(t, worker, claims["appid"])
	assert.Equal(t, "app", claims["idtyp"])
	assert.Equal(t, []any{"Model.Call"}, claims["roles"])
	assert.NotContains(t, claims, "scp", "scopes are for users")

	status, body = post("contoso.onmicrosoft.com/oauth2/token", form("resource", cognitive))
	assert.Equal(t, http.StatusOK, status, body)
	status, body = post(contoso+"/oauth2/v2.0/token", form("scope", "api://v1/.default openid offline_access profile"))
	assert.Equal(t, http.StatusOK, status, "MSAL adds scopes that name no resource: %v", body)

	for name, tc := range map[string]struct {
		path, code string
		form       url.Values
		status     int
	}{
		"wrong secret":     {contoso + "/oauth2/v2.0/token", "invalid_client", form("client_secret", "x"), 401},
		"public client":    {contoso + "/oauth2/v2.0/token", "invalid_client", form("client_id", cli, "client_secret", ""), 401},
		"unknown client":   {contoso + "/oauth2/v2.0/token", "unauthorized_client", form("client_id", ada), 400},
		"other tenant":     {fabrikam + "/oauth2/v2.0/token", "unauthorized_client", form(), 400},
		"no such tenant":   {"nowhere.example/oauth2/v2.0/token", "invalid_tenant", form(), 400},
		"no such resource": {contoso + "/oauth2/v2.0/token", "invalid_resource", form("scope", "api://none/.default"), 400},
		"bare scope":       {contoso + "/oauth2/v2.0/token", "invalid_scope", form("scope", "api://v1"), 400},
		"two resources":    {contoso + "/oauth2/v2.0/token", "invalid_scope", form("scope", "api://v1/.default api://v2/.default"), 400},
		"no resource":      {contoso + "/oauth2/v2.0/token", "invalid_scope", form("scope", "openid profile"), 400},
		"password grant":   {contoso + "/oauth2/v2.0/token", "unsupported_grant_type", form("grant_type", "password"), 400},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := post(tc.path, tc.form)
			assert.Equal(t, tc.status, status, body)
			assert.Equal(t, tc.code, body["error"])
			assert.NotContains(t, body["error_description"], secret)
		})
	}
}

func TestTheInstanceNamesItsHostsAndATenantsMetadata(t *testing.T) {
	d, _ := directory(t)
	var got struct {
		Endpoint string `json:"tenant_discovery_endpoint"`
		Metadata []struct{ Aliases []string }
	}
	const ask = "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1"
	fetch(t, d, ask+"&authorization_endpoint="+url.QueryEscape("https://login.microsoftonline.com/"+contoso+"/oauth2/v2.0/authorize"), &got)
	assert.Equal(t, "https://login.microsoftonline.com/"+contoso+"/v2.0/.well-known/openid-configuration", got.Endpoint)
	require.Len(t, got.Metadata, 1)
	assert.Contains(t, got.Metadata[0].Aliases, "login.windows.net")
	res, err := (&http.Client{Transport: d.Transport()}).Get(ask)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, http.StatusBadRequest, res.StatusCode, "no tenant is named")
}

func TestAManagedIdentityGetsATokenForItsResource(t *testing.T) {
	d, clock := directory(t)
	for _, name := range []string{apim, apimApp} {
		token, err := d.ManagedIdentityToken(name, cognitive)
		require.NoError(t, err)
		claims, err := check(t, d, clock.Now(), metadataV1, token.Access, cognitive)
		require.NoError(t, err)
		assert.Equal(t, apim, claims["oid"])
		assert.Equal(t, "2", claims["appidacr"], "managed identities prove themselves with a certificate")
		assert.Contains(t, claims["xms_mirid"], "/service/apim")
		assert.Equal(t, 24*time.Hour, token.Expires.Sub(clock.Now()))
	}
	d.RemoveManagedIdentity(apim)
	_, err := d.ManagedIdentityToken(apim, cognitive)
	require.ErrorIs(t, err, entra.ErrUnknownIdentity)
}

func TestTokensSurviveARotationAndDieWithTheirKey(t *testing.T) {
	d, clock := directory(t)
	old, err := d.UserToken(ada, cli, "api://v2")
	require.NoError(t, err)
	require.NoError(t, d.RotateKeys())
	fresh, err := d.UserToken(ada, cli, "api://v2")
	require.NoError(t, err)
	for _, token := range []string{old.Access, fresh.Access} {
		_, err = check(t, d, clock.Now(), metadataV2, token, gatewayV2)
		require.NoError(t, err)
	}
	d.RetireKeys()
	_, err = check(t, d, clock.Now(), metadataV2, old.Access, gatewayV2)
	require.ErrorContains(t, err, "is not published")
	_, err = check(t, d, clock.Now(), metadataV2, fresh.Access, gatewayV2)
	require.NoError(t, err)
}

func TestARotationIsOfOneDirectoryAlone(t *testing.T) {
	rotated, clock := directory(t)
	other, _ := directory(t)
	token, err := other.UserToken(ada, cli, "api://v2")
	require.NoError(t, err)
	require.NoError(t, rotated.RotateKeys())
	rotated.RetireKeys()
	_, err = check(t, other, clock.Now(), metadataV2, token.Access, gatewayV2)
	require.NoError(t, err, "the other directory still publishes its key")
	_, err = check(t, rotated, clock.Now(), metadataV2, token.Access, gatewayV2)
	require.ErrorContains(t, err, "is not published")
}

func TestATokenExpiresByTheInjectedClock(t *testing.T) {
	d, clock := directory(t)
	token, err := d.UserToken(ada, cli, "api://v1")
	require.NoError(t, err)
	clock.Advance(token.Expires.Sub(clock.Now()) - time.Second)
	_, err = d.Verify(token.Access, []string{"api://v1"})
	require.NoError(t, err)
	clock.Advance(time.Second)
	_, err = d.Verify(token.Access, []string{"api://v1"})
	require.ErrorIs(t, err, jwt.ErrTokenExpired)
}

func TestMetadataNamesTheIssuerOfItsVersion(t *testing.T) {
	d, _ := directory(t)
	for url, issuer := range map[string]string{
		metadataV1: "https://sts.windows.net/" + contoso + "/",
		metadataV2: "https://login.microsoftonline.com/" + contoso + "/v2.0",
		"https://sts.windows.net/" + contoso + "/.well-known/openid-configuration":                             "https://sts.windows.net/" + contoso + "/",
		"https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration":      "https://login.microsoftonline.com/" + contoso + "/v2.0",
		"https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration":                       "https://login.microsoftonline.com/{tenantid}/v2.0",
		"https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration?appid=anything": "https://login.microsoftonline.com/{tenantid}/v2.0",
	} {
		var m metadata
		fetch(t, d, url, &m)
		assert.Equal(t, issuer, m.Issuer, url)
		var keys struct{ Keys []map[string]any }
		fetch(t, d, m.JWKSURI, &keys)
		assert.Len(t, keys.Keys, 1)
	}
	_, err := (&http.Client{Transport: d.Transport()}).Get("https://example.com/")
	require.ErrorContains(t, err, "no such host", "the transport reaches nothing but the directory")
}

func TestAzureSDKCredentialsIssueTokens(t *testing.T) {
	d, _ := directory(t)
	ctx := context.Background()
	for _, c := range []struct {
		name string
		oid  string
		cred azcore.TokenCredential
	}{
		{"user", ada, d.UserCredential(ada, cli)}, {"client", workerSP, d.ClientCredential(worker, secret)}, {"identity", apim, d.ManagedIdentityCredential(apim)},
	} {
		token, err := c.cred.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{cognitive + "/.default"}})
		require.NoError(t, err, c.name)
		_, oid, err := d.PrincipalOf(token.Token, []string{cognitive})
		require.NoError(t, err, c.name)
		assert.Equal(t, c.oid, oid)
		_, err = c.cred.GetToken(ctx, policy.TokenRequestOptions{})
		require.Error(t, err, "a token is for one resource")
	}
}

func TestWhatDoesNotExistIsRefusedByName(t *testing.T) {
	d, _ := directory(t)
	_, err := d.UserToken(apim, cli, "api://v1")
	require.ErrorIs(t, err, entra.ErrUnknownUser)
	_, err = d.UserToken(ada, apim, "api://v1")
	require.ErrorIs(t, err, entra.ErrUnknownClient)
	_, err = d.UserToken(ada, cli, "api://none")
	require.ErrorIs(t, err, entra.ErrUnknownResource)
	require.ErrorContains(t, d.AddTenant(entra.Tenant{ID: "contoso"}), "not a GUID")
	require.ErrorContains(t, d.AddTenant(entra.Tenant{ID: contoso}), "exists already")
	err = d.PutUser(entra.User{TenantID: ada, ObjectID: "ada"})
	require.ErrorContains(t, err, "not a GUID")
	require.ErrorContains(t, err, "does not exist", "all problems are named at once")
	require.ErrorContains(t, d.PutApplication(entra.Application{TenantID: contoso, ClientID: cli, ObjectID: cli, TokenVersion: 3}), "must be 1 or 2")
}
