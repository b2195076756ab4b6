package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/report"
)

// onPTY runs a command line whose standard error is a real terminal of 80 columns, and gives what the terminal got.
func onPTY(t *testing.T, args []string, environment map[string]string) string {
	t.Helper()
	for _, name := range []string{"CI", "NO_COLOR", "TERM"} {
		t.Setenv(name, environment[name])
	}
	master, terminal, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 80}))
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(master) // ends with an error when the other side is closed
		shown <- string(text)
	}()
	w := work{dir: project(t, "dev"), run: func(_ context.Context, o rehearsal.Options) (report.Report, error) {
		long := rehearsal.Event{Step: "engine", Kind: rehearsal.Detail, Text: strings.Repeat("a name with ümläuts ", 20), Done: 1, Of: 2}
		for _, e := range append([]rehearsal.Event{steps[0], long}, steps...) {
			e.Usual = time.Minute
			o.Progress(e)
		}
		return passed, nil
	}}
	assert.Equal(t, exitOK, execute(t.Context(), args, io.Discard, terminal, w))
	require.NoError(t, terminal.Close())
	text := <-shown
	require.NoError(t, master.Close())
	return text
}

func TestATerminalGetsColoursAndARunningLineUnlessTheUserWantsNone(t *testing.T) {
	const rewritten, red = "\r\x1b[K", "\x1b[1;31m"
	for name, c := range map[string]struct {
		args                []string
		environment         map[string]string
		rewritten, coloured bool
	}{
		"a terminal":            {nil, nil, true, true},
		"NO_COLOR":              {nil, map[string]string{"NO_COLOR": "1"}, true, false},
		"CI":                    {nil, map[string]string{"CI": "true"}, false, false},
		"a terminal of letters": {nil, map[string]string{"TERM": "dumb"}, false, false},
		"quiet":                 {[]string{"--quiet"}, nil, false, true},
		"quiet, of run":         {[]string{"run", "-q"}, nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			text := onPTY(t, c.args, c.environment)
			assert.Equal(t, c.rewritten, strings.Contains(text, rewritten), text)
			assert.Equal(t, c.coloured, strings.Contains(text, red+"FAIL  "), text)
			assert.Contains(t, text, "update Subnet", "what failed is always shown")
			assert.Equal(t, c.args == nil, strings.Contains(text, "61 created"), text)
		})
	}
}

func TestARunningLineNeverWraps(t *testing.T) {
	for line := range strings.SplitSeq(onPTY(t, nil, nil), "\r") {
		plain := strings.TrimPrefix(line, "\x1b[K")
		assert.LessOrEqual(t, len([]rune(plain)), 80, plain)
	}
}
