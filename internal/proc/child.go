package proc

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	// endLimit is how long a child may take to end once its input is closed.
	endLimit = 2 * time.Second
	// stderrLimit is how much of what a child writes to standard error is shown: its beginning, which has the cause.
	stderrLimit = 4 << 10
	// readAhead holds most answers in one read.
	readAhead = 1 << 16
)

// Child is a program that answers on its standard output what it reads from its standard input.
type Child struct {
	In  io.WriteCloser
	Out *bufio.Reader

	cmd    *exec.Cmd
	limit  time.Duration // for ending by itself
	stderr head
	once   sync.Once
	ended  chan struct{}
}

// Start starts a command as a child. It must not have a context: a child outlives the request that started it.
func Start(cmd *exec.Cmd) (*Child, error) {
	c := &Child{cmd: cmd, limit: endLimit, ended: make(chan struct{})}
	cmd.Stderr = &c.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c.In, c.Out = in, bufio.NewReaderSize(out, readAhead)
	return c, nil
}

// PID is the child's process id.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Interrupt kills the child and does not wait: its reader gets an error, and calls Kill. It may be called at any time.
func (c *Child) Interrupt() { _ = c.cmd.Process.Kill() } // it may have ended by itself

// Kill kills the child and waits until it has ended.
func (c *Child) Kill() {
	c.Interrupt()
	c.Wait()
}

// Close closes the child's input, whereupon it ends by itself, and waits until it has; it is killed when that takes too long.
func (c *Child) Close() {
	timer := time.AfterFunc(c.limit, c.Interrupt)
	defer timer.Stop()
	_ = c.In.Close()
	c.Wait()
}

// Wait waits until the child has ended. It collects the exit status once; see State.
func (c *Child) Wait() {
	c.once.Do(func() {
		_ = c.cmd.Wait()
		close(c.ended)
	})
	<-c.ended
}

// State is how the child ended; nil while nobody has waited for it.
func (c *Child) State() *os.ProcessState { return c.cmd.ProcessState }

// Stderr is the beginning of what the child wrote to standard error.
func (c *Child) Stderr() string { return c.stderr.text() }

// head keeps the beginning of what is written to it.
type head struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

// Write implements io.Writer.
func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if room := stderrLimit - h.kept.Len(); room > 0 {
		h.kept.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (h *head) text() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.TrimSpace(h.kept.String())
}
