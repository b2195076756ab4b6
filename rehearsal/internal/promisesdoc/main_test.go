package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", "..", ".."}, parts...)...))
	require.NoError(t, err)
	return string(text)
}

func TestThePageIsThatOfTheList(t *testing.T) {
	want, err := page()
	require.NoError(t, err)
	assert.Equal(t, want, read(t, "docs", "promises.md"), "run: go generate ./rehearsal")
}

func TestEveryPromiseToSecurityOfficersLinksItsProof(t *testing.T) {
	text, err := page()
	require.NoError(t, err)
	_, promised, found := strings.Cut(read(t, "SECURITY.md"), "## What is promised")
	require.True(t, found)
	promised, _, found = strings.Cut(promised, "\n## ")
	require.True(t, found)
	link := regexp.MustCompile(`docs/promises\.md#([a-z-]+)`)
	bullets := strings.Split(promised, "\n- ")[1:]
	require.NotEmpty(t, bullets)
	for _, bullet := range bullets {
		ids := link.FindAllStringSubmatch(bullet, -1)
		assert.NotEmpty(t, ids, "no link to docs/promises.md: %s", bullet)
		for _, id := range ids {
			assert.Contains(t, text, "\n### "+id[1]+"\n", "docs/promises.md has no promise %s", id[1])
		}
	}
}
