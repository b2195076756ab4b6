package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"go.yaml.in/yaml/v3"
)

// secretsKeys are the keys of a stack file that say how its secrets are encrypted for the real deployment. The rehearsal
// encrypts with its own passphrase and writes its own salt into the copy.
var secretsKeys = []string{"secretsprovider", "encryptedkey", "encryptionsalt"}

// copySettings copies Pulumi.yaml and Pulumi.<stack>.yaml from the checkout. The engine works on the copies because it
// writes an encryption salt into the stack file, and the checkout must stay as it was.
func copySettings(ctx context.Context, from, to, stack, passphrase string, plain map[string]string) error {
	project, err := os.ReadFile(filepath.Join(from, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("project file: %w", err)
	}
	if err := os.WriteFile(filepath.Join(to, "Pulumi.yaml"), project, 0o600); err != nil {
		return fmt.Errorf("copy of the project file: %w", err)
	}
	name := "Pulumi." + stack + ".yaml"
	settings, err := os.ReadFile(filepath.Join(from, name))
	if err != nil {
		return fmt.Errorf("stack file of %q: %w", stack, err)
	}
	salt := saltOf(filepath.Join(to, name))
	var encrypt func(text string) (string, error)
	if len(plain) > 0 {
		if salt == "" {
			if salt, err = newSalt(ctx, passphrase); err != nil {
				return fmt.Errorf("encryption salt: %w", err)
			}
		}
		if encrypt, err = encrypter(ctx, passphrase, salt); err != nil {
			return err
		}
	}
	settings, err = withoutSecrets(name, settings, salt, plain, encrypt)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, name), settings, 0o600); err != nil {
		return fmt.Errorf("copy of the stack file: %w", err)
	}
	return nil
}

// saltOf returns the salt that the engine wrote into an earlier copy, so that secrets in the state stay readable.
func saltOf(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	var file struct {
		Salt string `yaml:"encryptionsalt"`
	}
	if yaml.Unmarshal(data, &file) != nil {
		return ""
	}
	return file.Salt
}

// withoutSecrets replaces what belongs to the real deployment's encryption by the rehearsal's. Encrypted values are encrypted
// anew where their plain text is known, and left out where it is not: the embedded Azure needs no credentials.
func withoutSecrets(name string, data []byte, salt string, plain map[string]string, encrypt func(text string) (string, error)) ([]byte, error) {
	var file map[string]any
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if file == nil {
		file = map[string]any{}
	}
	for _, key := range secretsKeys {
		delete(file, key)
	}
	config, err := encryptAnew(file["config"], plain, encrypt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if config != nil {
		file["config"] = config
	}
	if salt != "" {
		file["encryptionsalt"] = salt
	}
	out, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// encryptAnew replaces every {secure: …} in a value; nil means that the value is left out.
func encryptAnew(value any, plain map[string]string, encrypt func(text string) (string, error)) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		if cipher, ok := v["secure"].(string); ok && len(v) == 1 {
			text, known := plain[cipher]
			if !known {
				return nil, nil //nolint:nilnil // no value is an answer, not an error
			}
			anew, err := encrypt(text)
			return map[string]any{"secure": anew}, err
		}
		for key, inner := range v {
			anew, err := encryptAnew(inner, plain, encrypt)
			if err != nil {
				return nil, err
			}
			if v[key] = anew; anew == nil && inner != nil {
				delete(v, key)
			}
		}
	case []any:
		for i, inner := range v {
			anew, err := encryptAnew(inner, plain, encrypt)
			if err != nil {
				return nil, err
			}
			v[i] = anew
		}
	}
	return value, nil
}

// newSalt is what Pulumi writes into a stack file for a passphrase: v1:<salt>:<a text that only this passphrase decrypts>
// (pulumi/pkg/v3/secrets/passphrase/manager.go).
func newSalt(ctx context.Context, passphrase string) (string, error) {
	const length = 8
	salt := make([]byte, length)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	test, err := config.NewSymmetricCrypterFromPassphrase(passphrase, salt).EncryptValue(ctx, "pulumi")
	return "v1:" + base64.StdEncoding.EncodeToString(salt) + ":" + test, err
}

// encrypter encrypts with a passphrase and the salt of a stack file.
func encrypter(ctx context.Context, passphrase, salt string) (func(text string) (string, error), error) {
	_, rest, _ := strings.Cut(salt, ":")
	encoded, _, _ := strings.Cut(rest, ":")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("encryption salt: %w", err)
	}
	crypter := config.NewSymmetricCrypterFromPassphrase(passphrase, raw)
	return func(text string) (string, error) { return crypter.EncryptValue(ctx, text) }, nil
}
