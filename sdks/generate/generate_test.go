package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryListedResourceIsInTheSchemaFile(t *testing.T) {
	content, err := os.ReadFile("../schema/schema.json")
	require.NoError(t, err)
	var file struct{ Resources, Functions map[string]any }
	require.NoError(t, json.Unmarshal(content, &file))
	listed := 0
	for _, module := range testConfig(t).Modules {
		for name := range module.Resources {
			assert.Contains(t, file.Resources, module.Token(name))
			listed++
		}
		for name := range module.Functions {
			assert.Contains(t, file.Functions, module.Token(name))
		}
	}
	assert.Len(t, file.Resources, listed, "schema.json has resources that are not listed")
}

func TestCommittedFilesAreFresh(t *testing.T) {
	require.NoError(t, generate("..", true))
}

func TestAStaleFileIsNamed(t *testing.T) {
	root := t.TempDir()
	files := map[string][]byte{"m/go.mod": []byte("module m"), "m/a.go": []byte("a"), "m/b.go": []byte("b")}
	require.NoError(t, Write(root, files))
	require.NoError(t, Compare(root, files))

	require.NoError(t, os.WriteFile(filepath.Join(root, "m", "a.go"), []byte("edited"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(root, "m", "old.go"), nil, 0o644))
	require.NoError(t, os.Remove(filepath.Join(root, "m", "b.go")))
	err := Compare(root, files)
	assert.ErrorContains(t, err, "sdks/m/a.go: stale")
	assert.ErrorContains(t, err, "sdks/m/b.go: missing")
	assert.ErrorContains(t, err, "sdks/m/old.go: is no longer generated")

	require.NoError(t, Write(root, files))
	assert.NoError(t, Compare(root, files))
}

func TestAMisspeltListIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"package: {integrity: sha512-x}\nmodules: [{module: m, version: v20240101, number: [a]}]": "field number not found",
		"package: {integrity: sha1-x}": "package.integrity",
		"package: {integrity: sha512-x}\nmodules: [{module: m, version: 2024-01-01}]":                                 "not of the form",
		"package: {integrity: sha512-x}\nmodules: [{module: m, resources: {R: r}}]":                                   "resources need a version",
		"package: {integrity: sha512-x}\nmodules: [{module: m, version: v20240101}, {module: m, version: v20240101}]": "listed twice",
	} {
		_, err := parseConfig("list", []byte(text))
		assert.ErrorContains(t, err, want)
	}
}

func TestAPIVersionsAndReferencePagesAreAzures(t *testing.T) {
	module := Module{Module: "apimanagement", Version: "v20240601preview", Provider: "Microsoft.ApiManagement"}
	assert.Equal(t, "2024-06-01-preview", module.APIVersion())
	assert.Equal(t, "https://learn.microsoft.com/azure/templates/microsoft.apimanagement/2024-06-01-preview/service/namedvalues",
		module.ReferencePage(module.ARMType("service/namedValues")))
}

func TestAPackageWithOtherContentIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "package.tgz")
	require.NoError(t, os.WriteFile(path, []byte("other"), 0o644))
	assert.ErrorContains(t, verify(path, testConfig(t).Package.Integrity), "the list pins sha512-")
}

func TestOnlyListedModulesAreUnpacked(t *testing.T) {
	for name, want := range map[string]bool{
		"types/input.d.ts": true, "types/enums/network/v20240501/index.d.ts": true, "network/v20240501/subnet.js": true,
		"types/enums/compute/index.d.ts": false, "compute/disk.js": false, "networkcloud/cluster.js": false, "README.md": false,
	} {
		assert.Equal(t, want, wanted(name, []string{"network"}), name)
	}
}

// An enum that only names strings keeps its constants and its way into a string input; one that is a field's type stays whole.
func TestTrimmedEnumsKeepTheirConstants(t *testing.T) {
	source := `package p

import (
	"context"
	"reflect"
)

type Open string

const (
	OpenA = Open("a")
)

func (Open) ElementType() reflect.Type { return nil }

func (e Open) ToOpenOutput() OpenOutput { return OpenOutput{} }

func (e Open) ToStringOutput() string { return string(e) }

// OpenOutput goes.
type OpenOutput struct{}

func (OpenOutput) With(ctx context.Context) {}

type Closed string

const (
	ClosedA = Closed("a")
)

type ClosedOutput struct{}

func init() {
	register(OpenOutput{})
	register(ClosedOutput{})
}
`
	files := map[string][]byte{"p/" + enumsFile: []byte(source), "p/other.go": []byte("package p\n\ntype T struct { F ClosedOutput; Open string }\n")}
	require.NoError(t, trimEnums(files))
	trimmed := string(files["p/"+enumsFile])
	for _, kept := range []string{`OpenA = Open("a")`, "ToStringOutput", "type ClosedOutput", "register(ClosedOutput{})", `"reflect"`} {
		assert.Contains(t, trimmed, kept)
	}
	for _, gone := range []string{"OpenOutput", `"context"`} {
		assert.False(t, strings.Contains(trimmed, gone), "%s is still there:\n%s", gone, trimmed)
	}
}
