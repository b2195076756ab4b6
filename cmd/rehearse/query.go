package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal"
)

const queryLong = `query runs KQL, the language of Log Analytics, on the logs of a stack's last run: the rows that its logging drills
left, in the tables that the deployed resources would have filled in Azure. Microsoft's own parser checks the
text; a mistake is reported with its line and column.

The argument is the name of one of this project's queries or alerts, a file that ends in .kql, or the query itself;
without one, the project's queries are listed. Prices, teams and quotas are put into them as the stack's settings have
them. now() is the end of the run, so that ago(1h) finds its last calls.

Tables: ApiManagementGatewayLogs (a row per call), ApiManagementGatewayLlmLog (tokens and messages),
AzureDiagnostics and AzureMetrics (the accounts' own), AppMetrics (token metrics).`

const queryExamples = `  rehearse query                                        list the queries
  rehearse query tokens-by-ip-and-model                 who used how many tokens of what
  rehearse query queries/usage-and-cost.kql             by team, product, model, region and day
  rehearse query 'ApiManagementGatewayLogs | summarize count() by ResponseCode'
  rehearse query 'ApiManagementGatewayLlmLog | getschema'    the columns of a table
  rehearse query --json prompts-and-completions | jq -r '.[].Prompt'`

func newQuery(w work) *cobra.Command {
	var (
		t      target
		folder string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:     "query [NAME|FILE.kql|'KQL']",
		Short:   "Ask the logs of the last run in KQL",
		Long:    queryLong,
		Example: queryExamples,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && strings.TrimSpace(args[0]) == "" {
				return usageError{errors.New("query takes one query or one file, such as queries/tokens-by-ip-and-model.kql; a query with spaces stands in quotes")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listQueries(cmd.OutOrStdout())
			}
			dir, err := t.project(w.dir)
			if err != nil {
				return err
			}
			text, err := queryText(args[0])
			if err != nil {
				return err
			}
			p := progressOf(cmd)
			result, err := w.query(cmd.Context(), rehearsal.Options{ProjectDir: dir, Stack: t.stack, Log: p}, folder, text)
			p.done()
			if err != nil {
				return err
			}
			if asJSON {
				return result.WriteJSON(cmd.OutOrStdout())
			}
			return result.WriteTable(cmd.OutOrStdout())
		},
	}
	t.register(cmd)
	cmd.Flags().StringVar(&folder, "logs", "", "query the logs in this `folder` instead of the stack's last run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an array of rows")
	return cmd
}

// listQueries prints the project's queries and what they answer.
func listQueries(out io.Writer) error {
	list := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, q := range rehearsal.Questions() {
		_, _ = fmt.Fprintf(list, "%s\t%s\n", q.Name, q.Title)
	}
	if err := list.Flush(); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

// aName is what a query's name looks like, and no query does: tables begin with a capital.
var aName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// queryText is the query that an argument means. Nothing in KQL ends in .kql.
func queryText(argument string) (string, error) {
	var known []string
	for _, q := range rehearsal.Questions() {
		if q.Name == argument {
			return q.Text, nil
		}
		known = append(known, q.Name)
	}
	if aName.MatchString(argument) {
		return "", usageError{fmt.Errorf("no query is called %s; there are %s", argument, strings.Join(known, ", "))}
	}
	if !strings.EqualFold(filepath.Ext(argument), ".kql") {
		return argument, nil
	}
	text, err := os.ReadFile(argument)
	if errors.Is(err, os.ErrNotExist) {
		return "", usageError{fmt.Errorf("there is no file %s", argument)}
	}
	if err != nil {
		return "", fmt.Errorf("query: %w", err)
	}
	return string(text), nil
}
