package policies_test

import (
	"strings"
	"testing"

	"enterprise-openai/policies"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBackendsKeepTheirIDs(t *testing.T) {
	assert.Equal(t, "sweden-gpt-4o", policies.BackendID("sweden", "gpt-4o"))
	assert.Equal(t, "pool-gpt-4o", policies.PoolID("gpt-4o"))
	longest := policies.BackendID(strings.Repeat("a", 16), strings.Repeat("d", 63))
	assert.Len(t, longest, 80)
	assert.True(t, strings.HasSuffix(longest, "d"), "what fits is not shortened: another id would replace a backend that stands")
}

// The lengths are those of Azure and the settings: accounts of 16 characters, deployments of 64, ids of 80.
func TestEveryBackendFitsAndIsKnownToTheFailover(t *testing.T) {
	const plain, more = "abcdefghijklmnopqrstuvwxyz0123456789", "ABC_.-"
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.StringOfN(rapid.RuneFrom([]rune(plain)), 12, 16, -1).Draw(t, "account")
		deployment := rapid.StringOfN(rapid.RuneFrom([]rune(plain)), 1, 1, -1).Draw(t, "first") +
			rapid.StringOfN(rapid.RuneFrom([]rune(plain+more)), 59, 63, -1).Draw(t, "deployment")
		id := policies.BackendID(account, deployment)
		assert.LessOrEqual(t, len(id), 80)
		assert.LessOrEqual(t, len(policies.PoolID(deployment)), 80)
		facts := policies.Facts{
			Products: []policies.Product{{Name: "p", Deployments: []string{deployment}}},
			Pools:    []policies.Pool{{Deployment: deployment, Accounts: []string{account}}},
			Hosts:    map[string]string{account: account + ".openai.azure.com"},
		}
		fragments, err := facts.Fragments()
		require.NoError(t, err)
		for _, fragment := range fragments {
			if fragment.Name == "failover" {
				built := account + "-" + deployment
				assert.Equal(t, id != built, strings.Contains(fragment.Document, `\"`+built+`\": \"`+id+`\"`), "%s", id)
			}
		}
	})
}
