package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"enterprise-openai/internal/words"
	"enterprise-openai/rehearsal"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const long = `rehearse deploys this project to an embedded Azure on this machine: the same program, settings and
policies that pulumi up brings to the real one, through the real Pulumi engine.
No account, no network and no cloud credentials are needed, nothing outside
.rehearsal/ and the user's cache is written.

Without a command it does what "rehearse run" does.

On a terminal the running step shows how far it is and how long it usually takes; elsewhere, and in CI, each step is a plain
line. NO_COLOR switches colours off.

Exit codes: 0 everything passed, 1 a deployment or a drill failed, 2 the command line is wrong.`

const examples = `  rehearse                       deploy dev, try everything, destroy it, report
  rehearse --stack prod --json   the same for prod; only the report on standard output
  rehearse up                    deploy dev and keep it up until Ctrl-C
  rehearse azure                 serve the embedded Azure to other programs
  rehearse plan --stack prod     what the program declares for prod, as a tree`

// usageError is a mistake on the command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// errDrillFailed ends a command whose report has printed what failed.
var errDrillFailed = errors.New("not every drill passed")

// execute runs one command line and returns the exit code. Results go to stdout, everything else to stderr.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer, w work) int {
	root := newRoot(w)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "rehearse: %v\nSee rehearse --help.\n", err)
		return exitUsage
	case errors.Is(err, errDrillFailed), errors.Is(err, errUnhealthy), errors.Is(err, errPromiseFailed):
		return exitFailed
	default:
		fmt.Fprintf(stderr, "rehearse: %v\n", err)
		return exitFailed
	}
}

func newRoot(w work) *cobra.Command {
	root := newRun(w)
	root.Use = "rehearse"
	root.Short = "Deploy the project to an embedded Azure, run the drills, report"
	root.Long = long
	root.Example = examples
	root.Args = noArguments
	root.SilenceErrors = true
	root.SilenceUsage = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().BoolP("quiet", "q", false, "show neither steps nor preparations, only what failed and the result")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newRun(w), newUp(w), newAzure(w),
		newPlan(w), newDiff(w), newCost(w), newDoctor(w),
		newDrills(w), newPromises(w), newPolicy(w), newQuery(w),
		newReport(), newPrepare(w),
	)
	return root
}

// noArguments refuses anything that is neither a flag nor a command, and guesses what was meant.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		var commands []string
		for _, c := range cmd.Commands() {
			commands = append(commands, c.Name())
		}
		return usageError{fmt.Errorf("no command %q; %s", args[0], words.Suggest(args[0], commands))}
	}
	return usageError{fmt.Errorf("%s takes no argument, got %q; a stack is named with --stack", cmd.Name(), args[0])}
}

// target is what every command works on.
type target struct {
	stack string
}

func (t *target) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.stack, "stack", "dev", "environment: the `name` of a Pulumi.<name>.yaml")
}

// project finds the checkout and checks that it has the stack.
func (t *target) project(from string) (string, error) {
	dir, err := rehearsal.FindProject(from)
	if err != nil {
		return "", usageError{err}
	}
	stacks, err := rehearsal.Stacks(dir)
	if err != nil {
		return "", err
	}
	if !slices.Contains(stacks, t.stack) {
		return "", usageError{unknownStack(t.stack, stacks)}
	}
	return dir, nil
}

func unknownStack(name string, stacks []string) error {
	if len(stacks) == 0 {
		return fmt.Errorf("no stack %q: the project has no Pulumi.<stack>.yaml", name)
	}
	return fmt.Errorf("no stack %q: there is no Pulumi.%s.yaml; there are %s", name, name, strings.Join(stacks, ", "))
}
