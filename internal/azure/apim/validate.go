package apim

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Where Entra publishes a tenant's keys, and who its tokens name as issuer
// (Microsoft Learn: entra/identity-platform/access-tokens, "Validate the issuer").
const (
	entraConfig   = "https://login.microsoftonline.com/%s/v2.0/.well-known/openid-configuration"
	entraIssuerV1 = "https://sts.windows.net/%s/"
	entraIssuerV2 = "https://login.microsoftonline.com/%s/v2.0"
)

// jwtFailure is a token that does not pass, and why.
type jwtFailure struct{ reason, message string }

// Error is what LastError.Message says.
func (f *jwtFailure) Error() string { return f.message }

func failed(reason, format string, args ...any) error {
	return &jwtFailure{reason: reason, message: fmt.Sprintf(format, args...)}
}

// run validates a token and, when it is valid, leaves it in the variable.
func (r *tokenRule) run(x *call) error {
	t, err := r.validate(x)
	var bad *jwtFailure
	switch {
	case errors.As(err, &bad):
		status, err := r.status.number(x, http.StatusUnauthorized)
		if err != nil {
			return err
		}
		f := refuse(int(status), bad.reason, bad.message)
		if r.message.set {
			if f.message, err = r.message.text(x); err != nil {
				return err
			}
		}
		return f
	case err != nil:
		return err
	case r.output != "":
		x.setVariable(r.output, t)
	}
	return nil
}

func (r *tokenRule) validate(x *call) (*Token, error) {
	raw, err := r.find(x)
	if err != nil {
		return nil, err
	}
	skew, err := r.skew.seconds(x, 0)
	if err != nil {
		return nil, err
	}
	inline, err := r.inlineKeys(x)
	if err != nil {
		return nil, err
	}
	claims := jwt.MapClaims{}
	parser := r.parser(x.now, skew)
	if !r.needSignature {
		if _, _, err = parser.ParseUnverified(raw, claims); err == nil {
			err = jwt.NewValidator(jwt.WithTimeFunc(x.now), jwt.WithLeeway(skew)).Validate(claims)
		}
	} else {
		_, err = parser.ParseWithClaims(raw, claims, func(t *jwt.Token) (any, error) { return r.key(x, t, inline) })
	}
	if err != nil {
		return nil, explain(err)
	}
	if err := r.checkIssuer(x, claims); err != nil {
		return nil, err
	}
	if err := r.checkAudience(x, claims); err != nil {
		return nil, err
	}
	if err := r.checkApplications(x, claims); err != nil {
		return nil, err
	}
	for _, c := range r.claims {
		if err := c.check(x, claims); err != nil {
			return nil, err
		}
	}
	return &Token{Raw: raw, Claims: claims}, nil
}

// find takes the token from where the policy says.
func (r *tokenRule) find(x *call) (string, error) {
	missing := failed("TokenNotPresent", "JWT not present.")
	if r.token.set {
		s, err := r.token.trimmed(x)
		if err != nil || s != "" {
			return s, err
		}
		return "", missing
	}
	if r.query.set {
		name, err := r.query.trimmed(x)
		if err != nil {
			return "", err
		}
		if s := x.Request.OriginalURL.Query().Get(name); s != "" {
			return s, nil
		}
		return "", missing
	}
	name := "Authorization"
	if r.header.set {
		var err error
		if name, err = r.header.trimmed(x); err != nil {
			return "", err
		}
	}
	want, err := r.scheme.trimmed(x)
	if err != nil {
		return "", err
	}
	s := strings.TrimSpace(x.Request.Header.Get(name))
	if scheme, rest, ok := strings.Cut(s, " "); ok {
		if want != "" && !strings.EqualFold(scheme, want) {
			return "", missing
		}
		s = strings.TrimSpace(rest)
	} else if want != "" {
		return "", missing
	}
	if s == "" {
		return "", missing
	}
	return s, nil
}

// key finds the key a token was signed with.
func (r *tokenRule) key(x *call, t *jwt.Token, inline map[string][]any) (any, error) {
	kid, _ := t.Header["kid"].(string)
	var set jwt.VerificationKeySet
	for id, keys := range inline {
		if id == "" || id == kid {
			for _, k := range keys {
				set.Keys = append(set.Keys, k)
			}
		}
	}
	urls, err := r.configURLs(x)
	if err != nil {
		return nil, err
	}
	for _, u := range urls {
		is, err := x.gw.keys.get(x.ctx, u, kid)
		if err != nil {
			return nil, broken("JwtInvalid", err)
		}
		if k, ok := is.keys[kid]; ok {
			set.Keys = append(set.Keys, k)
		}
	}
	if len(set.Keys) == 0 {
		return nil, failed("TokenSignatureKeyNotFound", "Signature validation failed. The key '%s' was not found. Access denied.", kid)
	}
	return set, nil
}

func (r *tokenRule) configURLs(x *call) ([]string, error) {
	if !r.entra {
		return resolved(x, r.configs)
	}
	tenant, err := r.tenantID(x)
	return []string{fmt.Sprintf(entraConfig, tenant)}, err
}

func (r *tokenRule) tenantID(x *call) (string, error) {
	t, err := r.tenant.trimmed(x)
	// The page takes an id or a URL.
	t = strings.TrimPrefix(strings.TrimSuffix(t, "/"), "https://login.microsoftonline.com/")
	return strings.TrimSuffix(t, "/v2.0"), err
}

// explain turns the library's error into a reason of the reference.
func explain(err error) error {
	var bad *jwtFailure
	var f *fault
	switch {
	case errors.As(err, &bad):
		return bad
	case errors.As(err, &f):
		return f
	case errors.Is(err, jwt.ErrTokenExpired):
		return failed("TokenExpired", "Token is expired. Access denied.")
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return failed("TokenSignatureInvalid", "Signature validation failed. Access denied.")
	default:
		return failed("JwtInvalid", "Invalid JWT. Access denied.")
	}
}
