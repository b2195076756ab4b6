package entra

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// common is the tenant name of metadata that serves every tenant.
const common = "common"

// tenantPlaceholder is what stands for the tenant in the issuer of common metadata.
const tenantPlaceholder = "{tenantid}"

// Handler serves metadata, keys and tokens by path, and group memberships for overage claims.
func (d *Directory) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) { d.metadata(w, r, 1) })
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) { d.metadata(w, r, 2) })
	mux.HandleFunc("GET /common/discovery/instance", d.instance)
	mux.HandleFunc("GET /{tenant}/discovery/keys", d.serveKeys)
	mux.HandleFunc("GET /{tenant}/discovery/v2.0/keys", d.serveKeys)
	mux.HandleFunc("POST /{tenant}/oauth2/token", d.serveToken)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", d.serveToken)
	mux.HandleFunc("POST /{tenant}/users/{id}/getMemberObjects", d.memberObjects)
	mux.HandleFunc("POST /v1.0/users/{id}/getMemberObjects", d.memberObjects)
	mux.HandleFunc("POST /{tenant}/servicePrincipals/{id}/getMemberObjects", d.memberObjects)
	mux.HandleFunc("POST /v1.0/servicePrincipals/{id}/getMemberObjects", d.memberObjects)
	return mux
}

// named resolves the tenant of a path; ok is false when it does not exist, and the error has been sent.
func (d *Directory) named(w http.ResponseWriter, r *http.Request) (id string, ok bool) {
	name := strings.ToLower(r.PathValue("tenant"))
	if name == common || name == "organizations" {
		return tenantPlaceholder, true
	}
	t, ok := d.tenant(name)
	if !ok {
		oauthError(w, http.StatusBadRequest, "invalid_tenant", fmt.Errorf("tenant %q: %w", name, ErrUnknownTenant))
	}
	return t.ID, ok
}

// metadata is the OpenID configuration. Version 1 is issued by sts.windows.net even when login.microsoftonline.com is
// asked (Microsoft Learn: identity-platform/access-tokens, "v1.0 and v2.0 tokens").
func (d *Directory) metadata(w http.ResponseWriter, r *http.Request, version int) {
	id, ok := d.named(w, r)
	if !ok {
		return
	}
	path := id
	if id == tenantPlaceholder {
		path = strings.ToLower(r.PathValue("tenant"))
	}
	base, keys, oauth, iss := "https://"+LoginHost+"/"+path, "/discovery/keys", "/oauth2/", IssuerV1(id)
	if version == 2 {
		keys, oauth, iss = "/discovery/v2.0/keys", "/oauth2/v2.0/", IssuerV2(id)
	}
	reply(w, http.StatusOK, map[string]any{
		"issuer": iss, "jwks_uri": base + keys, "token_endpoint": base + oauth + "token",
		"authorization_endpoint":                base + oauth + "authorize",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"response_types_supported":              []string{"code", "id_token", "code id_token", "id_token token"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"claims_supported":                      []string{"sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver"},
		"tenant_region_scope":                   nil, "cloud_instance_name": "microsoftonline.com", "msgraph_host": GraphHost,
	})
}

// serveKeys publishes the keys, each with the issuer it may be used for.
func (d *Directory) serveKeys(w http.ResponseWriter, r *http.Request) {
	id, ok := d.named(w, r)
	if !ok {
		return
	}
	iss := ""
	if strings.Contains(r.URL.Path, "/v2.0/") {
		iss = IssuerV2(id)
	}
	var list []jwk
	for _, k := range d.keys.list() {
		list = append(list, k.public(iss))
	}
	reply(w, http.StatusOK, map[string]any{"keys": list})
}

// instance tells a client which hosts are one cloud, and where a tenant's metadata is. Microsoft's libraries (MSAL) ask before anything else, and
// believe no host that is not in it (Microsoft Learn: identity-platform/authentication-national-cloud; the form as MSAL for Go reads it).
func (d *Directory) instance(w http.ResponseWriter, r *http.Request) {
	endpoint, err := url.Parse(r.URL.Query().Get("authorization_endpoint"))
	tenant, _, _ := strings.Cut(strings.TrimPrefix(endpoint.Path, "/"), "/")
	if err != nil || tenant == "" {
		oauthError(w, http.StatusBadRequest, "invalid_instance", errors.New("AADSTS50049: authorization_endpoint names no tenant of a known instance"))
		return
	}
	reply(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": "https://" + LoginHost + "/" + tenant + "/v2.0/.well-known/openid-configuration", "api-version": "1.1",
		"metadata": []any{map[string]any{"preferred_network": LoginHost, "preferred_cache": "login.windows.net",
			"aliases": []string{LoginHost, "login.windows.net", "login.microsoft.com", STSHost}}},
	})
}

