package plan

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/stacks"
)

const phrase = "a passphrase"

// encryptedCheckout is a checkout whose dev encrypts the publisher's address and the sign-in of the provider.
func encryptedCheckout(t *testing.T) string {
	t.Helper()
	crypter := pulumiconfig.NewSymmetricCrypterFromPassphrase(phrase, []byte("8 bytes!"))
	encrypt := func(text string) string {
		cipher, err := crypter.EncryptValue(context.Background(), text)
		require.NoError(t, err)
		return "{secure: " + cipher + "}"
	}
	test, err := crypter.EncryptValue(context.Background(), "pulumi")
	require.NoError(t, err)
	salt := "v1:" + base64.StdEncoding.EncodeToString([]byte("8 bytes!")) + ":" + test
	return changed(t, func(text string) string {
		text = strings.Replace(text, "publisherEmail: ai-platform@example.com", "publisherEmail: "+encrypt("secret-mailbox@example.com"), 1)
		text = strings.Replace(text, "units: 1", "units: "+encrypt("1"), 1)
		text = strings.Replace(text, "config:\n", "encryptionsalt: "+salt+"\nconfig:\n  azure-native:clientSecret: "+encrypt("sesame")+"\n", 1)
		return text
	})
}

// changed is a checkout with another dev.
func changed(t *testing.T, change func(string) string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"Pulumi.yaml", "Pulumi.dev.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", file))
		require.NoError(t, err)
		if file == "Pulumi.dev.yaml" {
			text = []byte(change(string(text)))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o600))
	}
	return dir
}

func TestEncryptedSettingsAreDecryptedAndNotShown(t *testing.T) {
	dir := encryptedCheckout(t)
	t.Setenv(passphraseVariable, phrase)
	resources, err := Run(t.Context(), dir, "dev")
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, json.NewEncoder(&text).Encode(resources))
	assert.NotContains(t, text.String(), "secret-mailbox")
	assert.Contains(t, text.String(), Secret)

	encrypted, err := Check(t.Context(), dir, "dev")
	require.NoError(t, err)
	assert.Equal(t, "[secret]!", encrypted.Hider().Replace("secret-mailbox@example.com!"))
}

func TestSettingsThatCannotBeDecryptedAreNamed(t *testing.T) {
	dir := encryptedCheckout(t)
	_, err := Run(t.Context(), dir, "dev")
	require.ErrorAs(t, err, &UnreadableError{})
	require.Len(t, stacks.Problems(err), 2, "the provider's sign-in is nobody's setting")
	assert.Regexp(t, `Pulumi.dev.yaml:\d+: gateway.publisherEmail: is encrypted; set PULUMI_CONFIG_PASSPHRASE`, err.Error())

	t.Setenv(passphraseVariable, "another")
	_, err = Run(t.Context(), dir, "dev")
	require.ErrorContains(t, err, "the passphrase is not the one of this stack")
}

func TestSettingsOfAnEnvironmentAreRefused(t *testing.T) {
	dir := changed(t, func(text string) string { return "environment:\n  - shared/azure\n" + text })
	_, err := Run(t.Context(), dir, "dev")
	require.ErrorAs(t, err, &UnreadableError{})
	assert.ErrorContains(t, err, "Pulumi.dev.yaml:2: environment: imports settings from Pulumi ESC")
}
