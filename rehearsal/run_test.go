package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/rehearsal/report/reporttest"
)

// world is an engine and a cloud in memory. Its log is the operations that were called.
type world struct {
	log    []string
	closed int
	// results and errors by operation; "up 2" is the second deployment.
	results   map[string]drills.Result
	errors    map[string]error
	remaining []string
	ups       int
	// during is called in the middle of each operation.
	during    func(operation string)
	workspace workspace
}

func (w *world) do(operation string) (drills.Result, error) {
	if operation == "up" {
		if w.ups++; w.ups > 1 {
			operation = "up 2"
		}
	}
	w.log = append(w.log, operation)
	if w.during != nil {
		w.during(operation)
	}
	return w.results[operation], w.errors[operation]
}

func (w *world) Preview(context.Context) (drills.Result, error) { return w.do("preview") }
func (w *world) Up(context.Context) (drills.Result, error)      { return w.do("up") }
func (w *world) Refresh(context.Context) (drills.Result, error) { return w.do("refresh") }
func (w *world) Destroy(context.Context) (drills.Result, error) { return w.do("destroy") }
func (w *world) finish(context.Context) (drills.Result, error)  { return w.do("finish") }
func (w *world) Remaining() []string                            { return w.remaining }

// healthy is a world in which everything holds.
func healthy(changes ...func(*world)) *world {
	w := &world{
		results: map[string]drills.Result{
			"preview": {Created: 5},
			"up":      {Created: 5, Outputs: map[string]any{"endpoint": "https://gateway.example"}},
			"up 2":    {Same: 5},
			"refresh": {Same: 5},
			"destroy": {Deleted: 5},
		},
		errors: map[string]error{},
	}
	for _, change := range changes {
		change(w)
	}
	return w
}

// options opens a world in an empty project.
func (w *world) options(t *testing.T) Options {
	t.Helper()
	return Options{ProjectDir: t.TempDir(), Stack: "dev", Drills: []string{"idempotent", "refresh", "clean"}, open: func(_ context.Context, ws workspace) (*session, error) {
		w.workspace = ws
		return &session{stack: w, cloud: w, finish: w.finish, close: func() error { w.closed++; return nil }}, nil
	}}
}

func TestARunGoesFromNothingToNothing(t *testing.T) {
	w := healthy()
	rep, err := Run(context.Background(), w.options(t))
	require.NoError(t, err)
	assert.True(t, rep.Pass())
	assert.Equal(t, []string{"preview", "up", "up 2", "refresh", "destroy"}, w.log)
	assert.Equal(t, report.Resources{Created: 5, Same: 5, Deleted: 5}, rep.Resources)
	assert.Equal(t, 1, w.closed)
	assert.True(t, w.workspace.fresh, "a run must not start from what an earlier one left")
	var names []string
	for _, d := range rep.Drills {
		names = append(names, d.Name)
	}
	assert.Equal(t, []string{"idempotent", "refresh", "clean"}, names)
}

func TestADrillThatFailsDoesNotStopTheOthers(t *testing.T) {
	w := healthy(func(w *world) {
		w.results["up 2"] = drills.Result{Same: 4, Updated: 1, Changed: []string{"update Api chat"}}
		w.remaining = []string{"/subscriptions/s/resourceGroups/left"}
	})
	rep, err := Run(context.Background(), w.options(t))
	require.NoError(t, err)
	assert.False(t, rep.Pass())
	assert.Contains(t, w.log, "destroy")
	failed := rep.Failed()
	require.Len(t, failed, 2)
	assert.Equal(t, []string{"the second up: update Api chat"}, failed[0].Failures)
	assert.Equal(t, []string{"still exists: /subscriptions/s/resourceGroups/left"}, failed[1].Failures)
	assert.Equal(t, 1, rep.Resources.Updated)
}

func TestABrokenStepEndsTheRunWithItsReason(t *testing.T) {
	for _, broken := range []string{"preview", "up", "destroy"} {
		t.Run(broken, func(t *testing.T) {
			w := healthy(func(w *world) { w.errors[broken] = errors.New(broken + ": network (Subnet): overlaps") })
			o := w.options(t)
			rep, err := Run(context.Background(), o)
			require.EqualError(t, err, broken+": network (Subnet): overlaps")
			assert.Equal(t, err.Error(), rep.Error)
			assert.False(t, rep.Pass())
			assert.Equal(t, broken, w.log[len(w.log)-1], "nothing is tried after a broken step")
			assert.Equal(t, 1, w.closed)
			assert.Equal(t, "dev", saved(t, o.ProjectDir).Stack, "a broken run is reported too")
		})
	}
}

func TestOnlyTheChosenDrillsRun(t *testing.T) {
	w := healthy()
	o := w.options(t)
	o.Drills = []string{"clean"}
	rep, err := Run(context.Background(), o)
	require.NoError(t, err)
	require.Len(t, rep.Drills, 1)
	assert.Equal(t, []string{"preview", "up", "destroy"}, w.log)

	o.Drills = []string{"claen"}
	_, err = Run(context.Background(), o)
	assert.ErrorContains(t, err, `no drill "claen"`)
}

