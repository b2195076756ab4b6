package apim_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/clock"
)

const (
	tenant = "11111111-1111-1111-1111-111111111111"
	v1     = "https://sts.windows.net/" + tenant + "/"
	v2     = "https://login.microsoftonline.com/" + tenant + "/v2.0"
	client = "22222222-2222-2222-2222-222222222222"
)

// directory is an issuer of the test: one RSA and one EC key behind fixed URLs.
type directory struct {
	rsa   *rsa.PrivateKey
	ec    *ecdsa.PrivateKey
	kid   string
	asked int
	down  bool
}

func newDirectory(t *testing.T) *directory {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return &directory{rsa: r, ec: e, kid: "k1"}
}

func (d *directory) RoundTrip(req *http.Request) (*http.Response, error) {
	d.asked++
	if d.down {
		return nil, errors.New("directory is down")
	}
	rec := httptest.NewRecorder()
	b64 := func(n *big.Int) string {
		return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, (n.BitLen()+7)/8)))
	}
	switch {
	case strings.HasSuffix(req.URL.Path, "/.well-known/openid-configuration"):
		issuer := v2
		if strings.HasPrefix(req.URL.Path, "/common/") {
			issuer = "https://login.microsoftonline.com/{tenantid}/v2.0"
		}
		_, _ = io.WriteString(rec, apimtest.JSON(map[string]string{"issuer": issuer, "jwks_uri": "https://login.microsoftonline.com/keys"}))
	case req.URL.Path == "/keys":
		ecPublic, err := d.ec.PublicKey.Bytes()
		if err != nil {
			return nil, err
		}
		_, _ = io.WriteString(rec, apimtest.JSON(map[string]any{"keys": []any{
			map[string]string{"kid": d.kid, "kty": "RSA", "n": b64(d.rsa.N), "e": "AQAB"},
			map[string]string{"kid": "ec", "kty": "EC", "crv": "P-256", "x": base64.RawURLEncoding.EncodeToString(ecPublic[1:33]), "y": base64.RawURLEncoding.EncodeToString(ecPublic[33:])},
			map[string]string{"kid": "odd", "kty": "oct"},
		}}))
	default:
		rec.WriteHeader(http.StatusNotFound)
	}
	return rec.Result(), nil
}

// token signs claims over the usual ones of a good token.
func (d *directory) token(t *testing.T, change jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": v2, "aud": "api://app", "azp": client, "tid": tenant, "oid": "user", "groups": []string{"g1", "g2"}, "scp": "read write",
		"nbf": clock.Epoch.Add(-time.Minute).Unix(), "exp": clock.Epoch.Add(time.Hour).Unix(),
	}
	for k, v := range change {
		if v == nil {
			delete(claims, k)
		} else {
			claims[k] = v
		}
	}
	tok := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	tok.Header["kid"] = d.kid
	s, err := tok.SignedString(d.rsa)
	require.NoError(t, err)
	return s
}

func directed(d *directory) func(*apim.Deps) {
	return func(deps *apim.Deps) { deps.Directory = d }
}

const entra = `<validate-azure-ad-token tenant-id="` + tenant + `" output-token-variable-name="jwt">
	<client-application-ids><application-id>` + client + `</application-id></client-application-ids>
	<audiences><audience>api://app</audience></audiences>
	<required-claims><claim name="groups" match="any"><value>g2</value><value>g9</value></claim></required-claims>
</validate-azure-ad-token>`

