package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal"
)

const prepareLong = `prepare does what the first run would do before it starts: it looks for a Pulumi CLI, and builds the
pinned version when there is none, and installs the client libraries that the clients drill tries and the
compiler of policy expressions. All of it goes to the user's cache.

A continuous integration calls it to keep a slow build out of its tests, or to fill a cache.`

func newPrepare(w work) *cobra.Command {
	return &cobra.Command{
		Use:     "prepare",
		Short:   "Build what the other commands need, and stop",
		Long:    prepareLong,
		Example: "  rehearse prepare",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := rehearsal.FindProject(w.dir)
			if err != nil {
				return usageError{err}
			}
			p := progressOf(cmd)
			version, err := w.prepare(cmd.Context(), rehearsal.Options{ProjectDir: dir, Log: p})
			p.done()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Pulumi CLI v%s is ready\n", version)
			return err
		},
	}
}
