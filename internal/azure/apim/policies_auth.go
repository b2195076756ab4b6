// Microsoft Learn: api-management/api-management-policies#authentication-and-authorization

package apim

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/apim/document"
)

// identityMargin is how long before its end a managed identity's token is
// replaced. [M] unverified: the page says only that it is cached until it expires.
const identityMargin = 5 * time.Minute

var identityShape = shape{attrs: []attribute{
	reqE("resource", WantString), optE("client-id", WantString), optL("output-token-variable-name"), optL("ignore-error", trueFalse...),
}}

func authentication() []statement {
	return []statement{
		{name: "authentication-managed-identity", page: "authentication-managed-identity-policy", sections: inInbound | inOutbound | inBackend,
			scopes: atAllScopes, support: Supported,
			shape: identityShape, compile: compileManagedIdentity},
		{name: "authentication-basic", page: "authentication-basic-policy", sections: inInbound, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{reqE("username", WantString), reqE("password", WantString)}}, compile: compileBasic},
		{name: "check-header", page: "check-header-policy", sections: inInbound, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{
				reqE("name", WantString), reqE("failed-check-httpcode", WantInt), reqE("failed-check-error-message", WantString),
				reqE("ignore-case", WantBool),
			}, children: []child{{name: "value", repeat: true, shape: shape{text: exprText}}}}, compile: compileCheckHeader},
		{name: "ip-filter", page: "ip-filter-policy", sections: inInbound, scopes: atAllScopes, support: Supported,
			shape: shape{attrs: []attribute{{name: "action", required: true, expr: true, want: WantString, oneOf: []string{"allow", "forbid"}}}, children: []child{
				{name: "address", repeat: true, shape: shape{text: exprText}},
				{name: "address-range", repeat: true, shape: shape{attrs: []attribute{reqE("from", WantString), reqE("to", WantString)}}},
			}}, compile: compileIPFilter},
		{name: "validate-jwt", page: "validate-jwt-policy", sections: inInbound, scopes: atAllScopes, support: Partly,
			note: "decryption keys and keys by certificate are refused", shape: jwtShape, compile: compileValidateJWT},
		{name: "validate-azure-ad-token", page: "validate-azure-ad-token-policy", sections: inInbound, scopes: atAllScopes, support: Partly,
			note: "decryption keys are refused; the public cloud only", shape: entraShape, compile: compileValidateEntra},
		unsupported("authentication-certificate", "authentication-certificate-policy", "client certificates are not modelled"),
		unsupported("validate-client-certificate", "validate-client-certificate-policy", "client certificates are not modelled"),
		unsupported("get-authorization-context", "get-authorization-context-policy", "the credential manager is not modelled"),
	}
}

// identity compiles the attributes and gives a function that gets a token.
func (c *compiler) identity(n *document.Node) func(*call) (string, error) {
	resource, client := c.attr(n, "resource", WantString), c.attr(n, "client-id", WantString)
	return func(x *call) (string, error) {
		r, err := resource.trimmed(x)
		if err != nil {
			return "", err
		}
		id, err := client.trimmed(x)
		if err != nil {
			return "", err
		}
		return x.identityToken(id, r)
	}
}

// identityToken gets a token, from what the unit still has if it can.
func (x *call) identityToken(client, resource string) (string, error) {
	u, now, key := x.unit, x.now(), client+"|"+resource
	u.mu.Lock()
	have, ok := u.identities[key]
	u.mu.Unlock()
	if ok && now.Add(identityMargin).Before(have.expires) {
		return have.token, nil
	}
	if x.gw.deps.Identity == nil {
		return "", broken(reasonIdentity, errors.New("the service has no managed identity"))
	}
	token, expires, err := x.gw.deps.Identity.Token(x.ctx, client, resource)
	if err != nil {
		return "", broken(reasonIdentity, err)
	}
	u.mu.Lock()
	u.identities[key] = identityToken{token: token, expires: expires}
	u.mu.Unlock()
	return token, nil
}

// compileManagedIdentity sets the Authorization header, or a variable instead.
// [M] unverified: that the header stays unset when there is a variable.
func compileManagedIdentity(c *compiler, n *document.Node) func(*call) error {
	get, variable, ignore := c.identity(n), literal(n, "output-token-variable-name", ""), literal(n, "ignore-error", "false") == "true"
	return func(x *call) error {
		token, err := get(x)
		switch {
		case err != nil && ignore:
			return nil
		case err != nil:
			return err
		case variable != "":
			x.setVariable(variable, token)
		default:
			x.Request.Header.Set("Authorization", "Bearer "+token)
			x.Changes.Request++
		}
		return nil
	}
}

