package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePageIsFresh(t *testing.T) {
	committed, err := os.ReadFile(filepath.Join("..", "..", "docs", "rehearsal.md"))
	require.NoError(t, err)
	assert.Equal(t, page(), string(committed), "run go generate ./rehearsal")
}

func TestThePageSaysWhatIsMissing(t *testing.T) {
	text := page()
	for _, expected := range []string{"`llm-token-limit`", "`retry`", "Microsoft.ApiManagement/service", "azure-native:apimanagement/v20240601preview:Api`", "partly: ", "| no"} {
		assert.Contains(t, text, expected)
	}
}
