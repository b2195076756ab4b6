package apim

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"

	"enterprise-openai/internal/clock"
)

// How long metadata and keys are kept (Microsoft Learn: validate-jwt-policy,
// openid-config), and how soon they may be asked for again when a token names a
// key that is not among them. [M] unverified for the second.
const (
	keysKept    = time.Hour
	keysRefresh = 5 * time.Minute
)

// maxMetadata bounds what an issuer may send.
const maxMetadata = 1 << 20

// issuer is what an OpenID configuration says.
type issuer struct {
	name string
	keys map[string]crypto.PublicKey
	at   time.Time
}

// keyCache fetches OpenID configurations and keeps them.
type keyCache struct {
	transport http.RoundTripper
	clock     clock.Clock

	mu      sync.Mutex
	issuers map[string]*issuer
}

func newKeyCache(t http.RoundTripper, c clock.Clock) *keyCache {
	return &keyCache{transport: t, clock: c, issuers: map[string]*issuer{}}
}

// get gives an issuer; kid is the key that is wanted, so that a rotated key is
// found before the hour is over.
func (k *keyCache) get(ctx context.Context, url, kid string) (*issuer, error) {
	k.mu.Lock()
	have := k.issuers[url]
	k.mu.Unlock()
	now := k.clock.Now()
	if have != nil && now.Sub(have.at) < keysKept {
		if _, ok := have.keys[kid]; ok || kid == "" || now.Sub(have.at) < keysRefresh {
			return have, nil
		}
	}
	fresh, err := k.fetch(ctx, url, now)
	if err != nil {
		if have != nil {
			return have, nil
		}
		return nil, err
	}
	k.mu.Lock()
	k.issuers[url] = fresh
	k.mu.Unlock()
	return fresh, nil
}

func (k *keyCache) fetch(ctx context.Context, url string, now time.Time) (*issuer, error) {
	var meta struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := k.json(ctx, url, &meta); err != nil {
		return nil, fmt.Errorf("OpenID configuration %s: %w", url, err)
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := k.json(ctx, meta.Keys, &set); err != nil {
		return nil, fmt.Errorf("signing keys %s: %w", meta.Keys, err)
	}
	is := &issuer{name: meta.Issuer, keys: map[string]crypto.PublicKey{}, at: now}
	for _, j := range set.Keys {
		if key, err := j.public(); err == nil {
			is.keys[j.ID] = key
		}
	}
	return is, nil
}

func (k *keyCache) json(ctx context.Context, url string, into any) error {
	if k.transport == nil {
		return errors.New("the gateway has no way to a directory")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) //nolint:gosec // the address is what a policy names
	if err != nil {
		return err
	}
	res, err := k.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return json.NewDecoder(io.LimitReader(res.Body, maxMetadata)).Decode(into)
}

// jwk is a key of a key set (RFC 7517, RFC 7518).
type jwk struct {
	ID    string `json:"kid"`
	Type  string `json:"kty"`
	N     string `json:"n"`
	E     string `json:"e"`
	Curve string `json:"crv"`
	X     string `json:"x"`
	Y     string `json:"y"`
}

func (j jwk) public() (crypto.PublicKey, error) {
	switch j.Type {
	case "RSA":
		n, err1 := number(j.N)
		e, err2 := number(j.E)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		if !e.IsInt64() || e.Int64() > 1<<31-1 || e.Int64() < 3 || n.BitLen() < 1024 {
			return nil, errors.New("RSA key is not usable")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case "EC":
		curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
		curve := curves[j.Curve]
		if curve == nil {
			return nil, fmt.Errorf("curve %q is not known", j.Curve)
		}
		x, err1 := base64.RawURLEncoding.DecodeString(j.X)
		y, err2 := base64.RawURLEncoding.DecodeString(j.Y)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		size := (curve.Params().BitSize + 7) / 8
		if len(x) != size || len(y) != size {
			return nil, errors.New("EC key has the wrong size")
		}
		return ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, x...), y...))
	}
	return nil, fmt.Errorf("key type %q is not known", j.Type)
}

func number(s string) (*big.Int, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	return new(big.Int).SetBytes(b), err
}
