package stacks_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"enterprise-openai/plan"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the golden plans anew")

// The golden plans show a reviewer what a change does to the infrastructure. They are written anew by
// go test ./stacks -run Golden -update.
func TestPlansMatchTheGoldenOnes(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		dir := filepath.Join("testdata", "plan", p.env)
		got := golden(t, p)
		if *update {
			require.NoError(t, os.RemoveAll(dir))
			require.NoError(t, os.MkdirAll(dir, 0o750))
			for name, text := range got {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
			}
		}
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		want := map[string]string{}
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join(dir, file.Name()))
			require.NoError(t, err)
			want[file.Name()] = string(text)
		}
		const remedy = "the plan changed; if it should, run go test ./stacks -run Golden -update and review the difference"
		assert.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)), remedy)
		for name, text := range got {
			assert.Equal(t, want[name], text, "%s: %s", filepath.Join(dir, name), remedy)
		}
	})
}

// golden gives a file for each component, with its resources. Long documents are a line: their text is reviewed where it is
// written, in policies/.
func golden(t *testing.T, p program) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, component := range p.resources {
		if component.Custom {
			continue
		}
		var out strings.Builder
		fmt.Fprintf(&out, "# %s %s\n", component.Type[strings.LastIndex(component.Type, ":")+1:], component.Name)
		for _, r := range p.resources {
			if r.Parent != component.URN || !r.Custom {
				continue
			}
			text, err := yaml.Marshal(map[string]any{strings.TrimPrefix(r.Type, "azure-native:") + " " + r.Name: entry(p, r)})
			require.NoError(t, err)
			out.Write(text)
		}
		name := component.Name + ".yaml"
		require.NotContains(t, files, name, "two components have one name")
		files[name] = out.String()
	}
	return files
}

func entry(p program, r plan.Resource) map[string]any {
	e := map[string]any{"inputs": brief(r.Inputs)}
	var waits []string
	for _, urn := range r.DependsOn {
		if other, ok := p.byURN[urn]; ok && other.Custom {
			waits = append(waits, other.Type[strings.LastIndex(other.Type, ":")+1:]+" "+other.Name)
		}
	}
	if len(waits) > 0 {
		e["waitsFor"] = waits
	}
	return e
}

func brief(value any) any {
	const longest = 300
	switch v := value.(type) {
	case string:
		if len(v) > longest {
			return fmt.Sprintf("%d lines, sha256 %.12x", strings.Count(v, "\n"), sha256.Sum256([]byte(v)))
		}
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			out[key] = brief(inner)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, inner := range v {
			out = append(out, brief(inner))
		}
		return out
	}
	return value
}
