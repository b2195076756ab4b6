//go:build unix && !linux

package proc

import (
	"os/exec"
	"syscall"
)

// Detach puts a command into a process group of its own, as on Linux. When this process is killed the command goes on until it notices.
func Detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
