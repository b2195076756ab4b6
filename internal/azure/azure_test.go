package azure_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	components "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20200202"
	diagnostics "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20210501preview"
	operationalinsights "github.com/pulumi/pulumi-azure-native-sdk/operationalinsights/v2/v20230901"
	resources "github.com/pulumi/pulumi-azure-native-sdk/resources/v2/v20240301"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure"
	"enterprise-openai/rehearsal/engine"
)

// settings are what a trial program can vary.
type settings struct {
	location  string
	retention int
}

// program declares a resource group, a workspace that the provider names and places, and Application Insights on it.
func program(s *settings) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		group, err := resources.NewResourceGroup(ctx, "group", &resources.ResourceGroupArgs{
			ResourceGroupName: pulumi.String("rg-trial"), Location: pulumi.String(s.location),
		})
		if err != nil {
			return err
		}
		workspace, err := operationalinsights.NewWorkspace(ctx, "logs", &operationalinsights.WorkspaceArgs{
			ResourceGroupName: group.Name, RetentionInDays: pulumi.Int(s.retention),
			Sku: &operationalinsights.WorkspaceSkuArgs{Name: pulumi.String("PerGB2018")},
		})
		if err != nil {
			return err
		}
		component, err := components.NewComponent(ctx, "insights", &components.ComponentArgs{
			ResourceGroupName: group.Name, ResourceName: pulumi.String("ai-trial"), Kind: pulumi.String("web"),
			ApplicationType: pulumi.String("web"), WorkspaceResourceId: workspace.ID(), IngestionMode: pulumi.String("LogAnalytics"),
		})
		if err != nil {
			return err
		}
		_, err = diagnostics.NewDiagnosticSetting(ctx, "audit", &diagnostics.DiagnosticSettingArgs{
			Name: pulumi.String("audit"), ResourceUri: workspace.ID(), WorkspaceId: workspace.ID(),
			Logs: diagnostics.LogSettingsArray{&diagnostics.LogSettingsArgs{Category: pulumi.String("Audit"), Enabled: pulumi.Bool(true)}},
		}, pulumi.DependsOn([]pulumi.Resource{component}))
		if err != nil {
			return err
		}
		ctx.Export("workspace", workspace.Name)
		ctx.Export("key", pulumi.ToSecret(component.InstrumentationKey))
		return nil
	}
}

type trial struct {
	t     *testing.T
	cloud *azure.Cloud
	stack *engine.Stack
}

func newTrial(t *testing.T, run pulumi.RunFunc) *trial {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	cli, err := engine.EnsureCLI(ctx, "../..", os.Stderr)
	require.NoError(t, err)
	cloud, err := azure.Start(ctx, azure.Options{StatePath: filepath.Join(t.TempDir(), "azure.json")})
	require.NoError(t, err)
	project := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(project, "Pulumi.yaml"), []byte("name: trial\nruntime: go\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(project, "Pulumi.dev.yaml"), []byte("config: {}\n"), 0o600))
	stack, err := engine.Open(ctx, engine.Options{
		ProjectDir: project, Stack: "dev", WorkDir: t.TempDir(), Program: run, ProviderPort: cloud.ProviderPort, CLI: cli,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, stack.Close())
		assert.NoError(t, cloud.Close())
	})
	return &trial{t: t, cloud: cloud, stack: stack}
}

type counts struct{ created, updated, same, deleted, replaced int }

func (tr *trial) expect(operation string, want counts) engine.Result {
	tr.t.Helper()
	run := map[string]func(context.Context) (engine.Result, error){
		"preview": tr.stack.Preview, "up": tr.stack.Up, "refresh": tr.stack.Refresh, "destroy": tr.stack.Destroy,
	}[operation]
	r, err := run(tr.t.Context())
	require.NoError(tr.t, err)
	assert.Equal(tr.t, want, counts{r.Created, r.Updated, r.Same, r.Deleted, r.Replaced}, operation)
	assert.Empty(tr.t, r.Warnings, operation)
	return r
}

func TestAStackIsPreviewedCreatedUnchangedRefreshedAndDestroyed(t *testing.T) {
	s := &settings{location: "westeurope", retention: 30}
	tr := newTrial(t, program(s))
	tr.expect("preview", counts{created: 4})
	assert.Empty(t, tr.cloud.Remaining(), "a preview creates nothing")
	up := tr.expect("up", counts{created: 4})
	assert.Regexp(t, `^logs[0-9a-f]{8}$`, up.Outputs["workspace"].Value)
	assert.True(t, up.Outputs["key"].Secret)
	tr.expect("up", counts{same: 4})
	tr.expect("refresh", counts{same: 4})
	s.retention = 60
	tr.expect("preview", counts{updated: 1, same: 3})
	tr.expect("up", counts{updated: 1, same: 3})
	s.location = "northeurope" // a resource group cannot move, and takes everything in it along
	preview, err := tr.stack.Preview(t.Context())
	require.NoError(t, err)
	assert.Positive(t, preview.Replaced)
	tr.expect("destroy", counts{deleted: 4})
	assert.Empty(t, tr.cloud.Remaining())
}
