package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal"
)

const upLong = `up deploys the stack to the embedded Azure and keeps it up until Ctrl-C.

The state stays in .rehearsal/<stack>/up: change a setting or the program, run it again, and only the
difference is deployed. Delete that folder to start from an empty Azure.`

const upExamples = `  rehearse up                deploy dev and stay up
  rehearse up --stack prod   the same with prod`

func newUp(w work) *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:     "up",
		Short:   "Deploy and stay up until Ctrl-C",
		Long:    upLong,
		Example: upExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := t.project(w.dir)
			if err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			defer p.done()
			return w.up(cmd.Context(), rehearsal.Options{
				ProjectDir: dir, Stack: t.stack, Progress: p.show, Log: p,
			}, func(s rehearsal.Standing) {
				p.done()
				printStanding(cmd.OutOrStdout(), s)
			})
		},
	}
	t.register(cmd)
	return cmd
}

// printStanding shows what exists and how to end it.
func printStanding(w io.Writer, s rehearsal.Standing) {
	fmt.Fprintf(w, "\n%s is up.\n", s.Stack)
	for _, name := range slices.Sorted(maps.Keys(s.Outputs)) {
		fmt.Fprintf(w, "  %-24s %s\n", name, outputText(s.Outputs[name]))
	}
	fmt.Fprintln(w, "Ctrl-C stops it.")
}

// outputText prints a stack output: text as it is, anything else as JSON.
func outputText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
