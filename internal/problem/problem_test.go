package problem

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAProblemTellsWhereWhatAndWhatWouldBeRight(t *testing.T) {
	for want, p := range map[string]Problem{
		`a.yaml:3:7: gateway.sku: unknown value; did you mean "Premium"?`: {
			Path: "gateway.sku", Where: Place{"a.yaml", 3, 7}, Message: "unknown value", Hint: `did you mean "Premium"?`,
		},
		"a.yaml:3: gone":  {Where: Place{File: "a.yaml", Line: 3}, Message: "gone"},
		"a.yaml: gone":    {Where: Place{File: "a.yaml", Column: 3}, Message: "gone"},
		"a[0]: gone":      {Path: "a[0]", Message: "gone"},
		"gone; mend this": {Message: "gone", Hint: "mend this"},
	} {
		assert.EqualError(t, p, want)
	}
}

func TestAPlaceInAReportIsReadBack(t *testing.T) {
	for _, p := range []Place{{}, {File: "a.yaml"}, {"a.yaml", 3, 0}, {"a.yaml", 3, 7}, {"c:x", 3, 7}, {File: "a:0"}, {"", 0, 0}} {
		text, err := p.MarshalText()
		require.NoError(t, err)
		var read Place
		require.NoError(t, read.UnmarshalText(text))
		assert.Equal(t, p, read, string(text))
	}
}

func TestProblemsAreListedOnceInTheOrderOfTheFile(t *testing.T) {
	at := func(file string, line int) Problem {
		return Problem{Where: Place{File: file, Line: line}, Message: "gone"}
	}
	assert.EqualError(t, Join([]Problem{at("b", 1), at("a", 10), at("a", 9), at("a", 10)}), "a:9: gone\na:10: gone\nb:1: gone")
	paths := []Problem{{Path: "accounts[10].name"}, {Path: "tags"}, {Path: "accounts[9].name"}, {Path: "accounts[9]"}}
	assert.EqualError(t, Join(paths), "accounts[9]: \naccounts[9].name: \naccounts[10].name: \ntags: ")
	assert.Equal(t, "accounts[10].name", paths[0].Path, "the caller's list keeps its order")
	assert.NoError(t, Join(nil))
}

func TestJoinedProblemsCanBeTakenApart(t *testing.T) {
	one, two := Problem{Path: "a", Message: "gone"}, Problem{Path: "b", Message: "gone"}
	wrapped := fmt.Errorf("settings: %w", errors.Join(errors.New("something else"), Join([]Problem{two, one})))
	assert.Equal(t, []Problem{one, two}, All(wrapped))
	var first Problem
	assert.ErrorAs(t, wrapped, &first)
	assert.Nil(t, All(errors.New("another error")))
	assert.Nil(t, All(nil))
}
