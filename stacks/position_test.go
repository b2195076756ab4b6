package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPositionsOfMissingSettingsAreThoseOfTheirSection(t *testing.T) {
	f, err := readStackFile("Pulumi.x.yaml", []byte("config:\n  p:a:\n    b: [1, {c: 2}]\n    d.e: 1\n  other:a: 1\n"), "p")
	require.NoError(t, err)
	for path, want := range map[string]string{
		"a": ":2", "a.b": ":3", "a.b[1]": ":3", "a.b[1].c": ":3", "a.b[1].missing": ":3", "a.b[7].x": ":3",
		`a["d.e"]`: ":4", `a["x.y"]`: ":2", "missing.x": "", "stack": "",
	} {
		assert.Equal(t, "Pulumi.x.yaml"+want, f.locate(path).String(), path)
	}
}

// FuzzStackFile: whatever the file holds, it is read or refused.
func FuzzStackFile(f *testing.F) {
	for _, seed := range []string{"", "config:", "config: []", "config: {a: {b: [1, &x {c: *x}]}}", "a: &a [*a]", "config:\n  p:a: {b: 1, b: 2}", "\x00", "config: {p:a: {? [1] : 2}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if file, err := readStackFile("f", []byte(text), "p"); err == nil {
			_ = file.locate("a.b[0].c")
		}
	})
}
