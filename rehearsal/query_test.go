package rehearsal

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/drills"
)

// keptRun is a folder with one call of a run that ended long ago.
func keptRun(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	row := `{"TimeGenerated":"2026-01-15T12:00:00Z","CorrelationId":"c1","ApimSubscriptionId":"search-standard"}` + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ApiManagementGatewayLogs.jsonl"), []byte(row), 0o600))
	return dir
}

func TestNowIsTheEndOfTheRunThatIsAsked(t *testing.T) {
	result, err := Query(t.Context(), Options{Log: t.Output()}, keptRun(t), "ApiManagementGatewayLogs | where TimeGenerated > ago(1h) | project CorrelationId")
	require.NoError(t, err)
	assert.Equal(t, [][]any{{"c1"}}, result.Rows)
}

func TestQueriesJoinTheTeamsOfTheRun(t *testing.T) {
	dir := keptRun(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, drills.LookupsFile), []byte(`{"Teams":[{"SubscriptionID":"search-standard","Team":"search","CostCentre":"1"}]}`), 0o600))
	const text = "let Teams = datatable(SubscriptionId: string, Team: string, CostCentre: string)[];\nApiManagementGatewayLogs | lookup Teams on $left.ApimSubscriptionId == $right.SubscriptionId | project Team"
	result, err := Query(t.Context(), Options{Log: t.Output()}, dir, text)
	require.NoError(t, err)
	assert.Equal(t, [][]any{{"search"}}, result.Rows)
	require.NoError(t, os.WriteFile(filepath.Join(dir, drills.LookupsFile), []byte("x"), 0o600))
	_, err = Query(t.Context(), Options{}, dir, text)
	assert.ErrorContains(t, err, "lookups of the run")
}

func TestAColumnThatDoesNotExistIsToldWithItsPlace(t *testing.T) {
	_, err := Query(t.Context(), Options{Log: t.Output()}, keptRun(t), "ApiManagementGatewayLogs\n| project CallerIpAdress")
	assert.ErrorContains(t, err, "query:2:11: KS142: The name 'CallerIpAdress' does not refer to any known column")
}

func TestBeforeTheFirstRunThereIsNothingToAsk(t *testing.T) {
	_, err := Query(t.Context(), Options{ProjectDir: t.TempDir(), Stack: "dev"}, "", "AppMetrics | count")
	assert.ErrorContains(t, err, "a rehearsal has to run first")
}
