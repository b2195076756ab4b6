package live

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/internal/browser"
)

// TestAPersonCutsARegionAndSeesTheNextAnswerComeFromAnother uses the page of a deployed stack in Chromium: the gateway, its policies and
// the accounts are those of a rehearsal.
func TestAPersonCutsARegionAndSeesTheNextAnswerComeFromAnother(t *testing.T) {
	b, err := browser.Open(t.Context(), os.Stderr)
	browser.SkipWithout(t, err)
	served := deployed(t)
	s, err := Serve(t.Context(), "test", served.Teams, served)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	require.Equal(t, "legal on confidential", s.teams[confidential])

	shot := ""
	if dir := os.Getenv("REHEARSE_SCREENSHOTS"); dir != "" {
		shot = dir + "/live.png"
	}
	prompt := func(as, text string) []browser.Step {
		return []browser.Step{{Fill: "#team", With: as}, {Fill: "#prompt", With: text}, {Click: "#ask button"}}
	}
	do := append(prompt(s.teams[0], "the first prompt"), browser.Step{Until: "swedencentral 200"})
	do = append(do, browser.Step{Click: "button[data-region=swedencentral]"}, browser.Step{Until: "swedencentral: ✗ cut"})
	do = append(do, prompt(s.teams[0], "the second prompt")...)
	do = append(do, browser.Step{Until: "swedencentral 503, then francecentral 200"},
		browser.Step{Click: "button[data-region=swedencentral]"}, browser.Step{Until: "swedencentral: ✓ in service"})
	do = append(do, prompt(s.teams[confidential], "a confidential prompt")...)
	do = append(do, browser.Step{Until: "texts of the product confidential are shown nowhere"}, browser.Step{Until: "legal-confidential"})
	seen, err := b.Look(t.Context(),
		browser.Visit{URL: s.URL, Width: 1280, Height: 800, Do: do, Screenshot: shot},
		browser.Visit{URL: s.URL, Width: 390, Height: 844, Dark: true, Axe: true, Do: []browser.Step{{Until: "connected"}}},
		browser.Visit{URL: s.URL, Width: 1280, Height: 800, Keyboard: true, Do: []browser.Step{{Until: "connected"}}},
	)
	require.NoError(t, err)
	for _, v := range seen {
		assert.Empty(t, v.Problems)
		assert.Empty(t, v.Requests)
		assert.Zero(t, v.Overflow)
		assert.Empty(t, v.Violations)
		assert.Empty(t, v.Unreached)
		assert.Empty(t, v.Wide)
	}
	assert.Contains(t, seen[0].Text, "the first prompt", "the log of the call has it")
	assert.NotContains(t, seen[0].Text, "a confidential prompt")
	assert.Greater(t, seen[1].Rules, 10)
	assert.GreaterOrEqual(t, seen[2].Reached, 6)
}
