package rehearsal

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/drills"
)

// TestADeploymentThatBreaksOffAnywhereIsResumed breaks every write of dev in every way. `make test-slow` runs it, and sets
// REHEARSE_SWEEP, because it takes too long for every change.
func TestADeploymentThatBreaksOffAnywhereIsResumed(t *testing.T) {
	if os.Getenv("REHEARSE_SWEEP") == "" {
		t.Skip("make test-slow runs it")
	}
	s, err := openEmbedded(t.Context(), workspace{
		project: "..", stack: "dev", dir: t.TempDir(), fresh: true, log: io.Discard, detail: func(string) {},
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.close()) })
	_, err = s.stack.Up(t.Context())
	require.NoError(t, err)
	env := &drills.Env{Name: "dev", Stack: s.stack, Cloud: s.cloud, Lab: s.lab}
	for _, kind := range drills.BreakingFaults() {
		t.Run(string(kind), func(t *testing.T) {
			o := drills.Sweep(t.Context(), env, kind)
			t.Logf("%+v", o.Measured)
			assert.Empty(t, o.Failures)
		})
	}
}
