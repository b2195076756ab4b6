package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSettingsPageIsFresh(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	want, err := generate(root)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(root, pagePath))
	require.NoError(t, err)
	wanted, written := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range wanted {
		// One line says enough; testify would print the page three times.
		if i >= len(written) || wanted[i] != written[i] {
			t.Fatalf("docs/settings.md is stale (go generate ./stacks): line %d should be\n%s", i+1, wanted[i])
		}
	}
	assert.Len(t, written, len(wanted))
}

func TestPageNamesTypeDefaultAllowedValuesAndMeaning(t *testing.T) {
	root := tree(t, `package stacks
// Settings is it.
type Settings struct {
	// Where.
	Location string `+"`json:\"location\" required:\"true\"`"+`
	// The list.
	Things []Thing `+"`json:\"things\"`"+`
	// A section.
	Extra *Thing `+"`json:\"extra\"`"+`
}
// Thing is one.
type Thing struct {
	// How it
	// is | done.
	How Mode `+"`json:\"mode\" default:\"a\"`"+`
	// Pairs.
	Tags map[string]string `+"`json:\"tags\"`"+`
}`, `package stacks
var notYet = []unavailable{{path: "extra", hint: "x"}, {path: "extra.mode"}}`)
	page, err := generate(root)
	require.NoError(t, err)
	for _, want := range []string{
		"| `location` | text | **required** |  | Where. |",
		"## things\n\nThe list. A list.",
		"| `things[].mode` | text | `a` | `a` `b` | How it is \\| done. |",
		"| `things[].tags` | object of text | – |  | Pairs. |",
		"## extra\n\n**Not available yet.** A section.",
		"| `extra.mode` | text | `a` | `a` `b` | **Not available yet, in part.** How",
	} {
		assert.Contains(t, string(page), want)
	}
}

func TestSettingWithoutMeaningOrNameIsRefused(t *testing.T) {
	for name, field := range map[string]string{
		"setting mute has no comment":               "Mute string `json:\"mute\"`",
		"field has no json tag":                     "// Said.\n\tNameless string",
		"type *ast.ChanType has no name for people": "// Said.\n\tPipe chan int `json:\"pipe\"`",
	} {
		_, err := generate(tree(t, "package stacks\ntype Settings struct {\n\t"+field+"\n}", "package stacks"))
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), name)
		assert.True(t, strings.HasPrefix(err.Error(), "Settings."), err.Error())
	}
}

// tree is a module with the files that the page is made of.
func tree(t *testing.T, settings, notYet string) string {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "stacks"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, settingsPath), []byte(settings), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, notYetPath), []byte(notYet), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, enumsPath), []byte("package stacks\ntype Mode string\nconst (\n\tModeA Mode = \"a\"\n\tModeB Mode = \"b\"\n)\n"), 0o600))
	return root
}
