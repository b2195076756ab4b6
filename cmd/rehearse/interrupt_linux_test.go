package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/rehearsal"
	"enterprise-openai/rehearsal/report"
)

// The environment of a test binary that runs a command instead of tests.
const (
	// asCommand has the command line.
	asCommand = "REHEARSE_TEST_COMMAND"
	// interruptedBy has the way to end it and the number of the event at which that happens.
	interruptedBy = "REHEARSE_TEST_INTERRUPT"
	// ownProcess is in the environment of everything that the command starts.
	ownProcess = "REHEARSE_TEST_PROCESS"
)

// The ways to end a command.
const (
	ctrlC = "ctrl-c"
	twice = "ctrl-c-twice"
	kill  = "kill"
	// never lets it come to its end. An up is interrupted when it is ready, whatever the way.
	never = "never"
)

func TestMain(m *testing.M) {
	if line := os.Getenv(asCommand); line != "" {
		code := untilSignal(func(ctx context.Context) int {
			return execute(ctx, strings.Fields(line), os.Stdout, os.Stderr, interrupting(os.Getenv(interruptedBy)))
		})
		fmt.Fprintln(os.Stdout, "exit code", code)
		return
	}
	m.Run()
}

// interrupting is the real work, interrupted.
func interrupting(how string) work {
	kind, at, _ := strings.Cut(how, " ")
	moment, _ := strconv.ParseInt(at, 10, 64)
	var events atomic.Int64
	counted := func(o rehearsal.Options) rehearsal.Options {
		show := o.Progress
		o.Progress = func(e rehearsal.Event) {
			show(e)
			if events.Add(1) == moment {
				interrupt(kind)
			}
		}
		return o
	}
	w := realWork()
	w.run = func(ctx context.Context, o rehearsal.Options) (report.Report, error) {
		return rehearsal.Run(ctx, counted(o))
	}
	w.up = func(ctx context.Context, o rehearsal.Options, ready func(rehearsal.Standing)) error {
		return rehearsal.Up(ctx, counted(o), func(s rehearsal.Standing) {
			ready(s)
			interrupt(ctrlC)
		})
	}
	return w
}

// interrupt does what a terminal or the system does: Ctrl-C goes to the whole process group.
func interrupt(kind string) {
	switch kind {
	case ctrlC:
		_ = syscall.Kill(0, syscall.SIGINT)
	case twice:
		_ = syscall.Kill(0, syscall.SIGINT)
		for { // until it has ended the process; not faster than the handler can be taken away
			<-time.After(20 * time.Millisecond)
			_ = syscall.Kill(0, syscall.SIGTERM) // jobs in a shell's background ignore SIGINT
		}
	case kill:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
}

// checkout is a project of its own with the stack dev, and a folder for temporary files.
type checkout struct {
	t         *testing.T
	dir, temp string
}

func newCheckout(t *testing.T) checkout {
	t.Helper()
	c := checkout{t: t, dir: t.TempDir(), temp: t.TempDir()}
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml"} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(c.dir, name), text, 0o600))
	}
	return c
}

// command runs a command until it ends by itself or is interrupted, and looks for what it has left. The test binary finds the
// project from its folder.
func (c checkout) command(line, how string) (output string) {
	c.t.Helper()
	binary, err := filepath.Abs(os.Args[0])
	require.NoError(c.t, err)
	own := fmt.Sprintf("%s=%s", ownProcess, c.dir)
	command := exec.CommandContext(c.t.Context(), binary)
	command.Dir = c.dir
	command.Env = append(os.Environ(), asCommand+"="+line, interruptedBy+"="+how, own, "TMPDIR="+c.temp)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	_ = command.Run() // a signal is an error, and so is an interrupted command
	assert.Eventually(c.t, func() bool { return len(running(c.t, own)) == 0 }, 10*time.Second, 10*time.Millisecond,
		"%s, %s: still running", line, how)
	if !strings.HasPrefix(how, twice) && !strings.HasPrefix(how, kill) {
		left, err := os.ReadDir(c.temp)
		require.NoError(c.t, err)
		assert.Empty(c.t, left, "%s, %s: temporary files", line, how)
	}
	return out.String()
}

