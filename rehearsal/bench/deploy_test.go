package bench

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/azure"
	"enterprise-openai/rehearsal/engine"
	"enterprise-openai/rehearsal/plan"
	"enterprise-openai/rehearsal/sizes"
	"enterprise-openai/stacks"
)

// BenchmarkDeploy previews and deploys dev and the large stack on the embedded Azure, and the same resources through the
// bare engine with a provider that does nothing, in the same order of dependencies: that order is the stack's, not Azure's.
func BenchmarkDeploy(b *testing.B) {
	root := filepath.Join("..", "..")
	large := b.TempDir()
	require.NoError(b, sizes.Write(root, large, sizes.Large))
	for _, stack := range []struct{ name, dir, stack string }{
		{"dev", root, "dev"},
		{"large", large, sizes.Stack},
	} {
		b.Run(stack.name, func(b *testing.B) {
			resources, err := plan.Run(context.Background(), stack.dir, stack.stack)
			require.NoError(b, err)
			var embedded, bare float64
			for b.Loop() {
				embedded += onEmbeddedAzure(b, stack.dir, stack.stack)
				bare += deploy(b, stack.dir, stack.stack, serveNothing(b), replay(resources))
			}
			n := float64(b.N)
			b.ReportMetric(float64(len(resources)), "resources")
			b.ReportMetric(embedded/n, "s/embedded")
			b.ReportMetric(bare/n, "s/bare")
			b.ReportMetric(embedded/bare, "×bare")
		})
	}
}

func onEmbeddedAzure(b *testing.B, dir, stack string) float64 {
	b.Helper()
	cloud, err := azure.Start(context.Background(), azure.Options{StatePath: filepath.Join(b.TempDir(), "azure.json"), Fresh: true})
	require.NoError(b, err)
	defer func() { require.NoError(b, cloud.Close()) }()
	return deploy(b, dir, stack, cloud.ProviderPort, stacks.Deploy)
}

// deploy previews and ups once and returns the seconds of both.
func deploy(b *testing.B, dir, stack string, port int, program pulumi.RunFunc) float64 {
	b.Helper()
	ctx := context.Background()
	cli, err := engine.EnsureCLI(ctx, filepath.Join("..", ".."), os.Stderr)
	require.NoError(b, err)
	opened, err := engine.Open(ctx, engine.Options{
		ProjectDir: dir, Stack: stack, WorkDir: b.TempDir(), Program: program, ProviderPort: port, CLI: cli, Fresh: true, SaveOnce: true,
	})
	require.NoError(b, err)
	defer func() { require.NoError(b, opened.Close()) }()
	preview, err := opened.Preview(ctx)
	require.NoError(b, err)
	up, err := opened.Up(ctx)
	require.NoError(b, err)
	return preview.Duration.Seconds() + up.Duration.Seconds()
}
