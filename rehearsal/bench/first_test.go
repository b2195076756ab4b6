package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/gobuild"
)

// BenchmarkFirstRehearsal does what the first `make rehearse` of a machine does, with empty caches of compiled packages and of tools; Go
// modules are there already. It prints how long each step takes, and a second rehearsal, which finds everything.
func BenchmarkFirstRehearsal(b *testing.B) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(b, err)
	for b.Loop() {
		binary := filepath.Join(b.TempDir(), "rehearse")
		env := append(os.Environ(), "GOCACHE="+b.TempDir(), "XDG_CACHE_HOME="+b.TempDir(), "GOFLAGS=")
		require.NoError(b, os.RemoveAll(filepath.Join(root, ".rehearsal", "bin", "clients-go")))
		command := run(b, root, env, gobuild.Command(b.Context(), binary, "./cmd/rehearse"))
		prepare := run(b, root, env, exec.CommandContext(b.Context(), binary, "prepare"))
		first := run(b, root, env, exec.CommandContext(b.Context(), binary, "run", "--stack", "dev"))
		again := run(b, root, env, exec.CommandContext(b.Context(), binary, "run", "--stack", "dev"))
		total := add(add(command, prepare), first)
		b.ReportMetric(command.wall.Seconds(), "s/command")
		b.ReportMetric(prepare.wall.Seconds(), "s/prepare")
		b.ReportMetric(first.wall.Seconds(), "s/run")
		b.ReportMetric(total.wall.Seconds(), "s/first")
		b.ReportMetric(total.cpu.Seconds(), "cpu-s/first")
		b.ReportMetric(float64(total.peak)/1e9, "GB/largest-process")
		b.ReportMetric(again.wall.Seconds(), "s/again")
	}
}

// run measures a command in a folder.
func run(b *testing.B, dir string, env []string, cmd *exec.Cmd) build {
	b.Helper()
	cmd.Dir, cmd.Env = dir, env
	start := time.Now()
	out, err := cmd.CombinedOutput()
	require.NoError(b, err, string(out))
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	require.True(b, ok, "%T", cmd.ProcessState.SysUsage())
	return build{
		wall: time.Since(start),
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		peak: usage.Maxrss * 1024, // Linux counts in kilobytes
	}
}
