package tools_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestACoverageFloorOnlyRises(t *testing.T) {
	results := "ok  \ta\t1.0s\tcoverage: 81.9% of statements\nok  \tb\t(cached)\tcoverage: 60.0% of statements\nok  \tnew\t1s\tcoverage: 50.2% of statements [no tests to run]\n" +
		"?   \tnone\t[no test files]\nok  \tempty\t1s\tcoverage: [no statements]\n"
	for name, c := range map[string]struct {
		floors, want, printed string
		args                  []string
		fails                 bool
	}{
		"above their floors":   {floors: "a 80\nb 59\n", want: "a 80\nb 59\n"},
		"the first floors":     {args: []string{"--raise"}, want: "a 80\nb 59\nnew 49\n"},
		"raised":               {floors: "a 70\nb 59\ngone 40\n", args: []string{"--raise"}, want: "a 80\nb 59\ngone 40\nnew 49\n"},
		"below one":            {floors: "a 80\nb 61\n", want: "a 80\nb 61\n", fails: true, printed: "b: 60.0 % of its statements are covered by its tests, the floor is 61 %\n"},
		"below one and raised": {floors: "a 70\nb 61\n", args: []string{"--raise"}, want: "a 70\nb 61\n", fails: true, printed: "b: 60.0 % of its statements are covered by its tests, the floor is 61 %\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			floors, measured := filepath.Join(dir, "floors"), filepath.Join(dir, "results")
			require.NoError(t, os.WriteFile(floors, []byte(c.floors), 0o600))
			require.NoError(t, os.WriteFile(measured, []byte(results), 0o600))
			cmd := exec.Command("./coverage.sh", append(c.args, measured)...)
			cmd.Env = append(os.Environ(), "FLOORS="+floors)
			printed, err := cmd.CombinedOutput()
			assert.Equal(t, c.fails, err != nil, "%s", printed)
			assert.Equal(t, c.printed, string(printed))
			got, err := os.ReadFile(floors)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got))
		})
	}
}