// running are the processes that have a variable in their environment.
func running(t *testing.T, variable string) (found []string) {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	for _, file := range environments {
		text, err := os.ReadFile(file)
		if err == nil && bytes.Contains(text, []byte(variable+"\x00")) { // it may be gone meanwhile, or another user's
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "comm"))
			found = append(found, strings.TrimSpace(string(name)))
		}
	}
	return found
}

const upLine = "up --stack dev --listen 127.0.0.1:0"

// cloud is the embedded Azure that an up has left.
type cloud struct {
	// Seed is that of the keys: another one means another Azure.
	Seed      string `json:"seed"`
	Resources []struct {
		ID string `json:"id"`
	} `json:"resources"`
}

// azure reads what an up has left; nothing when it has not come that far.
func (c checkout) azure() (left cloud) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, ".rehearsal", "dev", "up", "azure.json"))
	if err == nil {
		require.NoError(c.t, json.Unmarshal(text, &left))
	}
	return left
}

// complete deploys without an interruption, and deploys again, which changes nothing.
func (c checkout) complete() {
	c.t.Helper()
	output := c.command(upLine, never)
	require.Contains(c.t, output, "dev is up.")
	require.Contains(c.t, output, "exit code 0")
	declared := 0
	resources, err := plan.Run(c.t.Context(), c.dir, "dev")
	require.NoError(c.t, err)
	for _, r := range resources {
		if r.Type != "pulumi:pulumi:Stack" {
			declared++
		}
	}
	require.Contains(c.t, c.command(upLine, never), fmt.Sprintf(" s  %d unchanged\n", declared))
}

// moments are how often a command is interrupted; `make test-slow` sets REHEARSE_MOMENTS.
func moments(t *testing.T, usually int) int {
	t.Helper()
	text := os.Getenv("REHEARSE_MOMENTS")
	if text == "" {
		return usually
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// random are moments and ways that REHEARSE_SEED repeats.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("REHEARSE_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("REHEARSE_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// TestAnUpThatIsInterruptedAnywhereIsContinuedByTheNext interrupts ups one after the other, each at a later or an earlier event, in
// preparation, deployment, recovery or service. Every fourth is followed by one that is not and must complete the stack; all stacks
// are the same then. The next begins with nothing.
func TestAnUpThatIsInterruptedAnywhereIsContinuedByTheNext(t *testing.T) {
	const most = 200 // events of an up of dev, about
	dice, n := random(t), moments(t, 3)
	var c checkout
	var seed string
	var first cloud
	for i := range n {
		if i%4 == 0 {
			c, seed = newCheckout(t), ""
		}
		how := fmt.Sprint([]string{ctrlC, twice, kill}[(i+dice.IntN(2))%3], " ", 1+dice.IntN(most))
		t.Log(how)
		t.Log(c.command(upLine, how))
		left := c.azure()
		require.True(t, seed == "" || left.Seed == seed, "it was cleared, not continued")
		if seed = left.Seed; i%4 != 3 && i != n-1 {
			continue
		}
		c.complete()
		left = c.azure()
		require.True(t, seed == "" || left.Seed == seed, "it was cleared, not continued")
		if first.Seed == "" {
			first = left
		}
		require.Equal(t, first.Resources, left.Resources)
	}
}

// TestARunThatIsInterruptedAnywhereLeavesNothing looks for processes and temporary files; the next run finds nothing locked. The drill
// resume, which starts engines of its own, takes minutes: it is there when many moments are tried.
func TestARunThatIsInterruptedAnywhereLeavesNothing(t *testing.T) {
	line, events := "run --stack dev --drill idempotent --drill logging", 500 // about
	n := moments(t, 2)
	if n > 2 {
		line, events = line+" --drill resume", 1000
	}
	dice, c := random(t), newCheckout(t)
	for i := range n {
		how := fmt.Sprint([]string{ctrlC, twice, kill}[(i+dice.IntN(2))%3], " ", 1+dice.IntN(events))
		if i == n-1 {
			// In the middle of the deployment, where the most is left: locks, half a state.
			how = fmt.Sprint(kill, " ", 250+dice.IntN(80))
		}
		t.Log(how)
		output := c.command(line, how)
		assert.NotContains(t, output, "another process")
		assert.NotContains(t, output, "in use")
	}
	output := c.command("run --stack dev --drill idempotent", never)
	assert.Contains(t, output, "exit code 0")
}
