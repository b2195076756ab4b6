package rehearsal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/clients"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/rehearsal/report/page"
)

// Run rehearses a stack from nothing to nothing. The report is valid, and saved, also when an error is returned: it then
// has the error that ended it. A drill that fails is no error, see Report.Pass.
func Run(ctx context.Context, o Options) (report.Report, error) {
	r := runner{Options: o, report: report.Report{Stack: o.Stack}}
	err := r.run(ctx)
	err = r.encrypted.HideError(err)
	if err != nil {
		r.report.Error = err.Error()
	}
	if o.Faults != nil {
		for _, outcome := range o.Faults.Outcomes() {
			r.report.Faults = append(r.report.Faults, outcome.String())
		}
	}
	r.report = plan.Redacted(r.encrypted, r.report)
	if r.dir != "" {
		err = errors.Join(err, r.save())
	}
	return r.report, err
}

// runner is one run in progress.
type runner struct {
	Options
	report report.Report
	env    *drills.Env
	// dir gets the report; it is empty until the run has the work folder for itself.
	dir string
}

func (r *runner) run(ctx context.Context) error {
	chosen, err := drills.Select(r.Drills)
	if err != nil {
		return err
	}
	dir, err := workDir(r.ProjectDir, r.Stack)
	if err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(dir, "run.lock"))
	if err != nil {
		return fmt.Errorf("stack %q is being rehearsed already: %w", r.Stack, err)
	}
	defer unlock()
	r.dir, r.pace = dir, paceIn(dir)
	defer r.pace.save()
	err = r.rehearse(ctx, filepath.Join(dir, "run"), chosen)
	if ctx.Err() != nil {
		// The engine's own message for a cancelled operation is less clear.
		return errInterrupted
	}
	return err
}

func (r *runner) rehearse(ctx context.Context, dir string, chosen []drills.Drill) (err error) {
	s, err := r.opened(ctx, dir)
	if r.environment != nil {
		r.report.Architecture = architectureOf(r.environment.Settings, r.environment.Plan)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	defer r.compileClients(ctx, chosen)()

	r.env = &drills.Env{Name: r.Stack, Stack: counted{s.stack, &r.report.Resources}, Cloud: s.cloud, Lab: s.lab}
	if err := r.operation(ctx, "preview", &r.report.Seconds.Preview, func() (drills.Result, error) {
		return r.env.Stack.Preview(ctx)
	}); err != nil {
		return err
	}
	if err := r.operation(ctx, "up", &r.report.Seconds.Up, func() (drills.Result, error) {
		res, err := r.env.Stack.Up(ctx)
		r.env.Outputs, r.env.Secrets, r.env.Deployed = res.Outputs, res.Secrets, res.Schedule
		r.onAzure()
		return res, err
	}); err != nil {
		return err
	}
	if s.site != nil {
		if r.env.Site, err = s.site(); err != nil {
			return err
		}
		r.env.Site.LogDir = filepath.Join(r.dir, logFolder)
	}
	r.drill(ctx, chosen, drills.Standing)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.operation(ctx, "destroy", &r.report.Seconds.Destroy, func() (drills.Result, error) {
		res, err := r.env.Stack.Destroy(ctx)
		r.env.Destroyed = res.Schedule
		return res, err
	}); err != nil {
		return err
	}
	r.drill(ctx, chosen, drills.Gone)
	return nil
}

// compileClients starts to compile what the clients drill runs: it takes a minute the first time, in which deployment and other drills leave a
// processor idle. What fails is reported by the drill, which compiles again. The returned function waits for the end, or brings it about.
func (r *runner) compileClients(ctx context.Context, chosen []drills.Drill) func() {
	if !slices.ContainsFunc(chosen, func(d drills.Drill) bool { return d.Name == "clients" }) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = clients.BuildGo(ctx, r.ProjectDir, io.Discard)
	}()
	return func() {
		cancel()
		<-done
	}
}

