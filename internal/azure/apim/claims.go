package apim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

func (r *tokenRule) checkIssuer(x *call, claims jwt.MapClaims) error {
	iss, _ := claims["iss"].(string)
	var allowed []string
	if r.entra {
		tenant, err := r.tenantID(x)
		if err != nil {
			return err
		}
		if allowed, err = r.entraIssuers(x, tenant, claims); err != nil {
			return err
		}
	} else {
		var err error
		if allowed, err = resolved(x, r.issuer); err != nil {
			return err
		}
		urls, err := r.configURLs(x)
		if err != nil {
			return err
		}
		for _, u := range urls {
			if is, err := x.gw.keys.get(x.ctx, u, ""); err == nil {
				allowed = append(allowed, is.name)
			}
		}
	}
	if len(allowed) == 0 || slices.Contains(allowed, iss) {
		return nil
	}
	return failed("TokenIssuerNotAllowed", "Issuer validation failed. Access denied.")
}

// entraIssuers are the two issuers of a tenant; for common and organizations,
// those of the tenant the token names; for a domain, those of the tenant the
// domain belongs to.
func (r *tokenRule) entraIssuers(x *call, tenant string, claims jwt.MapClaims) ([]string, error) {
	is, err := x.gw.keys.get(x.ctx, fmt.Sprintf(entraConfig, tenant), "")
	if err != nil {
		return nil, broken("JwtInvalid", err)
	}
	if tenant == "common" || tenant == "organizations" {
		tenant, _ = claims["tid"].(string)
	} else if strings.Contains(tenant, ".") {
		id := strings.TrimPrefix(is.name, "https://login.microsoftonline.com/")
		tenant = strings.TrimSuffix(strings.TrimSuffix(id, "/"), "/v2.0")
	}
	return []string{fmt.Sprintf(entraIssuerV1, tenant), fmt.Sprintf(entraIssuerV2, tenant)}, nil
}

func (r *tokenRule) checkAudience(x *call, claims jwt.MapClaims) error {
	allowed, err := resolved(x, r.audiences)
	if err != nil {
		return err
	}
	backs, err := resolved(x, r.backs)
	if err != nil {
		return err
	}
	allowed = append(allowed, backs...)
	if len(allowed) == 0 {
		return nil
	}
	have := claimValues(claims["aud"], "")
	if slices.ContainsFunc(have, func(a string) bool { return slices.Contains(allowed, a) }) {
		return nil
	}
	return failed("TokenAudienceNotAllowed", "Audience validation failed. Access denied.")
}

// checkApplications compares the client: appid in v1 tokens, azp in v2 tokens.
func (r *tokenRule) checkApplications(x *call, claims jwt.MapClaims) error {
	allowed, err := resolved(x, r.clients)
	if err != nil || len(allowed) == 0 {
		return err
	}
	for _, name := range []string{"appid", "azp"} {
		if id, ok := claims[name].(string); ok && slices.Contains(allowed, id) {
			return nil
		}
	}
	return failed("TokenClaimValueNotAllowed", "Client application id is not allowed. Access denied.")
}

func (c claimRule) check(x *call, claims jwt.MapClaims) error {
	name, err := c.name.trimmed(x)
	if err != nil {
		return err
	}
	separator, err := c.separator.text(x)
	if err != nil {
		return err
	}
	match, err := c.match.trimmed(x)
	if err != nil {
		return err
	}
	want, err := resolved(x, c.values)
	if err != nil {
		return err
	}
	v, ok := claims[name]
	if !ok {
		return failed("TokenClaimNotFound", "JWT token is missing the following claims: %s. Access denied.", name)
	}
	have := claimValues(v, separator)
	found := 0
	for _, w := range want {
		if slices.Contains(have, w) {
			found++
		}
	}
	if found == len(want) || match == "any" && found > 0 {
		return nil
	}
	return failed("TokenClaimValueNotAllowed", "Claim %s value of %s is not allowed. Access denied.", name, strings.Join(have, ","))
}

// claimValues are the values of a claim: one, several, or one text to be cut.
func claimValues(v any, separator string) []string {
	switch t := v.(type) {
	case nil:
		return nil
	case []any:
		var out []string
		for _, e := range t {
			out = append(out, claimValues(e, separator)...)
		}
		return out
	case string:
		if separator != "" {
			return strings.Split(t, separator)
		}
		return []string{t}
	case float64:
		return []string{fmt.Sprint(int64(t))}
	default:
		return []string{fmt.Sprint(t)}
	}
}
