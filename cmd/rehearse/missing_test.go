package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/report"
	"enterprise-openai/rehearsal/report/reporttest"
)

// edit is one change to a source file of the program.
type edit struct{ file, old, new string }

// TestTheLoggingDrillNamesWhatIsTakenOutOfTheProgram builds the command from sources that lack something, and rehearses dev with
// it. Everything is real but the sources: the program, the engine, the drill. What can be missing side by side shares a build.
func TestTheLoggingDrillNamesWhatIsTakenOutOfTheProgram(t *testing.T) {
	for name, c := range map[string]struct {
		edits []edit
		want  []string
	}{
		"the setting for language models, the logger and the destination type": {[]edit{
			{"infra/api.go", "\t\tLargeLanguageModel: loggedMessages(plan.Messages),\n", ""},
			{"infra/gatewaylogs.go", `		{
			kind: "loggers",
			name: pulumi.Sprintf("%s/%s", args.Service.Name, azureMonitor),
			properties: pulumi.Map{
				"loggerType": pulumi.String("azureMonitor"),
				"isBuffered": pulumi.Bool(true),
			},
		},
`, ""},
			{"infra/gatewaylogs.go", "\t\t\tdependsOn: pulumi.Array{loggerID},\n", ""},
			{"infra/diagnostics.go", "\t\tLogAnalyticsDestinationType: pulumi.String(dedicated),\n", ""},
		}, []string{
			"missing: largeLanguageModel logs in the diagnostic of API openai",
			`missing: the logger "azuremonitor" that the diagnostic names: nothing declares it`,
			"missing: the destination type Dedicated in the gateway's diagnostic setting",
		}},
		"the diagnostic setting": {[]edit{{"infra/gatewaylogs.go", `	if err := logGateway(ctx, name, service, args.WorkspaceID, child); err != nil {
		return nil, err
	}
`, ""}}, []string{"missing: a diagnostic setting of the gateway with category GatewayLogs"}},
	} {
		t.Run(name, func(t *testing.T) {
			logging := rehearsed(t, build(t, c.edits))
			assert.False(t, logging.Pass)
			for _, want := range c.want {
				assert.Contains(t, strings.Join(logging.Failures, "\n"), want)
			}
		})
	}
}

// build makes the command with edited sources and gives the path of the binary.
func build(t *testing.T, edits []edit) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	replaced := map[string]string{}
	for _, e := range edits {
		file := filepath.Join(root, e.file)
		from := file
		if replaced[file] != "" {
			from = replaced[file]
		}
		text, err := os.ReadFile(from)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(text), e.old), "%s has changed: adapt the edit", e.file)
		replaced[file] = filepath.Join(dir, filepath.Base(e.file))
		require.NoError(t, os.WriteFile(replaced[file], []byte(strings.Replace(string(text), e.old, e.new, 1)), 0o600))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	binary := filepath.Join(dir, "rehearse")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

// rehearsed runs the logging drill of dev in a project of its own.
func rehearsed(t *testing.T, binary string) report.Drill {
	t.Helper()
	r, problems := run(t, binary)
	require.Empty(t, r.Error, "the stack itself has to deploy")
	for _, d := range r.Drills {
		if d.Name == "logging" {
			return d
		}
	}
	require.Fail(t, "the drill was not run", problems)
	return report.Drill{}
}

// run is a rehearsal of dev that has to fail.
func run(t *testing.T, binary string) (r report.Report, problems string) {
	t.Helper()
	project := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml"} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(project, name), text, 0o600))
	}
	command := exec.CommandContext(t.Context(), binary, "run", "--stack", "dev", "--drill", "logging", "--json")
	command.Dir = project
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	require.Error(t, err, "a rehearsal that fails ends the command with 1")
	require.NoError(t, json.Unmarshal(out, &r), stderr.String())
	reporttest.Valid(t, "../..", out)
	return r, stderr.String()
}

// TestDeploymentsThatDoNotWaitForEachOtherAreRefusedByAzure is run by `make test-slow`: it builds the command once more.
func TestDeploymentsThatDoNotWaitForEachOtherAreRefusedByAzure(t *testing.T) {
	if os.Getenv("REHEARSE_SWEEP") == "" {
		t.Skip("make test-slow runs it")
	}
	r, _ := run(t, build(t, []edit{{"infra/account.go", "\t\tpulumi.DependsOn([]pulumi.Resource{before}),\n", "\t\tpulumi.DependsOn([]pulumi.Resource{account}),\n"}}))
	assert.Contains(t, r.Error, `Code="RequestConflict"`)
	assert.Contains(t, r.Error, "Another operation is being performed on the parent resource")
}
