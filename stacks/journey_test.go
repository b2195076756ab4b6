package stacks_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheJourneyOfASettingIsAsDocumented compares the files that name tokensPerMinute with the list in docs/architecture.md, which is
// what a new setting costs.
func TestTheJourneyOfASettingIsAsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/architecture.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "## A setting's journey\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	var documented []string
	for _, step := range regexp.MustCompile("(?m)^\\d\\. `([^`]+)`").FindAllStringSubmatch(section, -1) {
		documented = append(documented, step[1])
		assert.FileExists(t, path.Join("..", step[1]))
	}
	assert.LessOrEqual(t, len(documented), 8, "a setting passes too many files")

	others := map[string]string{
		"stacks/pools.go":                   "what deployments serve",
		"policies/fragments/deployment.xml": "what a pool serves",
	}
	word := regexp.MustCompile(`(?i)\btokens-?per-?minute\b`)
	for _, folder := range []string{"stacks", "infra", "policies", "policies/fragments", "policies/apis"} {
		files, err := fs.ReadDir(os.DirFS(".."), folder)
		require.NoError(t, err)
		for _, file := range files {
			name := path.Join(folder, file.Name())
			if file.IsDir() || strings.HasSuffix(name, "_test.go") || others[name] != "" {
				continue
			}
			text, err := os.ReadFile(path.Join("..", name))
			require.NoError(t, err)
			if word.Match(text) {
				assert.Contains(t, documented, name, "%s names tokensPerMinute: it belongs into docs/architecture.md", name)
			}
		}
	}
}
