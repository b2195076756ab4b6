package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Arrival is the network path a request took to the account.
type Arrival int

const (
	// Public is the internet, and the default: a path must be claimed to be private.
	Public Arrival = iota
	// PrivateEndpoint is a private endpoint of the account.
	PrivateEndpoint
)

// String names the path as log lines do.
func (a Arrival) String() string {
	if a == PrivateEndpoint {
		return "private endpoint"
	}
	return "public"
}

type arrivalKey struct{}

// WithArrival says in a request's context how it reaches the account.
func WithArrival(ctx context.Context, via Arrival) context.Context {
	return context.WithValue(ctx, arrivalKey{}, via)
}

// ArrivalOf is the path a request took, Public when the context has none.
func ArrivalOf(ctx context.Context) Arrival {
	via, _ := ctx.Value(arrivalKey{}).(Arrival)
	return via
}

// Arriving serves every request of h as one that took the given path.
func Arriving(via Arrival, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(WithArrival(r.Context(), via)))
	})
}

// Tokens checks Entra access tokens.
type Tokens interface {
	// PrincipalOf returns tenant and object id of a valid token for one of the audiences. It does not judge the tenant.
	PrincipalOf(token string, audiences []string) (tenant, principal string, err error)
}

// Audiences are the resources a token for Azure OpenAI may be issued for, with and without the slash that some
// libraries add (Microsoft Learn: ai-services/openai/how-to/managed-identity; foundry recommends ai.azure.com for v1).
var Audiences = []string{
	"https://cognitiveservices.azure.com", "https://cognitiveservices.azure.com/",
	"https://ai.azure.com", "https://ai.azure.com/",
	// The application id of Microsoft Cognitive Services, as an audience [M] unverified.
	"7d312290-28c8-473c-a0ed-8e53749b6d6d",
}

// noTokens refuses every token: a service without an identity provider trusts nobody.
type noTokens struct{}

// PrincipalOf refuses.
func (noTokens) PrincipalOf(string, []string) (string, string, error) {
	return "", "", errors.New("no identity provider is configured")
}

// KeyPrincipal is the principal under which calls with an account key are booked.
const KeyPrincipal = "key"

// network refuses what the account's firewall refuses, before any credential is looked at.
func (a Account) network(via Arrival) *failure {
	switch {
	case via == PrivateEndpoint:
		return nil
	case !a.PublicNetworkAccess:
		return frontEnd(http.StatusForbidden, "403", textPublicDisabled)
	case a.NetworkDefaultDeny:
		return frontEnd(http.StatusForbidden, "403", textFirewall)
	}
	return nil
}

// authenticate returns who calls. A key wins over a token when both are sent [M] unverified.
func (a Account) authenticate(r *http.Request, tokens Tokens) (string, *failure) {
	if key := r.Header.Get("Api-Key"); key != "" {
		return a.byKey(key)
	}
	bearer, ok := bearerToken(r)
	if !ok {
		return "", unauthorizedToken()
	}
	// Since the v1 API the OpenAI SDKs send the account key as a bearer token, and Azure accepts it
	// (Microsoft Learn: ai-foundry/openai/api-version-lifecycle).
	if slices.Contains(a.Keys, bearer) {
		return a.byKey(bearer)
	}
	tenant, principal, err := tokens.PrincipalOf(bearer, Audiences)
	if err != nil {
		return "", unauthorizedToken()
	}
	if a.TenantID != "" && !strings.EqualFold(tenant, a.TenantID) {
		return "", coded(http.StatusBadRequest, codeWrongTenant, fmt.Sprintf("Token tenant %s does not match resource tenant.", tenant))
	}
	return principal, nil
}

func (a Account) byKey(key string) (string, *failure) {
	if a.DisableLocalAuth {
		return "", frontEnd(http.StatusForbidden, "AuthenticationTypeDisabled", textKeysDisabled)
	}
	if !slices.Contains(a.Keys, key) {
		return "", frontEnd(http.StatusUnauthorized, "401", textBadKey)
	}
	return KeyPrincipal, nil
}

// authorize asks for the data action. Keys may do everything.
func (a Account) authorize(principal string, op operation) *failure {
	holders := a.Roles
	if op.writesFiles() {
		holders = a.Writers
	}
	if principal == KeyPrincipal || slices.ContainsFunc(holders, func(id string) bool { return strings.EqualFold(id, principal) }) {
		return nil
	}
	return permissionDenied(principal, op)
}

func bearerToken(r *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}
