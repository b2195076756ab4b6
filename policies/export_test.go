package policies_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest"
)

// hubLimit is where an event is cut (Microsoft Learn: api-management/log-to-eventhub-policy).
const hubLimit = 200 << 10

func TestTextOfAnySizeIsExportedWholeInPiecesThatAreNotCut(t *testing.T) {
	gateway, err := newEngine(t).Project(t.Context(), policytest.Facts{Export: true})
	require.NoError(t, err)
	defer gateway.Close()
	long := func(unit string) string { return strings.Repeat(unit, 300_000/len(unit)) }
	for name, content := range map[string]string{
		"ASCII": long("lorem ipsum "), "three bytes each": long("漢字"), "escapes": long(`"\\"`),
		"pairs of surrogates": long("😀"), "pairs of surrogates, one further": "x" + long("😀"),
	} {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(map[string]any{"messages": []any{map[string]any{"role": "user", "content": content}}})
			require.NoError(t, err)
			sent := string(body)
			outcome, err := gateway.Call(t.Context(), policytest.Call{Key: "red", Body: &sent})
			require.NoError(t, err)
			require.Equal(t, 200, outcome.Status)
			text, pieces := "", 0
			for _, e := range outcome.Record.Events {
				assert.Less(t, len(e.Body), hubLimit)
				assert.Equal(t, outcome.Record.CorrelationID, e.PartitionKey, "pieces of one call stay in order")
				var event struct {
					CorrelationID, Part, Text string
					Piece, Pieces             int
				}
				require.NoError(t, json.Unmarshal([]byte(e.Body), &event), "an event is whole")
				assert.Equal(t, outcome.Record.CorrelationID, event.CorrelationID)
				assert.True(t, utf8.ValidString(event.Text))
				if event.Part != "prompt" {
					continue
				}
				pieces++
				assert.Equal(t, pieces, event.Piece)
				assert.Positive(t, event.Pieces)
				text += event.Text
			}
			assert.Greater(t, pieces, 1)
			assert.Equal(t, sent, text)
		})
	}
}
