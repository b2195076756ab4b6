package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// served are the generated modules whose official one the Go proxy has: they are generated because the official one costs too much
// to compile.
var served = []string{"network"}

// What a slice has, the official module has under the same name and with the same signature. A resource may have fewer outputs.
func TestEverySliceThatHasAnOfficialModuleAgreesWithIt(t *testing.T) {
	for _, module := range testConfig(t).Modules {
		if !module.Generated || !slices.Contains(served, module.Module) {
			continue
		}
		t.Run(module.Path(), func(t *testing.T) {
			ours, theirs := sliceDeclarations(t, module), officialDeclarations(t, module.Module, module.Version)
			require.Greater(t, len(ours), 100, "the slice was not read")
			for _, name := range sortedKeys(ours) {
				official, ok := theirs[name]
				if assert.True(t, ok, "%s is not in the official module", name) && official != ours[name] {
					assert.Empty(t, beyond(ours[name], official), "%s has what the official one has not", name)
				}
			}
		})
	}
}

func sliceDeclarations(t *testing.T, module Module) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join("..", module.Module, module.Version, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		declarations(t, file, content, found)
	}
	return found
}

// structField is a field as declarations prints it, all on one line.
var structField = regexp.MustCompile("\\w+ \\S+ `pulumi:\"[^\"]+\"`")

// argument is a field without a tag.
var argument = regexp.MustCompile(`\b([A-Z]\w*) ((?:pulumi\.)?\w+)`)

// beyond lists the fields of a struct that another has not; anything else that differs is all of it.
func beyond(ours, theirs string) []string {
	if !strings.HasPrefix(ours, "struct") || !strings.HasPrefix(theirs, "struct") {
		return []string{ours}
	}
	known := structField.FindAllString(theirs, -1)
	return slices.DeleteFunc(structField.FindAllString(ours, -1), func(field string) bool { return slices.Contains(known, field) })
}

// The fields of every slice's resources are those of the published package, in the kind that the package gives them.
func TestEverySliceHasThePropertiesOfThePublishedPackage(t *testing.T) {
	content, err := os.ReadFile("../schema/schema.json")
	require.NoError(t, err)
	var published struct {
		Resources map[string]struct{ InputProperties, Properties map[string]publishedType }
		Types     map[string]struct {
			Properties map[string]publishedType
			Enum       []any
		}
	}
	require.NoError(t, json.Unmarshal(content, &published))
	compared := 0
	for _, module := range testConfig(t).Modules {
		if !module.Generated {
			continue
		}
		ours := sliceDeclarations(t, module)
		for name := range module.Resources {
			resource := published.Resources[module.Token(name)]
			args := fieldsOf(t, ours, "type "+name+"Args")
			assert.Equal(t, sortedKeys(resource.InputProperties), sortedKeys(args), "inputs of %s %s", module.Path(), name)
			compareKinds(t, module.Path()+" "+name, args, resource.InputProperties)
			state := fieldsOf(t, ours, "type "+name)
			assert.Subset(t, sortedKeys(resource.Properties), sortedKeys(state), "outputs of %s %s", module.Path(), name)
			compareKinds(t, module.Path()+" "+name, state, resource.Properties)
		}
		for token, object := range published.Types {
			name, ok := strings.CutPrefix(token, module.Token(""))
			goName := "type " + name + "Args"
			if beside := "type " + name + "TypeArgs"; ours[beside] != "" { // there is a resource of this name
				goName = beside
			}
			if !ok || ours[goName] == "" || object.Enum != nil {
				continue
			}
			compared++
			args := fieldsOf(t, ours, goName)
			assert.Equal(t, sortedKeys(object.Properties), sortedKeys(args), "%s %s", module.Path(), name)
			compareKinds(t, module.Path()+" "+name, args, object.Properties)
		}
	}
	assert.Greater(t, compared, 100, "hardly any type was compared")
}

type publishedType struct {
	Type string
}

// fieldsOf are a struct's fields: the property's name and the Go type.
func fieldsOf(t *testing.T, declared map[string]string, name string) map[string]string {
	t.Helper()
	require.Contains(t, declared, name)
	found := map[string]string{}
	if !strings.Contains(declared[name], "`pulumi:") { // a resource's arguments: the tags are on their unexported twin
		for _, field := range argument.FindAllStringSubmatch(declared[name], -1) {
			found[strings.ToLower(field[1][:1])+field[1][1:]] = strings.TrimPrefix(field[2], "pulumi.")
		}
	}
	for _, field := range structField.FindAllString(declared[name], -1) {
		parts := strings.Fields(field)
		property, _, _ := strings.Cut(strings.TrimPrefix(parts[2], "`pulumi:\""), "\"")
		found[property] = strings.TrimPrefix(parts[1], "pulumi.")
	}
	return found
}

// compareKinds compares plain values; objects and arrays have types of their own names.
func compareKinds(t *testing.T, where string, fields map[string]string, properties map[string]publishedType) {
	t.Helper()
	kinds := map[string]string{"integer": "Int", "number": "Float64", "boolean": "Bool", "string": "String"}
	for _, property := range slices.Sorted(maps.Keys(fields)) {
		want, plain := kinds[properties[property].Type]
		if plain {
			pattern := fmt.Sprintf("^%s(Ptr)?(Input|Output)$", want)
			assert.Regexp(t, pattern, fields[property], "%s.%s", where, property)
		}
	}
}
