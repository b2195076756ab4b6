package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"enterprise-openai/rehearsal/report"
)

// bar is an operation of the deployment.
type bar struct {
	report.Operation
	// Style places the bar in its cell, in percent of the whole.
	Style template.CSS
}

// timeline is the deployment over modelled time.
type timeline struct {
	// Shown are the critical path and what takes longest, Others the rest.
	Shown, Others []bar
	Minutes       float64
	// Least is the longest chain that nobody can shorten.
	Least float64
}

// shownOperations is how many operations are bars; the others are a table to unfold.
const shownOperations = 24

func timelineOf(azure *report.Azure) *timeline {
	if azure == nil || len(azure.Operations) == 0 {
		return nil
	}
	t := &timeline{Minutes: azure.CriticalPathMinutes, Least: azure.LowerBoundMinutes}
	end := 0.0
	for _, o := range azure.Operations {
		end = max(end, o.Start+o.Minutes)
	}
	longest := slices.Clone(azure.Operations)
	slices.SortStableFunc(longest, func(a, b report.Operation) int { return cmp.Compare(weight(b), weight(a)) })
	least := weight(longest[min(len(longest), shownOperations)-1])
	for _, o := range azure.Operations {
		b := bar{o, span(o, end)}
		if weight(o) >= least && len(t.Shown) < shownOperations {
			t.Shown = append(t.Shown, b)
		} else {
			t.Others = append(t.Others, b)
		}
	}
	return t
}

// weight puts what failed first, then the critical path, then what takes longest.
func weight(o report.Operation) float64 {
	const failed, critical = 1e12, 1e6
	switch {
	case o.Failed:
		return failed
	case o.Critical:
		return critical + o.Minutes
	}
	return o.Minutes
}

func span(o report.Operation, end float64) template.CSS {
	if end <= 0 {
		return ""
	}
	const whole = 100
	return template.CSS(fmt.Sprintf("margin-left:%.2f%%;width:%.2f%%", whole*o.Start/end, whole*o.Minutes/end)) //nolint:gosec // numbers
}
