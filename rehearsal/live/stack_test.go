package live

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/internal/tlsca"
	"enterprise-openai/rehearsal/drills"
)

// The teams of the deployed stack by their places: one on standard, one on confidential.
const standard, confidential = 0, 2

// deployed is a stack that is served: gateway, policies and accounts are those of a rehearsal.
func deployed(t *testing.T) *drills.Served {
	t.Helper()
	d := dataplanetest.New(t)
	ca, err := tlsca.New()
	require.NoError(t, err)
	site := &drills.Site{ARM: d.Server, SubscriptionID: azure.SubscriptionID, TenantID: azure.TenantID, Settings: d.Settings, CA: ca}
	served, err := site.Serve(context.WithoutCancel(t.Context()), "127.0.0.1:0", t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, served.Close()) })
	return served
}

func TestTheLastCallsShowWhoAnsweredAndNoTextOfProductsWithMetadataPrivacy(t *testing.T) {
	served := deployed(t)
	before, changed := served.Live()
	require.Empty(t, before.Calls)

	got, err := served.Ask(t.Context(), standard, "a prompt that is logged")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.Status, got.Body)
	assert.Contains(t, got.Body, "choices")
	<-changed

	got, err = served.Ask(t.Context(), confidential, "a confidential prompt")
	require.NoError(t, err)
	assert.Equal(t, drills.Asked{Status: http.StatusOK, Hidden: "texts of the product confidential are shown nowhere: its privacy is metadata"}, got)

	now, _ := served.Live()
	require.Len(t, now.Calls, 2)
	secret, public := now.Calls[0], now.Calls[1]
	assert.Equal(t, "search-standard", public.Subscription)
	assert.Equal(t, []drills.LiveAttempt{{Region: "swedencentral", Status: http.StatusOK}}, public.Attempts)
	assert.Positive(t, public.Prompt)
	assert.Positive(t, public.Completion)
	assert.Contains(t, public.Asked, "a prompt that is logged")
	assert.NotEmpty(t, public.Answered)
	assert.Equal(t, "confidential", secret.Product)
	assert.Positive(t, secret.Prompt, "tokens are no text")
	text, err := json.Marshal(secret)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "a confidential prompt")
	assert.Empty(t, secret.Answered)
}

func TestARegionThatIsCutIsLeftOutUntilItIsRestored(t *testing.T) {
	served := deployed(t)
	require.EqualError(t, served.Cut("atlantis", true), `no account is in the region "atlantis"`)
	_, err := served.Ask(t.Context(), 99, "hi")
	require.ErrorContains(t, err, "no team 99")

	for range 2 { // switches that are pressed twice change nothing
		require.NoError(t, served.Cut("swedencentral", true))
	}
	_, err = served.Ask(t.Context(), standard, "hi")
	require.NoError(t, err)
	now, _ := served.Live()
	assert.Equal(t, []drills.LiveRegion{{Name: "francecentral"}, {Name: "swedencentral", Cut: true}}, now.Regions)
	require.Len(t, now.Calls, 1)
	assert.Equal(t, http.StatusOK, now.Calls[0].Status)
	assert.Equal(t, []drills.LiveAttempt{{Region: "swedencentral", Status: 503}, {Region: "francecentral", Status: 200}}, now.Calls[0].Attempts)

	require.NoError(t, served.Cut("francecentral", true))
	got, err := served.Ask(t.Context(), standard, "hi")
	require.NoError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, got.Status, "no region is left")
	assert.NotContains(t, got.Body, "hidden")
	require.NoError(t, served.Cut("francecentral", false))
	require.NoError(t, served.Cut("swedencentral", false))
	now, _ = served.Live()
	assert.Equal(t, []drills.LiveRegion{{Name: "francecentral"}, {Name: "swedencentral"}}, now.Regions)
}

func TestOnlyTheLastCallsAreKept(t *testing.T) {
	served := deployed(t)
	for range 60 {
		_, err := served.Ask(t.Context(), standard, "hi")
		require.NoError(t, err)
	}
	now, _ := served.Live()
	assert.Len(t, now.Calls, 50)
}
