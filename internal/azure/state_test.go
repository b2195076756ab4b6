package azure_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/timeline"
)

const groupPath = "/subscriptions/" + azure.SubscriptionID + "/resourceGroups/rg-state"

func put(t *testing.T, cloud *azure.Cloud) {
	t.Helper()
	putAt(t, cloud.ARM.Transport(), groupPath+"?api-version=2024-03-01", `{"location":"westeurope"}`)
}

func putAt(t *testing.T, way http.RoundTripper, path, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://management.azure.com"+path, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := way.RoundTrip(req)
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

func TestAnOperationThatRanAtTheEndOfACommandHasEndedInTheNext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "azure.json")
	onClock := func() azure.Options { return azure.Options{StatePath: path, Time: timeline.New(time.Now())} }
	first := start(t, onClock())
	put(t, first)
	putAt(t, first.ARM.Transport(), accountPath+"?api-version=2024-10-01", `{"location":"westeurope","kind":"OpenAI","sku":{"name":"S0"},"properties":{}}`)
	require.Equal(t, "Accepted", state(t, first, accountPath), "it takes its time")
	require.NoError(t, first.Close())

	second := start(t, onClock())
	assert.Equal(t, "Succeeded", state(t, second, accountPath))
	require.NoError(t, second.Close())
}

func TestAProcessThatIsKilledLeavesEveryWriteThatWasAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "azure.json")
	var provider http.RoundTripper
	killed := start(t, azure.Options{StatePath: path, Between: func(way http.RoundTripper) http.RoundTripper {
		provider = way
		return way
	}})
	putAt(t, provider, groupPath+"?api-version=2024-03-01", `{"location":"westeurope"}`)
	next := start(t, azure.Options{StatePath: path})
	assert.Equal(t, []string{groupPath}, next.Remaining())
	require.NoError(t, next.Close())
	require.NoError(t, killed.Close())
}

const accountPath = groupPath + "/providers/Microsoft.CognitiveServices/accounts/state"

func state(t *testing.T, cloud *azure.Cloud, id string) any {
	t.Helper()
	r, found := cloud.ARM.Get(id)
	require.True(t, found)
	properties, ok := r.Body["properties"].(map[string]any)
	require.True(t, ok)
	return properties["provisioningState"]
}
