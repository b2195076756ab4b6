package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/report"
)

func summaryOf(t *testing.T, rep report.Report) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, printReport(&b, rep, false))
	return b.String()
}

// failing is a report of so many failed drills, each with fifty long failures.
func failing(n int) report.Report {
	rep := report.Report{Stack: "dev", Azure: &report.Azure{CriticalPathMinutes: 36.4, LowerBoundMinutes: 36.1}}
	for i := range n {
		d := report.Drill{Name: fmt.Sprintf("drill-%d", i), Promise: strings.Repeat("A promise ", 30)}
		for range 50 {
			d.Failures = append(d.Failures, "the first line "+strings.Repeat("x", 300)+"\na second\nand a third")
		}
		rep.Drills = append(rep.Drills, d)
	}
	for i := range 100 {
		rep.Azure.CriticalPath = append(rep.Azure.CriticalPath, "ApiOperation 3 s")
		rep.Azure.Operations = append(rep.Azure.Operations, report.Operation{Type: "ApiOperation", Name: fmt.Sprint(i), Minutes: 0.1, Critical: true})
		rep.Faults = append(rep.Faults, "a fault")
	}
	rep.Azure.Operations[50] = report.Operation{Type: "ApiManagementService", Name: "gateway", Minutes: 35, Critical: true}
	return rep
}

func TestASummaryFitsOneScreenAndEndsWithTheReport(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 24} {
		text := summaryOf(t, failing(n))
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		rows := 0
		for _, line := range lines {
			rows += 1 + len([]rune(line))/80
		}
		assert.LessOrEqual(t, rows, 24, text)
		assert.True(t, strings.HasSuffix(text, "The report is .rehearsal/dev/report.html\n"), text)
		for i := range n {
			assert.Contains(t, text, fmt.Sprintf("drill-%d", i), "every drill that failed is named")
		}
		assert.Contains(t, text, "On Azure the first up takes about 36 minutes, 36 at least; ApiManagementService gateway takes 35 of them.\n")
	}
}

func TestASummaryTellsHowMuchItLeavesOut(t *testing.T) {
	text := summaryOf(t, failing(1))
	assert.Contains(t, text, "\n  … and 48 more in the report\n")
	assert.Contains(t, text, "xxx… …\n", "the failure is cut, and has more lines")
	assert.Contains(t, text, "  - a fault\n  … and 98 more in the report\n")
}
