package main

import (
	"fmt"
	"io"
	"strings"

	"enterprise-openai/rehearsal/report"
)

// What a summary shows at most, so that it fits one screen of 24 lines and 80 columns; the report has everything, and the steps before
// the summary have the first failure of every drill.
const (
	summaryFaults   = 2
	summaryDrills   = 2
	summaryFailures = 2
	summaryWidth    = 72
)

// printReport prints the whole report as JSON, or its outcome for people; a person has seen the steps go by.
func printReport(w io.Writer, rep report.Report, asJSON bool) error {
	if asJSON {
		return rep.WriteJSON(w)
	}
	printBroken(w, rep.Faults)
	if rep.Error != "" {
		return nil // the caller prints why it broke off
	}
	printFailed(w, rep.Failed())
	if rep.Azure != nil {
		printCriticalPath(w, rep.Azure)
	}
	_, err := fmt.Fprintf(w, "\n%s: %s, %d resources. The report is .rehearsal/%s/report.html\n",
		rep.Stack, rep.Verdict(), rep.Resources.Created, rep.Stack)
	return err
}

// printBroken prints what was broken by script.
func printBroken(w io.Writer, faults []string) {
	if len(faults) > 0 {
		fmt.Fprintln(w, "\nfaults:")
		printSome(w, faults, summaryFaults)
	}
}

// printFailed prints the drills that failed with their first failures, or their names where many failed.
func printFailed(w io.Writer, failed []report.Drill) {
	if len(failed) > summaryDrills {
		names := make([]string, len(failed))
		for i, d := range failed {
			names[i] = d.Name
		}
		fmt.Fprintf(w, "\nFAIL %s\n", strings.Join(names, ", "))
		return
	}
	for _, d := range failed {
		fmt.Fprintf(w, "\nFAIL %s: %s\n", d.Name, shorten(d.Promise, 2*summaryWidth))
		printSome(w, d.Failures, summaryFailures)
	}
}

// printSome prints the first line of the first texts, and how many there are besides.
func printSome(w io.Writer, texts []string, most int) {
	for i, text := range texts {
		if i == most {
			fmt.Fprintf(w, "  … and %d more in the report\n", len(texts)-most)
			return
		}
		first, _, more := strings.Cut(strings.TrimSpace(text), "\n")
		first = shorten(first, summaryWidth)
		if more {
			first += " …"
		}
		fmt.Fprintf(w, "  - %s\n", first)
	}
}

// printCriticalPath prints how long Azure would take, and what takes longest of what decides that.
func printCriticalPath(w io.Writer, azure *report.Azure) {
	fmt.Fprintf(w, "\nOn Azure the first up takes about %.0f minutes, %.0f at least", azure.CriticalPathMinutes, azure.LowerBoundMinutes)
	var longest report.Operation
	for _, o := range azure.Operations {
		if o.Critical && o.Minutes > longest.Minutes {
			longest = o
		}
	}
	if longest.Minutes > 0 {
		fmt.Fprintf(w, "; %s %s takes %.0f of them", longest.Type, longest.Name, longest.Minutes)
	}
	fmt.Fprintln(w, ".")
}
