package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPageIsMadeAgainFromItsReport(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "report.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"version":1,"stack":"dev","error":"up: no capacity"}`), 0o600))

	got := rehearse(t, []string{"report", file, "-o", filepath.Join(dir, "page")})
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.Equal(t, filepath.Join(dir, "page", "report.html")+"\n", got.stdout)
	page, err := os.ReadFile(filepath.Join(dir, "page", "report.html"))
	require.NoError(t, err)
	assert.Contains(t, string(page), "up: no capacity")

	got = rehearse(t, []string{"report", file})
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.FileExists(t, filepath.Join(dir, "report.html"))
}

func TestAReportThatThisProgramDoesNotKnowIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"version":2,"stack":"dev"}`: "the report of dev has version 2, this program reads version 1; use the program that wrote it, or rehearse again",
		`{"stack":"dev","drills":[]}`: "the report of dev has no version: it was written before version 1; rehearse again",
		`{"version":1}`:               "no report: it names no stack; it has to be a report.json of rehearse run",
		`[]`:                          "no report: json: cannot unmarshal array",
		`{`:                           "no report: unexpected end of JSON input; it has to be a report.json of rehearse run",
	} {
		file := filepath.Join(t.TempDir(), "report.json")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		got := rehearse(t, []string{"report", file})
		assert.Equal(t, exitFailed, got.code, text)
		assert.Contains(t, got.stderr, file+": "+want)
		assert.NoFileExists(t, filepath.Join(filepath.Dir(file), "report.html"))
	}
	assert.Equal(t, exitUsage, rehearse(t, []string{"report"}).code)
}
