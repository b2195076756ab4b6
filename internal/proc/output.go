package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Output runs a command to its end and returns what it wrote to standard output, also when it failed. The error has what it wrote to
// standard error, without which "exit status 1" is all that a user sees, and tells whether the context ended it.
func Output(ctx context.Context, cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err == nil {
		return stdout.Bytes(), nil
	}
	err = errors.Join(ctx.Err(), err)
	if text := strings.TrimSpace(stderr.String()); text != "" {
		err = fmt.Errorf("%w\n%s", err, text)
	}
	return stdout.Bytes(), err
}
