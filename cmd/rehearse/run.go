package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/report"
)

const runLong = `run previews the stack, deploys it, runs every drill against it, destroys it, looks at
what is left, and reports.

The report is printed, and written in .rehearsal/<stack>/: report.html for people, a page without scripts to
open in a browser; report.json for programs; report.md, which is
made to be posted as a comment on a pull request.`

const runExamples = `  rehearse run                                  everything, on dev
  rehearse run --stack prod                     everything, on prod
  rehearse run --drill idempotent --drill clean two drills only
  rehearse run --report out                     the three forms of the report in out/ as well
  rehearse run --faults faults.yaml             with what the script breaks (docs/faults.md)
  rehearse run --json | jq '.drills[] | select(.pass | not)'`

func newRun(w work) *cobra.Command {
	var (
		t         target
		chosen    []string
		reportDir string
		asJSON    bool
		broken    faultFlag
	)
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "Preview, deploy, try everything, destroy, report",
		Long:    runLong,
		Example: runExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := drills.Select(chosen); err != nil {
				return usageError{err}
			}
			dir, err := t.project(w.dir)
			if err != nil {
				return err
			}
			script, err := broken.script()
			if err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			rep, err := w.run(cmd.Context(), rehearsal.Options{
				ProjectDir: dir, Stack: t.stack, Drills: chosen, ReportDir: reportDir, Faults: script,
				Progress: p.show, Log: p,
			})
			p.done()
			if printErr := printReport(cmd.OutOrStdout(), rep, asJSON); printErr != nil {
				return errors.Join(err, printErr)
			}
			if err == nil && !rep.Pass() {
				return errDrillFailed
			}
			return err
		},
	}
	t.register(cmd)
	broken.register(cmd)
	cmd.Flags().StringArrayVar(&chosen, "drill", nil, "run only this `drill`; may be repeated")
	cmd.Flags().StringVar(&reportDir, "report", "", "write report.html, report.json and report.md to this `folder` as well")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON, and nothing else, on standard output")
	return cmd
}

// printReport prints the whole report as JSON, or its outcome for people; a person has seen the steps go by.
func printReport(w io.Writer, rep report.Report, asJSON bool) error {
	if asJSON {
		return rep.WriteJSON(w)
	}
	for i, fault := range rep.Faults {
		if i == 0 {
			fmt.Fprintln(w, "\nfaults:")
		}
		fmt.Fprintf(w, "  - %s\n", fault)
	}
	if rep.Error != "" {
		return nil // the caller prints why it broke off
	}
	for _, d := range rep.Failed() {
		fmt.Fprintf(w, "\nFAIL %s: %s\n", d.Name, d.Promise)
		for _, f := range d.Failures {
			fmt.Fprintf(w, "  - %s\n", f)
		}
	}
	if rep.Azure != nil {
		printCriticalPath(w, rep.Azure)
	}
	_, err := fmt.Fprintf(w, "\n%s: %s, %d resources. The report is .rehearsal/%s/report.html\n",
		rep.Stack, rep.Verdict(), rep.Resources.Created, rep.Stack)
	return err
}

// printCriticalPath prints how long Azure would take, and what decides that.
func printCriticalPath(w io.Writer, azure *report.Azure) {
	fmt.Fprintf(w, "\nOn Azure the first up takes about %.0f minutes; its longest unavoidable chain takes %.0f. What decides:\n",
		azure.CriticalPathMinutes, azure.LowerBoundMinutes)
	for _, step := range azure.CriticalPath {
		fmt.Fprintf(w, "  %s\n", step)
	}
}
