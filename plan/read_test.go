package plan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPlanThatWasWrittenIsReadWithWhatAComparisonNeeds(t *testing.T) {
	written, err := Run(t.Context(), "..", "dev")
	require.NoError(t, err)
	text, err := json.Marshal(written)
	require.NoError(t, err)
	read, err := Read(bytes.NewReader(text), "dev.json")
	require.NoError(t, err)
	require.Len(t, read, len(written))
	rules := 0
	for i, r := range read {
		assert.Equal(t, written[i].Custom, r.Custom, r.URN)
		assert.Equal(t, written[i].ReplaceOnChanges, r.ReplaceOnChanges, r.URN)
		rules += len(r.ReplaceOnChanges)
	}
	assert.Positive(t, rules, "no resource of dev has a rule to keep")
}

func TestWhatIsNoPlanIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"config:\n":            "x.json is no plan: a plan is the array of resources that rehearse plan --json prints",
		`{"resources": []}`:    "x.json is no plan: a plan is the array of resources that rehearse plan --json prints",
		`[{"urn": 5}]`:         "x.json is no plan: ",
		`[{"urn": "u"}]`:       "x.json: resource 1 has no urn, type or name, which rehearse plan --json gives to each",
		`[{"type":"t"},{}]`:    "x.json: resource 2 has no urn",
		`[{"urn":"urn:pulumi:`: "x.json is no plan: ",
		"":                     "x.json is no plan: ",
	} {
		_, err := Read(strings.NewReader(text), "x.json")
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want)
	}
}
