package logs_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/logs"
)

func TestASavedRunAnswersTheSame(t *testing.T) {
	dir := t.TempDir()
	s := store(logs.Everything(), call())
	require.NoError(t, s.Save(dir))
	require.NoError(t, s.Save(dir), "a later run replaces the earlier one")

	query := `ApiManagementGatewayLogs | project CorrelationId, TimeGenerated, ResponseCode, TraceRecords[0].message, IsRequestSuccess, TotalTime`
	result, err := logs.Query(context.Background(), dir, query, io.Discard)
	require.NoError(t, err)
	direct, err := engine.Run(context.Background(), query, s.Tables())
	require.NoError(t, err)
	assert.Equal(t, direct, result)
	var table bytes.Buffer
	require.NoError(t, result.WriteTable(&table))
	assert.Contains(t, table.String(), "c1             2026-03-02T12:00:00Z  200           attempt 1 on gpt-4o: 429")
}

func TestOnlyTheOwnerMayReadSavedLogs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	require.NoError(t, store(logs.Everything(), call()).Save(dir))
	info, err := os.Stat(dir)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	assert.Len(t, files, len(logs.Schema()))
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), file)
	}
}

func TestAProductWithoutTextLeavesNoneAnywhere(t *testing.T) {
	dir := t.TempDir()
	s := store(logs.Everything(), call(func(r *apim.CallRecord) {
		// What the gateway records where neither bodies nor messages are asked for.
		r.RequestBody, r.BackendResponseBody, r.LLM.Request, r.LLM.Response = "", "", "", ""
	}))
	require.NoError(t, s.Save(dir))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "hello", file)
	}
	assert.Equal(t, []string{"15"}, ask(t, s, `ApiManagementGatewayLlmLog | summarize sum(TotalTokens)`))
}

func TestAFolderWithoutLogsSaysThatARehearsalHasToRunFirst(t *testing.T) {
	_, err := logs.Load(t.TempDir())
	assert.ErrorContains(t, err, "a rehearsal has to run first")
}

func TestABrokenLineIsNamed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, store(logs.Everything(), call()).Save(dir))
	file := filepath.Join(dir, "ApiManagementGatewayLogs.jsonl")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(text, "{broken\n"...), 0o600))
	_, err = logs.Load(dir)
	assert.ErrorContains(t, err, "ApiManagementGatewayLogs.jsonl: row 2:")
}
