package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reference is the module that the naming rules are checked against: it is served, has enums, maps, nested types, a type that is
// named after a resource, 64-bit numbers and functions, and it compiles from the same package as the slices.
var reference = Module{
	Module: "operationalinsights", Version: "v20230901", Provider: "Microsoft.OperationalInsights",
	Numbers: []string{
		"CapacityReservationPropertiesResponse.minCapacity", "ClusterSku.capacity", "ResultStatisticsResponse.progress",
		"ResultStatisticsResponse.scannedGb", "SavedSearch.version", "WorkspaceCapping.dailyQuotaGb", "getSavedSearch.version",
	},
}

// Whoever deletes the replace lines of go.mod gets the official SDK: every name and signature that a program can use must be there.
func TestGeneratedCodeHasTheOfficialNamesAndSignatures(t *testing.T) {
	found := extractedReference(t)
	module := reference
	module.Resources, module.Outputs = everything(found, module)
	files, err := generateSlice(found, testConfig(t).Package, module)
	require.NoError(t, err)

	ours := map[string]string{}
	for name, content := range files {
		declarations(t, name, content, ours)
	}
	theirs := officialDeclarations(t, "operationalinsights", "v20230901")
	require.Greater(t, len(theirs), 1500, "the official module was not read")
	assert.Empty(t, differences(theirs, ours))
}

// extractedReference reads all resources and functions of the reference module.
func extractedReference(t *testing.T) *Extracted {
	t.Helper()
	asked := []extractNamespace{{Module: reference.Module, Version: reference.Version, Resources: "*", Functions: "*"}}
	found, err := extractAll(testConfig(t).Package, []Module{reference}, asked)
	require.NoError(t, err)
	require.NoError(t, SettleNumbers(found, []Module{reference}))
	return found
}

func testConfig(t *testing.T) *Config {
	t.Helper()
	config, err := ReadConfig("../resources.yaml")
	require.NoError(t, err)
	return config
}

// everything lists all resources of a module and all their outputs, so that nothing is trimmed.
func everything(found *Extracted, module Module) (resources map[string]string, outputs []string) {
	resources = map[string]string{}
	for full, resource := range found.Resources {
		if name, ok := strings.CutPrefix(full, module.Token("")); ok {
			resources[name] = "workspaces"
			for property := range resource.Properties {
				outputs = append(outputs, name+"."+property)
			}
		}
	}
	return resources, outputs
}

// officialDeclarations reads the exported declarations of a version of an official module.
func officialDeclarations(t *testing.T, module, version string) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join(downloaded(t, sdkModule+"/"+module+"/v2", "v"+testConfig(t).Package.Version), version, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		declarations(t, file, content, found)
	}
	return found
}

// downloaded is the folder of a module in the Go module cache.
func downloaded(t *testing.T, path, version string) string {
	t.Helper()
	command := exec.Command("go", "mod", "download", "-json", path+"@"+version)
	command.Dir = t.TempDir()
	answer, err := command.Output()
	require.NoError(t, err, path)
	var described struct{ Dir string }
	require.NoError(t, json.Unmarshal(answer, &described))
	return described.Dir
}

// declarations collects what a file exports: "type X" with its fields, "func F" and "func T.M" with signatures, "const C" with values.
func declarations(t *testing.T, name string, content []byte, into map[string]string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, content, parser.SkipObjectResolution)
	require.NoError(t, err)
	show := func(node any) string {
		var out bytes.Buffer
		require.NoError(t, format.Node(&out, token.NewFileSet(), node))
		return strings.Join(strings.Fields(out.String()), " ")
	}
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if owner := owner(d); d.Name.IsExported() && (owner == "" || ast.IsExported(owner)) {
				into["func "+strings.TrimPrefix(owner+"."+d.Name.Name, ".")] = show(d.Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						into["type "+s.Name.Name] = show(s.Type)
					}
				case *ast.ValueSpec:
					if d.Tok == token.CONST && s.Names[0].IsExported() {
						into["const "+s.Names[0].Name] = show(s.Values[0])
					}
				}
			}
		}
	}
}

func owner(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return ""
	}
	return receiver(function)
}

// differences lists what the official module has and ours has not, or has otherwise, and what ours adds.
func differences(theirs, ours map[string]string) []string {
	var found []string
	for _, name := range sortedKeys(theirs) {
		if got, ok := ours[name]; !ok {
			found = append(found, "missing: "+name+" "+theirs[name])
		} else if got != theirs[name] {
			found = append(found, fmt.Sprintf("%s:\n\tofficial %s\n\tours     %s", name, theirs[name], got))
		}
	}
	for _, name := range sortedKeys(ours) {
		if _, ok := theirs[name]; !ok {
			found = append(found, "extra: "+name)
		}
	}
	return slices.Clip(found)
}
