package rehearsal

import (
	"context"

	"enterprise-openai/rehearsal/engine"
)

// Prepare does what the first rehearsal on a machine does before it starts: it finds or builds the Pulumi CLI, whose version it returns.
func Prepare(ctx context.Context, o Options) (string, error) {
	cli, err := engine.EnsureCLI(ctx, o.ProjectDir, o.logWriter())
	if err != nil {
		return "", err
	}
	return cli.Version().String(), nil
}
