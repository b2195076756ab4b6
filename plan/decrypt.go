package plan

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"strings"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

// The variables that give Pulumi the passphrase of a stack (pulumi/pkg/v3/secrets/passphrase reads them in this order).
const (
	passphraseVariable     = "PULUMI_CONFIG_PASSPHRASE"      //nolint:gosec // the name of a variable, not its value
	passphraseFileVariable = "PULUMI_CONFIG_PASSPHRASE_FILE" //nolint:gosec // the name of a variable, not its value
)

// cannot is why values cannot be decrypted, and what to do.
type cannot struct{ message, hint string }

// decrypter is what decrypts the values of a stack file with this salt and provider.
func decrypter(salt, provider string) (pulumiconfig.Decrypter, *cannot) {
	const plainly = "or write a value that is not secret for this command"
	if provider != "" && provider != "passphrase" && provider != "default" {
		scheme, _, _ := strings.Cut(provider, ":")
		return nil, &cannot{"is encrypted with " + scheme + ", which this command does not ask",
			"change the stack to a passphrase (pulumi stack change-secrets-provider passphrase), " + plainly}
	}
	if salt == "" {
		return nil, &cannot{"is encrypted, and the file has no encryptionsalt, so that only the account that encrypted it can decrypt it",
			"change the stack to a passphrase (pulumi stack change-secrets-provider passphrase), " + plainly}
	}
	phrase, given, err := passphrase()
	switch {
	case err != nil:
		return nil, &cannot{"is encrypted, and the passphrase cannot be read: " + err.Error(), "correct " + passphraseFileVariable}
	case !given:
		return nil, &cannot{"is encrypted", "set " + passphraseVariable + " or " + passphraseFileVariable + ", " + plainly}
	}
	// v1:<salt>:<a text that only the right passphrase decrypts> (pulumi/pkg/v3/secrets/passphrase/manager.go).
	version, rest, _ := strings.Cut(salt, ":")
	encoded, test, ok := strings.Cut(rest, ":")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if version != "v1" || !ok || err != nil {
		return nil, &cannot{"is encrypted, and the file's encryptionsalt is not one of Pulumi's", "restore that line of the file"}
	}
	crypter := pulumiconfig.NewSymmetricCrypterFromPassphrase(phrase, raw)
	if known, err := crypter.DecryptValue(context.Background(), test); err != nil || known != "pulumi" {
		return nil, &cannot{"is encrypted, and the passphrase is not the one of this stack", "correct " + passphraseVariable + " or " + passphraseFileVariable}
	}
	return crypter, nil
}

// passphrase is the one that Pulumi would use. An empty one counts, as it does there.
func passphrase() (phrase string, given bool, err error) {
	if phrase, ok := os.LookupEnv(passphraseVariable); ok {
		return phrase, true, nil
	}
	file := os.Getenv(passphraseFileVariable)
	if file == "" {
		return "", false, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", false, err
	}
	return strings.TrimSpace(string(text)), true, nil
}

// known reads encrypted values that were decrypted before.
type known struct{ plain map[string]string }

var errUnknown = errors.New("the value is encrypted")

func (k known) DecryptValue(_ context.Context, cipher string) (string, error) {
	if plain, ok := k.plain[cipher]; ok {
		return plain, nil
	}
	return "", errUnknown
}

func (k known) BatchDecrypt(ctx context.Context, ciphers []string) ([]string, error) {
	return pulumiconfig.DefaultBatchDecrypt(ctx, k, ciphers)
}
