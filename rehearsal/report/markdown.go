package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxFailures is how many failures of one drill the markdown shows; report.json has them all. GitHub refuses a comment
// above 65,536 characters, and the fiftieth is not read.
const maxFailures = 20

// Markdown renders the report for a comment on a pull request. Its first line is a marker by which a workflow finds and
// replaces the comment of an earlier push.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- rehearsal: %s -->\n", r.Stack)
	fmt.Fprintf(&b, "### %s Rehearsal of `%s`: %s\n\n", sign(r.Pass()), r.Stack, r.Verdict())
	if r.Error != "" {
		fmt.Fprintf(&b, "%s\n", fenced(r.Error))
	}
	fmt.Fprintf(&b, "%s\n\n", r.counts())
	b.WriteString(r.criticalPath())
	if len(r.Drills) > 0 {
		b.WriteString("| | drill | promise | measured |\n|---|---|---|---|\n")
		for _, d := range r.Drills {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", sign(d.Pass), cell(d.Name), cell(d.Promise), cell(measured(d.Summary())))
		}
		b.WriteString("\n")
	}
	if len(r.Faults) > 0 {
		fmt.Fprintf(&b, "Faults by script:\n\n%s\n", fenced(strings.Join(r.Faults, "\n")))
	}
	for _, d := range r.Failed() {
		fmt.Fprintf(&b, "**%s** failed:\n\n%s\n", d.Name, fenced(strings.Join(shorten(d.Failures), "\n")))
	}
	return b.String()
}

// Verdict is the report in one phrase.
func (r Report) Verdict() string {
	failed := len(r.Failed())
	switch {
	case r.Error != "":
		return "broken off"
	case failed == 0:
		return fmt.Sprintf("all %d drills passed", len(r.Drills))
	default:
		return fmt.Sprintf("%d of %d drills failed", failed, len(r.Drills))
	}
}

func (r Report) counts() string {
	s := fmt.Sprintf("%d resources created, %d updated, %d unchanged, %d deleted · preview %.1f s, up %.1f s, drills %.1f s, destroy %.1f s",
		r.Resources.Created, r.Resources.Updated, r.Resources.Same, r.Resources.Deleted,
		r.Seconds.Preview, r.Seconds.Up, r.Seconds.Drills, r.Seconds.Destroy)
	if r.Azure != nil {
		s += fmt.Sprintf(" · on Azure about %.0f minutes (at least %.0f)", r.Azure.CriticalPathMinutes, r.Azure.LowerBoundMinutes)
	}
	return s
}

// criticalPath is a folded list, for readers who wonder why a deployment takes so long.
func (r Report) criticalPath() string {
	if r.Azure == nil || len(r.Azure.CriticalPath) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<details><summary>What decides how long Azure takes</summary>\n\n")
	for i, step := range r.Azure.CriticalPath {
		fmt.Fprintf(&b, "%d. %s\n", i+1, cell(step))
	}
	b.WriteString("\n</details>\n\n")
	return b.String()
}

func sign(pass bool) string {
	if pass {
		return "✅"
	}
	return "❌"
}

// tables are the measurements that are too large for a line: what went on over time, matrices, and rows. report.html shows them.
var tables = []string{"course", "matrix", "answers"}

// Summary is a drill's measurements without those that only a chart or a table can show.
func (d Drill) Summary() map[string]any {
	figures, _ := withoutTables(d.Measured).(map[string]any)
	return figures
}

func withoutTables(value any) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	kept := make(map[string]any, len(object))
	for key, inner := range object {
		if !slices.Contains(tables, key) {
			kept[key] = withoutTables(inner)
		}
	}
	return kept
}

// measured prints the figures of a drill, sorted by name.
func measured(m map[string]any) string {
	parts := make([]string, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, key+" "+figure(m[key]))
	}
	return strings.Join(parts, ", ")
}

// figure prints one measured value without the noise of a float's last digits.
func figure(v any) string {
	switch v := v.(type) {
	case float64:
		return fmt.Sprintf("%.3g", v)
	case string:
		return v
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(text)
	}
}

// cell keeps a text inside its table cell.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}

// fenced prints a text as it is, whatever markdown it contains: its fence is longer than any in the text.
func fenced(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + "\n" + strings.TrimRight(s, "\n") + "\n" + fence + "\n"
}

func shorten(failures []string) []string {
	if len(failures) <= maxFailures {
		return failures
	}
	rest := len(failures) - maxFailures
	return append(slices.Clone(failures[:maxFailures]), fmt.Sprintf("… and %d more, see report.json", rest))
}