// opened opens the engine and the cloud; the first time this includes building the Pulumi CLI.
func (r *runner) opened(ctx context.Context, dir string) (*session, error) {
	var s *session
	took, err := r.step(ctx, "prepare", func() (_ string, err error) {
		s, err = r.prepare(ctx, workspace{
			project: r.ProjectDir, stack: r.Stack, dir: dir, fresh: true, log: r.logWriter(), faults: r.Faults,
			detail: func(text string) { r.emit(Event{Step: "engine", Kind: Detail, Text: text}) },
		})
		return "engine and embedded Azure are ready", err
	})
	r.report.Seconds.Build = report.Round(took.Seconds())
	return s, err
}

// operation runs one engine operation as a step.
func (r *runner) operation(ctx context.Context, name string, seconds *float64, work func() (drills.Result, error)) error {
	took, err := r.step(ctx, name, func() (string, error) {
		res, err := work()
		return summary(res), err
	})
	*seconds = report.Round(took.Seconds())
	return err
}

// onAzure reports what the deployment would have taken on Azure.
func (r *runner) onAzure() {
	if r.env.Deployed == nil {
		return
	}
	took, least := r.env.Deployed.Took()
	r.report.Azure = &report.Azure{
		CriticalPathMinutes: report.Round(took.Minutes()), LowerBoundMinutes: report.Round(least.Minutes()),
		CriticalPath: r.env.Deployed.Critical(), Operations: operationsOf(r.env.Deployed),
	}
}

// operationsOf are a deployment's operations, in the order in which they began.
func operationsOf(s *timeline.Schedule) []report.Operation {
	critical := map[string]bool{}
	for _, span := range timeline.Critical(s.Spans, s.Order(s.Resources)) {
		critical[span.URN] = true
	}
	spans := slices.Clone(s.Spans)
	slices.SortStableFunc(spans, func(a, b timeline.Span) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.URN, b.URN)) })
	all := make([]report.Operation, 0, len(spans))
	for _, span := range spans {
		kind, name := timeline.Title(span.URN)
		all = append(all, report.Operation{
			Type: kind, Name: name, Start: report.Round(span.Start.Sub(spans[0].Start).Minutes()),
			Minutes: report.Round(span.End.Sub(span.Start).Minutes()), Critical: critical[span.URN], Failed: span.Failed,
		})
	}
	return all
}

// drill runs the chosen drills of one phase. A drill that fails does not keep the next one from running.
func (r *runner) drill(ctx context.Context, chosen []drills.Drill, when drills.When) {
	start := time.Now()
	for i, d := range chosen {
		if d.When != when || ctx.Err() != nil {
			continue
		}
		r.emit(Event{Step: d.Name, Kind: Started, Text: d.Promise, Drill: true, Done: i + 1, Of: len(chosen)})
		began := time.Now()
		outcome := d.Run(ctx, r.env)
		failures := outcome.Failures
		r.report.Drills = append(r.report.Drills, report.Drill{
			Name: d.Name, Promise: d.Promise, Pass: len(failures) == 0, Measured: report.Figures(outcome.Measured), Failures: failures,
		})
		end := Event{Step: d.Name, Kind: Finished, Drill: true, Took: time.Since(began)}
		if len(failures) > 0 {
			end.Failed = true
			end.Text = failures[0]
			if more := len(failures) - 1; more > 0 {
				end.Text += fmt.Sprintf(" (and %d more)", more)
			}
		}
		r.emit(end)
	}
	r.report.Seconds.Drills = report.Round(r.report.Seconds.Drills + time.Since(start).Seconds())
}

// save writes the report into the work folder and where the caller wants it.
func (r *runner) save() error {
	err := page.Save(r.dir, r.report)
	if r.ReportDir != "" {
		err = errors.Join(err, page.Save(r.ReportDir, r.report))
	}
	return err
}

// summary is what an engine operation did, without the zeroes.
func summary(res drills.Result) string {
	text := ""
	for _, part := range []struct {
		count int
		name  string
	}{
		{res.Created, "created"},
		{res.Updated, "updated"},
		{res.Replaced, "replaced"},
		{res.Deleted, "deleted"},
		{res.Same, "unchanged"},
	} {
		if part.count == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", part.count, part.name)
	}
	if text == "" {
		return "nothing to do"
	}
	return text
}
