package engine

import (
	"os/exec"
	"syscall"
)

// detach keeps a terminal's Ctrl-C from the CLI: it goes to the whole process group, and a CLI that gets it from the terminal and
// from this process leaves its operations at once instead of ending them. A CLI whose parent is killed is killed too, so that it
// writes no state that the next command works on. Of a parent, the kernel knows the thread that started the CLI.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
