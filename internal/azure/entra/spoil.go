package entra

import (
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Spoil makes a token wrong in one way, and leaves everything else as it was.
type Spoil func(*Directory, *draft) error

// WrongKey signs with a key that was never published, under the id of one that was: only the signature is wrong.
func WrongKey() Spoil {
	return func(_ *Directory, t *draft) error {
		unpublished, err := stranger()
		t.keyID, t.key = t.key.id, unpublished
		return err
	}
}

// UnknownKey signs with a key that was never published, and says so.
func UnknownKey() Spoil {
	return func(_ *Directory, t *draft) error {
		unpublished, err := stranger()
		t.key = unpublished
		return err
	}
}

// Unsigned uses the algorithm "none".
func Unsigned() Spoil {
	return func(_ *Directory, t *draft) error {
		t.method = jwt.SigningMethodNone
		return nil
	}
}

// Expired ends the token a while ago.
func Expired(ago time.Duration) Spoil {
	return func(d *Directory, t *draft) error {
		t.claims["exp"] = d.clock.Now().Add(-ago).Unix()
		t.claims["iat"] = d.clock.Now().Add(-ago - time.Hour).Unix()
		t.claims["nbf"] = t.claims["iat"]
		return nil
	}
}

// NotYetValid lets the token begin later.
func NotYetValid(in time.Duration) Spoil {
	return func(d *Directory, t *draft) error {
		t.claims["nbf"] = d.clock.Now().Add(in).Unix()
		t.claims["exp"] = d.clock.Now().Add(in + time.Hour).Unix()
		return nil
	}
}

// WithAudience issues the token for somebody else.
func WithAudience(audience string) Spoil { return WithClaim("aud", audience) }

// WithTenant moves the token to another tenant, issuer and all.
func WithTenant(tenantID string) Spoil {
	return func(_ *Directory, t *draft) error {
		old, _ := t.claims["tid"].(string)
		for _, name := range []string{"iss", "idp"} {
			if v, ok := t.claims[name].(string); ok {
				t.claims[name] = strings.ReplaceAll(v, old, tenantID)
			}
		}
		t.claims["tid"] = tenantID
		return nil
	}
}

// WithClaim sets a claim; a nil value removes it.
func WithClaim(name string, value any) Spoil {
	return func(_ *Directory, t *draft) error {
		if t.claims[name] = value; value == nil {
			delete(t.claims, name)
		}
		return nil
	}
}
