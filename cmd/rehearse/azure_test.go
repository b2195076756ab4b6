package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal"
)

// reachable replaces the served Azure by one that is reached like this.
func reachable(r rehearsal.Reach, err error) func(*work) {
	return func(w *work) {
		w.reached = func(context.Context, string, string) (rehearsal.Reach, error) { return r, err }
		w.azure = func(_ context.Context, o rehearsal.Options, ready func(rehearsal.Reach)) error {
			r.Stack = o.Stack
			ready(r)
			return err
		}
	}
}

func TestTheVariablesOfAServedAzureAreWhatAShellReads(t *testing.T) {
	reach := rehearsal.Reach{Proxy: "http://127.0.0.1:4711", CAFile: filepath.Join(t.TempDir(), "it's a folder", "ca.pem"), TenantID: "t", ClientID: "c",
		Secret: "s3cret", SubscriptionID: "sub", LoginFolder: "az's"}
	got := rehearse(t, []string{"azure", "--env"}, reachable(reach, nil))
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.Empty(t, got.stderr)
	shell := exec.CommandContext(t.Context(), "sh", "-c", "eval \"$1\"; env", "sh", got.stdout)
	shell.Env = append(os.Environ(), "NO_PROXY=management.azure.com", "no_proxy=login.microsoftonline.com")
	text, err := shell.CombinedOutput()
	require.NoError(t, err, "%s", text)
	set := strings.Split(string(text), "\n")
	for _, want := range []string{
		"HTTPS_PROXY=http://127.0.0.1:4711", "https_proxy=http://127.0.0.1:4711", "SSL_CERT_FILE=" + reach.CAFile, "REQUESTS_CA_BUNDLE=" + reach.CAFile,
		"AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=s3cret", "AZURE_SUBSCRIPTION_ID=sub", "ARM_SUBSCRIPTION_ID=sub",
		"AZURE_CONFIG_DIR=az's",
	} {
		assert.Contains(t, set, want)
	}
	assert.NotContains(t, strings.ToUpper(string(text)), "NO_PROXY=", "a call to Azure's own names would leave the machine")
}

func TestVariablesOfAnAzureThatNobodyServesAreAnError(t *testing.T) {
	got := rehearse(t, []string{"azure", "--env"}, reachable(rehearsal.Reach{}, rehearsal.ErrNotServed))
	assert.Equal(t, exitFailed, got.code)
	assert.Empty(t, got.stdout, "a shell would run it")
	assert.Contains(t, got.stderr, "no embedded Azure is served for dev: run rehearse azure --stack dev, or rehearse up, in another terminal")
}

func TestAServedAzureSaysHowItIsReachedAndKeepsItsSecret(t *testing.T) {
	got := rehearse(t, []string{"azure", "--stack", "prod"}, reachable(rehearsal.Reach{Proxy: "http://127.0.0.1:4711", Secret: "s3cret", Resources: 7,
		Hosts: []string{"login.microsoftonline.com", "management.azure.com"}}, nil))
	require.Equal(t, exitOK, got.code, got.stderr)
	for _, want := range []string{"of prod is served, with 7 resources", "http://127.0.0.1:4711", "login.microsoftonline.com, management.azure.com",
		`eval "$(rehearse azure --stack prod --env)"`, "Ctrl-C stops it"} {
		assert.Contains(t, got.stdout, want)
	}
	assert.NotContains(t, got.stdout, "s3cret")
}
