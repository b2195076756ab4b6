package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"enterprise-openai/internal/clock"
	"enterprise-openai/plan/cost"
)

const costLong = `cost prints what a stack costs in a month of 730 hours: what is paid whether anybody calls or not, and what
the calls cost. Quantities are those of the plan; prices are list prices, each with its page, its day and how
sure it is. What has no price is listed, and is in no sum.

Calls are assumed, and printed as such: round figures, or those of a file (--traffic). docs/cost.md has the
format, and what the sum leaves out.`

const costExamples = `  rehearse cost                                  what dev costs
  rehearse cost --stack prod --traffic ours.yaml  the same for prod, with your calls
  rehearse cost --json | jq '.unknown'           what has no price`

func newCost(w work) *cobra.Command {
	var (
		t       target
		traffic string
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:     "cost",
		Short:   "Print what a stack costs in a month",
		Long:    costLong,
		Example: costExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := t.project(w.dir)
			if err != nil {
				return err
			}
			calls, err := assumed(traffic)
			if err != nil {
				return err
			}
			resources, err := w.plan(cmd.Context(), dir, t.stack)
			if err != nil {
				return fmt.Errorf("plan of %s: %w", t.stack, err)
			}
			report, err := cost.Of(t.stack, resources, calls, clock.Real{}.Now())
			if err != nil {
				return fmt.Errorf("cost of %s: %w", t.stack, err)
			}
			if asJSON {
				return report.WriteJSON(cmd.OutOrStdout())
			}
			return report.Print(cmd.OutOrStdout())
		},
	}
	t.register(cmd)
	cmd.Flags().StringVar(&traffic, "traffic", "", "`FILE` with the calls of a day; round figures when left out")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON (docs/cost.schema.json), and nothing else, on standard output")
	return cmd
}

// assumed reads the calls of a file, or those that are assumed without one.
func assumed(file string) (*cost.Traffic, error) {
	if file == "" {
		return cost.DefaultTraffic()
	}
	return cost.ReadTraffic(file)
}
