package clients

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheLockNamesExactVersionsAndNoAddress(t *testing.T) {
	files, err := read()
	require.NoError(t, err)
	var manifest struct{ Dependencies map[string]string }
	require.NoError(t, json.Unmarshal(files["package.json"], &manifest))
	for name, version := range manifest.Dependencies {
		assert.Regexp(t, `^\d+\.\d+\.\d+$`, version, name)
	}
	lock := string(files["package-lock.json"])
	assert.NotContains(t, lock, `"resolved"`, "a lock with addresses works only where it was made")
	assert.NotContains(t, lock, "http://")
	assert.Equal(t, strings.Count(lock, `"integrity"`), strings.Count(lock, `"node_modules/`), "every package is checked")
}

func TestAFailedInstallIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	require.NoError(t, os.Mkdir(bin, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte("#!/bin/sh\necho no registry\nexit 1\n"), 0o700))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	_, err := Install(context.Background(), dir, io.Discard)
	require.ErrorContains(t, err, "npm ci for the client libraries: exit status 1\nno registry")
	left, err := filepath.Glob(filepath.Join(dir, "clients", "*"))
	require.NoError(t, err)
	assert.Empty(t, left)

	require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte("#!/bin/sh\nmkdir node_modules\n"), 0o700))
	var log strings.Builder
	home, err := Install(context.Background(), dir, &log)
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(home, "main.mjs"))
	assert.Contains(t, log.String(), "Installing the client libraries")
	log.Reset()
	again, err := Install(context.Background(), dir, &log)
	require.NoError(t, err)
	assert.Equal(t, home, again)
	assert.Empty(t, log.String(), "installed twice")
}

func TestAMissingNodeIsSaidWithTheCommandThatHelps(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Install(context.Background(), t.TempDir(), io.Discard)
	require.ErrorIs(t, err, ErrNoNode)
	_, err = Run(context.Background(), t.TempDir(), Endpoint{}, nil)
	require.ErrorIs(t, err, ErrNoNode)
	assert.ErrorContains(t, err, "apt-get install")
}

func TestAMissingGoIsNamedWithTheRemedy(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := BuildGo(context.Background(), t.TempDir(), io.Discard)
	require.ErrorIs(t, err, ErrNoGo)
	assert.ErrorContains(t, err, "https://go.dev/doc/install")
}

func TestAFailedBuildShowsTheCompilersText(t *testing.T) {
	_, err := BuildGo(context.Background(), t.TempDir(), io.Discard)
	require.ErrorContains(t, err, "build of the Go clients: exit status 1\n")
	assert.ErrorContains(t, err, "go.mod")
}

var (
	recipeOf   = regexp.MustCompile(`\(\.\./rehearsal/clients/([a-z]+\.mjs)\)`)
	recipeCode = regexp.MustCompile("(?s)\n```js\n(.*?)```\n")
)

// linesOf is a text without its indentation.
func linesOf(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

func TestTheRecipesAreTheDrillsOwnCode(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "clients.md"))
	require.NoError(t, err)
	files, err := read()
	require.NoError(t, err)
	shown := map[string]int{}
	for _, place := range recipeCode.FindAllSubmatchIndex(page, -1) {
		sources := recipeOf.FindAllSubmatch(page[:place[0]], -1)
		require.NotEmpty(t, sources, "the first recipe names no file")
		source, code := string(sources[len(sources)-1][1]), string(page[place[2]:place[3]])
		assert.Contains(t, linesOf(string(files[source])), linesOf(code), "%s has no such code", source)
		shown[source]++
	}
	for _, source := range []string{"openai.mjs", "agents.mjs", "langchain.mjs", "ai.mjs", "llamaindex.mjs"} {
		assert.Positive(t, shown[source], "%s has no recipe", source)
	}
}
