package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/faults"
	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/engine"
	"enterprise-openai/stacks"
)

// trialPatience is how long the clock of a trial waits for what the order promises. Updates delete and leave alone what no order
// describes, so that the order is given up now and then; from there on any wait moves the clock.
const trialPatience = time.Second

// lab opens trials in folders below that of the session.
type lab struct {
	workspace
	cli    auto.PulumiCommand
	opened atomic.Int64
}

// Open starts an Azure of its own and opens a stack of the engine on it.
func (l *lab) Open(ctx context.Context, pace drills.Pace) (_ drills.Trial, err error) {
	var clock *timeline.Timeline
	if pace == drills.AsOnAzure {
		clock = timeline.New(time.Now())
		clock.Patience(trialPatience)
	}
	t := &trial{
		engineStack: &engineStack{watch: &watcher{detail: l.detail, time: clock}, time: clock},
		dir:         filepath.Join(l.dir, "lab", fmt.Sprint(l.opened.Add(1))), project: l.project, settings: &settings{}, log: l.log,
	}
	t.declared = l.declared(t.settings)
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	if err := os.RemoveAll(t.dir); err != nil {
		return nil, fmt.Errorf("folder of a drill: %w", err)
	}
	if t.script, err = faults.New(); err != nil {
		return nil, err
	}
	t.cloud, err = azure.Start(context.WithoutCancel(ctx), azure.Options{
		Time: clock, Warn: warnTo(l.log), Retried: t.script.Retried,
		Between: func(way http.RoundTripper) http.RoundTripper { return t.script.Transport(way, t.Kill) },
	})
	if err != nil {
		return nil, fmt.Errorf("embedded Azure of a drill: %w", err)
	}
	t.Stack, err = engine.Open(ctx, engine.Options{
		ProjectDir: l.project, Stack: l.stack, WorkDir: t.dir, Program: t.settings.program,
		ProviderPort: t.cloud.ProviderPort, CLI: l.cli, Plain: l.encrypted.Plain(), OnEvent: t.watch.take,
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// trial is a stack of a drill's own.
type trial struct {
	*engineStack
	project, dir string
	settings     *settings
	script       *faults.Script
	log          io.Writer
}

func (t *trial) Change(change func(*stacks.Settings)) { t.settings.alter(change) }
func (t *trial) Faults() *faults.Script               { return t.script }
func (t *trial) Site() (*drills.Site, error) {
	return openSite(t.project, t.cloud, t.settings, nil, t.log)
}

// Close ends the engine before the Azure it talks to, and deletes the folder.
func (t *trial) Close() error {
	var problems []error
	if t.Stack != nil {
		problems = append(problems, t.Stack.Close())
	}
	if t.cloud != nil {
		problems = append(problems, t.cloud.Close())
	}
	return errors.Join(append(problems, os.RemoveAll(t.dir))...)
}

var _ drills.Trial = (*trial)(nil)