func TestOnlyATokenOfTheTenantThatFitsIsLetIn(t *testing.T) {
	d, stranger := newDirectory(t), newDirectory(t)
	hs := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": v2, "aud": "api://app", "azp": client, "exp": clock.Epoch.Add(time.Hour).Unix()})
	hs.Header["kid"] = "k1"
	forged, err := hs.SignedString([]byte("x"))
	require.NoError(t, err)
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"iss": v2}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	require.NoError(t, err)
	run := apimtest.RunT(t, service(sections(entra, "", "", "")), directed(d))
	for i, c := range []struct{ name, header, reason string }{
		{"v2 token", "Bearer " + d.token(t, nil), ""},
		{"v1 token", "Bearer " + d.token(t, jwt.MapClaims{"iss": v1, "azp": nil, "appid": client}), ""},
		{"scheme in another case", "bearer " + d.token(t, nil), ""},
		{"no token", "", "TokenNotPresent"},
		{"a scheme alone", "Bearer ", "JwtInvalid"},
		{"no token at all", "Bearer x", "JwtInvalid"},
		{"unknown key of the same id", "Bearer " + stranger.token(t, nil), "TokenSignatureInvalid"},
		{"expired", "Bearer " + d.token(t, jwt.MapClaims{"exp": clock.Epoch.Add(-time.Second).Unix()}), "TokenExpired"},
		{"without an end", "Bearer " + d.token(t, jwt.MapClaims{"exp": nil}), "JwtInvalid"},
		{"not yet valid", "Bearer " + d.token(t, jwt.MapClaims{"nbf": clock.Epoch.Add(time.Minute).Unix()}), "JwtInvalid"},
		{"another tenant", "Bearer " + d.token(t, jwt.MapClaims{"iss": "https://sts.windows.net/other/"}), "TokenIssuerNotAllowed"},
		{"another audience", "Bearer " + d.token(t, jwt.MapClaims{"aud": []string{"api://else"}}), "TokenAudienceNotAllowed"},
		{"another client", "Bearer " + d.token(t, jwt.MapClaims{"azp": "someone"}), "TokenClaimValueNotAllowed"},
		{"another group", "Bearer " + d.token(t, jwt.MapClaims{"groups": []string{"g1"}}), "TokenClaimValueNotAllowed"},
		{"no groups", "Bearer " + d.token(t, jwt.MapClaims{"groups": nil}), "TokenClaimNotFound"},
		{"a shared secret instead of the key", "Bearer " + forged, "TokenSignatureInvalid"},
		{"no signature", "Bearer " + none, "TokenSignatureInvalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := run.Get("/echo/things/1", "Authorization", c.header)
			rec := run.Records.Wait(i + 1)[i]
			if c.reason == "" {
				require.Equal(t, 200, got.Status, got.Body)
				return
			}
			assert.Equal(t, 401, got.Status)
			require.NotNil(t, rec.LastError)
			assert.Equal(t, c.reason, rec.LastError.Reason)
			assert.Equal(t, "validate-azure-ad-token", rec.LastError.Source)
			assert.NotContains(t, got.Body, "eyJ")
		})
	}
	assert.LessOrEqual(t, d.asked, 2, "metadata and keys are kept")
}

func TestARefusedTokenIsAnsweredAsThePolicySays(t *testing.T) {
	d := newDirectory(t)
	p := strings.Replace(entra, "output-token", `failed-validation-httpcode="403" failed-validation-error-message="go away" output-token`, 1)
	run := apimtest.RunT(t, service(sections(p, "", "", "")), directed(d))
	got := run.Get("/echo/things/1")
	assert.Equal(t, 403, got.Status)
	assert.Equal(t, `{ "statusCode": 403, "message": "go away" }`, got.Body)
	assert.Equal(t, "JWT not present.", run.Records.Wait(1)[0].LastError.Message)
}

func TestAnyTenantMeansTheTenantOfTheToken(t *testing.T) {
	d := newDirectory(t)
	run := apimtest.RunT(t, service(sections(strings.Replace(entra, tenant, "common", 1), "", "", "")), directed(d))
	assert.Equal(t, 200, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, nil)).Status)
	assert.Equal(t, 401, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, jwt.MapClaims{"tid": "x"})).Status)
	run = apimtest.RunT(t, service(sections(strings.Replace(entra, tenant, "contoso.onmicrosoft.com", 1), "", "", "")), directed(d))
	assert.Equal(t, 200, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, jwt.MapClaims{"iss": v1})).Status)
}

func TestARotatedKeyIsFoundBeforeTheHourIsOver(t *testing.T) {
	d := newDirectory(t)
	run := apimtest.RunT(t, service(sections(entra, "", "", "")), directed(d))
	assert.Equal(t, 200, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, nil)).Status)
	d.kid = "k2"
	assert.Equal(t, 401, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, nil)).Status)
	assert.Equal(t, "TokenSignatureKeyNotFound", run.Records.Wait(2)[1].LastError.Reason)
	run.Clock.Advance(5 * time.Minute)
	assert.Equal(t, 200, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, nil)).Status)
	d.down = true
	run.Clock.Advance(50 * time.Minute)
	assert.Equal(t, 200, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, nil)).Status)
}

func TestWithoutADirectoryNobodyIsLetIn(t *testing.T) {
	d := newDirectory(t)
	d.down = true
	run := apimtest.RunT(t, service(sections(entra, "", "", "")), directed(d))
	assert.Equal(t, 500, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, nil)).Status)
	assert.Empty(t, run.Backends.Seen())
}

