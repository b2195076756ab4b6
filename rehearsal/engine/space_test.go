package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRoomLeavesNothingBehindAndGivesTheSystemsMessage(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, room(dir))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	assert.ErrorIs(t, room(filepath.Join(dir, "missing")), os.ErrNotExist)
}
