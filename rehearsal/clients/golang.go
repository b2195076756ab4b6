package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"enterprise-openai/internal/gobuild"
	"enterprise-openai/internal/proc"
)

// Go are the libraries of Go.
var Go = []string{"openai-go", "openai-go azure", "azopenai"}

// ErrNoGo is wrapped by every error that installing Go would cure.
var ErrNoGo = errors.New("the clients drill compiles the OpenAI libraries of Go: install Go: https://go.dev/doc/install")

// Batch is what the program in golang/ reads: the calls to make, and where.
type Batch struct {
	Endpoint Endpoint `json:"endpoint"`
	Calls    []Call   `json:"calls"`
}

// BuildGo compiles the program in golang/ of a checkout into its work folder and returns the binary's path. The first time it compiles
// the libraries, which takes about a minute, and says so on log; later it takes a moment.
func BuildGo(ctx context.Context, project string, log io.Writer) (string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", fmt.Errorf("go: %w", ErrNoGo)
	}
	bin, err := filepath.Abs(filepath.Join(project, ".rehearsal", "bin"))
	if err != nil {
		return "", fmt.Errorf("folder of the Go clients: %w", err)
	}
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return "", fmt.Errorf("folder of the Go clients: %w", err)
	}
	binary := filepath.Join(bin, "clients-go")
	if _, err := os.Stat(binary); err != nil {
		_, _ = fmt.Fprintln(log, "Compiling the OpenAI libraries of Go, once, about a minute")
	}
	lock := flock.New(filepath.Join(bin, "clients-go.lock"))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return "", fmt.Errorf("lock of the Go clients' build: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	cmd := gobuild.Command(ctx, binary, "./rehearsal/clients/golang")
	cmd.Dir = project
	if _, err := proc.Output(ctx, cmd); err != nil {
		return "", fmt.Errorf("build of the Go clients: %w", err)
	}
	return binary, nil
}

// RunGo makes the calls one after the other in one process of the binary that BuildGo returned.
func RunGo(ctx context.Context, binary string, at Endpoint, calls []Call) ([]Answer, error) {
	input, err := json.Marshal(Batch{Endpoint: at, Calls: calls})
	if err != nil {
		return nil, fmt.Errorf("calls: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary)
	// An empty environment: a proxy or a key of the user's would change what is tried.
	cmd.Env, cmd.Stdin = []string{}, bytes.NewReader(input)
	return answersOf(ctx, cmd, len(calls))
}
