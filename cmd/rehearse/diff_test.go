package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/plan/diff"
)

// written writes the plan of dev, changed by a replacement of a text.
func written(t *testing.T, from, to string) string {
	t.Helper()
	resources, err := plan.Run(t.Context(), "../..", "dev")
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, printPlanJSON(&text, resources))
	if from != "" {
		require.Contains(t, text.String(), from)
	}
	file := filepath.Join(t.TempDir(), "plan.json")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(text.String(), from, to)), 0o600))
	return file
}

func TestADiffOfTwoFilesSaysWhatTheChangeMeans(t *testing.T) {
	before := written(t, "", "")
	after := written(t, `tokens-per-minute=\"5000\"`, `tokens-per-minute=\"4000\"`)
	got := rehearse(t, []string{"diff", before, after})
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.Contains(t, got.stdout, "somebody loses something: 2 losses; resources: 1 changed; no risk\n")
	assert.Contains(t, got.stdout, "- product *standard* loses 20 % of its tokens per minute (5,000 → 4,000)\n")

	got = rehearse(t, []string{"diff", before, after, "--format", "json"})
	var found diff.Diff
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &found), got.stderr)
	assert.Equal(t, diff.Losses, found.Verdict)

	got = rehearse(t, []string{"diff", before, before})
	assert.Regexp(t, `^no change: both plans declare the same \d+ resources\n$`, got.stdout)
}

func TestADiffWithOneSideComparesWithTheWorkingTree(t *testing.T) {
	before := written(t, "", "")
	declared := func(w *work) {
		w.plan = func(ctx context.Context, _, stack string) ([]plan.Resource, error) {
			return plan.Run(ctx, "../..", stack)
		}
	}
	got := rehearse(t, []string{"diff", before}, declared)
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.Contains(t, got.stdout, "no change: ")
	got = rehearse(t, []string{"diff", before, "--stack", "prod"}, declared)
	assert.Contains(t, got.stderr, "the working tree of stack prod; both have to be of one stack (--stack)")
}

func TestADiffNeedsTwoPlans(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.json")
	require.NoError(t, os.WriteFile(file, []byte("{}"), 0o600))
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"diff"}, exitUsage, "diff needs a plan or a revision to compare with"},
		{[]string{"diff", file, file, "--format", "xml"}, exitUsage, `no format "xml"; there are json, markdown, text`},
		{[]string{"diff", file, file}, exitFailed, "x.json is no plan: a plan is the array of resources"},
		{[]string{"diff", "missing.json", file}, exitFailed, "missing.json is neither a file with a plan nor a git revision"},
	} {
		got := rehearse(t, c.args)
		assert.Equal(t, c.code, got.code)
		assert.Contains(t, got.stderr, c.want)
	}
}
