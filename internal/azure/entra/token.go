package entra

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// clockSkew is how far iat and nbf lie before the moment of issue.
	clockSkew = 5 * time.Minute
	// accessTokenLifetime is the shortest default; the issuer adds up to half an hour by chance, here by principal
	// (Microsoft Learn: identity-platform/access-tokens, "Token lifetime": 60 to 90 minutes).
	accessTokenLifetime = 60 * time.Minute
	// managedIdentityLifetime is how long tokens of managed identities live (managed identity token cache: 24 hours).
	managedIdentityLifetime = 24 * time.Hour
)

// Token is an access token and when it ends.
type Token struct {
	Access  string
	Expires time.Time
}

// Errors of the token endpoint, by Entra's error codes.
var (
	ErrUnknownClient   = errors.New("AADSTS700016: application was not found in the directory")
	ErrBadSecret       = errors.New("AADSTS7000215: invalid client secret provided")
	ErrUnknownResource = errors.New("AADSTS500011: the resource principal was not found in the tenant")
	ErrUnknownTenant   = errors.New("AADSTS90002: tenant not found")
	ErrUnknownUser     = errors.New("AADSTS50034: the user account does not exist in the directory")
	// ErrUnknownIdentity is the 400 "Identity not found" of the instance metadata service.
	ErrUnknownIdentity = errors.New("invalid_request: Identity not found")
)

// firstParty are Microsoft's own resources that every tenant knows. Their tokens are v1.0 and carry no groups.
var firstParty = []string{
	"https://cognitiveservices.azure.com", "https://ai.azure.com", "https://management.azure.com", "https://vault.azure.net",
	"https://graph.microsoft.com", "https://storage.azure.com", "https://eventhubs.azure.net", "https://monitor.azure.com",
	"https://management.core.windows.net",
}

// audience is a resource that a token is for.
type audience struct {
	value   string
	version int
	app     *Application
}

