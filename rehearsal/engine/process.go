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

	"enterprise-openai/internal/proc"
)

// located is a CLI with its path, which the Automation API does not give.
type located struct {
	auto.PulumiCommand
	path string
}

// Run starts the CLI and waits for it.
func (l located) Run(
	ctx context.Context, workdir string, stdin io.Reader, out, errout []io.Writer, env []string, args ...string,
) (string, string, int, error) {
	return (&process{located: l}).Run(ctx, workdir, stdin, out, errout, env, args...)
}

// process runs the CLI as the Automation API does, and remembers its process: the API can interrupt it, but not kill it.
type process struct {
	located

	mu      sync.Mutex
	running *os.Process
	gone    chan struct{} // closed when running has ended
}

// interruptedWait is how long an interrupted CLI may take to end its operations; the Automation API gives it the same.
const interruptedWait = 10 * time.Second

// Run starts the CLI and waits for it.
func (p *process) Run(
	ctx context.Context, workdir string, stdin io.Reader, out, errout []io.Writer, env []string, args ...string,
) (string, string, int, error) {
	var stdout, stderr bytes.Buffer
	// Nothing is started after an interruption: what runs gets its time to end, and the command ends.
	if err := ctx.Err(); err != nil {
		return "", "", -1, err
	}
	cmd := exec.CommandContext(ctx, p.path, append([]string{"--non-interactive"}, args...)...)
	cmd.Dir, cmd.Stdin = workdir, stdin
	cmd.Env = append(append(cleaned(os.Environ()), env...), "PULUMI_AUTOMATION_API=true")
	cmd.Stdout, cmd.Stderr = io.MultiWriter(append(out, &stdout)...), io.MultiWriter(append(errout, &stderr)...)
	proc.Interruptible(cmd, interruptedWait)
	proc.Detach(cmd)
	runtime.LockOSThread() // the CLI ends with the thread that started it
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return "", "", -1, fmt.Errorf("the Pulumi CLI: %w", err)
	}
	gone := p.started(cmd.Process)
	err := cmd.Wait()
	p.ended(gone)
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), err
}

func (p *process) started(running *os.Process) (gone chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running, p.gone = running, make(chan struct{})
	return p.gone
}

func (p *process) ended(gone chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = nil
	close(gone)
}

// errNoOperation is returned by Kill when nothing runs.
var errNoOperation = errors.New("no operation is in progress")

// kill ends the process as kill -9 does, and returns when it is gone.
func (p *process) kill() error {
	p.mu.Lock()
	running, gone := p.running, p.gone
	p.mu.Unlock()
	if running == nil {
		return errNoOperation
	}
	if err := running.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("the Pulumi CLI: %w", err)
	}
	<-gone
	return nil
}

var _ auto.PulumiCommand = (*process)(nil)
