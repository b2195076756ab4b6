package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"enterprise-openai/internal/azure/faults"
)

// faultFlag names a script of faults.
type faultFlag struct{ file string }

func (f *faultFlag) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "faults", "", "break requests to Azure by the rules in this YAML `file`, see docs/faults.md")
}

// script reads the file; without one there is no script.
func (f *faultFlag) script() (*faults.Script, error) {
	if f.file == "" {
		return nil, nil //nolint:nilnil // no script is an answer, not an error
	}
	script, err := faults.Read(f.file)
	if err != nil {
		return nil, usageError{err}
	}
	return script, nil
}

// printFaults prints what every rule did and cost.
func printFaults(w io.Writer, script *faults.Script) {
	if script == nil {
		return
	}
	fmt.Fprintln(w, "faults:")
	for _, outcome := range script.Outcomes() {
		fmt.Fprintln(w, "  -", outcome)
	}
	fmt.Fprintln(w)
}