// oidcScopes are what a client adds to every request without asking for a resource. MSAL does it for client credentials as well, where they mean
// nothing.
var oidcScopes = []string{"openid", "profile", "offline_access", "email"}

// resourceOf is the resource of a v2.0 request's scope: one name with /.default after it.
func resourceOf(scope string) (resource string, ok bool) {
	named := slices.DeleteFunc(strings.Fields(scope), func(s string) bool { return slices.Contains(oidcScopes, s) })
	if len(named) != 1 {
		return "", false
	}
	return strings.CutSuffix(named[0], "/.default")
}

// serveToken is the client credentials grant.
func (d *Directory) serveToken(w http.ResponseWriter, r *http.Request) {
	tenant, ok := d.named(w, r)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		oauthError(w, http.StatusBadRequest, "invalid_request", errors.New("AADSTS900144: the request body must be a form"))
		return
	}
	if grant := r.PostForm.Get("grant_type"); grant != "client_credentials" {
		oauthError(w, http.StatusBadRequest, "unsupported_grant_type", fmt.Errorf("AADSTS70003: the grant type %q is not served here, only client_credentials", grant))
		return
	}
	resource := r.PostForm.Get("resource")
	if strings.Contains(r.URL.Path, "/v2.0/") {
		if resource, ok = resourceOf(r.PostForm.Get("scope")); !ok {
			oauthError(w, http.StatusBadRequest, "invalid_scope", errors.New("AADSTS1002012: client credential flows must have a scope with /.default suffixed to the resource"))
			return
		}
	}
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, password, basic := r.BasicAuth(); basic {
		id, secret = user, password
	}
	if app, known := d.application(id); !known || app.TenantID != tenant {
		oauthError(w, http.StatusBadRequest, "unauthorized_client", fmt.Errorf("client %q: %w", id, ErrUnknownClient))
		return
	}
	token, err := d.ClientCredentials(id, secret, resource)
	if err != nil {
		status, code := http.StatusBadRequest, "invalid_resource"
		if errors.Is(err, ErrBadSecret) {
			status, code = http.StatusUnauthorized, "invalid_client"
		}
		oauthError(w, status, code, err)
		return
	}
	left := int(token.Expires.Sub(d.clock.Now()).Seconds())
	reply(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": left, "ext_expires_in": left, "access_token": token.Access})
}

func (d *Directory) application(id string) (Application, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := d.apps[strings.ToLower(id)]
	return a, ok
}

// memberObjects lists all groups of a user or service principal (Microsoft Learn: graph/api/directoryobject-getmemberobjects).
// A bearer token is demanded, but its permissions are not checked.
func (d *Directory) memberObjects(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		reply(w, http.StatusUnauthorized,
			map[string]any{"error": map[string]string{"code": "InvalidAuthenticationToken", "message": "Access token is empty."}})
		return
	}
	id := strings.ToLower(r.PathValue("id"))
	d.mu.RLock()
	user, found := d.users[id]
	groups := slices.Clone(user.Groups)
	for _, a := range d.apps {
		if strings.EqualFold(a.ObjectID, id) {
			groups, found = slices.Clone(a.Groups), true
		}
	}
	d.mu.RUnlock()
	if !found {
		reply(w, http.StatusNotFound, map[string]any{"error": map[string]string{"code": "Request_ResourceNotFound",
			"message": fmt.Sprintf("Resource '%s' does not exist.", id)}})
		return
	}
	reply(w, http.StatusOK, map[string]any{"value": append([]string{}, groups...)})
}

func oauthError(w http.ResponseWriter, status int, code string, err error) {
	reply(w, status, map[string]string{"error": code, "error_description": err.Error()})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away needs no answer
}

// Hosts are the names that Transport answers for.
func Hosts() []string {
	return []string{LoginHost, "login.windows.net", STSHost, GraphHost, OldGraphHost}
}

// Transport reaches the directory by its real host names without a socket. Other hosts have no address.
func (d *Directory) Transport() http.RoundTripper { return transport{d.Handler()} }

type transport struct{ handler http.Handler }

// RoundTrip answers from the directory.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	host := r.URL.Hostname()
	if !slices.Contains(Hosts(), strings.ToLower(host)) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	}
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(w, in)
	return &http.Response{Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status, Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1, Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r}, nil
}

// recorder keeps an answer; net/http/httptest would add its flags to the command that uses this package.
type recorder struct {
	header http.Header
	body   bytes.Buffer
	status int
}

// Header is the header to be sent.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader sets the status.
func (w *recorder) WriteHeader(status int) { w.status = status }

// Write keeps a part of the body.
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }
