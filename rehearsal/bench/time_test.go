package bench

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/azure/timeline"
	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/drills"
	"enterprise-openai/rehearsal/engine"
	"enterprise-openai/stacks"
)

// BenchmarkModelledTime says how many minutes the first up of a stack takes on Azure, beside the longest chain that no program
// could shorten. The engine is real, the time is modelled.
func BenchmarkModelledTime(b *testing.B) {
	for _, stack := range sized(b, "dev", "prod", "large") {
		b.Run(stack.name, func(b *testing.B) {
			for b.Loop() {
				took, least := modelled(b, stack.dir, stack.stack).Took()
				b.ReportMetric(took.Minutes(), "min/up")
				b.ReportMetric(least.Minutes(), "min/bound")
				b.ReportMetric(took.Seconds()/least.Seconds(), "×bound")
			}
		})
	}
}

// modelled deploys a stack in modelled time.
func modelled(b *testing.B, dir, stack string) *timeline.Schedule {
	b.Helper()
	ctx := context.Background()
	declared, err := plan.Run(ctx, dir, stack)
	require.NoError(b, err)
	resources := drills.Declared(declared)
	clock := timeline.New(time.Now())
	cloud, err := azure.Start(ctx, azure.Options{Time: clock})
	require.NoError(b, err)
	defer func() { require.NoError(b, cloud.Close()) }()
	cli, err := engine.EnsureCLI(ctx, filepath.Join("..", ".."), os.Stderr)
	require.NoError(b, err)
	opened, err := engine.Open(ctx, engine.Options{
		ProjectDir: dir, Stack: stack, WorkDir: b.TempDir(), Program: stacks.Deploy, ProviderPort: cloud.ProviderPort, CLI: cli,
		Fresh: true, SaveOnce: true, Parallel: 4096,
	})
	require.NoError(b, err)
	defer func() { require.NoError(b, opened.Close()) }()
	schedule := &timeline.Schedule{Resources: resources, Order: timeline.Creation}
	clock.Follow(timeline.Creation(resources))
	_, err = opened.Up(ctx)
	require.NoError(b, err)
	schedule.Spans, schedule.Lost = clock.Ended()
	require.Empty(b, schedule.Lost)
	return schedule
}
