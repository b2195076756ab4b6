package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/drills"
)

const upLong = `up deploys the stack to the embedded Azure, serves it on this machine, and keeps it up until Ctrl-C.

It prints where the gateway answers, the certificate to trust, every team's key and a command that makes a
call. Tokens for products that take them are in files beside the certificate, and stay valid.

It also prints the address of a page on this machine that shows the last calls, sends prompts as a team, and cuts regions and restores
them. The address has a token; without it nobody reaches the page.

It serves the embedded Azure to other programs as well, see rehearse azure --help.

The state stays in .rehearsal/<stack>/up: change a setting or the program, run it again, and only the
difference is deployed. An up that is interrupted or fails is continued by the next. Delete that folder to
start from an empty Azure.`

const upExamples = `  rehearse up                         deploy dev and stay up
  rehearse up --stack prod            the same with prod
  rehearse up --listen 127.0.0.1:0    on a port that is free
  rehearse up --faults faults.yaml    deploy to an Azure that breaks (docs/faults.md); the next up resumes`

func newUp(w work) *cobra.Command {
	var (
		t      target
		listen string
		broken faultFlag
	)
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
			script, err := broken.script()
			if err != nil {
				return err
			}
			p := progressOf(cmd)
			defer p.done()
			err = w.up(cmd.Context(), rehearsal.Options{
				ProjectDir: dir, Stack: t.stack, Listen: listen, Faults: script, Progress: p.show, Log: p,
			}, func(s rehearsal.Standing) {
				p.done()
				printStanding(cmd.OutOrStdout(), s)
				printFaults(cmd.OutOrStdout(), script)
			})
			if err != nil {
				p.done()
				printFaults(cmd.OutOrStdout(), script)
			}
			return err
		},
	}
	t.register(cmd)
	broken.register(cmd)
	cmd.Flags().StringVar(&listen, "listen", rehearsal.DefaultListen, "serve on this loopback `address`")
	return cmd
}

// printStanding shows what exists, how to call it and how to end it.
func printStanding(w io.Writer, s rehearsal.Standing) {
	fmt.Fprintf(w, "\n%s is up.\n", s.Stack)
	printOutputs(w, "", s.Outputs)
	if s.Served != nil {
		printServed(w, s.Served)
	}
	if s.Page != "" {
		fmt.Fprintf(w, "Watch its calls, send a prompt, cut a region: %s\n", s.Page)
	}
	if s.Reach != nil {
		fmt.Fprintln(w, "The embedded Azure answers other programs under Azure's names, the gateway with it:")
		printReach(w, *s.Reach)
	}
	fmt.Fprintln(w, "Ctrl-C stops it.")
}

// printServed shows everything that a client needs. The keys are those of the embedded gateway and worth nothing elsewhere.
func printServed(w io.Writer, v *drills.Served) {
	fmt.Fprintf(w, "\nOn this machine it answers at %s, also as https://%s\n", v.URL, v.Host)
	fmt.Fprintf(w, "  %-24s %s\n", "certificate to trust", v.CAFile)
	for _, t := range v.Teams {
		who := t.Team
		if who == "" {
			who = "members of its groups"
		}
		with := t.Key
		switch {
		case t.TokenFile != "" && t.Key != "":
			with += " and the token in " + t.TokenFile
		case t.TokenFile != "":
			with = "the token in " + t.TokenFile
		}
		fmt.Fprintf(w, "  %-24s %s\n", who+" on "+t.Product, with)
	}
	shown := map[string]bool{}
	for _, t := range v.Teams {
		if !shown[t.Product] {
			shown[t.Product] = true
			fmt.Fprintf(w, "\nA call of product %s:\n%s\n", t.Product, v.Curl(t))
		}
	}
	fmt.Fprintln(w)
}

// printOutputs shows a stack's outputs, each link of a map on a line of its own.
func printOutputs(w io.Writer, under string, outputs map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		switch value := outputs[name].(type) {
		case map[string]any:
			printOutputs(w, under+name+" ", value)
		default:
			fmt.Fprintf(w, "  %-24s %v\n", under+name, value)
		}
	}
}
