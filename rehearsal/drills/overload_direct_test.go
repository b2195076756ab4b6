package drills

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/stacks"
)

// A comparison that leaves our policy on some product's API compares it with itself.
func TestAComparisonReplacesThePolicyOfEveryClassOfLogs(t *testing.T) {
	d := deployed.New(t, deployed.With(func(s *stacks.Settings) { s.Products[0].Bodies = "all" }))
	g, err := siteOf(t, d).open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	pool := d.Settings.Pools()[0]
	require.NoError(t, g.replace(pool, oneAccount(pool)))
	classes := 0
	for _, r := range g.arm.Resources("Microsoft.ApiManagement/service/apis/policies") {
		if strings.Contains(r.ID, "-v1/") {
			continue
		}
		classes++
		assert.Equal(t, oneAccount(pool), r.Private["value"], r.ID)
	}
	assert.Equal(t, 3, classes, "one with bodies, one without text, and the one without a prefix")
}
