package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/cgstrings"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const (
	sdkModule  = "github.com/pulumi/pulumi-azure-native-sdk"
	sdkVersion = "v3.259.0" // the Pulumi SDK that the generated code compiles with
	toolName   = "enterprise-openai/sdks/generate"
)

// goSettings are the language settings of the official azure-native Go SDK, so that the generated code has its names and imports.
var goSettings = map[string]any{
	"importBasePath":                 sdkModule + "/v2",
	"importPathPattern":              sdkModule + "/{module}/v2",
	"rootPackageName":                "pulumiazurenativesdk",
	"internalModuleName":             "utilities",
	"disableInputTypeRegistrations":  true,
	"generateResourceContainerTypes": false,
	"respectSchemaVersion":           true,
}

// GenerateSlices writes the Go code of the modules that ask for it: path below sdks/ → content.
func GenerateSlices(found *Extracted, pkg Package, modules []Module) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, module := range modules {
		if !module.Generated {
			continue
		}
		generated, err := generateSlice(found, pkg, module)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", module.Path(), err)
		}
		if err := trimEnums(generated); err != nil {
			return nil, fmt.Errorf("%s: %w", module.Path(), err)
		}
		maps.Copy(files, generated)
		files[path.Join(module.Module, "go.mod")] = []byte(goMod(pkg, module))
		files[path.Join(module.Module, "pulumi-plugin.json")] = []byte(pluginFile(pkg))
	}
	return files, nil
}

func generateSlice(found *Extracted, pkg Package, module Module) (map[string][]byte, error) {
	spec, err := sliceSpec(found, pkg, module)
	if err != nil {
		return nil, err
	}
	bound, diagnostics, err := schema.BindSpec(spec, noOtherPackages{}, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if diagnostics.HasErrors() {
		return nil, fmt.Errorf("schema: %w", diagnostics)
	}
	all, err := gogen.GeneratePackage(toolName, bound, nil)
	if err != nil {
		return nil, fmt.Errorf("code: %w", err)
	}
	return prune(all, found, module)
}

// noOtherPackages is the binder's way to other providers' schemas; a slice refers to none.
type noOtherPackages struct{ schema.Loader }

// sliceSpec is the schema of one module version. The resources and functions that are not listed take part without properties,
// because the generator derives Go names from all of them: next to a resource SecurityRule the type is called SecurityRuleType.
func sliceSpec(found *Extracted, pkg Package, module Module) (schema.PackageSpec, error) {
	settings, err := json.Marshal(goSettings)
	if err != nil {
		return schema.PackageSpec{}, fmt.Errorf("language settings: %w", err)
	}
	spec := schema.PackageSpec{
		Name: "azure-native", Version: pkg.Version,
		Resources: map[string]schema.ResourceSpec{}, Functions: map[string]schema.FunctionSpec{}, Types: map[string]schema.ComplexTypeSpec{},
		Language: map[string]schema.RawMessage{"go": settings},
	}
	empty := schema.ObjectTypeSpec{Type: "object"}
	prefix := module.Token("")
	for _, token := range found.Siblings.Resources {
		if strings.HasPrefix(token, prefix) {
			spec.Resources[token] = schema.ResourceSpec{ObjectTypeSpec: empty}
		}
	}
	for _, token := range found.Siblings.Functions {
		if strings.HasPrefix(token, prefix) {
			spec.Functions[token] = schema.FunctionSpec{}
		}
	}
	copyWithPrefix(spec.Resources, found.Resources, prefix)
	copyWithPrefix(spec.Functions, found.Functions, prefix)
	copyWithPrefix(spec.Types, found.Types, prefix)
	if err := trimOutputs(&spec, module); err != nil {
		return spec, err
	}
	describe(&spec, module)
	return spec, nil
}

func copyWithPrefix[V any](to, from map[string]V, prefix string) {
	for token, value := range from {
		if strings.HasPrefix(token, prefix) {
			to[token] = value
		}
	}
}

// prune keeps the listed resources and functions and the types; everything about the siblings goes.
func prune(all map[string][]byte, found *Extracted, module Module) (map[string][]byte, error) {
	drop := map[string]bool{}
	prefix := module.Token("")
	var siblings []string
	for _, token := range slices.Concat(found.Siblings.Resources, found.Siblings.Functions) {
		if name, ok := strings.CutPrefix(token, prefix); ok {
			siblings = append(siblings, token)
			drop[path.Join(module.Path(), cgstrings.Camel(name)+".go")] = true
		}
	}
	kept := map[string][]byte{}
	for file, content := range all {
		switch {
		case !strings.HasPrefix(file, module.Path()+"/"):
		case drop[file]:
			delete(drop, file)
		case path.Base(file) == "init.go":
			kept[file] = pruneConstructors(content, siblings)
		default:
			kept[file] = content
		}
	}
	for file := range drop {
		return nil, fmt.Errorf("the code generator made no %s, where an unlisted resource was expected", file)
	}
	return kept, nil
}

// pruneConstructors takes the siblings out of the switch that makes a resource from its token: two lines each.
func pruneConstructors(content []byte, siblings []string) []byte {
	lines := strings.Split(string(content), "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		token, isCase := strings.CutPrefix(strings.TrimSpace(lines[i]), `case "`)
		if isCase && slices.Contains(siblings, strings.TrimSuffix(token, `":`)) {
			i++
			continue
		}
		kept = append(kept, lines[i])
	}
	return []byte(strings.Join(kept, "\n"))
}

func goMod(pkg Package, module Module) string {
	return fmt.Sprintf(`// Code generated by %s DO NOT EDIT.

module %s/%s/v2

go 1.22

require (
	github.com/blang/semver v3.5.1+incompatible
	%s/v2 v%s
	github.com/pulumi/pulumi/sdk/v3 %s
)
`, toolName, sdkModule, module.Module, sdkModule, pkg.Version, sdkVersion)
}

// pluginFile tells Pulumi which provider plugin a program with this module needs.
func pluginFile(pkg Package) string {
	return fmt.Sprintf("{\n  \"resource\": true,\n  \"name\": \"azure-native\",\n  \"version\": %q\n}\n", pkg.Version)
}
