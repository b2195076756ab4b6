package drills

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
)

func TestEveryTeamGetsWhatItNeedsToCall(t *testing.T) {
	folder := t.TempDir()
	served, err := siteOf(t, deployed.New(t)).Serve(t.Context(), "127.0.0.1:0", folder)
	require.NoError(t, err)
	t.Cleanup(func() { _ = served.Close() })
	type access struct {
		team, product, path string
		key, token          bool
	}
	var got []access
	for _, team := range served.Teams {
		got = append(got, access{team.Team, team.Product, team.Path, team.Key != "", team.TokenFile != ""})
		assert.JSONEq(t, `{"messages":[{"role":"user","content":"Hello!"}]}`, team.Body)
		if team.TokenFile != "" {
			info, err := os.Stat(team.TokenFile)
			require.NoError(t, err, team.Product)
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "nobody else may read it")
		}
	}
	const chat = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
	assert.Equal(t, []access{
		{"search", "standard", chat, true, false}, {"support", "standard", chat, true, false},
		{"legal", "confidential", "/metadata" + chat, true, true}, {"", "assistants", chat, false, true},
	}, got)
	ca, err := os.ReadFile(served.CAFile)
	require.NoError(t, err)
	assert.Contains(t, string(ca), "BEGIN CERTIFICATE")

	r, err := ask{surface: dated, deployment: "gpt-4o", key: served.Teams[0].Key}.request(t.Context(), "https://"+served.Host)
	require.NoError(t, err)
	res, err := served.listener.Client().Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, 200, res.StatusCode, "the key works")

	require.NoError(t, os.Remove(served.Teams[3].TokenFile))
	require.NoError(t, served.RenewTokens())
	assert.FileExists(t, served.Teams[3].TokenFile)
	require.NoError(t, os.RemoveAll(folder))
	assert.ErrorContains(t, served.RenewTokens(), "token for product confidential: ")
}

func TestACurlLineIsOneWordForEachArgument(t *testing.T) {
	v := &Served{URL: "https://127.0.0.1:8443", Host: "gw.azure-api.net", CAFile: "/a b/ca.pem"}
	line := v.Curl(TeamAccess{Key: "k", TokenFile: "/a b/t", Path: "/openai?x=1", Body: `{"a":"it's"}`})
	assert.Equal(t, `curl --cacert '/a b/ca.pem' --resolve gw.azure-api.net:8443:127.0.0.1 'https://gw.azure-api.net:8443/openai?x=1' -H 'content-type: application/json'`+
		` -H 'api-key: k' -H "authorization: Bearer $(cat '/a b/t')" -d '{"a":"it'\''s"}'`, line)
	assert.NotContains(t, v.Curl(TeamAccess{}), "api-key")
	assert.Empty(t, (&Served{URL: "://"}).Curl(TeamAccess{}))
}

func TestWhatCannotBeServedLeavesNothingOpen(t *testing.T) {
	site := siteOf(t, deployed.New(t))
	_, err := site.Serve(t.Context(), "127.0.0.1:0", filepath.Join(t.TempDir(), "nowhere"))
	assert.ErrorContains(t, err, "ca.pem")
	_, err = site.Serve(t.Context(), "nowhere", t.TempDir())
	assert.Error(t, err, "an address that nobody can listen on")
}
