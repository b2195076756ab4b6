package stacks

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"enterprise-openai/internal/problem"
)

// noResources is a monitor for a program that declares nothing.
type noResources struct{}

func (noResources) NewResource(pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return "", nil, nil
}
func (noResources) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

// load runs LoadSettings in a Pulumi program with the given configuration. The folder holds the stack file, if any.
func load(t *testing.T, folder string, config map[string]string, secret ...string) (Settings, error) {
	t.Helper()
	var settings Settings
	var loadErr error
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
		settings, loadErr = LoadSettings(ctx)
		return nil
	}, pulumi.WithMocks(project, "dev", noResources{}), func(info *pulumi.RunInfo) {
		info.Config, info.ConfigSecretKeys, info.RootDirectory = config, secret, folder
	}))
	return settings, loadErr
}

func TestEveryStackFileIsValid(t *testing.T) {
	files, err := filepath.Glob("../Pulumi.*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 2)
	for _, path := range files {
		name := filepath.Base(path)
		stack := strings.TrimSuffix(strings.TrimPrefix(name, "Pulumi."), ".yaml")
		text := rootFile(t, name)
		file, err := readStackFile(name, text, project)
		require.NoError(t, err)
		config := stackConfig(t, text)
		settings, err := Decode(ours(config), file.locate)
		require.NoError(t, err)
		assert.NoError(t, Validate(settings, stack, file.locate), name)
		assert.Equal(t, settings.Location, config["azure-native:location"], "%s: the provider's region is the environment's", name)
	}
}

func TestDevStackLoadsThroughPulumi(t *testing.T) {
	config := stackConfig(t, rootFile(t, "Pulumi.dev.yaml"))
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	settings, err := load(t, root, config)
	require.NoError(t, err)
	assert.Equal(t, SKUDeveloper, settings.Gateway.SKU)
	assert.Equal(t, PrivacyMetadata, settings.Products[1].Privacy)
}

// TestPulumiYamlDeclaresExactlyTheSettings: Pulumi refuses nothing it does not know, so a key that is only in one of
// the two would be ignored in silence.
func TestPulumiYamlDeclaresExactlyTheSettings(t *testing.T) {
	var file struct {
		Name   string
		Config map[string]struct {
			Type, Description string
			Default           any
			Items             struct{ Type string }
		}
	}
	require.NoError(t, yaml.Unmarshal(rootFile(t, "Pulumi.yaml"), &file))
	assert.Equal(t, project, file.Name)
	assert.ElementsMatch(t, Keys(), sortedKeys(file.Config))
	for key, declared := range file.Config {
		assert.NotEmpty(t, declared.Description, key)
		assert.Contains(t, []string{"string", "integer", "boolean", "array", "object"}, declared.Type, key)
		assert.Equal(t, declared.Type == "array", declared.Items.Type != "", "%s: Pulumi wants the items' type of an array, and only of one", key)
		if declared.Default != nil {
			assert.Empty(t, declared.Default, "%s: defaults have one home, the tags of settings.go", key)
		}
	}
	// With nothing but Pulumi's defaults, exactly the keys without one are required.
	defaults := map[string]string{}
	var demanded []string
	for key, declared := range file.Config {
		switch {
		case declared.Default == nil:
			demanded = append(demanded, key)
		case declared.Type == "array":
			defaults[key] = "[]"
		default:
			defaults[key] = "{}"
		}
	}
	_, err := Decode(defaults, nil)
	var missing []string
	for _, p := range Problems(err) {
		top, _, _ := strings.Cut(p.Path, ".")
		if len(missing) == 0 || missing[len(missing)-1] != top {
			missing = append(missing, top)
		}
	}
	assert.ElementsMatch(t, demanded, missing)
}

func TestPulumiAcceptsPulumiYaml(t *testing.T) {
	_, err := workspace.LoadProject(filepath.Join("..", "Pulumi.yaml"))
	assert.NoError(t, err)
}

func TestProblemsCarryFileAndLine(t *testing.T) {
	folder := t.TempDir()
	text := strings.Replace(string(rootFile(t, "Pulumi.dev.yaml")), "    sku: Developer", "    skus: Developer", 1)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte(text), 0o600))
	before, _, _ := strings.Cut(text, "skus:")
	line := strings.Count(before, "\n") + 1
	_, err := load(t, folder, stackConfig(t, []byte(text)))
	require.Len(t, Problems(err), 1)
	p := Problems(err)[0]
	assert.Equal(t, Problem{
		Path: "gateway.skus", Where: problem.Place{File: "Pulumi.dev.yaml", Line: line}, Message: "unknown setting", Hint: `did you mean "sku"?`,
	}, p)
}

func TestContradictionsCarryFileAndLineToo(t *testing.T) {
	folder := t.TempDir()
	text := strings.Replace(string(rootFile(t, "Pulumi.dev.yaml")), "    mode: external", "    mode: none", 1)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte(text), 0o600))
	before, _, _ := strings.Cut(text, "    mode: none")
	line := strings.Count(before, "\n") + 1
	_, err := load(t, folder, stackConfig(t, []byte(text)))
	assert.EqualError(t, err, "Pulumi.dev.yaml:"+strconv.Itoa(line)+": gateway.mode: none leaves the gateway without a way to the accounts, which are private; use external or internal")
}

func TestAMisspeltTopLevelKeyIsFoundInTheFileAndInTheEnvironment(t *testing.T) {
	config := stackConfig(t, rootFile(t, "Pulumi.dev.yaml"))
	config[project+":loging"] = "{}"

	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte("config:\n  enterprise-openai:loging: {}\n"), 0o600))
	_, err := load(t, folder, config)
	assert.EqualError(t, err, `Pulumi.dev.yaml:2: loging: unknown setting; did you mean "logging"?`)

	t.Setenv(pulumi.EnvConfig, `{"enterprise-openai:loging": "{}", "azure-native:location": "x"}`)
	_, err = load(t, t.TempDir(), config)
	assert.EqualError(t, err, `loging: unknown setting; did you mean "logging"?`)
}

func TestAFileThatPulumiDidNotUseIsNotBelieved(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte("config:\n  enterprise-openai:loging: {}\n"), 0o600))
	_, err := load(t, folder, stackConfig(t, rootFile(t, "Pulumi.dev.yaml")))
	assert.NoError(t, err)
}

func TestABrokenStackFileIsNamed(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte("config: ["), 0o600))
	_, err := load(t, folder, nil)
	assert.ErrorContains(t, err, "stack file Pulumi.dev.yaml: yaml: line 1")
}

func TestSecretValuesDoNotReachErrors(t *testing.T) {
	config := stackConfig(t, rootFile(t, "Pulumi.dev.yaml"))
	config[project+":naming"] = `{"prefix": "Top Secret", "suffix": 123456}`
	_, err := load(t, t.TempDir(), config)
	assert.ErrorContains(t, err, "123456", "what is not secret is shown")
	_, err = load(t, t.TempDir(), config, project+":naming")
	assert.EqualError(t, err, `naming.suffix: wanted text, got the number "[secret]"; put it in quotes`)

	config[project+":naming"] = `{"prefix": "Top Secret"}`
	_, err = load(t, t.TempDir(), config, project+":naming")
	assert.EqualError(t, err, `naming.prefix: "[secret]" is not allowed; use lower-case letters and digits, starting with a letter, at most 10`)
}
