package csharp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"
	"time"
)

const (
	// languageVersion is Microsoft Learn's api-management/api-management-policy-expressions: "Policy expressions syntax in C# 7".
	languageVersion = 7
	ansAssembled    = 1
	compileLimit    = 2 * time.Minute
	// idleLimit is when a compiler that nobody uses ends: it takes 100 MB, and a second to start.
	idleLimit = 20 * time.Second
)

// compiler is the process that compiles. A first compilation takes it a second, later ones some hundredths: all programs of
// this process share one.
type compiler struct {
	mu      sync.Mutex
	path    string
	process *process
	idle    *time.Timer
}

var shared compiler

// compile returns the assembly made of the sources, or the compiler's messages.
func (c *compiler) compile(ctx context.Context, t toolchain, references []string, texts map[string]string) ([]byte, string, error) {
	path, err := t.compilerProgram(ctx, io.Discard)
	if err != nil {
		return nil, "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	frame := compileFrame(references, texts)
	for attempt := 0; ; attempt++ {
		fresh, err := c.start(t, path)
		if err != nil {
			return nil, "", err
		}
		answer, err := c.exchange(ctx, frame)
		if err == nil {
			messages, assembly := answer.string(), answer.bytes()
			return assembly, messages, answer.err
		}
		c.stop()
		// One that ended while nobody used it is replaced.
		if fresh || attempt > 0 || ctx.Err() != nil {
			return nil, "", fmt.Errorf("C# compiler: %w", errors.Join(err, ctx.Err())) //nolint:staticcheck // C# is a name
		}
	}
}

// start makes sure that there is a process; fresh says that there was none.
func (c *compiler) start(t toolchain, path string) (fresh bool, err error) {
	if c.process != nil && c.path == path {
		return false, nil
	}
	c.stop()
	c.process, err = startProcess(t, path, compileLimit)
	c.path = path
	return true, err
}

func (c *compiler) exchange(ctx context.Context, frame []byte) (*reader, error) {
	if c.idle != nil {
		c.idle.Stop()
	}
	process := c.process
	defer context.AfterFunc(ctx, process.Interrupt)()
	answer, err := process.exchange(frame, compileLimit, nil, nil)
	c.idle = time.AfterFunc(idleLimit, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.process == process {
			c.stop()
		}
	})
	return answer, err
}

func (c *compiler) stop() {
	if c.process != nil {
		c.process.Kill()
		c.process = nil
	}
}

// compileFrame is what compiler/Main.cs reads.
func compileFrame(references []string, texts map[string]string) []byte {
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	sort.Strings(names)
	w := writer{b: make([]byte, frameHead)}
	w.int(languageVersion)
	w.strings(references)
	w.strings(names)
	for _, name := range names {
		w.string(texts[name])
	}
	return w.b
}
