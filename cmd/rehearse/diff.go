package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/clock"
	"enterprise-openai/plan"
	"enterprise-openai/plan/diff"
)

const diffLong = `diff says what a change means: in one line whether somebody loses something, then what changes for people (limits,
access, regions, models, logs, policies), for resources (replaced ones with the input that forces it), and what is
risky about it. Policies are compared by meaning: white space and comments are no change.

BASE and HEAD are plans that "rehearse plan --json" has written, of one stack. No account and no engine is needed.

docs/diff.md says what is looked at. Exit codes: 0 also if somebody loses something, 1 a plan cannot be read,
2 the command line is wrong.`

const diffExamples = `  rehearse plan --stack prod --json > before.json     before a change
  rehearse plan --stack prod --json > after.json      after it
  rehearse diff before.json after.json                what it means
  rehearse diff before.json after.json --format json | jq '.verdict'`

// The forms of a diff.
var formats = map[string]func(diff.Diff, io.Writer) error{
	"text": diff.Diff.WriteText, "markdown": diff.Diff.WriteMarkdown, "json": diff.Diff.WriteJSON,
}

func newDiff() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:     "diff BASE HEAD",
		Short:   "Say what a change means",
		Long:    diffLong,
		Example: diffExamples,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 { //nolint:mnd // base and head
				return usageError{errors.New("diff needs two plans, such as before.json after.json: rehearse plan --json writes them")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			write, known := formats[format]
			if !known {
				return usageError{fmt.Errorf("no format %q; there are json, markdown, text", format)}
			}
			var plans [2][]plan.Resource
			var problems []error
			for i, name := range args {
				var err error
				plans[i], err = readPlan(name)
				problems = append(problems, err)
			}
			if err := errors.Join(problems...); err != nil {
				return err
			}
			models, err := doctor.Known()
			if err != nil {
				return err
			}
			found, err := diff.Between(args[0], plans[0], args[1], plans[1], diff.Options{Today: clock.Real{}.Now(), Retires: models.Retires})
			if err != nil {
				return err
			}
			return write(found, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "text, markdown or json (docs/diff.schema.json)")
	return cmd
}

func readPlan(name string) (_ []plan.Resource, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return plan.Read(file, name)
}
