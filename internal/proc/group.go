package proc

import (
	"os"
	"os/exec"
	"time"
)

// Interruptible makes the end of a command's context an interrupt, as Ctrl-C is, and kills the command when it has not ended by itself
// after a while. Where interrupts cannot be sent (Windows), it is killed at once.
func Interruptible(cmd *exec.Cmd, wait time.Duration) {
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = wait
}
