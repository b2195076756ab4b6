package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal/drills"
)

const drillsLong = `drills lists every drill in the order in which run does them, each with the promise that it
proves on the deployed stack. "rehearse run --drill NAME" runs one of them.`

const drillsExamples = `  rehearse drills                      a table
  rehearse drills --json | jq -r '.[].name'`

// drillRow is one drill as drills --json prints it.
type drillRow struct {
	Name    string `json:"name"`
	Promise string `json:"promise"`
}

func newDrills(work) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "drills",
		Short:   "List the drills and the promise that each proves",
		Long:    drillsLong,
		Example: drillsExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows := make([]drillRow, 0, len(drills.All()))
			for _, d := range drills.All() {
				rows = append(rows, drillRow{Name: d.Name, Promise: d.Promise})
			}
			return printDrills(cmd.OutOrStdout(), rows, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an array of {name, promise}")
	return cmd
}

func printDrills(w io.Writer, rows []drillRow, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "DRILL\tPROMISE")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%s\n", row.Name, row.Promise)
	}
	return table.Flush()
}
