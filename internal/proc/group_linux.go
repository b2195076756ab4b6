package proc

import (
	"os/exec"
	"syscall"
)

// Detach puts a command into a process group of its own, where a terminal's Ctrl-C does not reach it: it is interrupted by this process
// alone, and not twice. It is killed when its parent is, so that it writes nothing that the next command works on. To the kernel the
// parent is the thread that started it: the caller locks its goroutine to the thread until the command has ended.
func Detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
