//go:build unix && !linux

package engine

import (
	"os/exec"
	"syscall"
)

// detach keeps a terminal's Ctrl-C from the CLI, as on Linux. Without its parent the CLI has neither program nor provider and
// ends, but not at once.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
