package policies_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/cases"
)

func newEngine(t *testing.T) *cases.Engine {
	t.Helper()
	engine, err := cases.NewEngine()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, engine.Close()) })
	return engine
}

// TestCases runs every case of testdata under the name of its promise.
func TestCases(t *testing.T) {
	engine := newEngine(t)
	files, err := cases.Find("testdata")
	require.NoError(t, err)
	for _, file := range files {
		c, err := cases.Read(file)
		if !assert.NoError(t, err) {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(filepath.Dir(file)), ".txtar")+": "+c.Promise, func(t *testing.T) {
			result, err := engine.RunCase(t.Context(), c)
			require.NoError(t, err)
			for _, failure := range result.Failures {
				t.Errorf("%s:%d: %s", c.File, failure.Line, failure.Text)
			}
		})
	}
}
