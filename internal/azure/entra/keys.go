package entra

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined as a SHA-1 thumbprint, it protects nothing
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// key is a signing key with the certificate that names it.
type key struct {
	private *rsa.PrivateKey
	der     []byte
	id      string
}

// keyBits is what Entra ID uses.
const keyBits = 2048

func newKey() (*key, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	// The certificate's dates are wide, because the clock of the tokens is not the machine's.
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "accounts.accesscontrol.windows.net"},
		NotBefore: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return nil, fmt.Errorf("signing certificate: %w", err)
	}
	thumbprint := sha1.Sum(der) //nolint:gosec // see above
	return &key{private, der, base64.RawURLEncoding.EncodeToString(thumbprint[:])}, nil
}

// jwk is a key as the keys endpoint lists it.
type jwk struct {
	KeyType    string   `json:"kty"`
	Use        string   `json:"use"`
	ID         string   `json:"kid"`
	Thumbprint string   `json:"x5t"`
	Modulus    string   `json:"n"`
	Exponent   string   `json:"e"`
	Chain      []string `json:"x5c"`
	Issuer     string   `json:"issuer,omitempty"`
}

func (k *key) public(issuer string) jwk {
	exponent := big.NewInt(int64(k.private.E)).Bytes()
	return jwk{KeyType: "RSA", Use: "sig", ID: k.id, Thumbprint: k.id, Issuer: issuer,
		Modulus:  base64.RawURLEncoding.EncodeToString(k.private.N.Bytes()),
		Exponent: base64.RawURLEncoding.EncodeToString(exponent), Chain: []string{base64.StdEncoding.EncodeToString(k.der)}}
}

// keyRing holds the published keys; the last one signs.
type keyRing struct {
	mu   sync.RWMutex
	keys []*key
}

// The directories of a process share their first key and the one that is never published: finding the primes of a key
// takes a few tenths of a second, and hundreds of directories open in a run of the tests.
var (
	firstKey = sync.OnceValues(newKey)
	stranger = sync.OnceValues(newKey)
)

func (r *keyRing) rotate() error {
	k, err := newKey()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append(r.keys, k)
	return nil
}

func (r *keyRing) signer() *key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[len(r.keys)-1]
}

func (r *keyRing) list() []*key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return append([]*key{}, r.keys...)
}

func (r *keyRing) byID(id string) (*key, bool) {
	for _, k := range r.list() {
		if k.id == id {
			return k, true
		}
	}
	return nil, false
}

// retire stops publishing all keys but the one that signs.
func (r *keyRing) retire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = r.keys[len(r.keys)-1:]
}

// RotateKeys signs with a new key from now on. The old ones stay published, so tokens in circulation stay valid.
func (d *Directory) RotateKeys() error { return d.keys.rotate() }

// RetireKeys stops publishing all keys but the current one; tokens signed by the others are worthless after that.
func (d *Directory) RetireKeys() { d.keys.retire() }
