package rehearsal

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnInterruptedDeploymentIsClearedByTheNext(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	w := healthy(func(w *world) {
		w.during = func(string) { interrupt() }
		w.errors["up"] = context.Canceled
	})
	o := w.options(t)
	o.Listen = "127.0.0.1:0"
	require.EqualError(t, Up(ctx, o, func(Standing) {}), "interrupted")

	state := filepath.Join(o.ProjectDir, folder, "dev", "up", "azure.json")
	require.NoError(t, os.WriteFile(state, []byte("{}"), 0o600))
	ctx, end := context.WithCancel(context.Background())
	again := healthy()
	o.open = again.options(t).open
	require.NoError(t, Up(ctx, o, func(Standing) { end() }))
	assert.NoFileExists(t, state)

	require.NoError(t, os.WriteFile(state, []byte("{}"), 0o600))
	ctx, end = context.WithCancel(context.Background())
	require.NoError(t, Up(ctx, o, func(Standing) { end() }))
	assert.FileExists(t, state, "a deployment that came to its end is gone on from")
}

func TestAnInterruptionWhilePreparingIsCalledOne(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	interrupt()
	var ended []string
	o := healthy().options(t)
	o.open, o.Listen = nil, "127.0.0.1:0"
	o.Progress = func(e Event) {
		if e.Kind == Finished {
			ended = append(ended, e.Step+" "+e.Text)
		}
	}
	require.EqualError(t, Up(ctx, o, func(Standing) {}), "interrupted")
	assert.Equal(t, []string{"prepare interrupted"}, ended)
}

func TestATakenAddressIsFoundBeforeDeploying(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	w := healthy()
	o := w.options(t)
	o.Listen = taken.Addr().String()
	require.ErrorContains(t, Up(t.Context(), o, func(Standing) {}), "is in use by another program; choose another address")
	assert.Empty(t, w.log)
}
