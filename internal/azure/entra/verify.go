package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/golang-jwt/jwt/v5"
)

// Verify checks a token as a resource does: signature by a published key, dates, one of the audiences, an issuer that
// fits the tenant and the version. It returns the claims.
func (d *Directory) Verify(token string, audiences []string) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, d.published, jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(d.clock.Now))
	if err != nil {
		return nil, fmt.Errorf("access token: %w", err)
	}
	aud, err := claims.GetAudience()
	if err != nil || !slices.ContainsFunc(aud, func(a string) bool { return slices.Contains(audiences, a) }) {
		return nil, fmt.Errorf("access token: audience %q is not one of %q", []string(aud), audiences)
	}
	tid, _ := claims["tid"].(string)
	tenant, ok := d.tenant(tid)
	if !ok || tenant.ID != tid {
		return nil, fmt.Errorf("access token: tenant %q does not exist", tid)
	}
	if iss, want := claims["iss"], issuer(tid, claims["ver"]); iss != want {
		return nil, fmt.Errorf("access token: issuer %q, want %q", iss, want)
	}
	return claims, nil
}

func issuer(tenant string, version any) string {
	if version == "2.0" {
		return IssuerV2(tenant)
	}
	return IssuerV1(tenant)
}

// published finds the key that a token names.
func (d *Directory) published(t *jwt.Token) (any, error) {
	id, _ := t.Header["kid"].(string)
	k, ok := d.keys.byID(id)
	if !ok {
		return nil, fmt.Errorf("key %q is not published", id)
	}
	return &k.private.PublicKey, nil
}

// PrincipalOf returns tenant and object id of a valid token for one of the audiences.
func (d *Directory) PrincipalOf(token string, audiences []string) (tenant, principal string, err error) {
	claims, err := d.Verify(token, audiences)
	if err != nil {
		return "", "", err
	}
	tenant, _ = claims["tid"].(string)
	principal, _ = claims["oid"].(string)
	if principal == "" {
		return "", "", errors.New("access token: no oid")
	}
	return tenant, principal, nil
}

// credential lets Azure's SDKs ask the directory for tokens.
type credential struct {
	get func(resource string) (Token, error)
}

// GetToken issues a token for the only scope asked for.
func (c credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if len(o.Scopes) != 1 {
		return azcore.AccessToken{}, fmt.Errorf("token request: %d scopes, exactly one resource is needed", len(o.Scopes))
	}
	t, err := c.get(strings.TrimSuffix(o.Scopes[0], "/.default"))
	if err != nil {
		return azcore.AccessToken{}, err
	}
	return azcore.AccessToken{Token: t.Access, ExpiresOn: t.Expires}, nil
}

// UserCredential is a credential for Azure's SDKs that acts as a user in a client application.
func (d *Directory) UserCredential(userID, clientID string) azcore.TokenCredential {
	return credential{func(resource string) (Token, error) { return d.UserToken(userID, clientID, resource) }}
}

// ClientCredential is a credential for Azure's SDKs that acts as an application.
func (d *Directory) ClientCredential(clientID, secret string) azcore.TokenCredential {
	return credential{func(resource string) (Token, error) { return d.ClientCredentials(clientID, secret, resource) }}
}

// ManagedIdentityCredential is a credential for Azure's SDKs that acts as a managed identity.
func (d *Directory) ManagedIdentityCredential(identity string) azcore.TokenCredential {
	return credential{func(resource string) (Token, error) { return d.ManagedIdentityToken(identity, resource) }}
}
