package rehearsal

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestARunReportsWhatItWillDeployBeforeItBuildsTheEngine: on a new machine the engine takes minutes.
func TestARunReportsWhatItWillDeployBeforeItBuildsTheEngine(t *testing.T) {
	var events []Event
	o := Options{Progress: func(e Event) { events = append(events, e) }}
	require.NoError(t, o.announce(t.Context(), workspace{project: "..", stack: "dev"}))
	require.Len(t, events, 1)
	assert.Regexp(t, `^dev declares \d+ resources; the doctor has \d+ errors?, \d+ warnings? and \d+ hints?: rehearse doctor --stack dev$`, events[0].Text)

	require.ErrorContains(t, o.announce(t.Context(), workspace{project: "..", stack: "nowhere"}), "nowhere")
}
