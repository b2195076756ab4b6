package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"enterprise-openai/rehearsal"
)

// progress shows what is going on. On a terminal the line of the running step is rewritten in place, every second too; elsewhere, as in
// CI, each step is one plain line when it ends, and details are left out.
type progress struct {
	mu sync.Mutex
	w  io.Writer
	// width of the terminal; 0 when it is none.
	width int
	// colour is whether verdicts are coloured.
	colour bool
	// quiet shows only what failed.
	quiet bool
	now   func() time.Time
	// running is the step that is running, with its last detail; began is when it began.
	running rehearsal.Event
	began   time.Time
	// open is true while an unfinished line is on the terminal.
	open bool
	stop chan struct{}
	once sync.Once
}

// second is how often a running line is rewritten.
const second = time.Second

// progressOf is the progress of a command on its standard error.
func progressOf(cmd *cobra.Command) *progress {
	p := newProgress(cmd.ErrOrStderr())
	p.quiet, _ = cmd.Flags().GetBool("quiet")
	if p.width > 0 && !p.quiet {
		go p.follow()
	}
	return p
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w, now: time.Now, stop: make(chan struct{})}
	if os.Getenv("CI") == "" {
		p.width = terminal(w)
		p.colour = p.width > 0 && coloured()
	}
	return p
}

// terminal is the width of a terminal that takes control characters, and 0 for everything else.
func terminal(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// coloured is false where the user wants no colours (no-color.org).
func coloured() bool {
	return os.Getenv("NO_COLOR") == "" //nolint:misspell // the name that no-color.org agreed on
}

// follow rewrites the running line while nothing else happens.
func (p *progress) follow() {
	tick := time.NewTicker(second)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.mu.Lock()
			if p.open {
				p.rewrite()
			}
			p.mu.Unlock()
		}
	}
}

// show takes one event of a rehearsal.
func (p *progress) show(e rehearsal.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case rehearsal.Started:
		p.running, p.began = e, p.now()
		p.rewrite()
	case rehearsal.Detail:
		p.running.Text = e.Text
		if !p.running.Drill { // a drill counts drills
			p.running.Done, p.running.Of = e.Done, e.Of
		}
		p.rewrite()
	case rehearsal.Finished:
		if p.quiet && !e.Failed {
			return
		}
		text := strings.TrimRight(fmt.Sprintf("%-12s %6.1f s  %s", e.Step, e.Took.Round(100*time.Millisecond).Seconds(), e.Text), " ")
		p.line(p.painted(fmt.Sprintf("%-6s", verdict(e)), e.Failed) + " " + text)
	}
}

// painted is a verdict in its colour; the word says the same.
func (p *progress) painted(text string, failed bool) string {
	const red, green, plain = "\x1b[1;31m", "\x1b[32m", "\x1b[0m"
	switch {
	case !p.colour:
		return text
	case failed:
		return red + text + plain
	}
	return green + text + plain
}

// Write prints the lines of a slow preparation, such as building the Pulumi CLI.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quiet {
		return len(b), nil
	}
	for line := range bytes.Lines(b) {
		p.line("       " + strings.TrimRight(string(line), "\n"))
	}
	return len(b), nil
}

// done leaves the terminal at the start of a line.
func (p *progress) done() {
	p.once.Do(func() { close(p.stop) })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) line(text string) {
	p.clear()
	fmt.Fprintln(p.w, text)
}

// rewrite replaces the running line; without a terminal it shows nothing.
func (p *progress) rewrite() {
	if p.width == 0 || p.quiet {
		return
	}
	p.clear()
	fmt.Fprint(p.w, shorten(p.text(), p.width-1))
	p.open = true
}

// text is the running line: the step, how far it is, how long it takes and usually takes, and what is being done.
func (p *progress) text() string {
	e := p.running
	parts := []string{}
	switch {
	case e.Of > 0:
		parts = append(parts, fmt.Sprintf("%s %d of %d", bar(e.Done, e.Of), e.Done, e.Of))
	case e.Done > 0:
		parts = append(parts, fmt.Sprint(e.Done))
	}
	if took := p.now().Sub(p.began); took >= second || e.Usual >= second {
		text := fmt.Sprintf("%.0f s", took.Truncate(second).Seconds())
		if e.Usual >= second {
			text += fmt.Sprintf(", usually %.0f", e.Usual.Seconds())
		}
		parts = append(parts, text)
	}
	if e.Text != "" {
		parts = append(parts, e.Text)
	}
	return fmt.Sprintf("  … %-12s %s", e.Step, strings.Join(parts, " · "))
}

// bar draws how far a step is, in ten parts.
func bar(done, of int) string {
	const parts = 10
	full := min(parts, done*parts/of)
	return strings.Repeat("█", full) + strings.Repeat("░", parts-full)
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
