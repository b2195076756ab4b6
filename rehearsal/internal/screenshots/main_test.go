package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/internal/browser"
)

// sized is a picture that a README can show: as large as the command makes it, and not a long download.
func sized(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Less(t, len(content), 200_000)
	config, err := png.DecodeConfig(bytes.NewReader(content))
	require.NoError(t, err)
	assert.Equal(t, [2]int{width, height}, [2]int{config.Width, config.Height})
}

func TestThePictureInTheReadmeIsTheOneOfTheCommand(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	sized(t, filepath.Join(root, to))
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	assert.Contains(t, string(readme), "("+to+")")
}

func TestTheCommandTakesThePicture(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{filepath.Dir(from), filepath.Dir(to)} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o700))
	}
	fixture, err := os.ReadFile(filepath.Join("..", "..", "..", from))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, from), fixture, 0o600))
	err = write(t.Context(), dir, os.Stderr)
	browser.SkipWithout(t, err)
	sized(t, filepath.Join(dir, to))
}
