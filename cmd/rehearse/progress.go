package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"enterprise-openai/rehearsal"
)

// progress shows what is going on. On a terminal the line of the running step is rewritten in place; elsewhere, as in CI,
// each step is one plain line when it ends, and details are left out.
type progress struct {
	mu sync.Mutex
	w  io.Writer
	// width of the terminal; 0 when it is none.
	width int
	// step that is running, as shown.
	step string
	// open is true while an unfinished line is on the terminal.
	open bool
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w}
	if f, ok := w.(*os.File); ok && os.Getenv("CI") == "" && os.Getenv("TERM") != "dumb" {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			p.width = width
		}
	}
	return p
}

// show takes one event of a rehearsal.
func (p *progress) show(e rehearsal.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case rehearsal.Started:
		p.step = e.Step
		p.rewrite(fmt.Sprintf("  … %-12s %s", e.Step, e.Text))
	case rehearsal.Detail:
		p.rewrite(fmt.Sprintf("  … %-12s %s", p.step, e.Text))
	case rehearsal.Finished:
		p.line(strings.TrimRight(fmt.Sprintf("%-6s %-12s %6.1f s  %s", verdict(e), e.Step, e.Took.Round(100*time.Millisecond).Seconds(), e.Text), " "))
	}
}

// Write prints the lines of a slow preparation, such as building the Pulumi CLI.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range bytes.Lines(b) {
		p.line("       " + strings.TrimRight(string(line), "\n"))
	}
	return len(b), nil
}

// done leaves the terminal at the start of a line.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) line(text string) {
	p.clear()
	fmt.Fprintln(p.w, text)
}

// rewrite replaces the running line; without a terminal it shows nothing.
func (p *progress) rewrite(text string) {
	if p.width == 0 {
		return
	}
	p.clear()
	fmt.Fprint(p.w, shorten(text, p.width-1))
	p.open = true
}

func (p *progress) clear() {
	if p.open {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.open = false
	}
}

// shorten cuts a text that would wrap, which a carriage return could not take back.
func shorten(text string, width int) string {
	text = strings.ReplaceAll(text, "\n", " ")
	runes := []rune(text)
	if len(runes) <= width || width < 2 {
		return text
	}
	return string(runes[:width-1]) + "…"
}

// verdict is PASS or FAIL for a drill, ok or FAILED for a step of the rehearsal itself.
func verdict(e rehearsal.Event) string {
	switch {
	case e.Drill && e.Failed:
		return "FAIL"
	case e.Drill:
		return "PASS"
	case e.Failed:
		return "FAILED"
	default:
		return "ok"
	}
}
