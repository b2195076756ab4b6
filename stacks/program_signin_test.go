package stacks_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

const (
	signInPhrase = "a passphrase"
	signInSecret = "the application's own secret"
	signInID     = "00000000-0000-4000-8000-00000000000c"
)

// encrypted is a text as a stack file encrypts it, with the salt that the file has to have.
func encrypted(t require.TestingT, text string) (salt, secure string) {
	crypter := pulumiconfig.NewSymmetricCrypterFromPassphrase(signInPhrase, []byte("8 bytes!"))
	test, err := crypter.EncryptValue(context.Background(), "pulumi")
	require.NoError(t, err)
	cipher, err := crypter.EncryptValue(context.Background(), text)
	require.NoError(t, err)
	return "encryptionsalt: v1:" + base64.StdEncoding.EncodeToString([]byte("8 bytes!")) + ":" + test + "\n", "{secure: " + cipher + "}"
}

// signingIn is a project folder whose environment is one of the repository's and has the portal's sign-in.
func signingIn(t *testing.T, env, secret string) string {
	t.Helper()
	dir := t.TempDir()
	project, err := os.ReadFile("../Pulumi.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), project, 0o600))
	settings, err := os.ReadFile("../Pulumi." + env + ".yaml")
	require.NoError(t, err)
	salt, _ := encrypted(t, "")
	with := strings.Replace(string(settings), "  enterprise-openai:gateway:\n", fmt.Sprintf(
		"  enterprise-openai:gateway:\n    portal: {signIn: {clientId: %s, clientSecret: %s}}\n", signInID, secret), 1)
	require.NotEqual(t, string(settings), with)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi."+env+".yaml"), []byte(salt+with), 0o600))
	return dir
}

// signedIn is the plan of an environment with sign-in.
func signedIn(t *testing.T, env string) program {
	t.Helper()
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", signInPhrase)
	_, secure := encrypted(t, signInSecret)
	made, err := plan.Of(t.Context(), signingIn(t, env, secure), env, plan.Update, stacks.Deploy)
	require.NoError(t, err)
	p := program{env: env, resources: made.Resources, byURN: map[string]plan.Resource{}}
	for _, r := range p.resources {
		p.byURN[r.URN] = r
	}
	return p
}

func TestGroupsComeWithASignInAndOnlyThen(t *testing.T) {
	everywhere(t, func(t *testing.T, without program) {
		for _, r := range without.resources {
			for _, kind := range []string{":IdentityProvider", ":Group", ":ProductGroup"} {
				assert.False(t, r.Custom && strings.HasSuffix(r.Type, kind), "%s %s without a sign-in", r.Type, r.Name)
			}
		}
		with := signedIn(t, without.env)
		provider := with.of(t, "IdentityProvider")
		require.Len(t, provider, 1)
		assert.Equal(t, "aad", at(provider[0], "identityProviderName"))
		assert.Equal(t, []any{plan.TenantID}, at(provider[0], "allowedTenants"), "the callers' tenant")
		for _, group := range with.of(t, "Group") {
			assert.Regexp(t, `^aad://[0-9a-f-]{36}/groups/[0-9a-f-]{36}$`, at(group, "externalId"), group.Name)
			assert.True(t, with.waits(group, provider[0]), "%s may be written before the sign-in", group.Name)
		}
		grouped := map[any]bool{}
		for _, link := range with.of(t, "ProductGroup") {
			grouped[at(link, "productId")] = true
		}
		for _, product := range with.of(t, "Product") {
			assert.True(t, grouped["${Product "+product.Name+".name}"], "%s has no group", product.Name)
		}
	})
}

// Who may call a product is decided by the policies, which say the same with and without the portal's groups.
func TestASignInChangesNothingForCallers(t *testing.T) {
	everywhere(t, func(t *testing.T, without program) {
		with := signedIn(t, without.env)
		more := 0
		for _, r := range with.resources {
			before, had := without.byURN[r.URN]
			if !had {
				more++
				kind := r.Type[strings.LastIndex(r.Type, ":")+1:]
				assert.Contains(t, []string{"IdentityProvider", "Group", "ProductGroup", "Groups"}, kind, r.Name)
				continue
			}
			assert.Equal(t, before.Inputs, r.Inputs, "%s %s", r.Type, r.Name)
		}
		assert.Len(t, with.resources, len(without.resources)+more, "nothing is left out")
	})
}

func TestTheSignInsSecretIsShownNowhere(t *testing.T) {
	with := signedIn(t, "dev")
	provider := with.of(t, "IdentityProvider")[0]
	assert.Equal(t, plan.Secret, at(provider, "clientSecret"))
	assert.Contains(t, provider.Secrets, "clientSecret")
	text, err := json.Marshal(with.resources)
	require.NoError(t, err)
	assert.NotContains(t, string(text), signInSecret)
}

func TestASecretInPlainTextIsRefused(t *testing.T) {
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", signInPhrase)
	const want = `gateway.portal.signIn.clientSecret: is in plain text; run pulumi config set --secret --path ` +
		`'enterprise-openai:gateway.portal.signIn.clientSecret', and make a new secret of the application`
	dir := signingIn(t, "dev", "'"+strings.ReplaceAll(signInSecret, "'", "''")+"'")
	_, err := plan.Of(t.Context(), dir, "dev", plan.Update, stacks.Deploy)
	require.ErrorContains(t, err, want)
	assert.Regexp(t, `Pulumi.dev.yaml:\d+: gateway.portal`, err.Error())
	assert.NotContains(t, err.Error(), signInSecret)

	// Another part of the section is encrypted, and Pulumi takes all of it for a secret.
	file := filepath.Join(dir, "Pulumi.dev.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	_, secure := encrypted(t, "Somebody")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), "publisherName: AI Platform", "publisherName: "+secure, 1)), 0o600))
	_, err = plan.Of(t.Context(), dir, "dev", plan.Update, stacks.Deploy)
	require.ErrorContains(t, err, want)
}
