package plan_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"enterprise-openai/internal/sizes"
	"enterprise-openai/plan"
	"enterprise-openai/stacks"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func project(t testing.TB, size sizes.Size) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, sizes.Write("..", dir, size))
	return dir
}

func TestALargeStackPlans(t *testing.T) {
	resources, err := plan.Run(context.Background(), project(t, sizes.Large), sizes.Stack)
	require.NoError(t, err)
	assert.Greater(t, len(resources), 1100)
}

func TestAStackWithoutSettingsNamesThoseThatHaveSome(t *testing.T) {
	_, err := plan.Run(context.Background(), "..", "nonesuch")
	require.ErrorContains(t, err, "stack nonesuch")
	require.ErrorContains(t, err, "stacks with settings: dev, prod")
}

func TestAMisspeltSettingIsTheProgramsOwnError(t *testing.T) {
	dir := project(t, sizes.Tenth)
	file := filepath.Join(dir, "Pulumi."+sizes.Stack+".yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(text, "    enterprise-openai:loging: {}\n"...), 0o600))
	_, err = plan.Run(context.Background(), dir, sizes.Stack)
	require.ErrorContains(t, err, "loging")
	require.ErrorContains(t, err, `"logging"`)
}

func TestAResourceOutsideTheListIsNamed(t *testing.T) {
	_, err := plan.Of(context.Background(), project(t, sizes.Tenth), sizes.Stack, plan.Update, func(ctx *pulumi.Context) error {
		var made pulumi.CustomResourceState
		return ctx.RegisterResource("azure-native:storage/v20230101:StorageAccount", "files", pulumi.Map{}, &made)
	})
	require.ErrorContains(t, err, "azure-native:storage/v20230101:StorageAccount is not in sdks/resources.yaml")
}

func TestACancelledPlanStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := plan.Run(ctx, project(t, sizes.Tenth), sizes.Stack)
	require.ErrorIs(t, err, context.Canceled)
}

// BenchmarkPlan plans the large stack and one a tenth its size, and compares what one resource costs in each.
func BenchmarkPlan(b *testing.B) {
	perResource := map[string]float64{}
	for _, name := range []string{"tenth", "large"} {
		dir := project(b, map[string]sizes.Size{"tenth": sizes.Tenth, "large": sizes.Large}[name])
		b.Run(name, func(b *testing.B) {
			count := 0
			for b.Loop() {
				declared, err := plan.Of(context.Background(), dir, sizes.Stack, plan.Update, stacks.Deploy)
				require.NoError(b, err)
				count = len(declared.Resources)
			}
			perResource[name] = b.Elapsed().Seconds() / float64(b.N) / float64(count)
			b.ReportMetric(float64(count), "resources")
			b.ReportMetric(perResource[name]*1e6, "µs/resource")
			if tenth := perResource["tenth"]; name == "large" && tenth > 0 {
				b.ReportMetric(perResource["large"]/tenth, "×tenth/resource")
			}
		})
	}
}