func compileBasic(c *compiler, n *document.Node) func(*call) error {
	user, password := c.attr(n, "username", WantString), c.attr(n, "password", WantString)
	return func(x *call) error {
		u, err := user.text(x)
		if err != nil {
			return err
		}
		p, err := password.text(x)
		if err != nil {
			return err
		}
		x.Request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u+":"+p)))
		x.Changes.Request++
		return nil
	}
}

func compileCheckHeader(c *compiler, n *document.Node) func(*call) error {
	name, code := c.attr(n, "name", WantString), c.attr(n, "failed-check-httpcode", WantInt)
	message, fold := c.attr(n, "failed-check-error-message", WantString), c.attr(n, "ignore-case", WantBool)
	var values []value
	for _, v := range n.All("value") {
		values = append(values, c.text(v))
	}
	return func(x *call) error {
		h, err := name.trimmed(x)
		if err != nil {
			return err
		}
		status, err := code.number(x, http.StatusUnauthorized)
		if err != nil {
			return err
		}
		text, err := message.text(x)
		if err != nil {
			return err
		}
		ignore, err := fold.truth(x, false)
		if err != nil {
			return err
		}
		allowed, err := resolved(x, values)
		if err != nil {
			return err
		}
		got := x.Request.Header.Values(h)
		if len(got) == 0 {
			f := refuse(int(status), "HeaderNotFound", fmt.Sprintf("Header %s was not found in the request. Access denied.", h))
			f.message = text
			return f
		}
		have := strings.Join(got, ",")
		if len(allowed) == 0 || slices.ContainsFunc(allowed, func(a string) bool { return a == have || ignore && strings.EqualFold(a, have) }) {
			return nil
		}
		f := refuse(int(status), "HeaderValueNotAllowed", fmt.Sprintf("Header %s value of %s is not allowed. Access denied.", h, have))
		f.message = text
		return f
	}
}

// ipRange is an address, or a range of them.
type ipRange struct{ from, to value }

func compileIPFilter(c *compiler, n *document.Node) func(*call) error {
	action := c.attr(n, "action", WantString)
	var ranges []ipRange
	for _, k := range n.Children {
		if k.Name == "address" {
			v := c.text(k)
			ranges = append(ranges, ipRange{v, v})
		} else {
			ranges = append(ranges, ipRange{c.attr(k, "from", WantString), c.attr(k, "to", WantString)})
		}
	}
	if len(ranges) == 0 {
		c.fail(n.Errorf("add <address> or <address-range>", "The element 'ip-filter' has incomplete content"))
	}
	return func(x *call) error {
		kind, err := action.trimmed(x)
		if err != nil {
			return err
		}
		ip, err := netip.ParseAddr(x.Request.IP)
		if err != nil {
			return refuse(http.StatusForbidden, "FailedToParseCallerIP", "Failed to establish IP address for the caller. Access denied.")
		}
		listed := false
		for _, r := range ranges {
			in, err := r.contains(x, ip.Unmap())
			if err != nil {
				return err
			}
			listed = listed || in
		}
		switch {
		case kind == "forbid" && listed:
			return refuse(http.StatusForbidden, "CallerIpBlocked", "Caller IP address is blocked. Access denied.")
		case kind != "forbid" && !listed:
			return refuse(http.StatusForbidden, "CallerIpNotAllowed", fmt.Sprintf("Caller IP address %s is not allowed. Access denied.", ip))
		}
		return nil
	}
}

func (r ipRange) contains(x *call, ip netip.Addr) (bool, error) {
	from, err := r.from.trimmed(x)
	if err != nil {
		return false, err
	}
	to, err := r.to.trimmed(x)
	if err != nil {
		return false, err
	}
	if p, err := netip.ParsePrefix(from); err == nil {
		return p.Contains(ip), nil
	}
	low, err1 := netip.ParseAddr(from)
	high, err2 := netip.ParseAddr(to)
	if err := errors.Join(err1, err2); err != nil {
		return false, broken(reasonExpression, err)
	}
	return low.Unmap().Compare(ip) <= 0 && ip.Compare(high.Unmap()) <= 0, nil
}
