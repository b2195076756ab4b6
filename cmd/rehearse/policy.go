package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"enterprise-openai/policies/policytest"
)

const policyLong = `policy runs policy cases: files with requests of callers, answers of backends, and what has to come out. The documents are
executed with their C# expressions; time is a clock that the case moves, so nothing waits.

A case brings its own documents, or uses those of this project. docs/policy-cases.md describes the format.`

const policyExamples = `  rehearse policy policies/testdata                  every case of this project
  rehearse policy policies/testdata/failover         those of one folder
  rehearse policy my-case.txtar                      one case
  rehearse policy --json cases | jq '.[] | select(.pass | not)'`

func newPolicy(w work) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "policy FILE|DIR...",
		Short:   "Run policy cases",
		Long:    policyLong,
		Example: policyExamples,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("policy needs a case or a folder of cases, such as policies/testdata")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			results, err := w.policy(cmd.Context(), args...)
			if err != nil && len(results) == 0 {
				return err
			}
			failed := printCases(cmd.OutOrStdout(), results, asJSON)
			if err != nil {
				// The cases that ran are printed also when others could not run.
				return err
			}
			return failed
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an array of {file, promise, pass, failures, notes, seconds}")
	return cmd
}

// printCases prints the outcome of every case; a failure is printed with its place in the file.
func printCases(w io.Writer, results []policytest.Result, asJSON bool) error {
	failed := 0
	for _, r := range results {
		if !r.Pass {
			failed++
		}
	}
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(results); err != nil {
			return fmt.Errorf("results as JSON: %w", err)
		}
	} else {
		for _, r := range results {
			verdict := "pass"
			if !r.Pass {
				verdict = "FAIL"
			}
			fmt.Fprintf(w, "%s  %s\n", verdict, r.Promise)
			for _, f := range r.Failures {
				fmt.Fprintf(w, "      %s:%d: %s\n", r.File, f.Line, f.Text)
			}
			for _, note := range r.Notes {
				fmt.Fprintf(w, "      note: %s\n", note)
			}
		}
		fmt.Fprintf(w, "\n%d of %d cases hold\n", len(results)-failed, len(results))
	}
	if failed > 0 {
		return errDrillFailed
	}
	return nil
}
