package cost

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"enterprise-openai/internal/words"
)

// WriteJSON writes the report as docs/cost.schema.json says.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("cost as JSON: %w", err)
	}
	return nil
}

// Print writes the report for people: the sum first, then what it is made of, what is assumed, and what is missing from it.
func (r Report) Print(w io.Writer) error {
	p := &printer{}
	p.line("%s: %s %s a month (%d hours): %s fixed, %s for the assumed calls. %s %s no price.",
		r.Stack, r.Total, r.Currency, r.Hours, r.Fixed, r.Use, words.Count(len(r.Unknown), "item"), has(len(r.Unknown)))
	for _, warning := range r.Warnings {
		p.line("warning: %s", warning)
	}
	p.components(r)
	p.lines(r)
	p.assumed(r.Assumed)
	p.unknown(r.Unknown)
	p.free(r.Free)
	p.prices(r)
	_, err := io.WriteString(w, p.text.String())
	if err != nil {
		return fmt.Errorf("cost: %w", err)
	}
	return nil
}

func has(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// String is an amount with two digits and thousands apart.
func (m Money) String() string { return decimal(float64(m), 2) }

// decimal writes 1234.5 as 1,234.50.
func decimal(value float64, digits int) string {
	text := strconv.FormatFloat(math.Abs(value), 'f', digits, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return strconv.FormatFloat(value, 'g', -1, 64)
	}
	text = words.Thousands(n)
	if fraction != "" {
		text += "." + fraction
	}
	if value < 0 {
		text = "-" + text
	}
	return text
}

// short writes a number with as many digits as it has, six at most.
func short(value float64) string {
	text := decimal(value, 6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// printer is the text so far.
type printer struct{ text strings.Builder }

func (p *printer) line(format string, args ...any) {
	p.text.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// table writes rows below their heads; columns of numbers are right-aligned.
func (p *printer) table(title string, numbers []int, rows [][]string) {
	if len(rows) < 2 {
		return
	}
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	p.line("\n%s", title)
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if slices.Contains(numbers, i) {
				cell = pad + cell
			} else {
				cell += pad
			}
			line += "  " + cell
		}
		p.line("%s", line)
	}
}

func (p *printer) components(r Report) {
	rows := [][]string{{"component", "fixed", "use", "sum"}}
	for _, c := range r.Components {
		rows = append(rows, []string{c.Component, c.Fixed.String(), c.Use.String(), (c.Fixed + c.Use).String()})
	}
	p.table(r.Currency+" a month by component", []int{1, 2, 3}, rows)
}

func (p *printer) lines(r Report) {
	rows := [][]string{{"component", "meter", "paid", "quantity", "per", "price", r.Currency, "price of"}}
	for _, l := range r.Lines {
		from := "[" + l.Confidence + "] " + l.Source
		if l.Region != "" {
			from += ", " + l.Region
		}
		rows = append(rows, []string{l.Component, l.Meter, string(l.Kind), decimal(l.Quantity, 2), l.Per, short(l.Price), l.Month.String(), from})
	}
	p.table("meters", []int{3, 5, 6}, rows)
}

func (p *printer) assumed(a Assumed) {
	from := "assumed calls, which nobody chose: --traffic FILE says what yours are"
	if a.File != "" {
		from = "assumed calls, from " + a.File
	}
	rows := [][]string{{"deployment", "product", "calls/day", "prompt", "answer", "cached", "overflow", "bytes logged"}}
	for _, c := range a.Calls {
		bytes := 0.0
		for _, n := range c.Logged {
			bytes += n
		}
		rows = append(rows, []string{c.Deployment, c.Product, short(c.CallsPerDay), short(c.PromptTokens), short(c.AnswerTokens),
			short(100*c.CachedShare) + " %", short(100*c.OverflowShare) + " %", short(bytes)})
	}
	p.table(from, []int{2, 3, 4, 5, 6, 7}, rows)
}

func (p *printer) unknown(all []Unknown) {
	rows := [][]string{{"component", "what", "why"}}
	for _, u := range all {
		rows = append(rows, []string{u.Component, u.What, u.Why})
	}
	p.table("without a price, and in no sum", nil, rows)
}

// free writes how many resources cost nothing, by reason.
func (p *printer) free(all []Free) {
	var reasons []string
	counts := map[string]int{}
	for _, f := range all {
		if counts[f.Why] == 0 {
			reasons = append(reasons, f.Why)
		}
		counts[f.Why] += f.Count
	}
	rows := [][]string{{"resources", "why"}}
	for _, why := range reasons {
		rows = append(rows, []string{words.Thousands(counts[why]), why})
	}
	p.table("without a cost of their own", []int{0}, rows)
}

func (p *printer) prices(r Report) {
	rows := [][]string{{"source", "day", "", "page"}}
	for _, s := range r.Prices {
		rows = append(rows, []string{s.Name, s.Date, "[" + s.Confidence + "]", s.Page})
	}
	p.table("list prices, before taxes and agreements; where a region has none, the dearest known\n"+
		"[D] Microsoft's documentation, [3P] second hand, [M] unverified", nil, rows)
}
