package words

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheNearestWordIsAFewSlipsAway(t *testing.T) {
	known := []string{"developer", "premium", "tokensPerMinute", "key", "eu"}
	for word, want := range map[string]string{
		"Developer": "developer", "develper": "developer", "tokensPerMinutes": "tokensPerMinute", "tokenPerMinut": "tokensPerMinute",
		"kay": "key", "standard": "", "xyz": "", "us": "", "": "",
	} {
		assert.Equal(t, want, Nearest(word, known), word)
	}
	assert.Empty(t, Nearest("word", nil))
}

func TestAHintIsTheNearestWordOrAShortList(t *testing.T) {
	assert.Equal(t, `did you mean "premium"?`, Suggest("Premum", []string{"developer", "premium"}))
	assert.Equal(t, "use one of developer, premium", Suggest("basic", []string{"developer", "premium"}))
	assert.Empty(t, Suggest("basic", nil))
	assert.Empty(t, Suggest("basic", make([]string, maxListed+1)))
}

func TestNumbersHaveTheirNounAndCommas(t *testing.T) {
	for want, n := range map[string]int{
		"1 caller": 1, "0 callers": 0, "2 callers": 2, "999 callers": 999, "1,000 callers": 1000, "12,345 callers": 12345,
		"1,234,567 callers": 1234567, "-1,000 callers": -1000, "-100 callers": -100,
	} {
		assert.Equal(t, want, Count(n, "caller"))
	}
}