func TestTheReportIsKeptAndCopied(t *testing.T) {
	w := healthy()
	o := w.options(t)
	o.ReportDir = filepath.Join(t.TempDir(), "out")
	_, err := Run(context.Background(), o)
	require.NoError(t, err)
	assert.True(t, saved(t, o.ProjectDir).Pass())
	assert.FileExists(t, filepath.Join(o.ReportDir, "report.md"))
	assert.FileExists(t, filepath.Join(o.ReportDir, "report.html"))
	text, err := os.ReadFile(filepath.Join(o.ReportDir, "report.json"))
	require.NoError(t, err)
	reporttest.Valid(t, "..", text)
}

func TestAnInterruptedRunStopsAndSaysSo(t *testing.T) {
	for _, at := range []string{"preview", "up", "up 2", "destroy"} {
		t.Run(at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w := healthy(func(w *world) {
				w.during = func(operation string) {
					if operation == at {
						cancel()
						w.errors[at] = context.Canceled
					}
				}
			})
			o := w.options(t)
			rep, err := Run(ctx, o)
			require.EqualError(t, err, "interrupted")
			assert.False(t, rep.Pass())
			assert.Equal(t, at, w.log[len(w.log)-1])
			assert.Equal(t, 1, w.closed, "the provider is still listening")
		})
	}
}

func TestTwoRunsOfOneStackDoNotMeet(t *testing.T) {
	w := healthy()
	o := w.options(t)
	w.during = func(operation string) {
		if operation != "up" {
			return
		}
		rep, err := Run(context.Background(), o)
		assert.False(t, rep.Pass(), "a run that did not start has not passed")
		assert.ErrorContains(t, err, `stack "dev" is being rehearsed already`)
	}
	_, err := Run(context.Background(), o)
	require.NoError(t, err)
}

func TestEveryStepIsToldFromItsStartToItsEnd(t *testing.T) {
	w := healthy(func(w *world) {
		w.results["refresh"] = drills.Result{Updated: 2, Changed: []string{"update A", "update B"}}
	})
	o := w.options(t)
	var shown []string
	o.Progress = func(e Event) {
		if e.Kind == Finished {
			shown = append(shown, e.Step+": "+e.Text)
		}
	}
	_, err := Run(context.Background(), o)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"prepare: engine and embedded Azure are ready",
		"preview: 5 created",
		"up: 5 created",
		"idempotent: ",
		"refresh: the refresh: update A (and 1 more)",
		"destroy: 5 deleted",
		"clean: ",
	}, shown)
}

func TestUpStandsUntilTheContextEndsAndKeepsItsState(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := healthy()
	o := w.options(t)
	ready := make(chan Standing, 1)
	ended := make(chan error, 1)
	go func() { ended <- Up(ctx, o, func(s Standing) { ready <- s }) }()

	var s Standing
	select {
	case s = <-ready:
	case <-time.After(10 * time.Second):
		t.Fatal("up was never ready")
	}
	assert.Equal(t, "https://gateway.example", s.Outputs["endpoint"])
	assert.False(t, w.workspace.fresh)
	assert.ErrorContains(t, Up(ctx, o, func(Standing) {}), `stack "dev" is standing already`)

	cancel()
	require.NoError(t, <-ended)
	assert.Equal(t, []string{"up"}, w.log)
	assert.Equal(t, 1, w.closed)
}

func TestAnUpThatFailsIsNeverReady(t *testing.T) {
	w := healthy(func(w *world) { w.errors["up"] = errors.New("up: gateway: no") })
	err := Up(context.Background(), w.options(t), func(Standing) { t.Error("ready") })
	require.EqualError(t, err, "up: gateway: no")
	assert.Equal(t, 1, w.closed)
}

func TestTheProjectIsFoundFromAnyFolderInIt(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "infra", "deep")
	require.NoError(t, os.MkdirAll(deep, 0o755))
	_, err := FindProject(deep)
	require.ErrorContains(t, err, "no Pulumi.yaml in "+deep+" or above")

	for _, f := range []string{"Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.dev.yaml", "Pulumi.dev.yml"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, f), nil, 0o600))
	}
	found, err := FindProject(deep)
	require.NoError(t, err)
	assert.Equal(t, dir, found)
	stacks, err := Stacks(found)
	require.NoError(t, err)
	assert.Equal(t, []string{"dev", "prod"}, stacks)
}

// saved reads the report that a run left in its project.
func saved(t *testing.T, project string) report.Report {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(project, folder, "dev", "report.json"))
	require.NoError(t, err)
	var rep report.Report
	require.NoError(t, json.Unmarshal(content, &rep))
	return rep
}
