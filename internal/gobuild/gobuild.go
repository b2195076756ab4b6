// Package gobuild compiles the programs that a rehearsal needs: the command, the clients and the Pulumi CLI.
package gobuild

import (
	"context"
	"os/exec"
)

// Flags are those of every build. Without inlining the Pulumi SDK compiles in two thirds of the time, and what is compiled in the same way
// is shared: the SDK is compiled once for the command and the CLI (docs/performance.md). A CLI starts 0.06 s later.
const Flags = "-gcflags=all=-l"

// Command is a go build into a file. The arguments end with the package.
func Command(ctx context.Context, output string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "go", append([]string{"build", Flags, "-o", output}, args...)...)
}
