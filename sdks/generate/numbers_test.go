package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// models are Microsoft's own Go types of the modules whose official Pulumi one is not served. Where both are there the official one
// counts: it takes every integer of 64 bits for a number, Microsoft's types those of its own that are large.
var models = map[string]string{
	"apimanagement":     "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3@v3.0.0",
	"cognitiveservices": "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices@v1.8.0",
}

var (
	field     = regexp.MustCompile(`(?m)^\t([A-Z]\w*) +\*?(?:\[\]\*?)?(int|int32|int64|float32|float64)\b`)
	structure = regexp.MustCompile(`(?ms)^type (\w+) struct \{\n(.*?)^\}`)
)

// goNumbers reads "type.field", lower case, → integer or number out of Go source: 32 bits are an integer in the provider's schema.
func goNumbers(t *testing.T, files []string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, described := range structure.FindAllStringSubmatch(string(content), -1) {
			for _, f := range field.FindAllStringSubmatch(described[2], -1) {
				kind := "number"
				if f[2] == "int" || f[2] == "int32" {
					kind = "integer"
				}
				found[strings.ToLower(described[1]+"."+f[1])] = kind
			}
		}
	}
	return found
}

func TestIntegersAndNumbersAreToldApartAsInGo(t *testing.T) {
	config := testConfig(t)
	found, err := extractAll(config.Package, config.Modules, namespaces(config.Modules))
	require.NoError(t, err)
	require.NoError(t, SettleNumbers(found, config.Modules))
	compared := 0
	for _, module := range config.Modules {
		if module.Version == "" {
			continue
		}
		known := goNumbers(t, goSources(t, module))
		check := func(token string, properties map[string]schema.PropertySpec) {
			name, ok := strings.CutPrefix(token, module.Token(""))
			for property, spec := range properties {
				want, has := known[strings.ToLower(strings.TrimSuffix(name, "Response")+"."+property)]
				if !ok || !has || spec.Type != "integer" && spec.Type != "number" {
					continue
				}
				compared++
				assert.Equal(t, want, spec.Type, "%s %s.%s", module.Path(), name, property)
			}
		}
		for token, spec := range found.Types {
			check(token, spec.Properties)
		}
		for token, spec := range found.Resources {
			check(token, spec.Properties)
			check(token+"Args", spec.InputProperties)
		}
	}
	assert.Greater(t, compared, 60, "hardly anything could be compared")
}

// goSources are the files of the official module of a version, or of Microsoft's models.
func goSources(t *testing.T, module Module) []string {
	t.Helper()
	pattern := ""
	if model := models[module.Module]; model != "" {
		path, version, _ := strings.Cut(model, "@")
		pattern = filepath.Join(downloaded(t, path, version), "models.go")
	} else {
		path := sdkModule + "/" + module.Module + "/v2"
		pattern = filepath.Join(downloaded(t, path, "v"+testConfig(t).Package.Version), module.Version, "*.go")
	}
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files, pattern)
	return files
}

func TestANumberThatIsNoneIsAnError(t *testing.T) {
	module := Module{Module: "m", Version: "v20240101", Numbers: []string{"Thing.size"}}
	found := &Extracted{Types: map[string]schema.ComplexTypeSpec{}}
	assert.ErrorContains(t, SettleNumbers(found, []Module{module}), "m/v20240101: numbers names Thing.size")
}