// audienceOf resolves a resource ("api://gateway") or scope ("api://gateway/.default"). A v2.0 token always names the
// client id; a v1.0 token repeats what was asked for.
func (d *Directory) audienceOf(resource string) (audience, error) {
	resource = strings.TrimSuffix(resource, "/.default")
	plain := strings.TrimSuffix(resource, "/")
	for _, known := range firstParty {
		if strings.EqualFold(plain, known) {
			return audience{value: resource, version: 1}, nil
		}
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	app, ok := d.resourceLocked(resource)
	if !ok {
		return audience{}, fmt.Errorf("resource %q: %w", resource, ErrUnknownResource)
	}
	if app.TokenVersion == 2 {
		return audience{app.ClientID, 2, &app}, nil
	}
	return audience{resource, 1, &app}, nil
}

// rolesAndGroups are what a resource application lets its tokens say about a principal.
func (a audience) rolesAndGroups(oid string, groups []string) (roles, shown []string) {
	if a.app == nil {
		return nil, nil
	}
	for principal, assigned := range a.app.Roles {
		if strings.EqualFold(principal, oid) {
			roles = assigned
		}
	}
	if !a.app.NoGroups {
		shown = groups
	}
	return roles, shown
}

// UserToken issues a token for a user, who signed in to the client application, for a resource.
func (d *Directory) UserToken(userID, clientID, resource string, change ...Spoil) (Token, error) {
	d.mu.RLock()
	user, ok := d.users[strings.ToLower(userID)]
	client, known := d.apps[strings.ToLower(clientID)]
	d.mu.RUnlock()
	switch {
	case !ok:
		return Token{}, fmt.Errorf("user %s: %w", userID, ErrUnknownUser)
	case !known:
		return Token{}, fmt.Errorf("client %s: %w", clientID, ErrUnknownClient)
	}
	aud, err := d.audienceOf(resource)
	if err != nil {
		return Token{}, err
	}
	kind := publicClient
	if client.Secret != "" {
		kind = secretClient
	}
	roles, groups := aud.rolesAndGroups(user.ObjectID, user.Groups)
	return d.issue(subject{tenant: user.TenantID, oid: user.ObjectID, client: client.ClientID, clientKind: kind, audience: aud.value,
		version: aud.version, scopes: "user_impersonation", roles: roles, groups: groups, user: &user, lifetime: lifetime(user.ObjectID)}, change)
}

// ClientCredentials issues a token that an application gets for itself with its secret.
func (d *Directory) ClientCredentials(clientID, secret, resource string, change ...Spoil) (Token, error) {
	d.mu.RLock()
	client, ok := d.apps[strings.ToLower(clientID)]
	d.mu.RUnlock()
	if !ok {
		return Token{}, fmt.Errorf("client %s: %w", clientID, ErrUnknownClient)
	}
	if client.Secret == "" || subtle.ConstantTimeCompare([]byte(client.Secret), []byte(secret)) != 1 {
		return Token{}, fmt.Errorf("client %s: %w", clientID, ErrBadSecret)
	}
	aud, err := d.audienceOf(resource)
	if err != nil {
		return Token{}, err
	}
	roles, groups := aud.rolesAndGroups(client.ObjectID, client.Groups)
	return d.issue(subject{tenant: client.TenantID, oid: client.ObjectID, client: client.ClientID, clientKind: secretClient,
		audience: aud.value,
		version:  aud.version, roles: roles, groups: groups, lifetime: lifetime(client.ObjectID)}, change)
}

// ManagedIdentityToken issues what the instance metadata service gives to a resource with an identity. Principal or
// client id names the identity.
func (d *Directory) ManagedIdentityToken(identity, resource string, change ...Spoil) (Token, error) {
	m, ok := d.identity(identity)
	if !ok {
		return Token{}, fmt.Errorf("managed identity %s: %w", identity, ErrUnknownIdentity)
	}
	aud, err := d.audienceOf(resource)
	if err != nil {
		return Token{}, err
	}
	roles, groups := aud.rolesAndGroups(m.PrincipalID, nil)
	return d.issue(subject{tenant: m.TenantID, oid: m.PrincipalID, client: m.ClientID, clientKind: certificateClient, audience: aud.value,
		version: aud.version, roles: roles, groups: groups, mirid: m.ResourceID, lifetime: managedIdentityLifetime}, change)
}

func (d *Directory) identity(name string) (ManagedIdentity, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if m, ok := d.identities[strings.ToLower(name)]; ok {
		return m, true
	}
	for _, m := range d.identities {
		if strings.EqualFold(m.ClientID, name) || m.ResourceID != "" && strings.EqualFold(m.ResourceID, name) {
			return m, true
		}
	}
	return ManagedIdentity{}, false
}

// lifetime spreads expiry over half an hour, the same for the same principal.
func lifetime(oid string) time.Duration {
	spread := 0
	for _, b := range []byte(oid) {
		spread = (spread*31 + int(b)) % 31
	}
	return accessTokenLifetime + time.Duration(spread)*time.Minute
}

// issue builds, spoils and signs.
func (d *Directory) issue(s subject, change []Spoil) (Token, error) {
	draft := draft{claims: d.claims(s), method: jwt.SigningMethodRS256, key: d.keys.signer()}
	for _, spoil := range change {
		if err := spoil(d, &draft); err != nil {
			return Token{}, err
		}
	}
	return draft.sign()
}

// draft is a token before it is signed.
type draft struct {
	claims jwt.MapClaims
	method jwt.SigningMethod
	key    *key
	// keyID replaces the id of the signing key in the header.
	keyID string
}

func (t draft) sign() (Token, error) {
	token := jwt.NewWithClaims(t.method, t.claims)
	token.Header["kid"] = t.key.id
	if t.keyID != "" {
		token.Header["kid"] = t.keyID
	}
	if t.claims["ver"] == "1.0" {
		token.Header["x5t"] = token.Header["kid"]
	}
	var with any = t.key.private
	if t.method == jwt.SigningMethodNone {
		with = jwt.UnsafeAllowNoneSignatureType
	}
	signed, err := token.SignedString(with)
	if err != nil {
		return Token{}, fmt.Errorf("token signature: %w", err)
	}
	out := Token{Access: signed}
	if expires, ok := t.claims["exp"].(int64); ok {
		out.Expires = time.Unix(expires, 0).UTC()
	}
	return out, nil
}