func TestTheTokenIsAJwtForExpressions(t *testing.T) {
	d := newDirectory(t)
	run := apimtest.RunT(t, service(sections(entra+`<set-header name="x-oid"><value>@(((Jwt)context.Variables["jwt"]).Claims.GetValueOrDefault("oid", "?"))</value></set-header>`, "", "", "")), directed(d), sharp)
	require.Equal(t, 200, run.Get("/echo/things/1", "Authorization", "Bearer "+d.token(t, nil)).Status)
	assert.Equal(t, "user", run.Backends.Seen()[0].Header.Get("x-oid"))
}

func TestValidateJWTTakesKeysFromMetadataAndFromTheDocument(t *testing.T) {
	d := newDirectory(t)
	secret := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	claims := jwt.MapClaims{"iss": "me", "aud": "you", "scp": "read write", "exp": clock.Epoch.Add(time.Hour).Unix()}
	hs, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("0123456789abcdef0123456789abcdef"))
	require.NoError(t, err)
	es := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": v2, "exp": clock.Epoch.Add(time.Hour).Unix()})
	es.Header["kid"] = "ec"
	signed, err := es.SignedString(d.ec)
	require.NoError(t, err)
	config := `<openid-config url="https://login.microsoftonline.com/x/v2.0/.well-known/openid-configuration" />`
	for _, c := range []struct {
		name, policy, token string
		status              int
	}{
		{"secret", `<validate-jwt header-name="x-token"><issuer-signing-keys><key>` + secret + `</key></issuer-signing-keys><audiences><audience>you</audience></audiences><issuers><issuer>me</issuer></issuers></validate-jwt>`, hs, 200},
		{"another issuer", `<validate-jwt header-name="x-token"><issuer-signing-keys><key>` + secret + `</key></issuer-signing-keys><issuers><issuer>them</issuer></issuers></validate-jwt>`, hs, 401},
		{"all claims of a list", `<validate-jwt header-name="x-token"><issuer-signing-keys><key>` + secret + `</key></issuer-signing-keys><required-claims><claim name="scp" separator=" "><value>read</value><value>write</value></claim></required-claims></validate-jwt>`, hs, 200},
		{"one claim missing", `<validate-jwt header-name="x-token"><issuer-signing-keys><key>` + secret + `</key></issuer-signing-keys><required-claims><claim name="scp" separator=" "><value>read</value><value>admin</value></claim></required-claims></validate-jwt>`, hs, 401},
		{"metadata, EC key", `<validate-jwt header-name="x-token">` + config + `</validate-jwt>`, signed, 200},
		{"metadata, issuer of the token", `<validate-jwt header-name="x-token">` + config + `</validate-jwt>`, hs, 401},
		{"scheme missing", `<validate-jwt header-name="x-token" require-scheme="Bearer">` + config + `</validate-jwt>`, signed, 401},
		{"scheme there", `<validate-jwt header-name="x-token" require-scheme="Bearer">` + config + `</validate-jwt>`, "Bearer " + signed, 200},
		{"signature not needed", `<validate-jwt header-name="x-token" require-signed-tokens="false" />`, hs[:strings.LastIndex(hs, ".")+1], 200},
		{"query", `<validate-jwt query-parameter-name="t"><issuer-signing-keys><key>` + secret + `</key></issuer-signing-keys></validate-jwt>`, hs, 401},
		{"value", `<validate-jwt token-value="` + hs + `"><issuer-signing-keys><key>` + secret + `</key></issuer-signing-keys></validate-jwt>`, "", 200},
		{"RSA key in the document", `<validate-jwt header-name="x-token"><issuer-signing-keys><key n="` + base64.RawURLEncoding.EncodeToString(d.rsa.N.Bytes()) + `" e="AQAB" /></issuer-signing-keys></validate-jwt>`, d.token(t, nil), 200},
	} {
		run := apimtest.RunT(t, service(sections(c.policy, "", "", "")), directed(d))
		got := run.Get("/echo/things/1", "x-token", c.token)
		assert.Equal(t, c.status, got.Status, "%s: %s", c.name, got.Body)
	}
}

