package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is a rehearsal in which one of two drills failed.
func sample(changes ...func(*Report)) Report {
	r := Report{
		Stack:     "dev",
		Resources: Resources{Created: 61, Same: 61, Deleted: 61},
		Seconds:   Seconds{Build: 0.2, Preview: 1.25, Up: 3.5, Drills: 2, Destroy: 1},
		Drills: []Drill{
			{Name: "idempotent", Pass: true, Promise: "A second deployment changes nothing.", Measured: map[string]any{"same": 61, "seconds": 1.23456}},
			{Name: "refresh", Promise: "A refresh finds nothing.", Measured: map[string]any{"changed": 1}, Failures: []string{"the refresh: update Subnet gateway"}},
		},
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func TestMarkdownShowsTheVerdictTheFiguresAndWhatFailed(t *testing.T) {
	want := "<!-- rehearsal: dev -->\n" +
		"### ❌ Rehearsal of `dev`: 1 of 2 drills failed\n\n" +
		"61 resources created, 0 updated, 61 unchanged, 61 deleted · preview 1.2 s, up 3.5 s, drills 2.0 s, destroy 1.0 s\n\n" +
		"| | drill | promise | measured |\n|---|---|---|---|\n" +
		"| ✅ | idempotent | A second deployment changes nothing. | same 61, seconds 1.23 |\n" +
		"| ❌ | refresh | A refresh finds nothing. | changed 1 |\n\n" +
		"**refresh** failed:\n\n```\nthe refresh: update Subnet gateway\n```\n\n"
	assert.Equal(t, want, sample().Markdown())
}

func TestARehearsalThatBrokeOffNeverReadsAsPassed(t *testing.T) {
	broken := sample(func(r *Report) {
		r.Drills = nil
		r.Error = "up: network: missing required property 'x'"
	})
	assert.False(t, broken.Pass())
	assert.Contains(t, broken.Markdown(), "### ❌ Rehearsal of `dev`: broken off")
	assert.Contains(t, broken.Markdown(), "```\nup: network: missing required property 'x'\n```")
}

func TestMarkdownCannotBeBrokenByWhatAzureAnswers(t *testing.T) {
	nasty := sample(func(r *Report) {
		r.Drills[0].Promise = "a|b\nc <img>"
		r.Drills[1].Failures = []string{"```\nfence | pipe"}
	})
	text := nasty.Markdown()
	assert.Contains(t, text, `| a\|b c &lt;img> |`)
	assert.Contains(t, text, "````\n```\nfence | pipe\n````")
}

func TestMarkdownStaysShortHoweverMuchFails(t *testing.T) {
	var failures []string
	for i := range 500 {
		failures = append(failures, fmt.Sprintf("failure %03d", i))
	}
	text := sample(func(r *Report) { r.Drills[1].Failures = failures }).Markdown()
	assert.Contains(t, text, "failure 019\n… and 480 more, see report.json\n")
	assert.NotContains(t, text, "failure 020")
}

func TestModelledTimeIsShownOnlyWhenThereIsOne(t *testing.T) {
	assert.NotContains(t, sample().Markdown(), "on Azure")
	modelled := sample(func(r *Report) { r.Azure = &Azure{CriticalPathMinutes: 52.4, LowerBoundMinutes: 50} })
	assert.Contains(t, modelled.Markdown(), "on Azure about 52 minutes (at least 50)")
}

func TestReportJSONHasTheDocumentedShapeAndNoNulls(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample(func(r *Report) { r.Drills[0].Measured = nil }).WriteJSON(&b))
	assert.NotContains(t, b.String(), "null")

	var got map[string]any
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	assert.Equal(t, map[string]any{"created": 61.0, "updated": 0.0, "same": 61.0, "deleted": 61.0}, got["resources"])
	assert.Equal(t, map[string]any{"build": 0.2, "preview": 1.25, "up": 3.5, "drills": 2.0, "destroy": 1.0}, got["seconds"])
	drill := got["drills"].([]any)[1].(map[string]any)
	assert.Equal(t, false, drill["pass"])
	assert.Equal(t, []any{"the refresh: update Subnet gateway"}, drill["failures"])
	assert.NotContains(t, got, "error")
	assert.NotContains(t, got, "azure")

	b.Reset()
	require.NoError(t, Report{Stack: "dev"}.WriteJSON(&b))
	assert.NotContains(t, b.String(), "null")
}

func TestSaveWritesBothFormsIntoANewFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	require.NoError(t, sample().Save(dir))
	for _, name := range []string{"report.json", "report.md"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Contains(t, string(content), "refresh", name)
	}
}
