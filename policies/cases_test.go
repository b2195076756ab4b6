package policies_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest"
)

func newEngine(t *testing.T) *policytest.Engine {
	t.Helper()
	engine, err := policytest.NewEngine()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, engine.Close()) })
	return engine
}

// TestCases runs every case of testdata under the name of its promise.
func TestCases(t *testing.T) {
	h := newHunter(t)
	for _, c := range h.cases {
		t.Run(strings.TrimSuffix(filepath.Base(filepath.Dir(c.File)), ".txtar")+": "+c.Promise, func(t *testing.T) {
			hold(t, h.engine, c)
		})
	}
}

// hold runs a case and reports what does not hold.
func hold(t *testing.T, engine *policytest.Engine, c *policytest.Case) {
	t.Helper()
	result, err := engine.RunCase(t.Context(), c)
	require.NoError(t, err)
	assert.Empty(t, result.Notes, c.File)
	for _, failure := range result.Failures {
		t.Errorf("%s:%d: %s", c.File, failure.Line, failure.Text)
	}
}
