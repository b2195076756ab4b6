package engine

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waitingCLI stands in for a CLI that prints its process id and runs until it is ended.
func waitingCLI(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "never")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	path := filepath.Join(dir, "pulumi")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho $$\nexec 3<>"+fifo+"\nread line <&3\n"), 0o700))
	return path
}

// waitingFor names the CLI that the test binary starts, and waits for, instead of running tests.
const waitingFor = "ENGINE_TEST_WAITS_FOR"

func TestMain(m *testing.M) {
	if path := os.Getenv(waitingFor); path != "" {
		cli := &process{located: located{path: path}}
		_, _, _, _ = cli.Run(context.Background(), filepath.Dir(path), nil, []io.Writer{os.Stdout}, nil, nil)
		return
	}
	m.Run()
}

// startParent starts a process that has started a CLI, and gives the CLI's process id. Output ends when both are gone.
func startParent(t *testing.T) (parent *os.Process, cli int, output *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stdout = append(os.Environ(), waitingFor+"="+waitingCLI(t)), write
	require.NoError(t, cmd.Start())
	require.NoError(t, write.Close())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = read.Close()
	})
	require.NoError(t, read.SetReadDeadline(time.Now().Add(time.Minute)))
	text := make([]byte, 32)
	n, err := read.Read(text)
	require.NoError(t, err)
	cli, err = strconv.Atoi(strings.TrimSpace(string(text[:n])))
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Kill(cli, syscall.SIGKILL) })
	return cmd.Process, cli, read
}

func TestTheTerminalsInterruptDoesNotReachTheCLI(t *testing.T) {
	parent, cli, _ := startParent(t)
	of, err := syscall.Getpgid(parent.Pid)
	require.NoError(t, err)
	own, err := syscall.Getpgid(cli)
	require.NoError(t, err)
	assert.NotEqual(t, of, own, "the CLI is in the group that the terminal interrupts")
}

func TestACLIDiesWithAParentThatIsKilled(t *testing.T) {
	parent, _, output := startParent(t)
	require.NoError(t, parent.Kill())
	_, err := io.ReadAll(output)
	assert.NoError(t, err, "the CLI goes on and would write the state")
}
