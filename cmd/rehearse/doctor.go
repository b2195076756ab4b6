package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/clock"
	"enterprise-openai/rehearsal"
)

const doctorLong = `doctor looks at a stack's settings before they are deployed, and reports what would go wrong: models that are
retired or retire soon, regions that do not offer them, quota that is needed, deployments with nowhere to
fail over to, limits above the capacity, examples that were not replaced, networks that overlap.

Each finding names the setting, its line, and the remedy. What the settings' own rules refuse is refused by
pulumi up as well and comes first. What it knows about models is dated: it says how old that is.

On a terminal it prints paragraphs; into a pipe one line for each setting, as compilers do:
  Pulumi.dev.yaml:23: warning: accounts[0].location: what is wrong; what would be right [check]

With --azure it also queries your subscription: free quota, what its regions offer today, names that are taken
or reserved by a deletion, providers that are not registered, roles that you lack. It needs az login and changes
nothing; what it may not see it says, and goes on.

Every check with its source: docs/doctor.md. Exit codes: 0 no error, 1 an error was found, 2 the command
line is wrong. Warnings and advice do not fail.`

const doctorExamples = `  rehearse doctor --stack prod               everything about prod
  rehearse doctor --stack prod | grep error: what must be mended
  rehearse doctor --stack prod --azure       and whether your subscription can have it
  rehearse doctor --json | jq '.quota'       the quota that dev needs`

// errUnhealthy ends a command whose report has printed what is wrong.
var errUnhealthy = errors.New("the doctor found errors")

func newDoctor(w work) *cobra.Command {
	var (
		t            target
		asJSON       bool
		azure        bool
		subscription string
	)
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Say what is wrong with a stack before it is deployed",
		Long:    doctorLong,
		Example: doctorExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if subscription != "" && !azure {
				return usageError{errors.New("--subscription is for --azure")}
			}
			dir, err := t.project(w.dir)
			if err != nil {
				return err
			}
			p := progressOf(cmd)
			if azure {
				p.show(rehearsal.Event{Step: "azure", Kind: rehearsal.Started, Text: "querying the subscription"})
			}
			report, err := w.doctor(cmd.Context(), rehearsal.Examination{
				ProjectDir: dir, Stack: t.stack, Azure: azure, Subscription: subscription, Clock: clock.Real{},
			})
			p.done()
			if err != nil {
				return fmt.Errorf("doctor of %s: %w", t.stack, err)
			}
			if asJSON {
				err = report.WriteJSON(cmd.OutOrStdout())
			} else {
				err = report.Print(cmd.OutOrStdout(), styleOf(cmd.OutOrStdout()))
			}
			if err == nil && !report.Healthy() {
				return errUnhealthy
			}
			return err
		},
	}
	t.register(cmd)
	cmd.Flags().BoolVar(&azure, "azure", false, "also query the real subscription, with this machine's login; nothing is changed")
	cmd.Flags().StringVar(&subscription, "subscription", "", "with --azure, the `id` of the subscription; the one pulumi up would use when left out")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON, and nothing else, on standard output")
	return cmd
}

// styleOf fits a report to where it is read: colours and paragraphs are for terminals.
func styleOf(w io.Writer) doctor.Style {
	width := terminal(w)
	return doctor.Style{Width: width, Colour: width > 0 && coloured()}
}