func TestACheckedHeaderHasToBeThereWithAnAllowedValue(t *testing.T) {
	p := `<check-header name="x-mode" failed-check-httpcode="400" failed-check-error-message="bad mode" ignore-case="%s"><value>Fast</value><value>slow</value></check-header>`
	for _, c := range []struct {
		ignore, header, reason string
	}{{"false", "Fast", ""}, {"true", "fAST", ""}, {"false", "fast", "HeaderValueNotAllowed"}, {"true", "", "HeaderNotFound"}} {
		run := apimtest.RunT(t, service(sections(strings.Replace(p, "%s", c.ignore, 1), "", "", "")))
		var header []string
		if c.header != "" {
			header = []string{"x-mode", c.header}
		}
		got := run.Get("/echo/things/1", header...)
		if c.reason == "" {
			assert.Equal(t, 200, got.Status)
			continue
		}
		assert.Equal(t, `{ "statusCode": 400, "message": "bad mode" }`, got.Body)
		assert.Equal(t, c.reason, run.Records.Wait(1)[0].LastError.Reason)
	}
}

func TestAddressesAreFiltered(t *testing.T) {
	for _, c := range []struct {
		policy string
		status int
		reason string
	}{
		{`<ip-filter action="allow"><address>127.0.0.1</address></ip-filter>`, 200, ""},
		{`<ip-filter action="allow"><address>10.0.0.1</address><address-range from="127.0.0.0" to="127.0.0.255" /></ip-filter>`, 200, ""},
		{`<ip-filter action="allow"><address>10.0.0.1</address></ip-filter>`, 403, "CallerIpNotAllowed"},
		{`<ip-filter action="forbid"><address-range from="127.0.0.0" to="127.0.0.255" /></ip-filter>`, 403, "CallerIpBlocked"},
		{`<ip-filter action="forbid"><address>10.0.0.1</address></ip-filter>`, 200, ""},
	} {
		run := apimtest.RunT(t, service(sections(c.policy, "", "", "")))
		assert.Equal(t, c.status, run.Get("/echo/things/1").Status, c.policy)
		if c.reason != "" {
			assert.Equal(t, c.reason, run.Records.Wait(1)[0].LastError.Reason)
		}
	}
}

// identities issues tokens for managed identities.
type identities struct {
	asked []string
	err   error
	until time.Time
}

func (i *identities) Token(_ context.Context, client, resource string) (string, time.Time, error) {
	i.asked = append(i.asked, client+"|"+resource)
	return "mi-token", i.until, i.err
}

func TestTheGatewaysIdentityReplacesTheCallers(t *testing.T) {
	ids := &identities{until: clock.Epoch.Add(time.Hour)}
	run := apimtest.RunT(t, service(sections(`<authentication-managed-identity resource="https://cognitiveservices.azure.com" />`, "", "", "")), func(d *apim.Deps) { d.Identity = ids })
	for range 3 {
		run.Get("/echo/things/1", "Authorization", "Bearer caller")
	}
	for _, s := range run.Backends.Seen() {
		assert.Equal(t, []string{"Bearer mi-token"}, s.Header.Values("Authorization"))
	}
	assert.Equal(t, []string{"|https://cognitiveservices.azure.com"}, ids.asked, "the token is kept")
	run.Clock.Advance(56 * time.Minute)
	run.Get("/echo/things/1")
	assert.Len(t, ids.asked, 2, "and replaced before it ends")
}

func TestAMissingIdentityIsNotTheCallersFault(t *testing.T) {
	ids := &identities{err: errors.New("no such identity")}
	for policy, want := range map[string]int{
		`<authentication-managed-identity resource="r" client-id="c" />`:                     500,
		`<authentication-managed-identity resource="r" client-id="c" ignore-error="true" />`: 200,
	} {
		run := apimtest.RunT(t, service(sections(policy, "", "", "")), func(d *apim.Deps) { d.Identity = ids })
		assert.Equal(t, want, run.Get("/echo/things/1").Status, policy)
	}
	assert.Equal(t, "c|r", ids.asked[0])
	run := apimtest.RunT(t, service(sections(`<authentication-managed-identity resource="r" />`, "", "", "")))
	assert.Equal(t, 500, run.Get("/echo/things/1").Status)
}

func TestATokenInAVariableLeavesTheHeaderAlone(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<authentication-managed-identity resource="r" output-token-variable-name="t" /><authentication-basic username="u" password="p" />`, "", "", "")), func(d *apim.Deps) { d.Identity = &identities{} })
	run.Get("/echo/things/1")
	assert.Equal(t, "Basic dTpw", run.Backends.Seen()[0].Header.Get("Authorization"))
}
