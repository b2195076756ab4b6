package diff

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"enterprise-openai/plan/change"
)

// marks begin the sentences of a text, by effect.
var marks = map[Effect]string{Loss: "- ", Change: "~ ", Gain: "+ ", Note: "  "}

// WriteText writes a diff for a terminal.
func (d Diff) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", d.Summary)
	for _, s := range d.People {
		fmt.Fprintf(&b, "%s%s\n", marks[s.Effect], s.Text)
	}
	if len(d.Resources) > 0 {
		b.WriteString("\nResources\n")
		for _, r := range d.Resources {
			fmt.Fprintf(&b, "  %s\n", r)
		}
	}
	if len(d.Risks) > 0 {
		b.WriteString("\nRisks\n")
		for _, r := range d.Risks {
			fmt.Fprintf(&b, "  %-10s  %s\n", r.Rule, r.Text)
		}
	}
	if d.Azure.Minutes > 0 {
		fmt.Fprintf(&b, "\nTime\n  %s\n", d.Azure)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the time in words.
func (a Azure) String() string {
	return fmt.Sprintf("about %g minutes in Azure, modelled: %s", a.Minutes, strings.Join(a.Longest, ", then "))
}

// WriteMarkdown writes a diff for a comment: the verdict and the sentences, the rest folded.
func (d Diff) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n", d.Summary)
	if len(d.People) > 0 {
		b.WriteString("\n")
	}
	for _, s := range d.People {
		fmt.Fprintf(&b, "- %s%s\n", bold[s.Effect], s.Text)
	}
	if len(d.Risks) > 0 {
		b.WriteString("\n| risk | |\n|---|---|\n")
		for _, r := range d.Risks {
			fmt.Fprintf(&b, "| %s | %s |\n", r.Rule, strings.ReplaceAll(r.Text, "|", `\|`))
		}
	}
	if len(d.Resources) > 0 {
		fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n", d.Counts)
		for _, r := range d.Resources {
			fmt.Fprintf(&b, "- %s\n", r)
		}
		b.WriteString("\n</details>\n")
	}
	if d.Azure.Minutes > 0 {
		fmt.Fprintf(&b, "\n%s\n", d.Azure)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// bold begins the sentences of a comment that a reviewer must not miss.
var bold = map[Effect]string{Loss: "**loss:** ", Change: "", Gain: "gain: ", Note: "note: "}

// WriteJSON writes a diff in the form of docs/diff.schema.json.
func (d Diff) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("diff as JSON: %w", err)
	}
	return nil
}

// String is a resource in one line, a replacement loud.
func (r Resource) String() string {
	if r.Kind == change.Replaced {
		return fmt.Sprintf("REPLACE %s %s, forced by %s", r.Type, r.Name, list(r.Paths))
	}
	text := fmt.Sprintf("%-7s %s %s", r.Kind, r.Type, r.Name)
	if len(r.Paths) > 0 {
		text += " (" + list(r.Paths) + ")"
	}
	return text
}
