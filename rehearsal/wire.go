package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"enterprise-openai/rehearsal/azure"
	"enterprise-openai/rehearsal/engine"
	"enterprise-openai/stacks"
)

// openEmbedded starts the embedded Azure and opens a stack of the real engine on it. The order matters at the end too:
// the engine lets go of its state before Azure writes its own.
func openEmbedded(ctx context.Context, w workspace) (*session, error) {
	cli, err := engine.EnsureCLI(ctx, w.project, w.log)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, fmt.Errorf("work folder: %w", err)
	}
	// The cloud outlives the context: after an interruption the engine still ends its operations in order.
	cloud, err := azure.Start(context.WithoutCancel(ctx), azure.Options{
		StatePath: filepath.Join(w.dir, "azure.json"),
		Fresh:     w.fresh,
		Warn:      func(_, message string) { fmt.Fprintln(w.log, "warning:", message) },
	})
	if err != nil {
		return nil, fmt.Errorf("embedded Azure: %w", err)
	}
	watch := &watcher{detail: w.detail}
	stack, err := engine.Open(ctx, engine.Options{
		ProjectDir:   w.project,
		Stack:        w.stack,
		WorkDir:      filepath.Join(w.dir, "engine"),
		Program:      stacks.Deploy,
		ProviderPort: cloud.ProviderPort,
		CLI:          cli,
		OnEvent:      watch.take,
		Fresh:        w.fresh,
	})
	if err != nil {
		return nil, errors.Join(err, cloud.Close())
	}
	return &session{
		stack: engineStack{Stack: stack, watch: watch},
		cloud: cloud,
		close: func() error { return errors.Join(stack.Close(), cloud.Close()) },
	}, nil
}
