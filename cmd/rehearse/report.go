package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"enterprise-openai/rehearsal/report"
	"enterprise-openai/rehearsal/report/page"
)

const reportLong = `report makes report.html of a report.json, that of another machine too. It needs nothing but the file: no project, no
engine, no network. A report of another version is refused.`

const reportExamples = `  rehearse report .rehearsal/dev/report.json          report.html beside it
  rehearse report artifacts/report.json -o /tmp/page  in another folder`

func newReport() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:     "report FILE.json",
		Short:   "Make the page of a report",
		Long:    reportLong,
		Example: reportExamples,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("report takes one report.json, got %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			read, err := readReport(args[0])
			if err != nil {
				return err
			}
			if dir == "" {
				dir = filepath.Dir(args[0])
			}
			if err := page.SavePage(dir, read); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(dir, page.File))
			return err
		},
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "", "the `folder` of report.html; that of the file when left out")
	return cmd
}

func readReport(name string) (_ report.Report, err error) {
	file, err := os.Open(name)
	if err != nil {
		return report.Report{}, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	read, err := report.Read(file)
	if err != nil {
		return report.Report{}, fmt.Errorf("%s: %w", name, err)
	}
	return read, nil
}
