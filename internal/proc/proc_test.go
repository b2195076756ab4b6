//go:build unix

package proc

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFailureTellsWhatTheProgramPrinted(t *testing.T) {
	out, err := Output(t.Context(), exec.CommandContext(t.Context(), "sh", "-c", "echo part; echo ' no such thing ' >&2; exit 3"))
	assert.EqualError(t, err, "exit status 3\nno such thing")
	assert.Equal(t, "part\n", string(out), "what was printed before the failure may name its cause")
	_, err = Output(t.Context(), exec.CommandContext(t.Context(), "sh", "-c", "exit 3"))
	assert.EqualError(t, err, "exit status 3")
}

func TestAProgramThatIsCancelledFailsWithTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "cat")
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	defer in.Close()
	cancel()
	_, err = Output(ctx, cmd)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestAChildAnswersUntilItIsClosed(t *testing.T) {
	c, err := Start(exec.Command("cat"))
	require.NoError(t, err)
	_, err = c.In.Write([]byte("hello\n"))
	require.NoError(t, err)
	line, err := c.Out.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "hello\n", line)
	c.Close()
	assert.True(t, c.State().Success(), "it ended by itself")
	c.Close()
	c.Kill()
}

func TestAChildThatDoesNotEndIsKilled(t *testing.T) {
	// It holds its own input open, so that it would wait for ever.
	fifo := filepath.Join(t.TempDir(), "never")
	require.NoError(t, exec.CommandContext(t.Context(), "mkfifo", fifo).Run())
	c, err := Start(exec.Command("sh", "-c", "exec 3<>"+fifo+"; read line <&3"))
	require.NoError(t, err)
	c.limit = 0
	c.Close()
	assert.Equal(t, "signal: killed", c.State().String())
}

func TestAChildThatIsKilledEndsAtOnce(t *testing.T) {
	c, err := Start(exec.Command("cat"))
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		c.Kill()
		close(ended)
	}()
	select {
	case <-ended:
		assert.Equal(t, "signal: killed", c.State().String())
	case <-time.After(10 * time.Second):
		require.NoError(t, c.In.Close())
		assert.Fail(t, "Kill waits for a child that was not killed")
	}
}

func TestOnlyTheBeginningOfWhatAChildComplainsIsKept(t *testing.T) {
	c, err := Start(exec.Command("sh", "-c", "echo cause >&2; yes | head -c 100000 >&2"))
	require.NoError(t, err)
	c.Wait()
	assert.True(t, strings.HasPrefix(c.Stderr(), "cause\n"))
	assert.LessOrEqual(t, len(c.Stderr()), stderrLimit)
}

func TestAProgramThatIsNotThereIsNoChild(t *testing.T) {
	_, err := Start(exec.Command(filepath.Join(t.TempDir(), "none")))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
