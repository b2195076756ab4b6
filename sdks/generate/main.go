// Command generate writes everything below sdks/ that is generated, from the published npm package of the azure-native provider.
//
//	go run -C sdks/generate .           writes
//	go run -C sdks/generate . --check   fails when what is committed is stale, and names the files
//
// It needs Go, Node and npm. The way: resources.yaml (config.go) → npm package, pinned by content (npm.go) → TypeScript
// declarations read by a Node program (extract.go, extract/) → integers told from numbers (numbers.go) → Go slices by Pulumi's own
// generator (slices.go, describe.go) and sdks/schema/schema.json (schemafile.go) → files (output.go).
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "compare with the committed files instead of writing")
	flag.Parse()
	if err := generate("..", *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generate makes all files and writes or compares them below root, which is the folder sdks.
func generate(root string, check bool) error {
	config, err := ReadConfig(filepath.Join(root, "resources.yaml"))
	if err != nil {
		return err
	}
	found, err := extractAll(config.Package, config.Modules, namespaces(config.Modules))
	if err != nil {
		return err
	}
	if err := SettleNumbers(found, config.Modules); err != nil {
		return err
	}
	files, err := GenerateSlices(found, config.Package, config.Modules)
	if err != nil {
		return err
	}
	if files["schema/schema.json"], err = SchemaFile(found, config); err != nil {
		return err
	}
	if check {
		return Compare(root, files)
	}
	return Write(root, files)
}

// extractAll fetches the package, reads the namespaces out of it, and removes the unpacked copy.
func extractAll(pkg Package, modules []Module, asked []extractNamespace) (*Extracted, error) {
	cache, err := Cache()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(modules))
	for _, module := range modules {
		names = append(names, module.Module)
	}
	folder, err := FetchPackage(cache, pkg, names)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	return Extract(cache, folder, asked)
}
