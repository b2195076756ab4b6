package rehearsal

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestARunReportsWhatItWillDeployBeforeItBuildsTheEngine: on a new machine the engine takes minutes.
func TestARunReportsWhatItWillDeployBeforeItBuildsTheEngine(t *testing.T) {
	var log bytes.Buffer
	o := Options{Log: &log}
	require.NoError(t, o.announce(t.Context(), workspace{project: "..", stack: "dev"}))
	assert.Regexp(t, `^dev declares \d+ resources; the doctor has \d+ errors?, \d+ warnings? and \d+ hints?: rehearse doctor --stack dev\n$`, log.String())

	require.ErrorContains(t, o.announce(t.Context(), workspace{project: "..", stack: "nowhere"}), "nowhere")
}
