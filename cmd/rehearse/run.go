package main

import (
	"errors"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/drills"
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
			p := progressOf(cmd)
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
