package doctor

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/words"
)

func TestEveryCheckSaysWhatItRestsOn(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Checks() {
		assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, c.ID)
		assert.False(t, seen[c.ID], "%s is there twice", c.ID)
		seen[c.ID] = true
		assert.NotEmpty(t, c.Looks, c.ID)
		assert.NotEmpty(t, c.Settings, c.ID)
		assert.NotEmpty(t, c.Source, c.ID)
		assert.NotEmpty(t, c.Confidence, c.ID)
	}
}

// The tables of cases are read as text: a check that no case expects would otherwise go unseen.
func TestEveryCheckIsSeenToFindSomething(t *testing.T) {
	var text []byte
	for _, file := range []string{"checks_test.go", "checks_service_test.go"} {
		cases, err := os.ReadFile(file)
		require.NoError(t, err)
		text = append(text, cases...)
	}
	for _, c := range Checks() {
		assert.Regexp(t, `(error|warning|advice)? `+c.ID+` (accounts|products|gateway|network|naming|logging|teams|location)`, string(text), c.ID)
	}
}

func TestNumbersAreReadable(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		assert.Equal(t, want, words.Thousands(n))
	}
}
