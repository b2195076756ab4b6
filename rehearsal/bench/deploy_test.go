package bench

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/internal/sizes"
	"enterprise-openai/plan"
	"enterprise-openai/rehearsal/engine"
	"enterprise-openai/sdks/schema"
	"enterprise-openai/stacks"
)

// sizedStack is a stack that is measured, and the folder of its settings.
type sizedStack struct{ name, dir, stack string }

// sized are stacks by name: those of the repository, and large, which is made for it.
func sized(b *testing.B, names ...string) []sizedStack {
	b.Helper()
	root := filepath.Join("..", "..")
	var all []sizedStack
	for _, name := range names {
		s := sizedStack{name, root, name}
		if name == "large" {
			s.dir, s.stack = b.TempDir(), sizes.Stack
			require.NoError(b, sizes.Write(root, s.dir, sizes.Large))
		}
		all = append(all, s)
	}
	return all
}

// BenchmarkDeploy previews and deploys dev and the large stack on the embedded Azure, and beside it the same resources through the
// engine with a provider that does nothing, twice: bare, in the same order of dependencies, because that order is the stack's, not
// Azure's; and whole, with what the engine has to keep for the stack besides, whatever the provider does: components, parents, the
// aliases that the SDK gives every resource, what is deleted with what. Seconds are the clock's; the ratios are of processor time, the
// engine's and this process's together, because other work on the machine stretches the clock.
func BenchmarkDeploy(b *testing.B) {
	for _, stack := range sized(b, "dev", "large") {
		b.Run(stack.name, func(b *testing.B) {
			resources, err := plan.Run(context.Background(), stack.dir, stack.stack)
			require.NoError(b, err)
			types, err := schema.Load()
			require.NoError(b, err)
			var embedded, bare, whole cost
			for b.Loop() {
				embedded = embedded.plus(onEmbeddedAzure(b, stack.dir, stack.stack))
				bare = bare.plus(deploy(b, stack.dir, stack.stack, serveNothing(b), replay(resources, nil)))
				whole = whole.plus(deploy(b, stack.dir, stack.stack, serveNothing(b), replay(resources, types)))
			}
			b.ReportMetric(float64(len(resources)), "resources")
			for _, run := range []struct {
				name string
				cost cost
			}{{"embedded", embedded}, {"bare", bare}, {"whole", whole}} {
				b.ReportMetric(run.cost.clock/float64(b.N), "s/"+run.name)
				b.ReportMetric(run.cost.processor/float64(b.N), "cpu-s/"+run.name)
			}
			b.ReportMetric(embedded.processor/bare.processor, "×bare")
			b.ReportMetric(embedded.processor/whole.processor, "×whole")
		})
	}
}

// cost is what a run took, in seconds.
type cost struct{ clock, processor float64 }

func (c cost) plus(other cost) cost {
	return cost{c.clock + other.clock, c.processor + other.processor}
}

// measured runs something and measures what it cost this process and those it started and waited for.
func measured(b *testing.B, run func()) cost {
	b.Helper()
	used := func() (total float64) {
		for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
			var usage syscall.Rusage
			require.NoError(b, syscall.Getrusage(who, &usage))
			total += time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
		}
		return total
	}
	before, start := used(), time.Now()
	run()
	return cost{time.Since(start).Seconds(), used() - before}
}

func onEmbeddedAzure(b *testing.B, dir, stack string) cost {
	b.Helper()
	cloud, err := azure.Start(context.Background(), azure.Options{StatePath: filepath.Join(b.TempDir(), "azure.json"), Fresh: true})
	require.NoError(b, err)
	defer func() { require.NoError(b, cloud.Close()) }()
	return deploy(b, dir, stack, cloud.ProviderPort, stacks.Deploy)
}

// deploy previews and ups once and returns what both cost.
func deploy(b *testing.B, dir, stack string, port int, program pulumi.RunFunc) cost {
	b.Helper()
	ctx := context.Background()
	cli, err := engine.EnsureCLI(ctx, filepath.Join("..", ".."), os.Stderr)
	require.NoError(b, err)
	opened, err := engine.Open(ctx, engine.Options{
		ProjectDir: dir, Stack: stack, WorkDir: b.TempDir(), Program: program, ProviderPort: port, CLI: cli, Fresh: true, SaveOnce: true,
	})
	require.NoError(b, err)
	defer func() { require.NoError(b, opened.Close()) }()
	return measured(b, func() {
		_, err := opened.Preview(ctx)
		require.NoError(b, err)
		_, err = opened.Up(ctx)
		require.NoError(b, err)
	})
}
