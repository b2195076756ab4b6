package engine

import (
	"fmt"
	"strings"
	"sync"
)

// buildOutput collects what `go build -v` prints: a line for every compiled package, and at the end the errors.
type buildOutput struct {
	mu    sync.Mutex
	lines []string
	rest  string
	count int
}

// keptLines is how much of a build's output an error shows.
const keptLines = 20

// Write takes output of the build.
func (b *buildOutput) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.rest + string(p)
	lines := strings.Split(text, "\n")
	b.rest = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		b.count++
		b.lines = append(b.lines, line)
		if len(b.lines) > keptLines {
			b.lines = b.lines[1:]
		}
	}
	return len(p), nil
}

func (b *buildOutput) progress() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count == 0 {
		return "resolving modules"
	}
	return fmt.Sprintf("%d packages", b.count)
}

func (b *buildOutput) tail() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.lines
	if b.rest != "" {
		lines = append(append([]string{}, lines...), b.rest)
	}
	return strings.Join(lines, "\n")
}
