package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/drills"
)

func TestDrillsListsEveryDrillInOrderWithItsPromise(t *testing.T) {
	got := rehearse(t, []string{"drills", "--json"}, func(*work) {})
	require.Equal(t, exitOK, got.code, got.stderr)
	var rows []drillRow
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows), got.stdout)
	require.Len(t, rows, len(drills.All()))
	for i, d := range drills.All() {
		assert.Equal(t, drillRow{d.Name, d.Promise}, rows[i])
		assert.NotEmpty(t, rows[i].Promise, d.Name)
	}

	table := rehearse(t, []string{"drills"}, func(*work) {})
	for _, row := range rows {
		assert.Contains(t, table.stdout, row.Promise)
	}
}

func TestDrillsAcceptsNoArgument(t *testing.T) {
	got := rehearse(t, []string{"drills", "failover"}, func(*work) {})
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.stderr, "drills takes no argument")
}
