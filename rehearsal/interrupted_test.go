package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnInterruptedDeploymentIsContinuedByTheNext(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	w := healthy(func(w *world) {
		w.during = func(string) { interrupt() }
		w.errors["up"] = context.Canceled
	})
	o := w.options(t)
	o.Listen = "127.0.0.1:0"
	var log bytes.Buffer
	o.Log = &log
	require.EqualError(t, Up(ctx, o, func(Standing) {}), "interrupted")
	assert.Equal(t, "the next up continues from here\n", log.String())

	for _, operation := range []string{"finish", "up"} {
		next := healthy()
		o.open = next.options(t).open
		ctx, end := context.WithCancel(context.Background())
		require.NoError(t, Up(ctx, o, func(Standing) { end() }))
		assert.Equal(t, []string{operation}, next.log)
	}
}

func TestADeploymentThatCannotBeContinuedNamesTheWayOut(t *testing.T) {
	w := healthy(func(w *world) { w.errors["up"] = errors.New("network (Subnet): overlaps") })
	o := w.options(t)
	o.Listen = "127.0.0.1:0"
	require.EqualError(t, Up(t.Context(), o, func(Standing) {}), "network (Subnet): overlaps")
	w.errors["finish"] = w.errors["up"]
	dir := filepath.Join(o.ProjectDir, folder, "dev", "up")
	require.EqualError(t, Up(t.Context(), o, func(Standing) {}),
		"network (Subnet): overlaps\nThe next up continues from here; to start from an empty Azure instead, delete "+dir)
}

func TestWhatCannotBeReadIsClearedOnlyAfterAnUpThatDidNotEnd(t *testing.T) {
	o := healthy().options(t)
	o.Listen = "127.0.0.1:0"
	dir := filepath.Join(o.ProjectDir, folder, "dev", "up")
	file := filepath.Join(dir, "azure.json")
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	open := o.open
	o.open = func(ctx context.Context, w workspace) (*session, error) {
		if _, err := os.Stat(file); err == nil {
			return nil, fmt.Errorf("%w: state file: unexpected EOF", errUnreadable)
		}
		return open(ctx, w)
	}
	var log bytes.Buffer
	o.Log = &log
	require.EqualError(t, Up(t.Context(), o, func(Standing) {}),
		"what the last up left cannot be read: state file: unexpected EOF\nTo start from an empty Azure, delete "+dir)
	assert.FileExists(t, file)

	require.NoError(t, os.WriteFile(filepath.Join(dir, unfinished), nil, 0o600))
	ctx, end := context.WithCancel(context.Background())
	require.NoError(t, Up(ctx, o, func(Standing) { end() }))
	assert.NoFileExists(t, file)
	assert.Contains(t, log.String(), "unexpected EOF\nthis up starts from an empty Azure\n")
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
