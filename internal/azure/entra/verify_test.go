package entra_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/entra"
)

func TestEverySpoiltTokenIsRefusedAndOnlyForItsFault(t *testing.T) {
	d, clock := directory(t)
	audiences := []string{"api://v1"}
	good, err := d.UserToken(ada, cli, "api://v1")
	require.NoError(t, err)
	_, err = d.Verify(good.Access, audiences)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		spoil entra.Spoil
		why   string
	}{
		"wrong key":       {entra.WrongKey(), "signature is invalid"},
		"unknown key":     {entra.UnknownKey(), "is not published"},
		"unsigned":        {entra.Unsigned(), "signing method none is invalid"},
		"expired":         {entra.Expired(time.Minute), "token is expired"},
		"not yet valid":   {entra.NotYetValid(time.Minute), "token is not valid yet"},
		"wrong audience":  {entra.WithAudience("api://v2"), "audience"},
		"no audience":     {entra.WithClaim("aud", nil), "audience"},
		"unknown tenant":  {entra.WithTenant(ada), "tenant"},
		"wrong issuer":    {entra.WithClaim("iss", entra.IssuerV2(contoso)), "issuer"},
		"issuer of other": {entra.WithClaim("iss", entra.IssuerV1(fabrikam)), "issuer"},
		"no expiry":       {entra.WithClaim("exp", nil), "exp claim is required"},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := d.UserToken(ada, cli, "api://v1", tc.spoil)
			require.NoError(t, err)
			_, err = d.Verify(token.Access, audiences)
			require.ErrorContains(t, err, tc.why)
			_, err = check(t, d, clock.Now(), metadataV1, token.Access, "api://v1")
			if name != "no expiry" {
				require.Error(t, err)
			}
		})
	}
	tenant, oid, err := d.PrincipalOf(good.Access, audiences)
	require.NoError(t, err)
	assert.Equal(t, []string{contoso, ada}, []string{tenant, oid})
}

func TestAnotherTenantsTokenIsValidButNamesItsTenant(t *testing.T) {
	d, _ := directory(t)
	token, err := d.UserToken(ada, cli, "api://v1", entra.WithTenant(fabrikam))
	require.NoError(t, err)
	tenant, _, err := d.PrincipalOf(token.Access, []string{"api://v1"})
	require.NoError(t, err)
	assert.Equal(t, fabrikam, tenant)
}

func FuzzVerifyNeverTrustsGarbage(f *testing.F) {
	d, _ := directory(f)
	good, err := d.UserToken(ada, cli, "api://v1")
	require.NoError(f, err)
	f.Add(good.Access)
	f.Add("")
	f.Add("a.b.c")
	f.Add(strings.Replace(good.Access, ".", ".A", 1))
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := d.Verify(token, []string{"api://v1"}); err == nil && !sameToken(token, good.Access) {
			t.Errorf("token %q was trusted", token)
		}
	})
}

// sameToken allows for the unused bits of the last base64 character of a signature.
func sameToken(a, b string) bool { return len(a) == len(b) && a[:len(a)-1] == b[:len(b)-1] }
