package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/doctor"
	"enterprise-openai/doctor/subscription"
)

func TestThePageIsFresh(t *testing.T) {
	committed, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "doctor.md"))
	require.NoError(t, err)
	text, err := page()
	require.NoError(t, err)
	assert.Equal(t, text, string(committed), "run go generate ./doctor")
}

func TestThePageListsEveryCheck(t *testing.T) {
	text, err := page()
	require.NoError(t, err)
	for _, c := range slices.Concat(doctor.Checks(), subscription.Checks()) {
		assert.Contains(t, text, "| `"+c.ID+"` | ")
	}
}
