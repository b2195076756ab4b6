package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/promises"
	"enterprise-openai/rehearsal/report"
)

// rehearsedAtNoon is a project whose dev was rehearsed at noon.
func rehearsedAtNoon(t *testing.T, last report.Report) func(*work) {
	t.Helper()
	dir := project(t, "dev", "prod")
	file := rehearsal.ReportFile(dir, "dev")
	require.NoError(t, last.Save(filepath.Dir(file)))
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	require.NoError(t, os.Chtimes(file, noon, noon))
	return func(w *work) { w.dir = dir }
}

func TestPromisesShowTheResultsOfTheLastRun(t *testing.T) {
	got := rehearse(t, []string{"promises"}, rehearsedAtNoon(t, report.Report{Stack: "dev", Drills: []report.Drill{
		{Name: "isolation", Pass: true}, {Name: "access"}, {Name: "privacy", Pass: true},
	}}))
	assert.Equal(t, exitFailed, got.code, got.stderr)
	assert.Regexp(t, `(?m)^RESULT +PROMISE +DRILLS$`, got.stdout)
	assert.Regexp(t, `(?m)^PASS +private-accounts +isolation$`, got.stdout)
	assert.Regexp(t, `(?m)^FAIL +known-callers +access$`, got.stdout)
	assert.Regexp(t, `(?m)^not run +credentials-stay +secrets$`, got.stdout)
	assert.Regexp(t, `(?m)^tests +secrets-encrypted *$`, got.stdout)
	assert.Regexp(t, `(?m)^dev, rehearsed 2026-11-30 12:00 UTC: \d+ passed, [1-9]\d* failed, \d+ not run, \d+ proved by`, got.stdout)
	assert.Empty(t, got.stderr)
}

func TestPromisesAsJSONHaveEveryPromiseAndTheResultOfEachDrill(t *testing.T) {
	last := report.Report{Stack: "dev", Error: "destroy: no"}
	list, err := promises.Read()
	require.NoError(t, err)
	for _, p := range list.All() {
		for _, name := range p.Drills {
			last.Drills = append(last.Drills, report.Drill{Name: name, Pass: true})
		}
	}
	got := rehearse(t, []string{"promises", "--json"}, rehearsedAtNoon(t, last))
	require.Equal(t, exitOK, got.code, got.stderr)
	var rows promiseRows
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
	assert.Equal(t, "2026-11-30T12:00:00Z", rows.Finished.Format(time.RFC3339))
	assert.Equal(t, "destroy: no", rows.Error)
	require.Len(t, rows.Promises, len(list.All()))
	for i, p := range list.All() {
		want := promiseRow{ID: p.ID, Text: p.Text, Result: resultTests, Drills: []drillRun{}}
		for _, name := range p.Drills {
			want.Result = resultPass
			want.Drills = append(want.Drills, drillRun{name, resultPass})
		}
		assert.Equal(t, want, rows.Promises[i])
	}
}

func TestAPromiseIsAsGoodAsTheWorstOfItsDrills(t *testing.T) {
	list := promises.List{Chapters: []promises.Chapter{{Promises: []promises.Promise{{ID: "x", Drills: []string{"a", "b", "c"}}}}}}
	for name, c := range map[string]struct {
		drills []report.Drill
		want   string
	}{
		"all passed":            {[]report.Drill{{Name: "a", Pass: true}, {Name: "b", Pass: true}, {Name: "c", Pass: true}}, resultPass},
		"one was left out":      {[]report.Drill{{Name: "a", Pass: true}, {Name: "c", Pass: true}}, resultNotRun},
		"one failed":            {[]report.Drill{{Name: "a", Pass: true}, {Name: "b"}, {Name: "c", Pass: true}}, resultFail},
		"one failed, none else": {[]report.Drill{{Name: "b"}}, resultFail},
		"none ran":              {nil, resultNotRun},
	} {
		assert.Equal(t, c.want, promiseResults(list, report.Report{Drills: c.drills})[0].Result, name)
	}
}

func TestPromisesOfAStackThatWasNeverRehearsedNameTheCommand(t *testing.T) {
	got := rehearse(t, []string{"promises", "--stack", "prod"}, rehearsedAtNoon(t, passed))
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.stderr, filepath.Join(".rehearsal", "prod", "report.json")+": prod was not rehearsed here yet; run rehearse run --stack prod")
	assert.Empty(t, got.stdout)
}

func TestPromisesTeachesItsResultsInItsHelp(t *testing.T) {
	got := rehearse(t, []string{"promises", "--help"})
	require.Equal(t, exitOK, got.code)
	for _, want := range []string{resultPass, resultFail, resultNotRun, resultTests, "docs/promises.md", "rehearse promises --json"} {
		assert.Contains(t, got.stdout, want)
	}
}
