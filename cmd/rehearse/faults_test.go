package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/faults"
	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/report"
)

// scriptFile writes a script of faults.
func scriptFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "faults.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestAScriptOfFaultsReachesTheRehearsalAndIsReported(t *testing.T) {
	file := scriptFile(t, "faults: [{fault: lost, type: Microsoft.Network/virtualNetworks}]")
	var got rehearsal.Options
	rep := passed
	rep.Faults = []string{"line 1, lost: never matched"}
	out := rehearse(t, []string{"run", "--faults", file}, ran(rep, nil, &got))
	assert.Equal(t, exitOK, out.code, out.stderr)
	require.NotNil(t, got.Faults)
	assert.Equal(t, faults.Lost, got.Faults.Outcomes()[0].Fault)
	assert.Contains(t, out.stdout, "\nfaults:\n  - line 1, lost: never matched\n")

	out = rehearse(t, []string{"up", "--faults", file}, func(w *work) {
		w.up = func(_ context.Context, o rehearsal.Options, ready func(rehearsal.Standing)) error {
			require.NotNil(t, o.Faults)
			ready(rehearsal.Standing{Stack: "dev"})
			return nil
		}
	})
	assert.Equal(t, exitOK, out.code, out.stderr)
	assert.Contains(t, out.stdout, "faults:\n  - line 1, lost: never matched\n")
}

func TestAWrongScriptOfFaultsIsRefusedBeforeAnythingStarts(t *testing.T) {
	file := scriptFile(t, "faults:\n  - fault: lots\n    typ: x\n")
	for _, command := range []string{"run", "up"} {
		out := rehearse(t, []string{command, "--faults", file})
		assert.Equal(t, exitUsage, out.code)
		assert.Contains(t, out.stderr, file+":3: typ: no such key")
		assert.Contains(t, out.stderr, file+`:2: fault: "lots" is none`)
	}
}

func TestWithoutAScriptNothingIsBrokenOrSaid(t *testing.T) {
	var got rehearsal.Options
	out := rehearse(t, []string{"run"}, ran(report.Report{Stack: "dev"}, nil, &got))
	assert.Nil(t, got.Faults)
	assert.NotContains(t, out.stdout, "faults")
}
