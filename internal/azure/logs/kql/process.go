package kql

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	// endLimit is how long the child may take to leave once its input is closed.
	endLimit = 2 * time.Second
	// keptStderr is how much of what node says before it dies is shown.
	keptStderr = 4 << 10
	// DefaultMemory bounds the child's memory in megabytes, so that a query cannot take the machine with it.
	DefaultMemory = 2048
)

// process is the node child. One request is under way at a time.
type process struct {
	cmd    *exec.Cmd
	memory int
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *tail
	once   sync.Once
	done   chan struct{}
}

func startProcess(main string, memory int) (*process, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, ErrNoNode
	}
	//nolint:noctx // the child outlives the request that starts it; Close ends it
	cmd := exec.Command(node, fmt.Sprintf("--max-old-space-size=%d", memory), main)
	// Queries read nothing of this machine: no environment but what node needs to start.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC", "LANG=C.UTF-8"}
	p := &process{cmd: cmd, memory: memory, stderr: &tail{}, done: make(chan struct{})}
	cmd.Stderr = p.stderr
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("KQL process: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("KQL process: %w", err)
	}
	p.out = bufio.NewReaderSize(out, 1<<16)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("KQL process: %w", err)
	}
	return p, nil
}

// ask sends one request and reads its answer. A child that was interrupted is no longer usable and is killed.
func (p *process) ask(ctx context.Context, request, answer any) error {
	line, err := encode(request)
	if err != nil {
		return fmt.Errorf("KQL request: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = p.cmd.Process.Kill() })
	defer stop()
	_, err = p.in.Write(line)
	var reply []byte
	if err == nil {
		reply, err = p.out.ReadBytes('\n')
	}
	if err != nil {
		p.kill()
		if ctx.Err() != nil {
			return fmt.Errorf("KQL query: %w", ctx.Err())
		}
		if p.stderr.has("heap out of memory") || p.stderr.has("heap limit") {
			return &QueryError{Message: fmt.Sprintf("the query needs more memory than the %d MB that KQL may take here; filter or summarize earlier", p.memory)}
		}
		return fmt.Errorf("KQL process ended: %w", errors.Join(err, p.stderr.err()))
	}
	decoder := json.NewDecoder(bytes.NewReader(reply))
	decoder.UseNumber()
	if err := decoder.Decode(answer); err != nil {
		return fmt.Errorf("KQL answer: %w", err)
	}
	return nil
}

// encode writes one line of JSON and leaves < and > as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be gone already
	p.reap()
}

// end lets the child leave by itself, which it does when its input is closed.
func (p *process) end() {
	timer := time.AfterFunc(endLimit, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	_ = p.in.Close()
	p.reap()
}

// reap collects the exit status once; a killed child's status says nothing new.
func (p *process) reap() {
	p.once.Do(func() {
		_ = p.cmd.Wait()
		close(p.done)
	})
	<-p.done
}

// tail keeps the beginning of what a child writes to stderr.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := keptStderr - len(t.text); room > 0 {
		t.text = append(t.text, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (t *tail) has(text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Contains(t.text, []byte(text))
}

func (t *tail) err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(t.text))
	if text == "" {
		return nil
	}
	return errors.New(text)
}
