package rehearsal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/logs"
)

func TestTheEmbeddedAzureReadsTheQueriesOfRules(t *testing.T) {
	kusto := logs.NewEngine(time.Now, t.Output())
	t.Cleanup(func() { assert.NoError(t, kusto.Close()) })
	check := binds(t.Context(), kusto)
	require.NoError(t, check("ApiManagementGatewayLogs | where ResponseCode == 429"))
	assert.ErrorContains(t, check("ApiManagementGatewayLogs | where ResponseKode == 429"), "KS142")
}
