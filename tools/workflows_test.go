package tools_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// workflow is the part of a workflow file that decides what it may do.
type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	On          map[string]any    `yaml:"on"`
	Jobs        map[string]struct {
		If          string            `yaml:"if"`
		Environment string            `yaml:"environment"`
		Timeout     int               `yaml:"timeout-minutes"`
		Permissions map[string]string `yaml:"permissions"`
	} `yaml:"jobs"`
}

// workflows returns every workflow by its name, parsed and as text.
func workflows(t *testing.T) (map[string]workflow, map[string]string) {
	t.Helper()
	files, err := filepath.Glob("../.github/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	parsed, texts := map[string]workflow{}, map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var w workflow
		require.NoError(t, yaml.Unmarshal(content, &w), file)
		name := strings.TrimSuffix(filepath.Base(file), ".yml")
		parsed[name], texts[name] = w, string(content)
	}
	return parsed, texts
}

// A tag can be moved to other code after it was reviewed; a commit cannot.
func TestEveryActionIsPinnedByCommitAndSaysItsVersion(t *testing.T) {
	_, texts := workflows(t)
	uses := regexp.MustCompile(`(?m)uses:.*$`)
	pinned := regexp.MustCompile(`^uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	versions := map[string]string{}
	for name, text := range texts {
		for _, line := range uses.FindAllString(text, -1) {
			assert.Regexp(t, pinned, line, name)
			action, version, _ := strings.Cut(strings.TrimPrefix(line, "uses: "), "@")
			if other, seen := versions[action]; seen {
				assert.Equal(t, other, version, "two versions of %s", action)
			}
			versions[action] = version
		}
	}
}

func TestAWorkflowMayDoNoMoreThanItsJobNeeds(t *testing.T) {
	parsed, texts := workflows(t)
	for name, w := range parsed {
		assert.NotContains(t, w.On, "pull_request_target", "%s would run the code of a fork with our secrets", name)
		require.NotNil(t, w.Permissions, "%s has the permissions that the repository happens to give", name)
		for scope, level := range w.Permissions {
			assert.Equal(t, "read", level, "%s: %s for all of its jobs", name, scope)
		}
		for job, j := range w.Jobs {
			assert.NotZero(t, j.Timeout, "%s: %s can hang for six hours", name, job)
		}
	}
	assert.NotContains(t, texts["check"], "secrets.", "what a fork's pull request runs has no credentials")
	assert.NotContains(t, texts["check"], "id-token")
}

func TestPreviewsNeverRunTheCodeOfAFork(t *testing.T) {
	parsed, _ := workflows(t)
	for job, j := range parsed["preview"].Jobs {
		assert.Contains(t, j.If, "github.event.pull_request.head.repo.full_name == github.repository", job)
		assert.Contains(t, j.If, "&&", "%s: the condition must not be one of several", job)
		assert.NotContains(t, j.If, "||", "%s: the condition must not be one of several", job)
	}
}

func TestDeploymentsRunFromMainAndWaitForTheEnvironment(t *testing.T) {
	parsed, _ := workflows(t)
	for job, j := range parsed["deploy"].Jobs {
		assert.NotEmpty(t, j.Environment, "%s: nobody has to approve it", job)
		assert.Contains(t, j.If, "github.ref == 'refs/heads/main' &&", job)
	}
}

// A workflow that runs after another also runs after a fork's pull request whose branch is called main.
func TestADeploymentAfterAMergeWaitsForCheckAndIgnoresPullRequests(t *testing.T) {
	parsed, _ := workflows(t)
	deploy := parsed["deploy"]
	assert.NotContains(t, deploy.On, "push", "a push deploys before check has passed")
	after, _ := deploy.On["workflow_run"].(map[string]any)
	assert.Equal(t, []any{"check"}, after["workflows"])
	assert.Equal(t, []any{"main"}, after["branches"])
	for job, j := range deploy.Jobs {
		assert.Contains(t, j.If, "github.event.workflow_run.conclusion == 'success'", job)
		assert.Contains(t, j.If, "github.event.workflow_run.event == 'push'", job)
	}
}

func TestTheWorkflowsKnowEveryEnvironment(t *testing.T) {
	files, err := filepath.Glob("../Pulumi.*.yaml")
	require.NoError(t, err)
	_, texts := workflows(t)
	for _, file := range files {
		stack := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
		for name, text := range texts {
			if name == "release" {
				continue // publishes the sources, deploys nothing
			}
			assert.Contains(t, text, stack, "%s does not know %s", name, filepath.Base(file))
		}
	}
}
