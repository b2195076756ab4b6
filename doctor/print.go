package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"enterprise-openai/internal/words"
)

// Style is how a report is printed for people.
type Style struct {
	// Width is the terminal's, in columns; 0 means that it is none, and every finding is a line that tools can read.
	Width int
	// Colour marks severities.
	Colour bool
}

// WriteJSON writes the report as one JSON object.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("report as JSON: %w", err)
	}
	return nil
}

// Print writes the report for people: in paragraphs on a terminal, and elsewhere as the lines that compilers print, one for
// each setting: Pulumi.dev.yaml:23: error: accounts[0].name: what is wrong; what would be right [check].
func (r Report) Print(w io.Writer, style Style) error {
	p := &page{style: style}
	if style.Width > 0 {
		p.paragraphs(r)
	} else {
		p.lines(r)
	}
	p.needs(r)
	p.knowledge(r)
	p.rest(r)
	_, err := io.WriteString(w, p.String())
	return err
}

type page struct {
	strings.Builder
	style Style
}

// Colours of a terminal, by number as ECMA-48 has them.
const (
	red, yellow, blue, faint, bold = "31", "33", "36", "2", "1"
)

func (p *page) paint(colour, text string) string {
	if !p.style.Colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

var headings = []struct {
	severity     Severity
	title, means string
	colour, sign string
}{
	{Error, "Errors", "Azure refuses it, or it can never work", red, "✗"},
	{Warning, "Warnings", "it works until it hurts", yellow, "!"},
	{Advice, "Advice", "good to know before", blue, "·"},
}

func (p *page) paragraphs(r Report) {
	fmt.Fprintf(p, "%s %s, %s\n", p.paint(bold, "rehearse doctor:"), r.Stack, r.Date)
	for _, h := range headings {
		if r.Count(h.severity) == 0 {
			continue
		}
		fmt.Fprintf(p, "\n%s %s\n", p.paint(bold+";"+h.colour, h.title), p.paint(faint, "("+h.means+")"))
		for _, f := range r.Findings {
			if f.Severity == h.severity {
				p.paragraph(f, p.paint(h.colour, h.sign))
			}
		}
	}
}

func (p *page) paragraph(f Finding, sign string) {
	fmt.Fprintln(p)
	p.wrap("  "+sign+" ", "    ", capital(f.Message)+".")
	widest := 0
	for _, s := range f.Settings {
		widest = max(widest, len(s.Where.String()))
	}
	for _, s := range f.Settings {
		where := ""
		if s.Path == "" {
			continue
		}
		if widest > 0 {
			where = fmt.Sprintf("%-*s  ", widest, s.Where)
		}
		fmt.Fprintf(p, "    %s\n", p.paint(faint, where+s.Path))
	}
	if f.Remedy != "" {
		p.wrap("    "+p.paint(bold, "→ "), "      ", capital(f.Remedy)+".")
	}
}

func (p *page) lines(r Report) {
	for _, f := range r.Findings {
		text := f.Message
		if f.Remedy != "" {
			text += "; " + f.Remedy
		}
		for _, s := range f.Settings {
			where := s.Where.String()
			if where == "" {
				where = "Pulumi." + r.Stack + ".yaml"
			}
			path := ""
			if s.Path != "" { // what is wrong with a subscription is at no setting
				path = s.Path + ": "
			}
			fmt.Fprintf(p, "%s: %s: %s%s [%s]\n", where, f.Severity, path, text, f.Check)
		}
	}
}

// needs prints the quota as a table.
func (p *page) needs(r Report) {
	if len(r.Quota) == 0 {
		return
	}
	title := "Quota the subscription must have"
	if r.Subscription != "" {
		title += ", and has"
	}
	fmt.Fprintf(p, "\n%s\n", p.paint(bold, title))
	table := tabwriter.NewWriter(p, 0, 0, 2, ' ', 0)
	queried := r.Subscription != ""
	for _, n := range r.Quota {
		unit := "thousand tokens/minute"
		if n.Provisioned() {
			unit = "units"
		}
		has := ""
		switch {
		case queried && n.Limit != nil && n.Used != nil:
			has = fmt.Sprintf("\t%s of %s used", words.Thousands(*n.Used), words.Thousands(*n.Limit))
		case queried:
			has = "\tnot reported"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s %s%s\n", n.Region, n.Quota, words.Thousands(n.Capacity), unit, has)
	}
	_ = table.Flush() // writes into memory
}

// knowledge prints how old the dated tables are.
func (p *page) knowledge(r Report) {
	if len(r.Knowledge) == 0 {
		return
	}
	fmt.Fprintf(p, "\n%s\n", p.paint(bold, "What it knows of models is from"))
	for _, s := range r.Knowledge {
		fmt.Fprintf(p, "  %s  %s, %s old\n", s.Date, s.Title, words.Count(s.AgeDays, "day"))
	}
}

func (p *page) rest(r Report) {
	if len(r.NotChecked) > 0 {
		fmt.Fprintf(p, "\n%s\n", p.paint(bold, "Not checked"))
		for _, text := range r.NotChecked {
			p.wrap("  - ", "    ", text)
		}
	}
	fmt.Fprintf(p, "\n%s: %s, %s, %s\n", r.Stack,
		words.Count(r.Count(Error), "error"), words.Count(r.Count(Warning), "warning"), pieces(r.Count(Advice)))
}

func pieces(n int) string {
	if n == 1 {
		return "1 piece of advice"
	}
	return fmt.Sprintf("%d pieces of advice", n)
}

// readable is the longest line of running text that people like to read.
const readable = 110

// wrap writes a text that begins with first and goes on with rest, broken at the terminal's edge.
func (p *page) wrap(first, rest, text string) {
	width := min(p.style.Width, readable) - len(rest)
	if p.style.Width == 0 {
		fmt.Fprintln(p, first+text)
		return
	}
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > max(width, 20) {
			fmt.Fprintln(p, first+line)
			first, line = rest, ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(p, first+line)
}

// capital begins a sentence, except with a name that begins small: gpt-4o stays what it is.
func capital(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if text == "" || strings.ContainsAny(word, "0123456789.:/-_") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
