package azure_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/timeline"
)

// TestWhatOtherProgramsBeginIsOverWhenTheyHaveTheAnswer: nobody waits on the modelled clock for them.
func TestWhatOtherProgramsBeginIsOverWhenTheyHaveTheAnswer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "azure.json")
	start := func() *azure.Cloud {
		cloud, err := azure.Start(t.Context(), azure.Options{StatePath: path, Time: timeline.New(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))})
		require.NoError(t, err)
		return cloud
	}
	cloud := start()
	send := func(cloud *azure.Cloud, method, path, body string) string {
		w := httptest.NewRecorder()
		cloud.Handler().ServeHTTP(w, httptest.NewRequest(method, "https://management.azure.com/subscriptions/"+azure.SubscriptionID+path, strings.NewReader(body)))
		require.Less(t, w.Code, 300, w.Body.String())
		return w.Body.String()
	}
	const gateway = "/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw?api-version=2024-05-01"
	send(cloud, http.MethodPut, "/resourceGroups/rg?api-version=2024-03-01", `{"location":"swedencentral"}`)
	send(cloud, http.MethodPut, gateway, `{"location":"swedencentral","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A"}}`)
	assert.Contains(t, send(cloud, http.MethodGet, gateway, ""), `"provisioningState":"Succeeded"`)
	again := start() // beside the first, which has not been closed: what was answered is in the file
	assert.Contains(t, send(again, http.MethodGet, gateway, ""), `"gw"`)
	require.NoError(t, again.Close())
	require.NoError(t, cloud.Close())
}
