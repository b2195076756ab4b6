package apim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Where a key is looked for unless the API says otherwise
// (Microsoft Learn: api-management-subscriptions).
const (
	defaultKeyHeader = "Ocp-Apim-Subscription-Key"
	defaultKeyQuery  = "subscription-key"
)

// productState is a product ready to be used.
type productState struct {
	product *Product
	policy  *compiled
	groups  []Group
	apis    []*API
}

// key looks a subscription key up in header and query.
func (a *API) key(header http.Header, query map[string][]string) string {
	h, q := a.KeyParameter.names()
	if v := header.Get(h); v != "" {
		return v
	}
	if vs := query[q]; len(vs) > 0 {
		return vs[0]
	}
	return ""
}

func (k KeyParameter) names() (header, query string) {
	header, query = k.Header, k.Query
	if header == "" {
		header = defaultKeyHeader
	}
	if query == "" {
		query = defaultKeyQuery
	}
	return header, query
}

// admit decides in whose name a call runs and in which product
// (Microsoft Learn: api-management-subscriptions, "How API Management handles
// requests with or without subscription keys").
func (x *call) admit(r *route) error {
	key := r.api.key(x.Request.Header, x.Request.OriginalURL.Query())
	if key == "" {
		return x.admitWithoutKey(r)
	}
	sub := x.state.keys[key]
	now := x.gw.deps.Clock.Now()
	if sub == nil || sub.State != "active" || sub.Start != nil && now.Before(*sub.Start) || sub.End != nil && !now.Before(*sub.End) {
		return x.keyFault(r, reasonKeyInvalid)
	}
	kind, id := scopeOf(sub.Scope)
	switch kind {
	case "products":
		i := slices.IndexFunc(r.products, func(p *productState) bool { return p.product.ID == id })
		if i < 0 {
			return x.keyFault(r, reasonKeyInvalid)
		}
		x.enterProduct(r.products[i])
	case "apis":
		if id != "" && id != r.api.ID {
			return x.keyFault(r, reasonKeyInvalid)
		}
	default:
		return x.keyFault(r, reasonKeyInvalid)
	}
	x.Subscription = sub
	x.User = x.state.users[lastSegment(sub.OwnerID)]
	if x.User != nil {
		x.Groups = x.state.groupsOf(x.User.Groups)
	}
	return nil
}

func (x *call) admitWithoutKey(r *route) error {
	for _, p := range r.products {
		if p.product.Published && !p.product.SubscriptionRequired {
			x.enterProduct(p)
			return nil
		}
	}
	if !r.api.SubscriptionRequired {
		return nil
	}
	return x.keyFault(r, reasonKeyNotFound)
}

func (x *call) enterProduct(p *productState) {
	x.Product, x.ProductGroups, x.ProductAPIs = p.product, p.groups, p.apis
	x.scopes[ProductScope] = p.policy
}

// keyFault is a 401. What LastError says about a missing key ends in "this
// API", what the caller reads in "an API".
func (x *call) keyFault(r *route, reason string) *fault {
	f := refuse(http.StatusUnauthorized, reason, "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.")
	if reason == reasonKeyNotFound {
		f.last.Message = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to this API."
		f.message = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API."
	}
	f.last.Source = "authorization"
	f.statusText = "Access Denied"
	header, _ := r.api.KeyParameter.names()
	f.header = http.Header{"Www-Authenticate": {fmt.Sprintf(`AzureApiManagementKey realm="https://%s/%s",name="%s",type="header"`,
		x.Request.OriginalURL.Host, strings.Trim(r.api.Path, "/"), header)}}
	return f
}

// scopeOf reads a subscription's scope: a kind and, except for all APIs, an id.
func scopeOf(scope string) (kind, id string) {
	if _, rest, ok := strings.Cut(scope, "/providers/Microsoft.ApiManagement/service/"); ok {
		// What follows the service's name; nothing does for the built-in
		// all-access subscription, whose scope is the service itself.
		_, scope, _ = strings.Cut(rest, "/")
	}
	parts := splitPath(scope)
	for i, p := range parts {
		if p == "products" || p == "apis" {
			if i+1 < len(parts) {
				return p, parts[i+1]
			}
			return p, ""
		}
	}
	if len(parts) == 0 {
		return "apis", ""
	}
	return "", ""
}

func lastSegment(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
