package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// floorProgram imports what every Pulumi program imports, and nothing else.
const floorProgram = `package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(func(*pulumi.Context) error { return nil }) }
`

// BenchmarkColdBuild builds both programs with empty build caches: seconds of processor time, seconds, and the memory of
// the largest single compiler process.
func BenchmarkColdBuild(b *testing.B) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(b, err)
	floor, err := os.MkdirTemp(root, ".floor-") //nolint:usetesting // it has to lie inside this module
	require.NoError(b, err)
	b.Cleanup(func() { _ = os.RemoveAll(floor) })
	require.NoError(b, os.WriteFile(filepath.Join(floor, "main.go"), []byte(floorProgram), 0o600))

	var base, program build
	for b.Loop() {
		base = add(base, buildCold(b, root, "./"+filepath.Base(floor)))
		program = add(program, buildCold(b, root, "."))
	}
	n := float64(b.N)
	b.ReportMetric(base.wall.Seconds()/n, "s/sdk-only")
	b.ReportMetric(program.wall.Seconds()/n, "s/program")
	b.ReportMetric(program.wall.Seconds()/base.wall.Seconds(), "×sdk-only")
	b.ReportMetric(program.cpu.Seconds()/base.cpu.Seconds(), "×sdk-only-cpu")
	b.ReportMetric(float64(base.peak)/1e9, "GB/sdk-only")
	b.ReportMetric(float64(program.peak)/1e9, "GB/program")
}

// build is what one build took.
type build struct {
	wall, cpu time.Duration
	peak      int64 // bytes
}

func add(a, b build) build {
	return build{a.wall + b.wall, a.cpu + b.cpu, max(a.peak, b.peak)}
}

func buildCold(b *testing.B, root, target string) build {
	b.Helper()
	return run(b, root, append(os.Environ(), "GOCACHE="+b.TempDir(), "GOFLAGS="), exec.CommandContext(b.Context(), "go", "build", "-o", filepath.Join(b.TempDir(), "program"), target))
}
