package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/promises"
	"enterprise-openai/rehearsal/report"
)

const promisesLong = `promises lists what this project promises, each promise with the results of its drills in the stack's
last rehearsal, read from .rehearsal/<stack>/report.json:

  PASS      every drill of the promise passed
  FAIL      at least one of them failed
  not run   at least one of them was left out, and none failed
  tests     no drill proves it: policy cases and tests do, which "make test" runs

docs/promises.md has the files that keep each promise, and all of its proofs. The exit code is 1 when a
promise failed.`

const promisesExamples = `  rehearse promises                       a table, for dev
  rehearse promises --stack prod
  rehearse promises --json | jq -r '.promises[] | select(.result == "FAIL") | .id'`

// The results of a promise.
const (
	resultPass   = "PASS"
	resultFail   = "FAIL"
	resultNotRun = "not run"
	resultTests  = "tests"
)

// errPromiseFailed ends the command after its table: the table has what failed.
var errPromiseFailed = errors.New("not every promise was kept")

// promiseRows is what promises --json prints.
type promiseRows struct {
	Stack string `json:"stack"`
	// Finished is when the report was written.
	Finished time.Time    `json:"finished"`
	Error    string       `json:"error,omitempty"`
	Promises []promiseRow `json:"promises"`
}

type promiseRow struct {
	ID     string     `json:"id"`
	Text   string     `json:"text"`
	Result string     `json:"result"`
	Drills []drillRun `json:"drills"`
}

type drillRun struct {
	Name   string `json:"name"`
	Result string `json:"result"`
}

func newPromises(w work) *cobra.Command {
	var (
		t      target
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:     "promises",
		Short:   "List the promises with the results of the last run",
		Long:    promisesLong,
		Example: promisesExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := t.project(w.dir)
			if err != nil {
				return err
			}
			last, finished, err := lastReport(dir, t.stack)
			if err != nil {
				return err
			}
			list, err := promises.Read()
			if err != nil {
				return err
			}
			rows := promiseRows{Stack: t.stack, Finished: finished, Error: last.Error, Promises: promiseResults(list, last)}
			if err := rows.print(cmd.OutOrStdout(), asJSON); err != nil {
				return err
			}
			if rows.count(resultFail) > 0 {
				return errPromiseFailed
			}
			return nil
		},
	}
	t.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print {stack, finished, promises: [{id, text, result, drills: [{name, result}]}]}")
	return cmd
}

// lastReport is the report of the stack's last run, and when it was written.
func lastReport(project, stack string) (report.Report, time.Time, error) {
	file := rehearsal.ReportFile(project, stack)
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return report.Report{}, time.Time{}, fmt.Errorf("there is no %s: %s was not rehearsed here yet; run rehearse run --stack %s", file, stack, stack)
	}
	if err != nil {
		return report.Report{}, time.Time{}, fmt.Errorf("report: %w", err)
	}
	read, err := readReport(file)
	return read, info.ModTime().UTC().Truncate(time.Second), err
}

// promiseResults joins the promises with the drills of a report.
func promiseResults(list promises.List, last report.Report) []promiseRow {
	results := map[string]string{}
	for _, d := range last.Drills {
		results[d.Name] = resultFail
		if d.Pass {
			results[d.Name] = resultPass
		}
	}
	var rows []promiseRow
	for _, p := range list.All() {
		row := promiseRow{ID: p.ID, Text: p.Text, Result: resultTests, Drills: []drillRun{}}
		for _, name := range p.Drills {
			result, ran := results[name]
			if !ran {
				result = resultNotRun
			}
			row.Drills = append(row.Drills, drillRun{name, result})
			row.Result = worse(row.Result, result)
		}
		rows = append(rows, row)
	}
	return rows
}

// worse is the result of two together.
func worse(a, b string) string {
	for _, result := range []string{resultFail, resultNotRun, resultPass} {
		if a == result || b == result {
			return result
		}
	}
	return resultTests
}

func (r promiseRows) count(result string) int {
	n := 0
	for _, p := range r.Promises {
		if p.Result == result {
			n++
		}
	}
	return n
}

func (r promiseRows) print(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RESULT\tPROMISE\tDRILLS")
	for _, p := range r.Promises {
		names := make([]string, 0, len(p.Drills))
		for _, d := range p.Drills {
			name := d.Name
			if d.Result != p.Result {
				name += " (" + d.Result + ")"
			}
			names = append(names, name)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", p.Result, p.ID, strings.Join(names, ", "))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("promises: %w", err)
	}
	if r.Error != "" {
		fmt.Fprintf(w, "\nThe run broke off: %s\n", r.Error)
	}
	_, err := fmt.Fprintf(w, "\n%s, rehearsed %s: %d passed, %d failed, %d not run, %d proved by policy cases and tests alone.\n",
		r.Stack, r.Finished.Format("2006-01-02 15:04 MST"), r.count(resultPass), r.count(resultFail), r.count(resultNotRun), r.count(resultTests))
	return err
}
