package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"enterprise-openai/doctor"
	"enterprise-openai/internal/clock"
	"enterprise-openai/plan"
	"enterprise-openai/plan/diff"
	"enterprise-openai/plan/revision"
	"enterprise-openai/rehearsal"
)

const diffLong = `diff says what a change means: in one line whether somebody loses something, then what changes for people (limits,
access, regions, models, logs, policies), for resources (replaced ones with the input that forces it), and what is
risky about it. Policies are compared by meaning: white space and comments are no change.

BASE and HEAD are plans that "rehearse plan --json" has written, or git revisions: then the program of that revision declares
the stack (--stack), in a git worktree that is removed afterwards; building it takes a while. Without HEAD it is the working
tree. No account and no engine is needed.

docs/diff.md says what is looked at. Exit codes: 0 also if somebody loses something, 1 a plan cannot be read,
2 the command line is wrong.`

const diffExamples = `  rehearse diff main --stack prod                     what the working tree changes
  rehearse diff v0.1.0 main --stack prod              what changed between two revisions
  rehearse plan --stack prod --json > before.json     before a change
  rehearse plan --stack prod --json > after.json      after it
  rehearse diff before.json after.json                what it means
  rehearse diff before.json after.json --format json | jq '.verdict'`

// The forms of a diff.
var formats = map[string]func(diff.Diff, io.Writer) error{
	"text": diff.Diff.WriteText, "markdown": diff.Diff.WriteMarkdown, "json": diff.Diff.WriteJSON,
}

func newDiff(w work) *cobra.Command {
	var t target
	format := "text"
	cmd := &cobra.Command{
		Use:     "diff BASE [HEAD]",
		Short:   "Say what a change means",
		Long:    diffLong,
		Example: diffExamples,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 { //nolint:mnd // base, and perhaps head
				return usageError{errors.New("diff needs a plan or a revision to compare with, such as main, and perhaps a second one")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			write, known := formats[format]
			if !known {
				return usageError{fmt.Errorf("no format %q; there are json, markdown, text", format)}
			}
			s := sides{work: w, target: t, progress: progressOf(cmd)}
			base, err := s.read(cmd.Context(), args[0])
			var head []plan.Resource
			headName := "the working tree"
			if len(args) == 1 {
				var problem error
				head, problem = s.working(cmd.Context())
				err = errors.Join(err, problem)
			} else {
				var problem error
				headName = args[1]
				head, problem = s.read(cmd.Context(), headName)
				err = errors.Join(err, problem)
			}
			s.progress.done()
			if err != nil {
				return err
			}
			models, err := doctor.Known()
			if err != nil {
				return err
			}
			found, err := diff.Between(args[0], base, headName, head, diff.Options{Today: clock.Real{}.Now(), Retires: models.Retires})
			if err != nil {
				return err
			}
			return write(found, cmd.OutOrStdout())
		},
	}
	t.register(cmd)
	cmd.Flags().StringVar(&format, "format", format, "text, markdown or json (docs/diff.schema.json)")
	return cmd
}

// sides reads what is compared.
type sides struct {
	work     work
	target   target
	progress *progress
}

// read is the plan in a file, or of a revision. A file comes first.
func (s sides) read(ctx context.Context, name string) ([]plan.Resource, error) {
	file, err := os.Open(name)
	if err == nil {
		defer func() { _ = file.Close() }() // it was only read
		return plan.Read(file, name)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	dir, err := rehearsal.FindProject(s.work.dir)
	if err != nil {
		return nil, revision.UnknownError{Name: name}
	}
	commit, err := revision.Find(ctx, dir, name)
	if err != nil {
		return nil, err
	}
	s.progress.show(rehearsal.Event{Step: "plan", Kind: rehearsal.Started, Text: "building the program of " + name})
	return revision.Plan(ctx, dir, commit, s.target.stack)
}

// working is the plan of the working tree.
func (s sides) working(ctx context.Context) ([]plan.Resource, error) {
	dir, err := s.target.project(s.work.dir)
	if err != nil {
		return nil, err
	}
	resources, err := s.work.plan(ctx, dir, s.target.stack)
	if err != nil {
		return nil, fmt.Errorf("plan of %s: %w", s.target.stack, err)
	}
	return resources, nil
}
