package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies"
)

func TestThePageIsFresh(t *testing.T) {
	committed, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "api.md"))
	require.NoError(t, err)
	assert.Equal(t, page(), string(committed), "run go generate ./policies")
}

func TestThePageListsEveryOperation(t *testing.T) {
	text := page()
	for _, s := range []policies.Surface{policies.Deployments, policies.V1} {
		for _, o := range s.Operations() {
			assert.Contains(t, text, "`"+o.Method+" "+o.Template+"` | "+o.ID+" |")
		}
		for _, u := range policies.NotServed() {
			for _, o := range u.Operations(s) {
				assert.Contains(t, text, "`"+o+"`")
			}
		}
	}
}
