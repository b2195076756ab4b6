package azure_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
)

const groupPath = "/subscriptions/" + azure.SubscriptionID + "/resourceGroups/rg-kept"

func put(t *testing.T, cloud *azure.Cloud) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut,
		"https://management.azure.com"+groupPath+"?api-version=2024-03-01", strings.NewReader(`{"location":"westeurope"}`))
	require.NoError(t, err)
	resp, err := cloud.ARM.Transport().RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Less(t, resp.StatusCode, 300)
}

func start(t *testing.T, o azure.Options) *azure.Cloud {
	t.Helper()
	cloud, err := azure.Start(context.Background(), o)
	require.NoError(t, err)
	return cloud
}

func TestWhatWasMadeIsThereInTheNextCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "azure.json")
	first := start(t, azure.Options{StatePath: path})
	put(t, first)
	require.NoError(t, first.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it holds keys")

	second := start(t, azure.Options{StatePath: path})
	assert.Equal(t, []string{groupPath}, second.Remaining())
	require.NoError(t, second.Close())

	fresh := start(t, azure.Options{StatePath: path, Fresh: true})
	assert.Empty(t, fresh.Remaining())
	require.NoError(t, fresh.Close())
}

func TestWithoutAStateFileNothingIsKept(t *testing.T) {
	cloud := start(t, azure.Options{})
	put(t, cloud)
	require.NoError(t, cloud.Close())
}

func TestABrokenStateFileIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "azure.json")
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err := azure.Start(context.Background(), azure.Options{StatePath: path})
	assert.ErrorContains(t, err, "state file "+path)
}

func TestAStateThatCannotBeWrittenIsReported(t *testing.T) {
	cloud := start(t, azure.Options{StatePath: filepath.Join(t.TempDir(), "no", "such", "folder", "azure.json")})
	assert.ErrorContains(t, cloud.Close(), "state file")
}
