// Microsoft Learn: api-management/validate-jwt-policy, validate-azure-ad-token-policy

package apim

import (
	"encoding/base64"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"enterprise-openai/internal/azure/apim/document"
)

var (
	tokenSource = []attribute{
		optE("header-name", WantString), optE("query-parameter-name", WantString), optE("token-value", WantString),
		optE("failed-validation-httpcode", WantInt), optE("failed-validation-error-message", WantString), optL("output-token-variable-name"),
	}
	textList = func(name string, required bool, item string) child {
		return child{name: name, required: required,
			shape: shape{children: []child{{name: item, required: true, repeat: true, shape: shape{text: exprText}}}}}
	}
	requiredClaims = child{name: "required-claims", shape: shape{children: []child{{name: "claim", required: true, repeat: true, shape: shape{
		attrs: []attribute{reqE("name", WantString), {name: "match", expr: true, want: WantString, oneOf: []string{"all", "any"}},
			optE("separator", WantString)},
		children: []child{{name: "value", repeat: true, shape: shape{text: exprText}}},
	}}}}}
	jwtShape = shape{
		attrs: append([]attribute{
			optL("require-expiration-time", trueFalse...), optE("require-scheme", WantString), optL("require-signed-tokens", trueFalse...),
			optE("clock-skew", WantInt),
		}, tokenSource...),
		children: []child{
			{name: "openid-config", repeat: true, shape: shape{attrs: []attribute{reqE("url", WantString)}}},
			{name: "issuer-signing-keys", shape: shape{children: []child{{name: "key", required: true, repeat: true, shape: shape{
				text: exprText, attrs: []attribute{optL("certificate-id"), optE("n", WantString), optE("e", WantString)},
			}}}}},
			textList("audiences", false, "audience"), textList("issuers", false, "issuer"), requiredClaims,
		},
	}
	entraShape = shape{
		attrs: append([]attribute{reqE("tenant-id", WantString)}, tokenSource...),
		children: []child{
			textList("backend-application-ids", false, "application-id"),
			// The page calls it required; deployed documents with audiences alone and
			// Microsoft's policy toolkit say otherwise.
			textList("client-application-ids", false, "application-id"),
			textList("audiences", false, "audience"), requiredClaims,
		},
	}
)

// claimRule is one required claim.
type claimRule struct {
	name, match, separator value
	values                 []value
}

// tokenRule is what a token has to be.
type tokenRule struct {
	header, query, token       value
	status, message            value
	output                     string
	scheme                     value
	needExpiry, needSignature  bool
	skew                       value
	configs, audiences, issuer []value
	keys                       []signingKey
	claims                     []claimRule
	// Entra's rules.
	tenant         value
	entra          bool
	clients, backs []value
}

// signingKey is a key in the document: a shared secret, or n and e.
type signingKey struct {
	id           string
	secret, n, e value
}

func (c *compiler) tokenRule(n *document.Node) *tokenRule {
	r := &tokenRule{
		header: c.attr(n, "header-name", WantString), query: c.attr(n, "query-parameter-name", WantString),
		token:  c.attr(n, "token-value", WantString),
		status: c.attr(n, "failed-validation-httpcode", WantInt), message: c.attr(n, "failed-validation-error-message", WantString),
		output: literal(n, "output-token-variable-name", ""), needExpiry: true, needSignature: true, skew: c.attr(n, "clock-skew", WantInt),
		scheme: c.attr(n, "require-scheme", WantString), tenant: c.attr(n, "tenant-id", WantString),
	}
	given := 0
	for _, v := range []value{r.header, r.query, r.token} {
		if v.set {
			given++
		}
	}
	if given > 1 {
		c.fail(n.Errorf("keep one of header-name, query-parameter-name, token-value", "The token can come from one place only"))
	}
	list := func(parent, item string) (out []value) {
		if p := n.Child(parent); p != nil {
			for _, k := range p.All(item) {
				out = append(out, c.text(k))
			}
		}
		return out
	}
	r.audiences, r.issuer = list("audiences", "audience"), list("issuers", "issuer")
	r.clients, r.backs = list("client-application-ids", "application-id"), list("backend-application-ids", "application-id")
	if p := n.Child("required-claims"); p != nil {
		for _, k := range p.All("claim") {
			cl := claimRule{name: c.attr(k, "name", WantString), match: c.attr(k, "match", WantString),
				separator: c.attr(k, "separator", WantString)}
			for _, v := range k.All("value") {
				cl.values = append(cl.values, c.text(v))
			}
			r.claims = append(r.claims, cl)
		}
	}
	return r
}

func compileValidateEntra(c *compiler, n *document.Node) func(*call) error {
	r := c.tokenRule(n)
	r.entra = true
	return r.run
}

func compileValidateJWT(c *compiler, n *document.Node) func(*call) error {
	r := c.tokenRule(n)
	r.needExpiry = literal(n, "require-expiration-time", "true") == "true"
	r.needSignature = literal(n, "require-signed-tokens", "true") == "true"
	if !r.header.set && !r.query.set && !r.token.set {
		c.fail(n.Errorf("add header-name=\"Authorization\"", "One of 'header-name', 'query-parameter-name' and 'token-value' is required"))
	}
	for _, k := range n.All("openid-config") {
		r.configs = append(r.configs, c.attr(k, "url", WantString))
	}
	if p := n.Child("issuer-signing-keys"); p != nil {
		for _, k := range p.All("key") {
			if _, ok := k.Attr("certificate-id"); ok {
				c.fail(k.Errorf("give n and e, or the secret", "Keys by certificate are not modelled"))
			}
			r.keys = append(r.keys, signingKey{id: literal(k, "id", ""), secret: c.text(k), n: c.attr(k, "n", WantString),
				e: c.attr(k, "e", WantString)})
		}
	}
	return r.run
}

// Token is a validated token in a variable; expressions see it as a Jwt.
type Token struct {
	Raw    string
	Claims map[string]any
}

// Text is the token itself.
func (t *Token) Text() string { return t.Raw }

// keys evaluates the keys of the document.
func (r *tokenRule) inlineKeys(x *call) (map[string][]any, error) {
	out := map[string][]any{}
	for _, k := range r.keys {
		if k.n.set {
			n, err := k.n.trimmed(x)
			if err != nil {
				return nil, err
			}
			e, err := k.e.trimmed(x)
			if err != nil {
				return nil, err
			}
			key, err := jwk{Type: "RSA", N: n, E: e}.public()
			if err != nil {
				return nil, broken("JwtInvalid", err)
			}
			out[k.id] = append(out[k.id], key)
			continue
		}
		s, err := k.secret.trimmed(x)
		if err != nil {
			return nil, err
		}
		secret, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, broken("JwtInvalid", err)
		}
		out[k.id] = append(out[k.id], secret)
	}
	return out, nil
}

func (r *tokenRule) parser(now func() time.Time, skew time.Duration) *jwt.Parser {
	opts := []jwt.ParserOption{
		jwt.WithTimeFunc(now), jwt.WithLeeway(skew),
		jwt.WithValidMethods([]string{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
			"ES512"}),
	}
	if r.needExpiry {
		opts = append(opts, jwt.WithExpirationRequired())
	}
	return jwt.NewParser(opts...)
}
