package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"enterprise-openai/plan"
)

const planLong = `plan prints every resource that the program declares for a stack. It runs the program alone, without
the engine and without any Azure, so it takes a moment and shows what is declared, not what would change.

With --json it is an array of {urn, type, name, parent, dependsOn, inputs}: keep one from before a change,
and rehearse diff says what the change means.`

const planExamples = `  rehearse plan                                 the tree of dev
  rehearse plan --stack prod --json > prod.json everything about prod
  rehearse plan --json | jq -r '.[].type' | sort | uniq -c`

func newPlan(w work) *cobra.Command {
	var (
		t      target
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:     "plan",
		Short:   "Print what the program declares",
		Long:    planLong,
		Example: planExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := t.project(w.dir)
			if err != nil {
				return err
			}
			resources, err := w.plan(cmd.Context(), dir, t.stack)
			if err != nil {
				return fmt.Errorf("plan of %s: %w", t.stack, err)
			}
			if asJSON {
				return printPlanJSON(cmd.OutOrStdout(), resources)
			}
			return printTree(cmd.OutOrStdout(), resources)
		},
	}
	t.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an array of resources with their inputs")
	return cmd
}

func printPlanJSON(w io.Writer, resources []plan.Resource) error {
	if resources == nil {
		resources = []plan.Resource{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(resources); err != nil {
		return fmt.Errorf("plan as JSON: %w", err)
	}
	return nil
}

// printTree prints the resources below their parents, in the order in which they were declared.
func printTree(w io.Writer, resources []plan.Resource) error {
	known := make(map[string]bool, len(resources))
	for _, r := range resources {
		known[r.URN] = true
	}
	children := make(map[string][]plan.Resource)
	for _, r := range resources {
		parent := r.Parent
		if !known[parent] {
			// The stack itself is not part of a plan: what hangs on it is a root of the tree.
			parent = ""
		}
		children[parent] = append(children[parent], r)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	branch(table, children, "", "")
	if err := table.Flush(); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	_, err := fmt.Fprintf(w, "\n%d resources\n", len(resources))
	return err
}

func branch(w io.Writer, children map[string][]plan.Resource, parent, indent string) {
	siblings := children[parent]
	for i, r := range siblings {
		joint, below := "├─ ", "│  "
		if i == len(siblings)-1 {
			joint, below = "└─ ", "   "
		}
		if parent == "" {
			joint, below = "", ""
		}
		fmt.Fprintf(w, "%s%s%s\t%s\n", indent, joint, r.Name, r.Type)
		branch(w, children, r.URN, indent+below)
	}
}
