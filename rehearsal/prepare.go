package rehearsal

import (
	"context"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/rehearsal/clients"
	"enterprise-openai/rehearsal/engine"
)

// Prepare does what the first rehearsal on a machine does before it starts: it finds or builds the Pulumi CLI, whose version
// it returns, and installs and compiles the
// OpenAI libraries that the clients drill uses.
func Prepare(ctx context.Context, o Options) (string, error) {
	cli, err := engine.EnsureCLI(ctx, o.ProjectDir, o.logWriter())
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	if _, err := clients.Install(ctx, cache, o.logWriter()); err != nil {
		return "", err
	}
	if _, err := clients.BuildGo(ctx, o.ProjectDir, o.logWriter()); err != nil {
		return "", err
	}
	if err := csharp.Install(ctx, o.logWriter()); err != nil {
		return "", err
	}
	return cli.Version().String(), nil
}
