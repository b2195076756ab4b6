package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// located is a CLI and where it is, which the Automation API does not tell.
type located struct {
	auto.PulumiCommand
	path string
}

// Run starts the CLI and waits for it.
func (l located) Run(
	ctx context.Context, workdir string, stdin io.Reader, out, errout []io.Writer, env []string, args ...string,
) (string, string, int, error) {
	return (&held{located: l}).Run(ctx, workdir, stdin, out, errout, env, args...)
}

// held runs the CLI as the Automation API does, and keeps hold of its process: the API can interrupt it, but not kill it.
type held struct {
	located

	mu      sync.Mutex
	running *os.Process
	gone    chan struct{} // closed when running has ended
}

// interruptedWait is how long an interrupted CLI may take to end its operations; the Automation API gives it the same.
const interruptedWait = 10 * time.Second

// Run starts the CLI and waits for it.
func (h *held) Run(
	ctx context.Context, workdir string, stdin io.Reader, out, errout []io.Writer, env []string, args ...string,
) (string, string, int, error) {
	var stdout, stderr bytes.Buffer
	// Nothing is started once an interruption has come: what runs is given its time, and then the end is near.
	if err := ctx.Err(); err != nil {
		return "", "", -1, err
	}
	cmd := exec.CommandContext(ctx, h.path, append([]string{"--non-interactive"}, args...)...)
	cmd.Dir, cmd.Stdin = workdir, stdin
	cmd.Env = append(append(cleaned(os.Environ()), env...), "PULUMI_AUTOMATION_API=true")
	cmd.Stdout, cmd.Stderr = io.MultiWriter(append(out, &stdout)...), io.MultiWriter(append(errout, &stderr)...)
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = interruptedWait
	detach(cmd)
	runtime.LockOSThread() // the CLI ends with the thread that started it, see detach
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return "", "", -1, fmt.Errorf("the Pulumi CLI: %w", err)
	}
	gone := h.hold(cmd.Process)
	err := cmd.Wait()
	h.release(gone)
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), err
}

func (h *held) hold(p *os.Process) chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running, h.gone = p, make(chan struct{})
	return h.gone
}

func (h *held) release(gone chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running = nil
	close(gone)
}

// errNoOperation is returned by Kill when nothing runs.
var errNoOperation = errors.New("no operation is in progress")

// kill ends the process without asking it, and returns when it is gone.
func (h *held) kill() error {
	h.mu.Lock()
	running, gone := h.running, h.gone
	h.mu.Unlock()
	if running == nil {
		return errNoOperation
	}
	if err := running.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("the Pulumi CLI: %w", err)
	}
	<-gone
	return nil
}

var _ auto.PulumiCommand = (*held)(nil)
